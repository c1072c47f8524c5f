"""The elements of a diagram as Spiff task specs: one file per family."""
