"""Configured time limits: from the entry in jurisdiction.yaml to a moment.

An entry is one of {workingDays: n}, {days: n}, {months: n}, {duration: ISO 8601}, with `basis` law, rule, recommendation or default.
Days and months are counted from the day on which the limit begins, in the zone of the service (Asia/Shanghai), and end with the last second
of the last day; which days are worked says the working calendar. While its instance is suspended, or a step of the diagram stops it, a
limit that can stop does not count: a day from that of the stop to the one before that on which it goes on is no day of it, of a duration
the very time is left out.
"""

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from service.actions.deadlines.working_calendar import WorkingCalendar
from service.domain.china_time import moment
from service.domain.json_values import Json
from service.domain.law import DAYS, DURATION, MONTHS, UNITS, WORKING_DAYS, DueDate, TimeLimit
from service.domain.working_days import WorkingYears

ZONE = ZoneInfo("Asia/Shanghai")
BASES = ("law", "rule", "recommendation", "default")
_DURATION = re.compile(r"P(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?")


def _whole(value: Json) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal) and value == int(value) and 0 <= value <= 36_500:
        return int(value)
    return None


def parse_duration(text: str) -> timedelta | None:
    """An ISO 8601 duration of days, hours, minutes and seconds; None when the text is none."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (int(group or 0) for group in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def months_later(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last day of that month when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def fault_of(entry: Json) -> str | None:
    """What is wrong with a deadline entry, None when it can be used."""
    if not isinstance(entry, dict):
        return "a deadline is a mapping with workingDays, days, months or duration, and basis"
    given = [key for key in UNITS if key in entry]
    if len(given) != 1:
        return "exactly one of workingDays, days, months, duration must be given"
    value = entry[given[0]]
    if given[0] == DURATION:
        if not isinstance(value, str) or parse_duration(value) is None:
            return "duration must be an ISO 8601 duration of days, hours, minutes, seconds"
    elif _whole(value) is None:
        return f"{given[0]} must be a whole number from 0 to 36500"
    if entry.get("basis") not in BASES:
        return f"basis must be one of {', '.join(BASES)}"
    return None


def limit_of(key: str, entry: Mapping[str, Json], now_ms: int) -> TimeLimit:
    """The limit `key` as it begins at `now_ms`. The entry must be without fault (see fault_of)."""
    unit = next(name for name in UNITS if name in entry)
    name, value = entry.get("name"), entry[unit]
    amount = str(value) if unit == DURATION else _whole(value) or 0
    return TimeLimit(key, name if isinstance(name, str) else None, str(entry["basis"]), unit, amount, now_ms)


def counted(limit: TimeLimit, years: Callable[[], WorkingYears]) -> DueDate:
    """The moment the limit ends, by what is known of working days now; the limit comes back with what that was."""
    if limit.unit == DURATION:
        return DueDate(_after_duration(limit), limit)
    begin = moment(limit.begins_at).date()
    amount = int(limit.amount)
    working = WorkingCalendar(years)
    if limit.unit == WORKING_DAYS:
        last = _later(begin, amount, lambda day: working.is_working(day) and not _is_paused(limit, day))
    elif limit.unit == DAYS:
        last = _later(begin, amount, lambda day: not _is_paused(limit, day)) if limit.paused else begin + timedelta(days=amount)
    else:
        assert limit.unit == MONTHS, "one of UNITS"
        last = _after_months(limit, begin, amount)
    known = replace(limit, provisional=working.provisional, counted_year=working.counted_year, counted_version=working.version)
    return DueDate(datetime.combine(last, time(23, 59, 59), ZONE), known)


def due_date(key: str, entry: Mapping[str, Json], now_ms: int, years: Callable[[], WorkingYears] = dict) -> DueDate:
    """The moment the limit `key` ends, counted from `now_ms`. The entry must be without fault (see fault_of)."""
    return counted(limit_of(key, entry, now_ms), years)


def _later(day: date, amount: int, counts: Callable[[date], bool]) -> date:
    """The last of so many days after `day` that count."""
    while amount:
        day += timedelta(days=1)
        amount -= counts(day)
    return day


def _is_paused(limit: TimeLimit, day: date) -> bool:
    return any(moment(pause.begin).date() <= day < moment(pause.end).date() for pause in limit.paused)


def _after_months(limit: TimeLimit, begin: date, months: int) -> date:
    end = months_later(begin, months)
    days = (begin + timedelta(days=number) for number in range(1, (end - begin).days + 1))
    lost = sum(_is_paused(limit, day) for day in days) if limit.paused else 0
    return _later(end, lost, lambda day: not _is_paused(limit, day))


def _after_duration(limit: TimeLimit) -> datetime:
    length = parse_duration(str(limit.amount)) or timedelta()
    end = limit.begins_at + length // timedelta(milliseconds=1)
    for pause in limit.paused:
        if pause.begin < end:
            end += pause.end - pause.begin
    return moment(end).astimezone(ZONE)
