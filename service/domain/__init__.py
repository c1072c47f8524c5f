"""Nouns and rules of the service. Standard library only; knows no other room."""
