"""The budget an expression may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds; reaching one raises `FeelLimitError`.

    steps: iterations, calls and list elements touched; seconds: wall-clock time; size: elements of one list, characters
    of one string; depth: nesting of an expression and of function calls.
    """

    steps: int = 1_000_000
    seconds: float = 5.0
    size: int = 100_000
    depth: int = 100


DEFAULT_LIMITS = Limits()
