"""A new jurisdiction made from an existing one: everything renamed, and everything marked as copied and unverified."""
