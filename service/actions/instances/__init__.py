"""Process instances: starting them, what a step writes, and the operations on them."""
