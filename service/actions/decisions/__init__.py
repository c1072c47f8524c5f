"""Decisions by themselves: evaluated, questioned, compared, replayed."""
