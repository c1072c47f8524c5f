"""/recusals: who may not work on which cases, and what was decided on that."""

from typing import Annotated

from fastapi import Query, Response

from service.actions import views
from service.actions.recusals import decide_recusal, declare_recusal
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, NEEDS_BODY, PathId, noun_router, told
from service.api.paging import ListQuery, Text, page_json
from service.api.principal import Caller, GivenServices, Repeated
from service.api.schemas.recusals import GivenRecusal, Recusal, RecusalDecision, RecusalPage, RecusalState

router = noun_router("recusals")
case_router = noun_router("process-instances")


class RecusalsOfCase(ListQuery):
    """Filters of the recusals of one case."""

    user_id: Text | None = None
    state: RecusalState | None = None


class RecusalList(RecusalsOfCase):
    """Filters of recusals; all that are given must hold."""

    subject_id: Text | None = None
    matter_id: Text | None = None
    process_instance_id: Text | None = None


@router.get("", operation_id="listRecusals", summary="List recusals", response_model=RecusalPage)
def list_recusals(services: GivenServices, principal: Caller, query: Annotated[RecusalList, Query()]) -> Response:
    """Recusals as they were declared, in that order."""
    page = views.page(services, principal, "recusals", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.post(
    "",
    operation_id="declareRecusal",
    summary="Declare a recusal",
    status_code=201,
    response_model=Recusal,
    response_description="The recusal.",
    responses=CHANGES | NEEDS_BODY,
)
def declare(services: GivenServices, principal: Caller, repeat: Repeated, body: GivenRecusal) -> Response:
    """The person cannot be assigned, claim or complete tasks of the cases concerned from now on; tasks held there are released."""
    command = declare_recusal.DeclareRecusal(
        body.user_id,
        body.subject_id,
        body.matter_id,
        body.process_instance_id,
        body.ground,
        body.note,
        body.of_head,
        body.begins_on,
        body.ends_on,
        repeat,
    )
    return told(declare_recusal.declare_recusal(services, principal, command))


@router.get("/{id}", operation_id="getRecusal", summary="Get a recusal", response_model=Recusal, responses=FINDS)
def get_recusal(services: GivenServices, principal: Caller, recusal_id: PathId) -> Response:
    """One recusal, whatever its state."""
    return ExactResponse(dict(views.one(services, principal, "recusals", recusal_id)))


@router.post(
    "/{id}/decision",
    operation_id="decideRecusal",
    summary="Decide on a recusal",
    response_model=Recusal,
    responses=FINDS | CHANGES | NEEDS_BODY,
)
def decide(services: GivenServices, principal: Caller, repeat: Repeated, recusal_id: PathId, body: RecusalDecision) -> Response:
    """Order or refuse a declared one, lift an ordered one; by an administrator's key in the name of the person who decides."""
    command = decide_recusal.DecideRecusal(recusal_id, body.state, body.reason, repeat)
    return told(decide_recusal.decide_recusal(services, principal, command))


@case_router.get(
    "/{id}/recusals", operation_id="listRecusalsOfProcessInstance", summary="List the recusals", response_model=RecusalPage, responses=FINDS
)
def list_of_case(services: GivenServices, principal: Caller, instance_id: PathId, query: Annotated[RecusalsOfCase, Query()]) -> Response:
    """All recusals about the case, its subject or its matter, refused and lifted ones too."""
    views.one(services, principal, "process-instances", instance_id)
    page = views.page(services, principal, "recusals", {**query.filters(), "ofCase": instance_id}, [], query.limit, query.cursor)
    return ExactResponse(page_json(page))
