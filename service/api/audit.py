"""/audit-events and /audit/verification: what happened, and the proof that nothing of it was changed."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from service.actions import views
from service.api.exact_json import ExactResponse
from service.api.noun import FINDS, noun_router
from service.api.paging import Filters, ListQuery, Moment, Text, page_json
from service.api.principal import Caller, GivenServices
from service.api.schemas.audit import AuditPage, Verification
from service.domain.errors import FieldError, Invalid

events_router = noun_router("audit-events")
verification_router = noun_router("audit")


class AuditList(ListQuery):
    """Filters of audit events; all that are given must hold."""

    process_instance_id: Text | None = None
    stream: Text | None = Field(None, description="A process instance's id, or `service`.")
    actor: Text | None = None
    kind: Text | None = None
    after: Moment | None = None
    before: Moment | None = None


class VerificationQuery(Filters):
    """Which chains to recompute."""

    stream: Text | None = Field(None, description="A process instance's id, or `service`; all streams when neither is given.")
    process_instance_id: Text | None = Field(None, description="The chain of this process instance; the same as its id in `stream`.")

    def wanted(self) -> str | None:
        """The one stream to verify, None for all; Invalid when the two parameters name different ones."""
        if None not in (self.stream, self.process_instance_id) and self.stream != self.process_instance_id:
            fault = FieldError("/query/processInstanceId", "other-stream", "stream names another one; give one of the two")
            raise Invalid("two different streams are asked for", [fault])
        return self.stream or self.process_instance_id


@events_router.get("", operation_id="listAuditEvents", summary="List audit events", response_model=AuditPage)
def list_events(services: GivenServices, principal: Caller, query: Annotated[AuditList, Query()]) -> Response:
    """The audit events that fit the filters."""
    page = views.page(services, principal, "audit-events", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@verification_router.get(
    "/verification", operation_id="verifyAudit", summary="Verify the audit trail", response_model=Verification, responses=FINDS
)
def verify(services: GivenServices, principal: Caller, query: Annotated[VerificationQuery, Query()]) -> Response:
    """Recompute the hash chains and name the first event that does not hold."""
    return ExactResponse(views.verify_audit(services, principal, query.wanted()))
