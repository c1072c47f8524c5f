"""From a file's bytes to the diagram as frozen values: XML, what other tools write, the dialect, and what a diagram declares."""
