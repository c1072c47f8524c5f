"""Conversion functions (10.3.4.1)."""

from __future__ import annotations

import re
from typing import Any

from service.feel.builtin.registry import builtin, need_number, need_string, need_whole, single
from service.feel.errors import Fault
from service.feel.evaluation import Run
from service.feel.numbers import parse_number, whole_part
from service.feel.temporal import (
    NANOS,
    Date,
    DateTime,
    DayTimeDuration,
    Time,
    YearMonthDuration,
    find_zone,
    make_date,
    make_time,
)
from service.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time
from service.feel.values import type_name

_ABSENT = object()
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def _refuse(value: Any, what: str) -> Fault:
    return Fault("INVALID_TYPE", f"a {type_name(value)} is no {what}")


@builtin("date", ("from",), ("year", "month", "day"))
def date(run: Run, first: Any, month: Any = None, day: Any = None) -> Date:
    """A date from its text, from a date and time, or from year, month and day."""
    if month is not None or day is not None:
        return make_date(need_whole(first, "year"), need_whole(month, "month"), need_whole(day, "day"))
    value = single(first)
    if isinstance(value, str):
        return parse_date(value)
    if isinstance(value, DateTime):
        return value.date
    if isinstance(value, Date):
        return value
    raise _refuse(value, "date")


def _offset_seconds(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, DayTimeDuration):
        raise _refuse(value, "offset")
    seconds, fraction = divmod(value.nanos, NANOS)
    if fraction:
        raise Fault("INVALID_TIME", "an offset has whole seconds")
    return seconds


@builtin("time", ("from",), ("hour", "minute", "second", "offset?"))
def time(run: Run, first: Any, minute: Any = None, second: Any = None, offset: Any = None) -> Time:
    """A time from its text, from a date and time, or from hour, minute, second and offset."""
    if minute is not None or second is not None:
        seconds = need_number(second, "second")
        whole = whole_part(seconds, "second")
        nano = int((seconds - whole) * NANOS)
        hour = need_whole(first, "hour")
        return make_time(hour, need_whole(minute, "minute"), whole, nano, _offset_seconds(offset))
    value = single(first)
    if isinstance(value, str):
        return parse_time(value)
    if isinstance(value, DateTime):
        return value.time
    if isinstance(value, Date):
        return Time(0, 0, 0, 0, 0)
    if isinstance(value, Time):
        return value
    raise _refuse(value, "time")


@builtin(
    "date and time",
    ("from",),
    ("date", "time"),
    ("year", "month", "day", "hour", "minute", "second"),
    ("year", "month", "day", "hour", "minute", "second", "offset"),
    ("year", "month", "day", "hour", "minute", "second", "timezone"),
)
def date_and_time(run: Run, first: Any, second: Any = _ABSENT, *parts: Any) -> DateTime:
    """A date and time from its text, from a date and a time, or from numbers."""
    if parts:
        day, *clock = parts
        zone = clock[3] if len(clock) > 3 else None
        hour, minute, second_of = clock[:3]
        moment = time(run, hour, minute, second_of, None if isinstance(zone, str) else zone)
        if isinstance(zone, str):
            find_zone(zone)
            moment = Time(moment.hour, moment.minute, moment.second, moment.nano, None, zone)
        return DateTime(date(run, first, second, day), moment)
    value = single(first)
    if second is not _ABSENT:
        clock_time = single(second)
        day_of = value.date if isinstance(value, DateTime) else value
        if not (isinstance(day_of, Date) and isinstance(clock_time, Time)):
            raise Fault("INVALID_TYPE", "a date and a time are needed")
        return DateTime(day_of, clock_time)
    if isinstance(value, str):
        return parse_date_time(value)
    if isinstance(value, DateTime):
        return value
    if isinstance(value, Date):
        return DateTime(value, Time(0, 0, 0, 0, 0))
    raise _refuse(value, "date and time")


@builtin("duration", ("from",))
def duration(run: Run, value: Any) -> DayTimeDuration | YearMonthDuration:
    """A duration from its ISO text."""
    value = single(value)
    if isinstance(value, DayTimeDuration | YearMonthDuration):
        return value
    return parse_duration(need_string(value, "from"))


@builtin("years and months duration", ("from", "to"))
def years_and_months_duration(run: Run, start: Any, end: Any) -> YearMonthDuration:
    """Whole months between two dates."""
    start, end = single(start), single(end)
    first = start.date if isinstance(start, DateTime) else start
    last = end.date if isinstance(end, DateTime) else end
    if not (isinstance(first, Date) and isinstance(last, Date)):
        raise Fault("INVALID_TYPE", "two dates are needed")
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearMonthDuration(months)


@builtin("number", ("from", "grouping separator?", "decimal separator?"))
def number(run: Run, value: Any, grouping: Any = None, decimal: Any = None) -> Any:
    """A number from its text, with separators (grouping: blank, comma or point; decimal: comma or point)."""
    text = need_string(value, "from")
    group = None if grouping is None else need_string(grouping, "grouping separator")
    point = None if decimal is None else need_string(decimal, "decimal separator")
    if group not in (None, " ", ",", ".") or point not in (None, ",", ".") or (group is not None and group == point):
        raise Fault("INVALID_NUMBER", "these separators cannot be used")
    if group is not None:
        text = text.replace(group, "")
    if point == ",":
        text = text.replace(",", ".") if "." not in text else "malformed"
    if _NUMBER.fullmatch(text) is None:
        raise Fault("INVALID_NUMBER", f"{text[:80]!r} is not a number")
    return parse_number(text)
