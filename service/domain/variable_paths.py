"""Which variables can be searched: scalars, by the names that lead to them joined by dots (`facts.nature`)."""

DEPTH = 4
"""Names in a path at most."""
MAX_PATH = 200
"""Characters in a path at most."""
