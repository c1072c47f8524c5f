"""Times in diagrams: ISO 8601 dates, durations and repeating intervals, turned into moments.

A date without offset means Asia/Shanghai. Durations with months are added on the calendar there. Nothing here looks at a clock.
Cron expressions, which Camunda's job executor also takes, are refused by name.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from service.domain.china_time import ZONE

MAX_REPETITIONS = 1_000
EVER = -1
"""Repetitions of `R/…`: without end."""

_DURATION = re.compile(
    r"(?P<sign>-)?P(?=.)(?:(?P<years>\d{1,6})Y)?(?:(?P<months>\d{1,6})M)?(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,7})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,12}(?:\.\d{1,9})?)S)?)?",
)
_CYCLE = re.compile(r"R(?P<times>\d{0,6})/(?P<first>[^/]+)(?:/(?P<second>[^/]+))?")
_CRON = re.compile(r"(?:[\d*?LW#/,A-Za-z-]+\s+){4,6}[\d*?LW#/,A-Za-z-]+|@[a-z]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_HERE = "@Asia/Shanghai"
"""How FEEL names the zone of a moment in a text; a date without one means it here."""
_REGION = re.compile(r"(?:\[[A-Za-z_/+-]+\]|@[A-Za-z_/+-]+)$")


class TimerFault(Exception):
    """A text that is no date, duration or cycle; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Duration:
    """Calendar months plus exact microseconds."""

    months: int
    microseconds: int

    def after(self, moment: datetime) -> datetime:
        """The moment this long after `moment`; the day is clipped to the month's last. Raises TimerFault beyond year 9999."""
        local = moment.astimezone(ZONE)
        try:
            if self.months:
                index = local.year * 12 + local.month - 1 + self.months
                year, month = divmod(index, 12)
                day = min(local.day, calendar.monthrange(year, month + 1)[1])
                local = local.replace(year=year, month=month + 1, day=day)
            return local + timedelta(microseconds=self.microseconds)
        except (OverflowError, ValueError):
            raise TimerFault("the duration leads beyond the years 1 to 9999") from None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a timer is due first, how often it is due after that (EVER: without end), and at which distance."""

    due: datetime
    repetitions: int = 0
    interval: Duration | None = None


def read_duration(text: str) -> Duration:
    """Read an ISO 8601 duration (`P1Y2M`, `P3D`, `PT5M`, `P2W`). Raises TimerFault."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise TimerFault(f"{text!r} is not an ISO 8601 duration")
    part = {name: value for name, value in match.groupdict().items() if value is not None and name != "sign"}
    if not part:
        raise TimerFault(f"{text!r} is not an ISO 8601 duration")
    sign = -1 if match["sign"] else 1
    months = int(part.get("years", 0)) * 12 + int(part.get("months", 0))
    seconds = (
        Decimal(part.get("seconds", 0))
        + int(part.get("minutes", 0)) * 60
        + int(part.get("hours", 0)) * 3_600
        + (int(part.get("days", 0)) + int(part.get("weeks", 0)) * 7) * 86_400
    )
    return Duration(sign * months, sign * int(seconds * 1_000_000))


def read_moment(text: str, end_of_day: bool = False) -> datetime:
    """Read an ISO 8601 date or date and time. Raises TimerFault.

    A date alone is its first moment, or with `end_of_day` its last second.
    """
    plain = _REGION.sub("", text)
    try:
        if _DATE.fullmatch(plain):
            day = datetime.fromisoformat(plain).date()
            return datetime.combine(day, time(23, 59, 59) if end_of_day else time(0), ZONE)
        moment = datetime.fromisoformat(plain)
    except ValueError:
        raise TimerFault(f"{text!r} is not an ISO 8601 date or date and time") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=ZONE)


def read_day(value: object) -> datetime | None:
    """The last second of the day that an ISO 8601 date (`2026-03-31`, nothing else) names; None for any other value."""
    try:
        return read_moment(value, end_of_day=True) if isinstance(value, str) and _DATE.fullmatch(value) else None
    except TimerFault:
        return None


def due_moment(text: str, now: datetime, end_of_day: bool) -> datetime:
    """The moment that a due date of a task means: a duration from `now`, a date or a date and time. Raises TimerFault."""
    return read_duration(text).after(now) if text.startswith("P") else read_moment(text, end_of_day)


def read_cycle(text: str, now: datetime) -> Schedule:
    """Read `R3/PT1H`, `R/PT1H`, `R3/<start>/PT1H`, `R/PT1H/<end>` or `R3/<start>/<end>`. Raises TimerFault.

    The first is due one interval from `now`, or at the start that is given. With an end it repeats up to and including that moment, or as
    often as its number says, whichever comes first; start and end together are one interval, which is repeated.
    """
    match = _CYCLE.fullmatch(text.replace(_HERE, ""))
    if match is None:
        if _CRON.fullmatch(text):
            raise TimerFault(f"{text!r} is a cron expression, which is not supported; write an ISO 8601 repeating interval (R/PT1H)")
        raise TimerFault(f"{text!r} is not an ISO 8601 repeating interval (R3/PT1H)")
    times = int(match["times"]) if match["times"] else EVER
    if times == 0 or times > MAX_REPETITIONS:
        raise TimerFault(f"{text!r} repeats {times} times; 1 to {MAX_REPETITIONS} (or without a number: until cancelled) is possible")
    first, second = match["first"], match["second"]
    end: datetime | None = None
    if first.startswith("P"):
        interval = read_duration(first)
        due = interval.after(now)
        end = None if second is None else read_moment(second)
    elif second is None:
        raise TimerFault(f"{text!r} says when it begins but not at which distance it repeats")
    else:
        due = read_moment(first)
        interval = read_duration(second) if second.startswith("P") else _between(text, due, read_moment(second))
    if interval.after(now) <= now:
        raise TimerFault(f"{text!r} repeats at no distance")
    repetitions = EVER if times == EVER else times - 1
    if end is not None:
        repetitions = _up_to(end, due, interval, repetitions, text)
    return Schedule(due, repetitions, interval)


def _between(text: str, start: datetime, end: datetime) -> Duration:
    if end <= start:
        raise TimerFault(f"{text!r} ends before it begins")
    return Duration(0, (end - start) // timedelta(microseconds=1))


def _up_to(end: datetime, due: datetime, interval: Duration, most: int, text: str) -> int:
    """How often a cycle that is due first at `due` repeats after that, up to `end`; `most` (or EVER) is the number it gives itself."""
    if due > end:
        raise TimerFault(f"{text!r} has ended before it is due for the first time")
    if not interval.months:
        fitting = (end - due) // timedelta(microseconds=interval.microseconds)
        return fitting if most == EVER else min(fitting, most)
    fitting, moment = 0, interval.after(due)
    while moment <= end and (most == EVER or fitting < most):
        fitting, moment = fitting + 1, interval.after(moment)
    return fitting


def schedule(kind: str, value: object, now: datetime) -> Schedule:
    """When a timer of `kind` (date, duration, cycle) with the evaluated `value` (text) is due. Raises TimerFault."""
    if not isinstance(value, str):
        raise TimerFault(f"the timer's value is {describe(value)}, not a date, a duration or a repeating interval")
    text = value.strip()
    if kind == "cycle":
        return read_cycle(text, now)
    if text.startswith(("P", "-P")):
        return Schedule(read_duration(text).after(now))
    if kind == "duration" and not text[:1].isdigit():
        raise TimerFault(f"{text!r} is not an ISO 8601 duration")
    return Schedule(read_moment(text))


def describe(value: object) -> str:
    """A value in words for messages: null, or its JSON type."""
    if value is None:
        return "null (unknown)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the string {value[:60]!r}"
    if isinstance(value, Decimal | int):
        return f"the number {value}"
    return "a list" if isinstance(value, list) else "a context"


def milliseconds(moment: datetime) -> int:
    """Epoch milliseconds of an aware moment, rounded down."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
