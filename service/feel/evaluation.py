"""The state of one evaluation: budget, clock, recorded warnings, and the frames variables live in."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from service.feel.errors import Fault, FeelLimitError, shortened
from service.feel.limits import DEFAULT_LIMITS, Limits
from service.feel.tree import Position

_CLOCK_INTERVAL = 1024
_CHARACTERS_PER_STEP = 16
_MOST_WARNINGS = 1000
_LONGEST_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class Warning_:  # noqa: N801 - `Warning` is a Python built-in
    """A runtime fault: where it happened the value is null. Line and column count from 1."""

    kind: str
    message: str
    line: int
    column: int


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Run:
    """One evaluation. Not shared between threads; expressions are."""

    __slots__ = ("clock", "deadline", "depth", "faults", "functions", "limits", "next_check", "steps", "types", "warnings")

    def __init__(
        self,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        clock: Callable[[], datetime] | None = None,
        limits: Limits | None = None,
        types: Mapping[str, Callable[[Any], bool]] | None = None,
    ) -> None:
        self.functions = functions or {}
        self.types = types or {}
        self.clock = clock or _utc_now
        self.limits = limits or DEFAULT_LIMITS
        self.warnings: list[Warning_] = []
        self.faults = 0
        self.steps = 0
        self.depth = 0
        self.next_check = min(_CLOCK_INTERVAL, self.limits.steps + 1)
        self.deadline = time.monotonic() + self.limits.seconds

    def tick(self, count: int = 1) -> None:
        """Spend `count` steps."""
        self.steps += count
        if self.steps >= self.next_check:
            self._check()

    def _check(self) -> None:
        limits = self.limits
        if self.steps > limits.steps:
            raise FeelLimitError("steps", f"the expression needs more than {limits.steps} steps")
        self.next_check = min(self.steps + _CLOCK_INTERVAL, limits.steps + 1)
        self.check_time()

    def check_time(self) -> None:
        """Refuse to go on after the time budget; `tick` does it now and then."""
        if time.monotonic() > self.deadline:
            raise FeelLimitError("time", f"the expression needs more than {self.limits.seconds:.3g} seconds")

    def check_size(self, size: int) -> None:
        """Refuse a list or string that grew too large."""
        if size > self.limits.size:
            raise FeelLimitError("size", f"a list or string of {size} elements exceeds the limit of {self.limits.size}")

    def tick_text(self, size: int) -> None:
        """Spend steps for a text of `size` characters that is made or searched, so that texts bound memory and time as lists do."""
        self.check_size(size)
        if size >= _CHARACTERS_PER_STEP:
            self.tick(size // _CHARACTERS_PER_STEP)

    def enter(self) -> None:
        """Begin a function call."""
        self.steps += 1
        self.depth += 1
        if self.depth > self.limits.depth:
            raise FeelLimitError("depth", f"function calls nest deeper than {self.limits.depth}")
        if self.steps >= self.next_check:
            self._check()

    def leave(self) -> None:
        """End a function call."""
        self.depth -= 1

    def warn(self, kind: str, message: str, position: Position) -> None:
        """Record a fault; the first thousand are kept, shortened where they quote at length."""
        self.faults += 1
        if len(self.warnings) < _MOST_WARNINGS:
            self.warnings.append(Warning_(kind, shortened(message, _LONGEST_MESSAGE), position.line, position.column))

    def fault(self, fault: Fault, position: Position) -> None:
        """Record a caught fault."""
        self.warn(fault.kind, fault.message, position)


class Frame:
    """Variables of one scope, chained outwards; `item` is the element a filter looks at."""

    __slots__ = ("item", "outer", "run", "values")

    def __init__(self, values: Mapping[str, Any], outer: Frame | None, run: Run, item: Any = None) -> None:
        self.values = values
        self.outer = outer
        self.run = run
        self.item = item


def open_frame(
    context: Mapping[str, Any],
    *,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    clock: Callable[[], datetime] | None = None,
    limits: Limits | None = None,
    types: Mapping[str, Callable[[Any], bool]] | None = None,
) -> Frame:
    """The outermost frame over `context`; many expressions may be evaluated in it one after another.

    `types` tells for each item definition whether a value (never null) belongs to it; used by `instance of`.
    """
    return Frame(context, None, Run(functions, clock, limits, types))
