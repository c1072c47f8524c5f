"""Deploying files: reading them, judging them, making versions of them."""
