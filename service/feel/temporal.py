"""Dates, times and durations of FEEL: proleptic Gregorian, years of up to nine digits, nanoseconds, offsets and zone ids."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from service.feel.errors import Fault

NANOS = 1_000_000_000
DAY_SECONDS = 86_400
DAY_NANOS = DAY_SECONDS * NANOS
MAX_YEAR = 999_999_999
_CYCLE_YEARS = 400
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_leap_year(year: int) -> bool:
    """Whether the proleptic Gregorian year has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    """Days of a month, 1 to 12."""
    return 29 if month == 2 and is_leap_year(year) else _MONTH_DAYS[month - 1]


def _days_before_year(year: int) -> int:
    before = year - 1
    return before * 365 + before // 4 - before // 100 + before // 400


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar date."""

    year: int
    month: int
    day: int

    @property
    def ordinal(self) -> int:
        """Days since 0000-12-31, as `datetime.date.toordinal` counts."""
        return _days_before_year(self.year) + self.day_of_year

    @property
    def day_of_year(self) -> int:
        """1 to 366."""
        leap_day = 1 if self.month > 2 and is_leap_year(self.year) else 0
        return sum(_MONTH_DAYS[: self.month - 1]) + leap_day + self.day

    @property
    def weekday(self) -> int:
        """1 = Monday to 7 = Sunday."""
        return (self.ordinal + 6) % 7 + 1


def make_date(year: int, month: int, day: int) -> Date:
    """A checked date."""
    if not (abs(year) <= MAX_YEAR and 1 <= month <= 12 and 1 <= day <= days_in_month(year, month)):
        raise Fault("INVALID_DATE", f"{year}-{month}-{day} is not a date")
    return Date(year, month, day)


def date_from_ordinal(ordinal: int) -> Date:
    """Inverse of `Date.ordinal`."""
    year = ordinal * 400 // 146_097 + 1
    while _days_before_year(year) >= ordinal:
        year -= 1
    while _days_before_year(year + 1) < ordinal:
        year += 1
    rest = ordinal - _days_before_year(year)
    month = 1
    while rest > days_in_month(year, month):
        rest -= days_in_month(year, month)
        month += 1
    return make_date(year, month, rest)


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day; `offset` in seconds east of UTC, `zone` an IANA id; at most one of them is set."""

    hour: int
    minute: int
    second: int
    nano: int = 0
    offset: int | None = None
    zone: str | None = None

    @property
    def nanos(self) -> int:
        """Nanoseconds since midnight."""
        return ((self.hour * 60 + self.minute) * 60 + self.second) * NANOS + self.nano

    @property
    def anchored(self) -> bool:
        """Whether an offset or zone is known."""
        return self.offset is not None or self.zone is not None


def make_time(hour: int, minute: int, second: int, nano: int = 0, offset: int | None = None, zone: str | None = None) -> Time:
    """A checked time."""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60 and 0 <= nano < NANOS):
        raise Fault("INVALID_TIME", f"{hour}:{minute}:{second} is not a time")
    if offset is not None and abs(offset) > 18 * 3600:
        raise Fault("INVALID_TIME", f"an offset of {offset} seconds exceeds 18 hours")
    return Time(hour, minute, second, nano, offset, zone)


def time_from_nanos(nanos: int, offset: int | None = None, zone: str | None = None) -> Time:
    """A time from nanoseconds since midnight, taken modulo a day."""
    seconds, nano = divmod(nanos % DAY_NANOS, NANOS)
    return Time(seconds // 3600, seconds // 60 % 60, seconds % 60, nano, offset, zone)


@functools.lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo:
    """The IANA zone of this id."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise Fault("INVALID_TIME", f"{name!r} is not a time zone") from error


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date and time."""

    date: Date
    time: Time

    @property
    def local_nanos(self) -> int:
        """Nanoseconds on the local clock since 0000-12-31T00:00."""
        return self.date.ordinal * DAY_NANOS + self.time.nanos

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC at this moment, None for a local time."""
        if self.time.zone is None:
            return self.time.offset
        return _zone_offset(self.time.zone, self.date, self.time)

    @property
    def instant_nanos(self) -> int:
        """Nanoseconds on the UTC clock; a local time counts as UTC."""
        return self.local_nanos - (self.offset or 0) * NANOS


def _zone_offset(zone: str, date: Date, time: Time) -> int:
    year = date.year
    if not 1 < year < 9999:
        year = year % _CYCLE_YEARS + (2000 if year >= 9999 else 400)
    moment = datetime(year, date.month, date.day, time.hour, time.minute, time.second, tzinfo=find_zone(zone))
    offset = moment.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


@functools.lru_cache(maxsize=1024)
def fixed_offset(zone: str) -> int | None:
    """Seconds east of UTC of a zone that kept one offset from 2000 to 2037; None where the date decides."""
    found = find_zone(zone)
    offsets = {datetime(year, month, 1, tzinfo=found).utcoffset() for year in range(2000, 2038) for month in range(1, 13)}
    only = offsets.pop()
    return None if offsets or only is None else int(only.total_seconds())


def time_offset(time: Time) -> int | None:
    """Seconds east of UTC of a bare time, None for a local one; `Fault` where the offset of its zone depends on the date."""
    if time.zone is None:
        return time.offset
    offset = fixed_offset(time.zone)
    if offset is None:
        raise Fault("INVALID_TIME", f"without a date a time in {time.zone} has no offset")
    return offset


def time_keys(left: Time, right: Time) -> tuple[int, int]:
    """Nanoseconds that order two times, both local or both with an offset or zone; `Fault` where they cannot be related."""
    if left.anchored != right.anchored:
        raise Fault("NOT_COMPARABLE", "a local time has no order against one with an offset")
    if left.zone == right.zone and left.offset == right.offset:
        return left.nanos, right.nanos
    return left.nanos - (time_offset(left) or 0) * NANOS, right.nanos - (time_offset(right) or 0) * NANOS


def datetime_from_local_nanos(nanos: int, offset: int | None = None, zone: str | None = None) -> DateTime:
    """Inverse of `DateTime.local_nanos`."""
    days, rest = divmod(nanos, DAY_NANOS)
    return DateTime(date_from_ordinal(days), time_from_nanos(rest, offset, zone))


def datetime_from_instant(nanos: int, like: Time) -> DateTime:
    """The moment `nanos` (UTC) shown with the offset or zone of `like`."""
    if like.zone is None:
        return datetime_from_local_nanos(nanos + (like.offset or 0) * NANOS, like.offset)
    utc = datetime_from_local_nanos(nanos, 0)
    year = utc.date.year
    if not 1 < year < 9999:
        year = year % _CYCLE_YEARS + (2000 if year >= 9999 else 400)
    moment = datetime(year, utc.date.month, utc.date.day, utc.time.hour, utc.time.minute, utc.time.second, tzinfo=UTC).astimezone(
        find_zone(like.zone)
    )
    offset = moment.utcoffset() or timedelta()
    return datetime_from_local_nanos(nanos + int(offset.total_seconds()) * NANOS, None, like.zone)


@dataclass(frozen=True, slots=True)
class YearMonthDuration:
    """A duration of whole months, negative allowed."""

    months: int


@dataclass(frozen=True, slots=True)
class DayTimeDuration:
    """A duration of days, hours, minutes, seconds; in nanoseconds, negative allowed."""

    nanos: int

    @property
    def seconds(self) -> Decimal:
        """Length in seconds."""
        return Decimal(self.nanos) / NANOS


def add_months(date: Date, months: int) -> Date:
    """The same day some months later, or the last day of a shorter month."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return make_date(year, month + 1, min(date.day, days_in_month(year, month + 1)))
