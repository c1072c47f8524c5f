"""/timers: what cases wait for by the clock, when it comes, and what keeps it."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from service.actions import views
from service.actions.events import retry_timer
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, PathId, noun_router, told
from service.api.paging import Flag, ListQuery, Text, page_json
from service.api.principal import Caller, GivenServices, Repeated
from service.api.schemas.timers import TimerPage, TimerRetry

router = noun_router("timers")


class TimerList(ListQuery):
    """Filters of timers; all that are given must hold."""

    process_instance_id: Text | None = None
    definition_key: Text | None = None
    postponed: Flag | None = Field(
        None, description="true: those that could neither fire nor become an incident and are tried again; false: the others."
    )


@router.get("", operation_id="listTimers", summary="List timers of cases", response_model=TimerPage)
def list_timers(services: GivenServices, principal: Caller, query: Annotated[TimerList, Query()]) -> Response:
    """Timers that open cases wait for, the one that is due first before the others.

    A timer whose step fails is an incident of its case. One for which not even that can be written is postponed: tried again, less and
    less often, with the cause in `problem`.
    """
    page = views.page(services, principal, "timers", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.post(
    "/{id}/retry",
    operation_id="retryTimer",
    summary="Fire a postponed timer now",
    response_model=TimerRetry,
    responses=FINDS | CHANGES,
)
def retry(services: GivenServices, principal: Caller, repeat: Repeated, timer_id: PathId) -> Response:
    """A worker fires the timer with its next poll instead of at `nextAttemptAt`. 404 when it is not postponed: nothing fires early."""
    return told(retry_timer.retry_timer(services, principal, timer_id, repeat))
