"""What `value.name` yields for values that are not contexts (DMN 1.5, table 65)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from service.feel.temporal import (
    NANOS,
    Date,
    DateTime,
    DayTimeDuration,
    Time,
    YearMonthDuration,
    time_offset,
)
from service.feel.values import Range


def _offset(seconds: int | None) -> DayTimeDuration | None:
    return None if seconds is None else DayTimeDuration(seconds * NANOS)


def _signed_part(nanos: int, unit: int, modulo: int | None) -> Decimal:
    amount = abs(nanos) // (unit * NANOS)
    amount = amount if modulo is None else amount % modulo
    return Decimal(-amount if nanos < 0 else amount)


_DATE: dict[str, Callable[[Any], Any]] = {
    "year": lambda value: Decimal(value.year),
    "month": lambda value: Decimal(value.month),
    "day": lambda value: Decimal(value.day),
    "weekday": lambda value: Decimal(value.weekday),
}
_TIME: dict[str, Callable[[Any], Any]] = {
    "hour": lambda value: Decimal(value.hour),
    "minute": lambda value: Decimal(value.minute),
    "second": lambda value: Decimal(value.second),
    "timezone": lambda value: value.zone,
}


def _of_date(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: read(value.date)


def _of_time(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: read(value.time)


_PROPERTIES: dict[type, dict[str, Callable[[Any], Any]]] = {
    Date: _DATE,
    Time: {**_TIME, "time offset": lambda value: _offset(time_offset(value))},
    DateTime: {
        **{name: _of_date(read) for name, read in _DATE.items()},
        **{name: _of_time(read) for name, read in _TIME.items()},
        "time offset": lambda value: _offset(value.offset),
    },
    YearMonthDuration: {
        "years": lambda value: Decimal(abs(value.months) // 12 * (-1 if value.months < 0 else 1)),
        "months": lambda value: Decimal(abs(value.months) % 12 * (-1 if value.months < 0 else 1)),
    },
    DayTimeDuration: {
        "days": lambda value: _signed_part(value.nanos, 86_400, None),
        "hours": lambda value: _signed_part(value.nanos, 3600, 24),
        "minutes": lambda value: _signed_part(value.nanos, 60, 60),
        "seconds": lambda value: _signed_part(value.nanos, 1, 60),
    },
    Range: {
        "start": lambda value: value.start,
        "end": lambda value: value.end,
        "start included": lambda value: value.start_included,
        "end included": lambda value: value.end_included,
    },
}


def find_property(value: object, name: str) -> Callable[[Any], Any] | None:
    """The reader of a property, None when values of this type do not have it."""
    return _PROPERTIES.get(type(value), {}).get(name)
