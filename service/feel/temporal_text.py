"""ISO 8601 texts of temporal values, as XML Schema 1.1 and FEEL write them."""

from __future__ import annotations

import re

from service.feel.errors import Fault
from service.feel.temporal import (
    NANOS,
    Date,
    DateTime,
    DayTimeDuration,
    Time,
    YearMonthDuration,
    date_from_ordinal,
    find_zone,
    make_date,
    make_time,
)

Temporal = Date | Time | DateTime | DayTimeDuration | YearMonthDuration

_DATE = r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})"
_TIME = (
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:(Z)|([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@([A-Za-z0-9_+\-/]+))?"
)
_DATE_PATTERN = re.compile(_DATE)
_TIME_PATTERN = re.compile(_TIME)
_DATE_TIME_PATTERN = re.compile(f"{_DATE}T{_TIME}")
_MONTHS_PATTERN = re.compile(r"(-)?P(?:([0-9]+)Y)?(?:([0-9]+)M)?")
_DAYS_PATTERN = re.compile(r"(-)?P(?:([0-9]+)D)?(?:(T)(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]+))?S)?)?")
_MAX_DIGITS = 40


def _fault(text: str, what: str) -> Fault:
    return Fault("INVALID_TEMPORAL", f"{text[:80]!r} is not a {what}")


def parse_date(text: str) -> Date:
    """`2026-01-31`, year of 4 to 9 digits, optionally negative."""
    match = _DATE_PATTERN.fullmatch(text)
    if match is None:
        raise _fault(text, "date")
    return make_date(int(match[1]), int(match[2]), int(match[3]))


def _nanos(digits: str | None) -> int:
    return int((digits or "0")[:9].ljust(9, "0"))


def _time_of(groups: tuple[str | None, ...]) -> Time:
    hour, minute, second, fraction, utc, sign, offset_hour, offset_minute, offset_second, zone = groups
    offset: int | None = None
    if utc:
        offset = 0
    elif sign:
        if int(offset_minute or 0) > 59 or int(offset_second or 0) > 59:
            raise Fault("INVALID_TEMPORAL", "an offset has at most 59 minutes and seconds")
        offset = int(offset_hour or 0) * 3600 + int(offset_minute or 0) * 60 + int(offset_second or 0)
        offset = -offset if sign == "-" else offset
    elif zone:
        find_zone(zone)
    return make_time(int(hour or 0), int(minute or 0), int(second or 0), _nanos(fraction), offset, zone)


def parse_time(text: str) -> Time:
    """`12:30:00`, optionally with fraction and `Z`, `+08:00` or `@Asia/Shanghai`."""
    match = _TIME_PATTERN.fullmatch(text.removeprefix("T"))
    if match is None:
        raise _fault(text, "time")
    return _time_of(match.groups())


def parse_date_time(text: str) -> DateTime:
    """A date, `T` and a time; `T24:00:00` is the next midnight; a bare date is its midnight."""
    match = _DATE_TIME_PATTERN.fullmatch(text)
    if match is None:
        if _DATE_PATTERN.fullmatch(text):
            return DateTime(parse_date(text), Time(0, 0, 0))
        raise _fault(text, "date and time")
    groups = match.groups()
    date = make_date(int(groups[0]), int(groups[1]), int(groups[2]))
    if groups[3:6] == ("24", "00", "00") and not int(groups[6] or 0):
        return DateTime(date_from_ordinal(date.ordinal + 1), _time_of(("00", *groups[4:])))
    return DateTime(date, _time_of(groups[3:]))


def parse_duration(text: str) -> DayTimeDuration | YearMonthDuration:
    """`P1Y2M` or `P1DT2H3M4.5S`."""
    match = _MONTHS_PATTERN.fullmatch(text)
    if match and (match[2] or match[3]):
        if max(len(match[2] or ""), len(match[3] or "")) > _MAX_DIGITS:
            raise _fault(text, "duration of a sensible length")
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearMonthDuration(-months if match[1] else months)
    match = _DAYS_PATTERN.fullmatch(text)
    if match and (match[2] or match[4] or match[5] or match[6]) and not (text.endswith("T")):
        if max(len(part or "") for part in match.groups()) > _MAX_DIGITS:
            raise _fault(text, "duration of a sensible length")
        seconds = int(match[2] or 0) * 86_400 + int(match[4] or 0) * 3600 + int(match[5] or 0) * 60 + int(match[6] or 0)
        nanos = seconds * NANOS + _nanos(match[7])
        return DayTimeDuration(-nanos if match[1] else nanos)
    raise _fault(text, "duration")


def parse_temporal(text: str) -> Temporal:
    """What an at-literal holds."""
    if text.startswith(("P", "-P")):
        return parse_duration(text)
    if _DATE_PATTERN.fullmatch(text):
        return parse_date(text)
    if _DATE_PATTERN.match(text):
        return parse_date_time(text)
    return parse_time(text)


def _offset_text(offset: int) -> str:
    if offset == 0:
        return "Z"
    sign, rest = ("-", -offset) if offset < 0 else ("+", offset)
    text = f"{sign}{rest // 3600:02d}:{rest // 60 % 60:02d}"
    return f"{text}:{rest % 60:02d}" if rest % 60 else text


def _fraction_text(nanos: int) -> str:
    return f".{nanos:09d}".rstrip("0") if nanos else ""


def _time_text(time: Time) -> str:
    text = f"{time.hour:02d}:{time.minute:02d}:{time.second:02d}{_fraction_text(time.nano)}"
    if time.zone is not None:
        return f"{text}@{time.zone}"
    return text if time.offset is None else text + _offset_text(time.offset)


def _date_text(date: Date) -> str:
    sign = "-" if date.year < 0 else ""
    return f"{sign}{abs(date.year):04d}-{date.month:02d}-{date.day:02d}"


def _duration_text(value: DayTimeDuration | YearMonthDuration) -> str:
    if isinstance(value, YearMonthDuration):
        years, months = divmod(abs(value.months), 12)
        sign = "-" if value.months < 0 else ""
        parts = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{sign}P{parts or '0M'}"
    seconds, nanos = divmod(abs(value.nanos), NANOS)
    days, seconds = divmod(seconds, 86_400)
    text = ("-P" if value.nanos < 0 else "P") + (f"{days}D" if days else "")
    clock = f"{seconds // 3600}H" if seconds >= 3600 else ""
    clock += f"{seconds // 60 % 60}M" if seconds // 60 % 60 else ""
    if seconds % 60 or nanos:
        clock += f"{seconds % 60}{_fraction_text(nanos)}S"
    if clock:
        return f"{text}T{clock}"
    return text if days else "PT0S"


def temporal_text(value: Temporal) -> str:
    """The canonical text."""
    if isinstance(value, Date):
        return _date_text(value)
    if isinstance(value, Time):
        return _time_text(value)
    if isinstance(value, DateTime):
        return f"{_date_text(value.date)}T{_time_text(value.time)}"
    return _duration_text(value)
