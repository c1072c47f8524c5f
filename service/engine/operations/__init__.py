"""What people with the right do to running instances: move tokens by hand, move back, migrate – judged as a whole, then done."""
