"""Configured time limits: from the entry in jurisdiction.yaml to a moment.

An entry is one of {workingDays: n}, {days: n}, {months: n}, {duration: ISO 8601}, with `basis` law, rule, recommendation or default.
Days and months are counted from the day on which the limit begins, in the zone of the service (Asia/Shanghai), and end with the last second
of the last day. Working days are those of the State Council's holiday notices; a year whose notice is not known yet is counted by weekdays,
and the basis says so (`default:weekdays`).
"""

import calendar
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import chinese_calendar

from service.domain.json_values import Json
from service.domain.law import DueDate

ZONE = ZoneInfo("Asia/Shanghai")
BASES = ("law", "rule", "recommendation", "default")
_DURATION = re.compile(r"P(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?")


def is_working_day(day: date) -> tuple[bool, bool]:
    """(works, known): `known` is False when no holiday notice covers the year and weekdays decide."""
    try:
        return bool(chinese_calendar.is_workday(day)), True
    except NotImplementedError:
        return day.weekday() < 5, False


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
    given = [key for key in ("workingDays", "days", "months", "duration") if key in entry]
    if len(given) != 1:
        return "exactly one of workingDays, days, months, duration must be given"
    value = entry[given[0]]
    if given[0] == "duration":
        if not isinstance(value, str) or parse_duration(value) is None:
            return "duration must be an ISO 8601 duration of days, hours, minutes, seconds"
    elif _whole(value) is None:
        return f"{given[0]} must be a whole number from 0 to 36500"
    if entry.get("basis") not in BASES:
        return f"basis must be one of {', '.join(BASES)}"
    return None


def due_date(key: str, entry: Mapping[str, Json], now_ms: int) -> DueDate:
    """The moment the limit `key` ends, counted from `now_ms`. The entry must be without fault (see fault_of)."""
    basis = str(entry["basis"])
    now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZONE)
    if "duration" in entry:
        return DueDate(now + (parse_duration(str(entry["duration"])) or timedelta()), basis, key)
    day = now.date()
    if "days" in entry:
        day += timedelta(days=_whole(entry["days"]) or 0)
    elif "months" in entry:
        day = months_later(day, _whole(entry["months"]) or 0)
    else:
        left = _whole(entry["workingDays"]) or 0
        all_known = True
        while left:
            day += timedelta(days=1)
            works, known = is_working_day(day)
            all_known = all_known and known
            left -= works
        if not all_known:
            basis = f"{basis}:weekdays"
    return DueDate(datetime.combine(day, time(23, 59, 59), ZONE), basis, key)
