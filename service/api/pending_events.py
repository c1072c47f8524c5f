"""/pending-events: signals and messages on their way inside the service, and what keeps them."""

from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import Field

from service.actions import views
from service.actions.events import drop_pending_event, retry_pending_event
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, NEEDS_BODY, READS_BODY, PathId, noun_router, told
from service.api.paging import Flag, ListQuery, Text, page_json
from service.api.principal import Caller, GivenServices, Repeated
from service.api.schemas.pending_events import EventAnswer, EventDrop, EventRetry, PendingEventPage

router = noun_router("pending-events")


class PendingEventList(ListQuery):
    """Filters of events on their way; all that are given must hold."""

    event_id: Text | None = None
    kind: Literal["signal", "message"] | None = None
    name: Text | None = Field(None, description="Name of the signal or message.")
    process_instance_id: Text | None = Field(None, description="To this instance, or from it.")
    failing: Flag | None = Field(None, description="true: those of which an attempt failed; false: the others.")


@router.get("", operation_id="listPendingEvents", summary="List events on their way", response_model=PendingEventPage)
def list_pending_events(services: GivenServices, principal: Caller, query: Annotated[PendingEventList, Query()]) -> Response:
    """Signals and messages with each of those they have not reached yet, and why; the oldest first.

    What fails in a step of the receiver is that instance's incident and no longer on its way; what fails before is tried again, less and
    less often, and has a `problem`.
    """
    page = views.page(services, principal, "pending-events", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.post(
    "/{id}/retry",
    operation_id="retryPendingEvent",
    summary="Bring an event now",
    response_model=EventAnswer,
    responses=FINDS | CHANGES | READS_BODY,
)
def retry(services: GivenServices, principal: Caller, repeat: Repeated, event_id: PathId, body: EventRetry | None = None) -> Response:
    """Try all that are left of the event, or one `target`, as if it was just thrown; what fails again is in the list again."""
    command = retry_pending_event.RetryPendingEvent(event_id, None if body is None else body.target, repeat)
    return told(retry_pending_event.retry_pending_event(services, principal, command))


@router.post(
    "/{id}/drop",
    operation_id="dropPendingEvent",
    summary="Drop an event for one of those it is meant for",
    response_model=EventAnswer,
    responses=FINDS | CHANGES | NEEDS_BODY,
)
def drop(services: GivenServices, principal: Caller, repeat: Repeated, event_id: PathId, body: EventDrop) -> Response:
    """The `target` is not told any more; the service's audit trail keeps what the event said, who dropped it and why. Administrators."""
    command = drop_pending_event.DropPendingEvent(event_id, body.target, body.reason, repeat)
    return told(drop_pending_event.drop_pending_event(services, principal, command))
