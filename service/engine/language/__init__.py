"""The expressions of diagrams: `${…}` and `=feel`, times, and who may do a task."""
