"""/incidents: steps that failed, and doing them again."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from service.actions import views
from service.actions.incidents import resolve_incident, retry_incident
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, NEEDS_BODY, READS_BODY, STEPS, PathId, noun_router, told
from service.api.paging import Flag, ListQuery, Text, page_json
from service.api.principal import Caller, GivenServices, Repeated
from service.api.schemas.incidents import Incident, IncidentPage, Resolution, Retry, RetryAnswer

router = noun_router("incidents")


class IncidentList(ListQuery):
    """Filters of incidents; all that are given must hold."""

    process_instance_id: Text | None = None
    element_id: Text | None = Field(None, description="The element at which the step failed.")
    kind: Text | None = None
    definition_key: Text | None = None
    jurisdiction: Text | None = Field(None, description="This jurisdiction and all below it.")
    resolved: Flag = Field(False, description="false: the open ones; true: the resolved ones.")

    def filters(self) -> dict[str, object]:
        """The filters given; the store knows the open ones from the resolved ones as `open`."""
        given = super().filters()
        del given["resolved"]
        return given | {"open": not self.resolved}


@router.get("", operation_id="listIncidents", summary="List incidents", response_model=IncidentPage)
def list_incidents(services: GivenServices, principal: Caller, query: Annotated[IncidentList, Query()]) -> Response:
    """Steps that failed, each with its element and cause: those still open, or with `resolved=true` those that were done again."""
    page = views.page(services, principal, "incidents", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.get("/{id}", operation_id="getIncident", summary="Get an incident", response_model=Incident, responses=FINDS)
def get_incident(services: GivenServices, principal: Caller, incident_id: PathId) -> Response:
    """One incident, open or resolved."""
    return ExactResponse(dict(views.one(services, principal, "incidents", incident_id)))


@router.post(
    "/{id}/retry",
    operation_id="retryIncident",
    summary="Retry an incident",
    response_model=RetryAnswer,
    responses=FINDS | STEPS | READS_BODY,
)
def retry(services: GivenServices, principal: Caller, repeat: Repeated, incident_id: PathId, body: Retry | None = None) -> Response:
    """Do the failed step again, after setting the variables given; 409 with the same incident when it fails again.

    An external task that failed is handed out again instead, with `retries` more tries.
    """
    given = Retry() if body is None else body
    command = retry_incident.RetryIncident(incident_id, given.variables, given.retries, repeat)
    return told(retry_incident.retry_incident(services, principal, command))


@router.post(
    "/{id}/resolution",
    operation_id="resolveIncident",
    summary="Resolve an incident",
    response_model=RetryAnswer,
    responses=FINDS | CHANGES | NEEDS_BODY,
)
def resolve(services: GivenServices, principal: Caller, repeat: Repeated, incident_id: PathId, body: Resolution) -> Response:
    """Set the variables given and drop what failed: the task, message or work it was about waits to be done anew.

    A start or a timer that failed can only be retried: 409 `incident-needs-retry`.
    """
    command = resolve_incident.ResolveIncident(incident_id, body.variables, body.reason, repeat)
    return told(resolve_incident.resolve_incident(services, principal, command))
