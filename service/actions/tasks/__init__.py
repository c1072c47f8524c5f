"""Tasks of people: who has them, and completing them."""
