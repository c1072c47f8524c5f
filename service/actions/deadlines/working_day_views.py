"""What is known of the working days of a year, and from where."""

from service.actions.deadlines.working_calendar import PUBLISHED, published_days
from service.actions.ports import Services
from service.actions.presentation import timestamp
from service.domain.access import require_may
from service.domain.json_values import Json
from service.domain.principal import Principal
from service.domain.working_days import WorkingYears

PUBLISHED_SOURCE = "国务院办公厅关于部分节假日安排的通知（chinesecalendar）"


def working_days(services: Services, principal: Principal) -> dict[str, Json]:
    """All years that are known, in their order."""
    require_may(principal, "read")
    with services.store.read() as questions:
        tables = questions.working_years()
    return {"items": [year_json(year, tables) for year in sorted(PUBLISHED | tables.keys())]}


def working_days_of(services: Services, principal: Principal, year: int) -> dict[str, Json]:
    """One year, known or not."""
    require_may(principal, "read")
    with services.store.read() as questions:
        return year_json(year, questions.working_years())


def year_json(year: int, tables: WorkingYears) -> dict[str, Json]:
    """The API's year. `knownFrom`: published, table, or weekdays for a year of which nothing is known."""
    table = tables.get(year)
    if year in PUBLISHED:
        holidays, workdays = published_days(year)
        days: dict[str, Json] = {
            "holidays": [day.isoformat() for day in holidays],
            "workdays": [day.isoformat() for day in workdays],
            "source": PUBLISHED_SOURCE,
        }
        return {"year": year, "knownFrom": "published", **days, "setAt": None, "setBy": None}
    if table is None:
        return {"year": year, "knownFrom": "weekdays", "holidays": [], "workdays": [], "source": None, "setAt": None, "setBy": None}
    return {**table.as_json(), "knownFrom": "table", "setAt": timestamp(table.set_at), "setBy": table.set_by}
