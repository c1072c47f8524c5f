"""Equality, ordering and membership of FEEL values (DMN 1.5, 10.3.2.7 and 10.3.2.13)."""

from __future__ import annotations

import operator as operator_module
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from service.feel.errors import Fault
from service.feel.temporal import NANOS, Date, DateTime, DayTimeDuration, Time, YearMonthDuration, time_keys
from service.feel.values import Function, Range, type_name

if TYPE_CHECKING:
    from service.feel.evaluation import Run


def equal(left: Any, right: Any, run: Run) -> bool | None:
    """Whether two values are equal; None when their types cannot be compared."""
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind is not type(right):
        return None
    if kind is list:
        return left is right or _lists_equal(left, right, run)
    if kind is dict:
        return left is right or _contexts_equal(left, right, run)
    if kind is DateTime:
        if left.time.anchored != right.time.anchored:
            return False
        # Fractions of a second take no part in equality (TCK 0068): `second` is a whole number there.
        return bool(left.instant_nanos // NANOS == right.instant_nanos // NANOS)
    if kind is Time:
        return left.anchored == right.anchored and _times_equal(left, right)
    if kind is Range:
        return (
            left.operator == right.operator
            and left.start_included == right.start_included
            and left.end_included == right.end_included
            and equal(left.start, right.start, run) is True
            and equal(left.end, right.end, run) is True
        )
    if kind is Function:
        return left is right
    return bool(left == right)


def _times_equal(left: Time, right: Time) -> bool | None:
    try:
        a, b = time_keys(left, right)
    except Fault:
        # In zones whose offsets depend on the date nothing can be told: null, as for any two values that cannot be compared.
        return None
    return a // NANOS == b // NANOS


def _lists_equal(left: list[Any], right: list[Any], run: Run) -> bool:
    run.tick(len(left) + 1)
    return len(left) == len(right) and all(equal(a, b, run) is True for a, b in zip(left, right, strict=True))


def _contexts_equal(left: dict[str, Any], right: dict[str, Any], run: Run) -> bool:
    run.tick(len(left) + 1)
    return left.keys() == right.keys() and all(equal(value, right[key], run) is True for key, value in left.items())


def compare(left: Any, right: Any) -> int:
    """-1, 0 or 1; raises `Fault` when the values have no order."""
    kind = type(left)
    if kind is not type(right):
        raise Fault("NOT_COMPARABLE", f"{type_name(left)} and {type_name(right)} have no order")
    a: Any
    b: Any
    if kind is Decimal or kind is str:
        a, b = left, right
    elif kind is Date:
        a, b = (left.year, left.month, left.day), (right.year, right.month, right.day)
    elif kind is DateTime:
        if left.time.anchored != right.time.anchored:
            raise Fault("NOT_COMPARABLE", "a local date and time has no order against one with an offset")
        a, b = left.instant_nanos, right.instant_nanos
    elif kind is Time:
        a, b = time_keys(left, right)
    elif kind is DayTimeDuration:
        a, b = left.nanos, right.nanos
    elif kind is YearMonthDuration:
        a, b = left.months, right.months
    else:
        raise Fault("NOT_COMPARABLE", f"values of type {type_name(left)} have no order")
    return int(a > b) - int(a < b)


ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator_module.lt,
    "<=": operator_module.le,
    ">": operator_module.gt,
    ">=": operator_module.ge,
}


def ordered(operator: str, left: Any, right: Any) -> bool:
    """`left operator right` for one of < <= > >=."""
    return ORDER[operator](compare(left, right), 0)


def in_range(value: Any, interval: Range) -> bool | None:
    """Whether a range includes a value; None for null."""
    if value is None:
        return None
    if interval.operator == "!=":
        return compare(value, interval.start) != 0
    if type(value) is Decimal and type(interval.start) is Decimal and type(interval.end) is Decimal:
        return (interval.start < value or (interval.start_included and interval.start == value)) and (
            value < interval.end or (interval.end_included and interval.end == value)
        )
    if interval.start is None and interval.end is None:
        raise Fault("NOT_COMPARABLE", "a range without ends includes nothing that can be told")
    if interval.start is not None:
        sign = compare(value, interval.start)
        if sign < 0 or (sign == 0 and not interval.start_included):
            return False
    if interval.end is not None:
        sign = compare(value, interval.end)
        if sign > 0 or (sign == 0 and not interval.end_included):
            return False
    return True


def matches_value(value: Any, candidate: Any, run: Run) -> bool | None:
    """Whether `value` passes a test that evaluated to `candidate`: the value itself, a range or a list of those."""
    if isinstance(candidate, Range) and not isinstance(value, Range):
        return in_range(value, candidate)
    if isinstance(candidate, list):
        if isinstance(value, list) and equal(value, candidate, run) is True:
            return True
        run.tick(len(candidate))
        return any(_passes(value, element, run) for element in candidate)
    return equal(value, candidate, run)


def _passes(value: Any, element: Any, run: Run) -> bool:
    if isinstance(element, Range) and not isinstance(value, Range):
        try:
            return in_range(value, element) is True
        except Fault:
            # Of a list of ranges, one over another type simply does not include the value.
            return False
    return equal(value, element, run) is True
