"""The budget of one analysis."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnalysisLimits:
    """Upper bounds for one table; where one is reached the analysis says what it could not decide.

    steps: values and groups of values looked at, for each question; gaps, overlaps: how many are listed.
    """

    steps: int = 1_000_000
    gaps: int = 50
    overlaps: int = 200


class Exhausted(Exception):
    """The steps of a budget are spent."""


class Budget:
    """Counts down the steps of one question about a table."""

    def __init__(self, limits: AnalysisLimits) -> None:
        self._left = limits.steps

    def spend(self, steps: int) -> None:
        """Take steps, or raise `Exhausted`."""
        self._left -= steps
        if self._left < 0:
            raise Exhausted
