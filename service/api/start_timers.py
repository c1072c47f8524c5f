"""/start-timers: when the clock next starts which process, and what keeps it."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from service.actions import views
from service.actions.events import retry_start_timer
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, PathId, noun_router, told
from service.api.paging import Flag, ListQuery, Text, page_json
from service.api.principal import Caller, GivenServices, Repeated
from service.api.schemas.start_timers import StartTimerPage, StartTimerRetry

router = noun_router("start-timers")


class StartTimerList(ListQuery):
    """Filters of starts by the clock; all that are given must hold."""

    definition_key: Text | None = None
    failing: Flag | None = Field(None, description="true: those of which an attempt failed; false: the others.")


@router.get("", operation_id="listStartTimers", summary="List starts by the clock", response_model=StartTimerPage)
def list_start_timers(services: GivenServices, principal: Caller, query: Annotated[StartTimerList, Query()]) -> Response:
    """The next start of each timer start event of a latest version, soonest first.

    A start whose first step fails is an instance with an incident; one that fails before is tried again, less and less often.
    """
    page = views.page(services, principal, "start-timers", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.post(
    "/{id}/retry",
    operation_id="retryStartTimer",
    summary="Make a failed start now",
    response_model=StartTimerRetry,
    responses=FINDS | CHANGES,
)
def retry(services: GivenServices, principal: Caller, repeat: Repeated, start_id: PathId) -> Response:
    """A worker makes the start with its next poll instead of at `nextAttemptAt`. 404 when it has not failed: nothing starts early."""
    return told(retry_start_timer.retry_start_timer(services, principal, start_id, repeat))
