"""The state of one evaluation: clock, budget, warnings, and what the tables of the current decision did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from service.feel import Expression, Frame, Limits, UnaryTests, open_frame

Value = Any
Scope = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunWarning:
    """A fault that became null: the element it happened in, and where in its expression (line and column from 1, None when unknown)."""

    kind: str
    message: str
    element_id: str | None
    line: int | None = None
    column: int | None = None


@dataclass(slots=True)
class MatchedRule:
    """A rule that applied; `index` counts from 1 in table order."""

    rule_id: str | None
    index: int
    description: str | None
    outputs: dict[str, Value]


@dataclass(slots=True)
class TableTrace:
    """What one evaluation of a table saw and matched; `rows` are the outputs that make the result, in its order.

    `element_id` is that of the table, else of what holds it.
    """

    element_id: str | None = None
    inputs: list[tuple[str, Value]] = field(default_factory=list)
    matched: list[MatchedRule] = field(default_factory=list)
    rows: list[dict[str, Value]] = field(default_factory=list)


@dataclass(slots=True)
class DecisionTrace:
    """What one decision did; `scope` holds the values of its requirements."""

    key: str
    scope: Mapping[str, Value]
    tables: list[TableTrace] = field(default_factory=list)
    warnings: list[RunWarning] = field(default_factory=list)
    result: Value = None
    micros: int = 0


class Run:
    """One evaluation of a model under one budget; not shared between threads."""

    __slots__ = ("current", "feel")

    def __init__(self, clock: Callable[[], datetime] | None, limits: Limits | None) -> None:
        # One moment for the whole evaluation: two decisions asking for now() must agree.
        moment = (clock or _utc_now)()
        self.feel = open_frame({}, clock=lambda: moment, limits=limits).run
        self.current = DecisionTrace("", {})

    def frame(self, scope: Scope) -> Frame:
        """A frame over `scope`, for several expressions in a row."""
        return Frame(scope, None, self.feel)

    def value(self, expression: Expression, frame: Frame, element_id: str | None) -> Value:
        """The value of an expression; its warnings are recorded."""
        before = len(self.feel.warnings)
        value = expression.value_in(frame)
        if len(self.feel.warnings) > before:
            self._collect(before, element_id)
        return value

    def test(self, tests: UnaryTests, frame: Frame, value: Value, element_id: str | None) -> bool:
        """Whether the value passes the tests; their warnings are recorded."""
        before = len(self.feel.warnings)
        passed = tests.test_in(frame, value)
        if len(self.feel.warnings) > before:
            self._collect(before, element_id)
        return passed is True

    def _collect(self, before: int, element_id: str | None) -> None:
        for warning in self.feel.warnings[before:]:
            self.warn(warning.kind, warning.message, element_id, warning.line, warning.column)
        # Those before belong to an expression further out that is still being evaluated.
        del self.feel.warnings[before:]

    def warn(self, kind: str, message: str, element_id: str | None, line: int | None = None, column: int | None = None) -> None:
        """Record a fault, once per place."""
        warning = RunWarning(kind, message, element_id, line, column)
        if len(self.current.warnings) < _MOST_WARNINGS and warning not in self.current.warnings:
            self.current.warnings.append(warning)


_MOST_WARNINGS = 100


def _utc_now() -> datetime:
    return datetime.now(UTC)
