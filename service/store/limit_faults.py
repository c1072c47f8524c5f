"""Whether due dates are what their time limits come to, by the published calendar and the tables of working days that were set here."""

from collections.abc import Callable, Iterable, Iterator

from service.actions.deadlines.time_limits import counted
from service.actions.deadlines.working_calendar import PUBLISHED
from service.domain.law import TimeLimit
from service.domain.working_days import WorkingYears
from service.store.columns import AnyRow, limit_in, rfc3339


def limit_faults(what: str, rows: Iterable[AnyRow], years: Callable[[], WorkingYears]) -> Iterator[str]:
    """What does not hold in open rows of tasks or timers (`what`), one sentence each. `years` gives the tables that were set here.

    Left out is what was worked out from a limit and other data, and what is still to be counted again because a table came later.
    """
    for row in rows:
        try:
            limit = limit_in(row.due_limit, row.counted_year, row.counted_version)
            if limit is None or limit.derived or _is_stale(limit, years):
                continue
            due = counted(limit, years)
        except (KeyError, ValueError, TypeError, OverflowError, AssertionError) as error:
            yield f"the time limit of the {what} {row.id} is not readable: {error}"
            continue
        if due.milliseconds != row.due_at:
            yield f"the {what} {row.id} is due at {rfc3339(row.due_at)} by its row, at {rfc3339(due.milliseconds)} by its limit {limit.key}"
        elif due.limit.counted_year != limit.counted_year:
            known = due.limit.counted_year
            yield f"the {what} {row.id} counts days of {known} by no published calendar, and of {limit.counted_year} by its row"


def _is_stale(limit: TimeLimit, years: Callable[[], WorkingYears]) -> bool:
    """Whether the worker has still to count it again: a table of these years, or their publication, is newer."""
    year = limit.counted_year
    if year is None:
        return False
    return year in PUBLISHED or any(table.version > limit.counted_version for table in years().values() if table.year <= year)
