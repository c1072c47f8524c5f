"""Persons and units that cases are about, and the facts counted across cases."""
