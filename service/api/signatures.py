"""/process-instances/{id}/signatures: who signed what in a case."""

from typing import Annotated

from fastapi import Query, Response

from service.actions import views
from service.api.exact_json import ExactResponse
from service.api.noun import FINDS, PathId, noun_router
from service.api.paging import ListQuery, page_json
from service.api.principal import Caller, GivenServices
from service.api.schemas.signatures import SignaturePage

router = noun_router("process-instances")


class SignatureList(ListQuery):
    """No filters: a case has few signatures."""


@router.get("/{id}/signatures", operation_id="listSignatures", summary="List the signatures", response_model=SignaturePage, responses=FINDS)
def list_signatures(services: GivenServices, principal: Caller, instance_id: PathId, query: Annotated[SignatureList, Query()]) -> Response:
    """The signed opinions of the instance, in the order in which they were signed."""
    views.one(services, principal, "process-instances", instance_id)
    page = views.page(services, principal, "signatures", {"processInstanceId": instance_id}, [], query.limit, query.cursor)
    return ExactResponse(page_json(page))
