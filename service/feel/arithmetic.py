"""The operators + - * / ** over all FEEL types (DMN 1.5, 10.3.2.9 and 10.3.2.10)."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from service.feel.errors import Fault
from service.feel.numbers import CONTEXT
from service.feel.temporal import (
    DAY_NANOS,
    MAX_YEAR,
    Date,
    DateTime,
    DayTimeDuration,
    Time,
    YearMonthDuration,
    add_months,
    date_from_ordinal,
    datetime_from_instant,
    datetime_from_local_nanos,
    time_from_nanos,
    time_keys,
)
from service.feel.values import type_name

_MAX_MONTHS = MAX_YEAR * 24
_MAX_NANOS = MAX_YEAR * 2 * 366 * DAY_NANOS


def _months(months: int) -> YearMonthDuration:
    if abs(months) > _MAX_MONTHS:
        raise Fault("OUT_OF_BOUNDS", "the duration exceeds a billion years")
    return YearMonthDuration(months)


def _nanos(nanos: int) -> DayTimeDuration:
    if abs(nanos) > _MAX_NANOS:
        raise Fault("OUT_OF_BOUNDS", "the duration exceeds a billion years")
    return DayTimeDuration(nanos)


def midnight(date: Date) -> DateTime:
    """A date as date and time, UTC, as DMN converts it for subtraction."""
    return DateTime(date, Time(0, 0, 0, 0, 0))


def _plus_duration(moment: Any, nanos: int) -> Any:
    if isinstance(moment, DateTime):
        if moment.time.zone is not None:
            return datetime_from_instant(moment.instant_nanos + nanos, moment.time)
        return datetime_from_local_nanos(moment.local_nanos + nanos, moment.time.offset)
    if isinstance(moment, Time):
        return time_from_nanos(moment.nanos + nanos, moment.offset, moment.zone)
    return date_from_ordinal((moment.ordinal * DAY_NANOS + nanos) // DAY_NANOS)


def _plus_months(moment: Any, months: int) -> Any:
    if isinstance(moment, DateTime):
        return DateTime(add_months(moment.date, months), moment.time)
    return add_months(moment, months)


def _difference(left: Any, right: Any) -> DayTimeDuration:
    if isinstance(left, Time):
        minuend, subtrahend = time_keys(left, right)
        return DayTimeDuration(minuend - subtrahend)
    if isinstance(left, Date):
        left = midnight(left)
    if isinstance(right, Date):
        right = midnight(right)
    if left.time.anchored != right.time.anchored:
        raise Fault("INVALID_TYPE", "a local date and time cannot be subtracted from one with an offset")
    return DayTimeDuration(left.instant_nanos - right.instant_nanos)


def _scaled(duration: Any, factor: Decimal, divide: bool) -> Any:
    amount = Decimal(duration.months if isinstance(duration, YearMonthDuration) else duration.nanos)
    result = CONTEXT.divide(amount, factor) if divide else CONTEXT.multiply(amount, factor)
    if abs(result) > _MAX_NANOS:
        raise Fault("OUT_OF_BOUNDS", "the duration exceeds a billion years")
    return _months(int(result)) if isinstance(duration, YearMonthDuration) else _nanos(int(result))


_ZERO = Decimal(0)


def _times(left: Decimal, right: Decimal) -> Decimal:
    # FEEL has one zero: no -0 comes out of -2 * 0, nor of 0 / -2 below.
    return CONTEXT.multiply(left, right) or _ZERO


def _over(left: Decimal, right: Decimal) -> Decimal:
    return CONTEXT.divide(left, right) or _ZERO


def _ratio(left: Any, right: Any) -> Decimal:
    if isinstance(left, YearMonthDuration):
        return _over(Decimal(left.months), Decimal(right.months))
    return _over(Decimal(left.nanos), Decimal(right.nanos))


def _power(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        # IEEE 754-2008, 9.2.1: pow(x, 0) is 1 for any x, 0 too.
        return Decimal(1)
    result = CONTEXT.power(left, right)
    if not result.is_finite():
        raise Fault("INVALID_NUMBER", "'**' has no result within FEEL's numbers")
    return result


_Operation = Callable[[Any, Any], Any]
_ADD: dict[tuple[type, type], _Operation] = {
    (Decimal, Decimal): CONTEXT.add,
    (str, str): lambda a, b: a + b,
    (YearMonthDuration, YearMonthDuration): lambda a, b: _months(a.months + b.months),
    (DayTimeDuration, DayTimeDuration): lambda a, b: _nanos(a.nanos + b.nanos),
}
_SUBTRACT: dict[tuple[type, type], _Operation] = {
    (Decimal, Decimal): CONTEXT.subtract,
    (YearMonthDuration, YearMonthDuration): lambda a, b: _months(a.months - b.months),
    (DayTimeDuration, DayTimeDuration): lambda a, b: _nanos(a.nanos - b.nanos),
    (Time, Time): _difference,
}
for _moment in (Date, DateTime, Time):
    _ADD[_moment, DayTimeDuration] = lambda a, b: _plus_duration(a, b.nanos)
    _ADD[DayTimeDuration, _moment] = lambda a, b: _plus_duration(b, a.nanos)
    _SUBTRACT[_moment, DayTimeDuration] = lambda a, b: _plus_duration(a, -b.nanos)
for _moment in (Date, DateTime):
    _ADD[_moment, YearMonthDuration] = lambda a, b: _plus_months(a, b.months)
    _ADD[YearMonthDuration, _moment] = lambda a, b: _plus_months(b, a.months)
    _SUBTRACT[_moment, YearMonthDuration] = lambda a, b: _plus_months(a, -b.months)
    _SUBTRACT[_moment, Date] = _difference
    _SUBTRACT[_moment, DateTime] = _difference
_MULTIPLY: dict[tuple[type, type], _Operation] = {(Decimal, Decimal): _times}
_DIVIDE: dict[tuple[type, type], _Operation] = {(Decimal, Decimal): _over}
for _duration in (YearMonthDuration, DayTimeDuration):
    _MULTIPLY[_duration, Decimal] = lambda a, b: _scaled(a, b, False)
    _MULTIPLY[Decimal, _duration] = lambda a, b: _scaled(b, a, False)
    _DIVIDE[_duration, Decimal] = lambda a, b: _scaled(a, b, True)
    _DIVIDE[_duration, _duration] = _ratio

OPERATIONS: dict[str, dict[tuple[type, type], _Operation]] = {
    "+": _ADD,
    "-": _SUBTRACT,
    "*": _MULTIPLY,
    "/": _DIVIDE,
    "**": {(Decimal, Decimal): _power},
}


def calculate(operator: str, left: Any, right: Any) -> Any:
    """Apply an operator; null operands and unfit types raise `Fault`."""
    operation = OPERATIONS[operator].get((type(left), type(right)))
    if operation is None:
        raise Fault("INVALID_TYPE", f"'{operator}' does not take {type_name(left)} and {type_name(right)}")
    try:
        return operation(left, right)
    except decimal.DivisionByZero:
        raise Fault("DIVISION_BY_ZERO", "division by zero") from None
    except decimal.DecimalException as error:
        raise Fault("INVALID_NUMBER", f"'{operator}' has no result within FEEL's numbers") from error


def negate(value: Any) -> Any:
    """Arithmetic negation."""
    if isinstance(value, Decimal):
        return CONTEXT.minus(value)
    if isinstance(value, YearMonthDuration):
        return YearMonthDuration(-value.months)
    if isinstance(value, DayTimeDuration):
        return DayTimeDuration(-value.nanos)
    raise Fault("INVALID_TYPE", f"'-' does not take {type_name(value)}")
