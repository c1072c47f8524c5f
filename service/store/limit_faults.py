"""Whether due dates are what their time limits come to, as far as that needs nothing but the limit and the published calendar."""

from collections.abc import Iterable, Iterator

from service.actions.deadlines import counted
from service.store.columns import AnyRow, limit_in, rfc3339


def limit_faults(what: str, rows: Iterable[AnyRow]) -> Iterator[str]:
    """What does not hold in open rows of tasks or timers (`what`), one sentence each.

    What has counted days by a table that was set here is left out: it may still have to be counted again.
    """
    for row in rows:
        try:
            limit = limit_in(row.due_limit, row.counted_year, row.counted_version)
            if limit is None or limit.derived or limit.counted_year is not None:
                continue
            due = counted(limit, dict)
        except (KeyError, ValueError, TypeError, OverflowError, AssertionError) as error:
            yield f"the time limit of the {what} {row.id} is not readable: {error}"
            continue
        if due.limit.counted_year is None and due.milliseconds != row.due_at:
            yield f"the {what} {row.id} is due at {rfc3339(row.due_at)} by its row, at {rfc3339(due.milliseconds)} by its limit {limit.key}"
