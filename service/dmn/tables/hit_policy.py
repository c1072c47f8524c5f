"""From the rules that matched to the result of a table (DMN 1.5, 8.2.11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.dmn.reading.syntax import Aggregation, HitPolicy
from service.feel import Expression, compile_expression

SINGLE = frozenset({"UNIQUE", "ANY", "PRIORITY", "FIRST"})

AGGREGATES: dict[Aggregation, Expression] = {
    "SUM": compile_expression("sum(values)"),
    "COUNT": compile_expression("count(values)"),
    "MIN": compile_expression("min(values)"),
    "MAX": compile_expression("max(values)"),
}
_SAME = compile_expression("first = second", names=["first", "second"])

Row = dict[str, Any]
Priorities = Sequence[Sequence[Any] | None]


class HitPolicyViolation(Exception):
    """The matched rules break the table's promise; `indexes` are 1-based rule numbers."""

    def __init__(self, message: str, indexes: tuple[int, ...]) -> None:
        super().__init__(message)
        self.message = message
        self.indexes = indexes


def winning_rows(policy: HitPolicy, matched: Sequence[tuple[int, Row]], priorities: Priorities) -> list[Row]:
    """The rows that make the result, in its order; `matched` are (rule number, outputs) in table order."""
    rows = [row for _, row in matched]
    if policy in ("PRIORITY", "OUTPUT ORDER"):
        ordered = sorted(rows, key=lambda row: priority_rank(row, priorities))
        return ordered[:1] if policy == "PRIORITY" else ordered
    if len(rows) < 2 or policy in ("RULE ORDER", "COLLECT"):
        return rows
    if policy == "UNIQUE":
        raise HitPolicyViolation("more than one rule of a unique table applies", _numbers(matched))
    if policy == "ANY":
        different = [pair for pair in matched if not agree(pair[1], rows[0])]
        if different:
            raise HitPolicyViolation("the rules that apply disagree on the output", _numbers(matched))
    return rows[:1]


def _numbers(matched: Sequence[tuple[int, Row]]) -> tuple[int, ...]:
    return tuple(number for number, _ in matched)


def agree(left: Row, right: Row) -> bool:
    """Whether two rows have equal outputs."""
    return all(_identical(left[name], right[name]) or _same(left[name], right[name]) for name in left)


def priority_rank(row: Row, priorities: Priorities) -> tuple[int, ...]:
    """Column by column the place in the allowed values; one that is not listed comes last."""
    ranks = []
    for value, order in zip(row.values(), priorities, strict=True):
        if order is not None:
            ranks.append(next((rank for rank, listed in enumerate(order) if _identical(listed, value)), len(order)))
    return tuple(ranks)


def _identical(left: Any, right: Any) -> bool:
    # In Python True equals 1; in FEEL it does not. Lists and contexts are for FEEL, which bounds how deep it looks.
    return type(left) is type(right) and (_same(left, right) if isinstance(left, list | dict) else bool(left == right))


def _same(left: Any, right: Any) -> bool:
    return _SAME.evaluate({"first": left, "second": right}).value is True
