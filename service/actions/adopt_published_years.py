"""Notice that the published calendar has come to know a year, as a newer version of its package does: what had counted days of that year
is to be counted again, as when a year is set by hand.
"""

from service.actions.ports import Services
from service.actions.working_calendar import PUBLISHED, published_days
from service.actions.working_day_views import PUBLISHED_SOURCE
from service.domain.working_days import WorkingYear

ACTOR = "chinesecalendar"
"""What the audit trail names as the doer."""


def adopt_published_years(services: Services) -> int | None:
    """The year from which on due dates are to be counted again, None when nothing can have changed. Each year is adopted once."""
    with services.store.read() as questions:
        first = questions.first_counted_year()
        if first is None:
            return None
        # Whoever counted days of a later year may have counted those of the last published one, when it was not published yet.
        year = min(first, max(PUBLISHED))
        if _is_adopted(questions.working_years().get(year)):
            return None
    with services.store.begin() as tx:
        tx.lock_working_days()
        tables = tx.working_years()
        if _is_adopted(tables.get(year)):
            return None
        holidays, workdays = published_days(year)
        version = max((one.version for one in tables.values()), default=0) + 1
        now = services.clock()
        table = WorkingYear(year, frozenset(holidays), frozenset(workdays), PUBLISHED_SOURCE, version, now, ACTOR)
        tx.put_working_year(table)
        tx.append_service_event(now, ACTOR, "working-days.published", {"year": year, "source": PUBLISHED_SOURCE})
        tx.commit()
    return year


def _is_adopted(table: WorkingYear | None) -> bool:
    return table is not None and table.set_by == ACTOR
