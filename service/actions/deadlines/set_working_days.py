"""Say which days of a year are worked, when the State Council's notice for it is out and no published calendar has it yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from service.actions.answer import Answer, answer
from service.actions.deadlines.working_calendar import PUBLISHED
from service.actions.deadlines.working_day_views import year_json
from service.actions.ports import Services
from service.domain.access import require_may
from service.domain.errors import Conflict, FieldError, Invalid
from service.domain.principal import Principal
from service.domain.working_days import WorkingYear


@dataclass(frozen=True, slots=True)
class SetWorkingDays:
    """The table of a year: days off, weekend days that are worked, and the notice that says so."""

    year: int
    holidays: Sequence[date]
    workdays: Sequence[date]
    source: str


def set_working_days(services: Services, principal: Principal, command: SetWorkingDays) -> Answer:
    """200 with the year. Open due dates that the table touches are counted again by the worker.

    Conflict("working-days-published") for a year that the published calendar knows. Raises Invalid.
    """
    require_may(principal, "administer")
    if command.year in PUBLISHED:
        raise Conflict(f"the working days of {command.year} are known from the published calendar", "working-days-published")
    faults = [*_faults("holidays", command.holidays, command.year), *_faults("workdays", command.workdays, command.year)]
    for number, day in enumerate(command.workdays):
        if day in command.holidays:
            faults.append(FieldError(f"/workdays/{number}", "holiday-too", "the day is among the holidays as well"))
        elif day.weekday() < 5:
            faults.append(FieldError(f"/workdays/{number}", "no-weekend", "only Saturdays and Sundays that are worked are named here"))
    if faults:
        raise Invalid("the working days of the year are not described correctly", faults)
    now = services.clock()
    with services.store.begin() as tx:
        tx.lock_working_days()
        tables = tx.working_years()
        earlier = tables.get(command.year)
        version = max((one.version for one in tables.values()), default=0) + 1
        table = WorkingYear(
            command.year, frozenset(command.holidays), frozenset(command.workdays), command.source, version, now, principal.actor
        )
        if earlier is not None and earlier.as_json() == table.as_json():
            return answer(200, year_json(command.year, tables))
        tx.put_working_year(table)
        tx.append_service_event(now, principal.actor, "working-days.set", table.as_json())
        tx.commit()
    return answer(200, year_json(command.year, {**tables, command.year: table}))


def _faults(member: str, days: Sequence[date], year: int) -> list[FieldError]:
    faults = []
    for number, day in enumerate(days):
        if day.year != year:
            faults.append(FieldError(f"/{member}/{number}", "other-year", f"the day is not in {year}"))
        elif day in days[:number]:
            faults.append(FieldError(f"/{member}/{number}", "unique-items", "every item may be given once"))
    return faults
