"""/incidents: steps that failed, and doing them again."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from service.actions import retry_incident, views
from service.api.exact_json import ExactResponse
from service.api.noun import FINDS, READS_BODY, STEPS, PathId, noun_router, told
from service.api.paging import Flag, ListQuery, Text, page_json
from service.api.principal import Caller, GivenServices, Repeated
from service.api.schemas.incidents import IncidentPage, Retry, RetryAnswer

router = noun_router("incidents")


class IncidentList(ListQuery):
    """Filters of incidents; all that are given must hold."""

    process_instance_id: Text | None = None
    kind: Text | None = None
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


@router.post(
    "/{id}/retry",
    operation_id="retryIncident",
    summary="Retry an incident",
    response_model=RetryAnswer,
    responses=FINDS | STEPS | READS_BODY,
)
def retry(services: GivenServices, principal: Caller, repeat: Repeated, incident_id: PathId, body: Retry | None = None) -> Response:
    """Do the failed step again, after setting the variables given; 409 with a new incident when it fails again."""
    variables = {} if body is None else body.variables
    return told(retry_incident.retry_incident(services, principal, incident_id, variables, repeat))
