"""Date and time functions (10.3.4.6, 10.3.4.10)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from service.feel.builtin.registry import builtin, single
from service.feel.errors import Fault
from service.feel.evaluation import Run
from service.feel.python_values import from_datetime
from service.feel.temporal import Date, DateTime, date_from_ordinal
from service.feel.values import type_name

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _date(value: Any) -> Date:
    value = single(value)
    if isinstance(value, DateTime):
        return value.date
    if not isinstance(value, Date):
        raise Fault("INVALID_TYPE", f"a {type_name(value)} is no date")
    return value


@builtin("now")
def now(run: Run) -> DateTime:
    """The current date and time, from the clock given to the evaluation."""
    return from_datetime(run.clock())


@builtin("today")
def today(run: Run) -> Date:
    """The current date, from the clock given to the evaluation."""
    return now(run).date


@builtin("day of year", ("date",))
def day_of_year(run: Run, date: Any) -> Decimal:
    """1 to 366."""
    return Decimal(_date(date).day_of_year)


@builtin("day of week", ("date",))
def day_of_week(run: Run, date: Any) -> str:
    """The English name."""
    return _DAYS[_date(date).weekday - 1]


@builtin("month of year", ("date",))
def month_of_year(run: Run, date: Any) -> str:
    """The English name."""
    return _MONTHS[_date(date).month - 1]


@builtin("week of year", ("date",))
def week_of_year(run: Run, date: Any) -> Decimal:
    """The ISO 8601 week number."""
    day = _date(date)
    thursday = date_from_ordinal(day.ordinal + 4 - day.weekday)
    return Decimal((thursday.day_of_year - 1) // 7 + 1)


@builtin("last day of month", ("date",))
def last_day_of_month(run: Run, date: Any) -> Decimal:
    """28 to 31."""
    day = _date(date)
    following = day.year * 12 + day.month
    first_of_next = Date(following // 12, following % 12 + 1, 1)
    return Decimal(date_from_ordinal(first_of_next.ordinal - 1).day)
