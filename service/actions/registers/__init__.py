"""What is kept beside the cases, as a whole."""
