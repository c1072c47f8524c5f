"""Python values as FEEL values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal, DecimalException
from typing import Any

from service.feel.errors import FeelLimitError
from service.feel.numbers import CONTEXT
from service.feel.temporal import NANOS, Date, DateTime, DayTimeDuration, Time


def _zone(zone: tzinfo | None, offset: timedelta | None) -> tuple[int | None, str | None]:
    key = getattr(zone, "key", None)
    if key is not None:
        return (0, None) if key == "UTC" else (None, str(key))
    return (None if offset is None else int(offset.total_seconds())), None


def _number(value: int) -> Decimal:
    try:
        return CONTEXT.create_decimal(value)
    except DecimalException as error:
        raise TypeError("the integer exceeds the numbers of FEEL") from error


def from_datetime(moment: datetime) -> DateTime:
    """A `datetime` with its offset or zone id."""
    offset, zone = _zone(moment.tzinfo, moment.utcoffset())
    clock = Time(moment.hour, moment.minute, moment.second, moment.microsecond * 1000, offset, zone)
    return DateTime(Date(moment.year, moment.month, moment.day), clock)


def from_python(value: Any) -> Any:
    """`datetime`, `date`, `time`, `timedelta`, `int`, tuples and mappings as FEEL values, at any depth.

    FEEL values stay as they are. A float raises `TypeError`: it has lost the decimal it stood for. A value that nests too deep for
    Python raises `FeelLimitError`, an integer of more than 6145 digits `TypeError`.
    """
    try:
        return _converted(value)
    except RecursionError:
        raise FeelLimitError("depth", "the value nests too deep") from None


def _converted(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        raise TypeError("a float is not an exact number; give a Decimal")
    if isinstance(value, int):
        return _number(value)
    if isinstance(value, datetime):
        return from_datetime(value)
    if isinstance(value, date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, time):
        offset, zone = _zone(value.tzinfo, value.utcoffset())
        return Time(value.hour, value.minute, value.second, value.microsecond * 1000, offset, zone)
    if isinstance(value, timedelta):
        seconds = value.days * 86_400 + value.seconds
        return DayTimeDuration(seconds * NANOS + value.microseconds * 1000)
    if isinstance(value, Mapping):
        return {str(key): _converted(element) for key, element in value.items()}
    if isinstance(value, list | tuple):
        return [_converted(element) for element in value]
    if isinstance(value, Decimal) and not value.is_finite():
        raise TypeError("FEEL numbers are finite")
    return value
