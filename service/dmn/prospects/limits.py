"""The budget of one question."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProspectLimits:
    """Upper bounds; reaching one makes an answer coarser, never wrong.

    steps: combinations looked at; seconds: wall-clock time; classes: distinctions made between the values of one input;
    outcomes: how many are listed.
    """

    steps: int = 200_000
    seconds: float = 4.0
    classes: int = 400
    outcomes: int = 200


class Exhausted(Exception):
    """The budget has ended; `limit` is which one."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


class Undecided(Exception):
    """What is asked for cannot be worked out in its parts; the message says why."""
