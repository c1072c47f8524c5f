"""The ordered types of FEEL as lines of sort keys: what lies between two keys, and how a designer writes a value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, localcontext
from typing import Any

from service.feel import Date, DateTime, DayTimeDuration, Time, YearMonthDuration, to_json
from service.feel.numbers import number_text
from service.feel.temporal import (
    DAY_NANOS,
    MAX_YEAR,
    NANOS,
    date_from_ordinal,
    datetime_from_local_nanos,
    fixed_offset,
    make_date,
    time_from_nanos,
    time_offset,
)

Key = Any
_PRECISION = 100
_FARTHEST_OFFSET = 18 * 3600
_REACH = _FARTHEST_OFFSET * NANOS
_DAYS = (make_date(-MAX_YEAR, 1, 1).ordinal, make_date(MAX_YEAR, 12, 31).ordinal)
_MOMENTS = (_DAYS[0] * DAY_NANOS + _REACH, (_DAYS[1] + 1) * DAY_NANOS - 1 - _REACH)
_LONGEST = 10**40


@dataclass(frozen=True, slots=True)
class Line:
    """The values of one type in order.

    `bounds` are the least and greatest key where the keys are whole numbers that follow one another, `gap` yields a key strictly
    between two others (None = without bound) where they are not. `blurred`: a test for equality sees whole seconds only.
    `finite` lists all keys where they are few, `whole` leaves out fractions.
    """

    name: str
    holds: Callable[[Any], bool]
    key: Callable[[Any], Key]
    value: Callable[[Key], Any]
    constructor: str | None = None
    bounds: tuple[int, int] | None = None
    gap: Callable[[Key | None, Key | None], Key | None] | None = None
    blurred: bool = False
    finite: tuple[Key, ...] | None = None
    whole: bool = False

    def between(self, low: Key | None, high: Key | None) -> Key | None:
        """A key strictly between two others, None being without bound; None when there is none."""
        if self.bounds is None:
            return self.gap(low, high) if self.gap is not None else None
        least, greatest = self.bounds
        found = low + 1 if low is not None else high - 1 if high is not None else 1
        found = max(least, min(greatest, found))
        return found if (low is None or low < found) and (high is None or found < high) else None

    def inhabited(self, key: Key) -> bool:
        """Whether there is a value with this key."""
        if self.whole:
            return bool(key == key.to_integral_value())
        return self.bounds is None or self.bounds[0] <= key <= self.bounds[1]

    def cuts(self, key: Key) -> Iterator[Key]:
        """The keys at which a comparison with this one may change its outcome."""
        yield key
        if self.blurred:
            yield key - key % NANOS
            yield key - key % NANOS + NANOS

    def text(self, key: Key) -> str:
        """The value as a FEEL literal."""
        shown = to_json(self.value(key))
        if self.constructor is not None:
            return f'{self.constructor}("{shown}")'
        if isinstance(shown, bool):
            return "true" if shown else "false"
        return json.dumps(shown, ensure_ascii=False) if isinstance(shown, str) else number_text(shown)


def _itself(value: Any) -> Any:
    return value


def _number_between(low: Decimal | None, high: Decimal | None) -> Decimal | None:
    with localcontext() as context:
        context.prec = _PRECISION
        if low is None:
            return Decimal(0) if high is None else high - abs(high) - 1
        found = low + abs(low) + 1 if high is None else (low + high) / 2
    # Keys of more digits than the precision may have nothing between them that can be told.
    return found if low < found and (high is None or found < high) else None


def _whole_between(low: Decimal | None, high: Decimal | None) -> Decimal | None:
    if low is None:
        return Decimal(0) if high is None else _number_between(None, high.to_integral_value(ROUND_FLOOR))
    with localcontext() as context:
        context.prec = _PRECISION
        found = low.to_integral_value(ROUND_FLOOR) + 1
    return found if low < found and (high is None or found < high) else None


def _text_between(low: str | None, high: str | None) -> str | None:
    found = "" if low is None else low + "\x00"
    return found if high is None or found < high else None


def _is(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: type(value) in kinds


def _has_offset(value: Time) -> bool:
    """Whether the offset is known without a date."""
    return value.offset is not None or (value.zone is not None and fixed_offset(value.zone) is not None)


def _instant_of_day(value: Time) -> int:
    return value.nanos - (time_offset(value) or 0) * NANOS


def _time_at(instant: int) -> Time:
    offset = _FARTHEST_OFFSET if instant < 0 else -_FARTHEST_OFFSET if instant >= DAY_NANOS else 0
    return time_from_nanos(instant + offset * NANOS, offset)


BOOLEAN = Line("boolean", _is(bool), _itself, _itself, finite=(False, True))
STRING = Line("string", _is(str), _itself, _itself, gap=_text_between)
NUMBER = Line("number", _is(Decimal), _itself, _itself, gap=_number_between)
WHOLE_NUMBER = Line("whole number", _is(Decimal), _itself, _itself, gap=_whole_between, whole=True)
DATE = Line("date", _is(Date), lambda value: value.ordinal, date_from_ordinal, "date", _DAYS)
LOCAL_DATE_TIME = Line(
    "date and time without an offset",
    lambda value: type(value) is DateTime and not value.time.anchored,
    lambda value: value.local_nanos,
    datetime_from_local_nanos,
    "date and time",
    _MOMENTS,
    blurred=True,
)
DATE_TIME = Line(
    "date and time with an offset",
    lambda value: type(value) is DateTime and value.time.anchored,
    lambda value: value.instant_nanos,
    lambda key: datetime_from_local_nanos(key, 0),
    "date and time",
    _MOMENTS,
    blurred=True,
)
LOCAL_TIME = Line(
    "time without an offset",
    lambda value: type(value) is Time and not value.anchored,
    lambda value: value.nanos,
    time_from_nanos,
    "time",
    (0, DAY_NANOS - 1),
    blurred=True,
)
TIME = Line(
    "time with an offset",
    lambda value: type(value) is Time and _has_offset(value),
    _instant_of_day,
    _time_at,
    "time",
    (-_REACH, DAY_NANOS + _REACH - 1),
    blurred=True,
)
DAYS = Line("days and time duration", _is(DayTimeDuration), lambda value: value.nanos, DayTimeDuration, "duration", (-_LONGEST, _LONGEST))
MONTHS = Line(
    "years and months duration", _is(YearMonthDuration), lambda value: value.months, YearMonthDuration, "duration", (-_LONGEST, _LONGEST)
)

LINES: dict[str, tuple[Line, ...]] = {
    "boolean": (BOOLEAN,),
    "string": (STRING,),
    "number": (NUMBER,),
    "date": (DATE,),
    "time": (LOCAL_TIME, TIME),
    "date and time": (LOCAL_DATE_TIME, DATE_TIME),
    "duration": (DAYS, MONTHS),
    "days and time duration": (DAYS,),
    "years and months duration": (MONTHS,),
}
"""By the name of the built-in type; where there are several, values of one cannot be compared with those of another."""


def line_of(value: Any) -> Line | None:
    """The line a value lies on; None for null, lists, contexts, ranges and functions."""
    return next((line for lines in LINES.values() for line in lines if line.holds(value)), None)
