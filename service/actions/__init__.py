"""Verbs: one file is one thing somebody can ask for. Each tells its story in a few lines: load, check, advance, save, commit."""
