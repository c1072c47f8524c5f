"""Time limits and the working days they are counted in."""
