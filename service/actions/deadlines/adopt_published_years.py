"""Notice that the published calendar has come to know a year, or has other days for one, as a newer version of its package does: what had
counted days of that year is to be counted again, as when a year is set by hand.
"""

import hashlib
from collections.abc import Mapping

from service.actions.deadlines.working_calendar import PUBLISHED, published_days
from service.actions.deadlines.working_day_views import PUBLISHED_SOURCE
from service.actions.ports import Questions, Services, Transaction
from service.domain.json_values import canonical_json
from service.domain.working_days import WorkingYear

ACTOR = "chinesecalendar"
"""What the audit trail names as the doer."""


def adopt_published_years(services: Services) -> int | None:
    """The first of the years whose days are adopted now, None when nothing can have changed. Each is adopted once.

    What was counted by a year that now has other days does not say so, hence all open cases are counted again because of it. The days with
    which this service first meets the calendar count as adopted: nothing was counted by others.
    """
    digests = {year: _digest(year) for year in PUBLISHED}
    with services.store.read() as questions:
        known = questions.published_digests()
        new = _new_year(questions)
    if dict(known) == {**known, **digests} and new is None:
        return None
    with services.store.begin() as tx:
        tx.lock_working_days()
        corrected = _other(known, digests)
        now = services.clock()
        for year in corrected:
            _adopt(tx, year, now, recount_all=True)
        if new is not None and new not in corrected and not _is_adopted(tx.working_years().get(new)):
            _adopt(tx, new, now, recount_all=False)
            corrected.append(new)
        for year, digest in digests.items():
            if known.get(year) != digest:
                tx.put_published_digest(year, digest, now)
        tx.commit()
    return min(corrected, default=None)


def _new_year(questions: Questions) -> int | None:
    """The year from which on days were counted that the published calendar may have come to know; None when that was seen to."""
    first = questions.first_counted_year()
    if first is None:
        return None
    # Whoever counted days of a later year may have counted those of the last published one, when it was not published yet.
    year = min(first, max(PUBLISHED))
    return None if _is_adopted(questions.working_years().get(year)) else year


def _other(known: Mapping[int, str], digests: Mapping[int, str]) -> list[int]:
    return sorted(year for year, digest in digests.items() if known.get(year, digest) != digest)


def _adopt(tx: Transaction, year: int, now: int, recount_all: bool) -> None:
    holidays, workdays = published_days(year)
    version = max((one.version for one in tx.working_years().values()), default=0) + 1
    table = WorkingYear(year, frozenset(holidays), frozenset(workdays), PUBLISHED_SOURCE, version, now, ACTOR)
    tx.put_working_year(table, recount_all)
    tx.append_service_event(now, ACTOR, "working-days.published", table.as_json() | {"corrected": recount_all})


def _digest(year: int) -> str:
    holidays, workdays = published_days(year)
    days = {"holidays": [day.isoformat() for day in holidays], "workdays": [day.isoformat() for day in workdays]}
    return hashlib.sha256(canonical_json(days).encode()).hexdigest()


def _is_adopted(table: WorkingYear | None) -> bool:
    return table is not None and table.set_by == ACTOR
