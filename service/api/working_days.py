"""/working-days: which days of a year are worked, as due dates are counted."""

from typing import Annotated

from fastapi import Path, Response

from service.actions.deadlines.set_working_days import SetWorkingDays, set_working_days
from service.actions.deadlines.working_day_views import working_days, working_days_of
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, NEEDS_BODY, noun_router, told
from service.api.principal import Caller, GivenServices
from service.api.schemas.working_days import GivenWorkingDays, WorkingYear, WorkingYears

router = noun_router("working-days")

PathYear = Annotated[int, Path(alias="year", ge=1949, le=2999, description="The year.")]


@router.get("", operation_id="listWorkingDays", summary="List the years whose working days are known", response_model=WorkingYears)
def list_years(services: GivenServices, principal: Caller) -> Response:
    """Every year that is known, and from where. Any other is counted from Monday to Friday, provisionally."""
    return ExactResponse(working_days(services, principal))


@router.get("/{year}", operation_id="getWorkingDays", summary="Get the working days of a year", response_model=WorkingYear)
def get_year(services: GivenServices, principal: Caller, year: PathYear) -> Response:
    """What is known of one year."""
    return ExactResponse(working_days_of(services, principal, year))


@router.put(
    "/{year}",
    operation_id="setWorkingDays",
    summary="Set the working days of a year",
    response_model=WorkingYear,
    responses=CHANGES | NEEDS_BODY,
)
def set_year(services: GivenServices, principal: Caller, year: PathYear, body: GivenWorkingDays) -> Response:
    """Set or replace the table of a year that is not published. Open due dates which it touches are counted again right after it."""
    return told(set_working_days(services, principal, SetWorkingDays(year, body.holidays, body.workdays, body.source)))
