"""Boolean functions (10.3.4.2): not, is, all, any are found where their argument types belong."""

from __future__ import annotations

from typing import Any

from service.feel.builtin.registry import builtin, single
from service.feel.comparison import equal
from service.feel.errors import Fault
from service.feel.evaluation import Run
from service.feel.temporal import DateTime, Time
from service.feel.values import Range, type_name


@builtin("not", ("negand",))
def negation(run: Run, negand: Any) -> bool | None:
    """Three-valued negation; null for anything but a boolean."""
    value = single(negand)
    if value is not None and not isinstance(value, bool):
        raise Fault("INVALID_TYPE", f"a {type_name(value)} cannot be negated")
    return None if value is None else not value


def _same_zone(left: Time, right: Time) -> bool:
    return (left.offset, left.zone) == (right.offset, right.zone)


@builtin("is", ("value1", "value2"), ("value1",), ("value2",))
def is_same(run: Run, value1: Any, value2: Any = None) -> bool:
    """Whether both are the same element of the semantic domain; dates and times also by their offset."""
    if type(value1) is not type(value2):
        return False
    if isinstance(value1, Time):
        return bool(value1 == value2)
    if isinstance(value1, DateTime):
        return value1 == value2 and _same_zone(value1.time, value2.time)
    if isinstance(value1, Range):
        return bool(value1 == value2)
    return equal(value1, value2, run) is True
