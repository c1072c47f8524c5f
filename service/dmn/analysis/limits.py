"""The budget of one analysis."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnalysisLimits:
    """Upper bounds; where one is reached the analysis says what it could not decide.

    steps: values and groups of values looked at, for each question about a table; seconds: wall-clock time for all tables of
    a file together; gaps, overlaps: how many of a table are listed.
    """

    steps: int = 1_000_000
    seconds: float = 20.0
    gaps: int = 50
    overlaps: int = 200


class Exhausted(Exception):
    """The steps of a budget are spent, or its time."""


class Budget:
    """Counts down the steps of one question about a table, which ends at `deadline` on the monotonic clock at the latest."""

    def __init__(self, limits: AnalysisLimits, deadline: float) -> None:
        self._left = limits.steps
        self._deadline = deadline

    def spend(self, steps: int) -> None:
        """Take steps, or raise `Exhausted`."""
        self._left -= steps
        if self._left < 0 or time.monotonic() > self._deadline:
            raise Exhausted
