"""/precedents: published cases and how they ended; and, below cases and tasks, the nearest ones."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from service.actions import views
from service.actions.precedents import create_precedent, nearest_precedents, withdraw_precedent
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, NEEDS_BODY, PathId, noun_router, told
from service.api.paging import Filters, Flag, ListQuery, Text, page_json
from service.api.principal import Caller, GivenServices, Repeated
from service.api.problems import problem_responses
from service.api.schemas.precedents import GivenPrecedent, NearestPrecedents, Origin, Outcome, Precedent, PrecedentPage, Scope, Withdrawal
from service.domain.errors import Conflict

router = noun_router("precedents")
instance_router = noun_router("process-instances")
task_router = noun_router("tasks")

MOST_NEAREST = 50


class PrecedentList(ListQuery):
    """Filters of precedents; all that are given must hold."""

    situation: Text | None = None
    rule: Text | None = Field(None, description="One of its rules is this.")
    outcome: Outcome | None = None
    jurisdiction: Text | None = Field(None, description="This jurisdiction and all below it.")
    scope: Scope | None = None
    origin: Origin | None = None
    process_instance_id: Text | None = None
    withdrawn: Flag | None = Field(None, description="true: only those withdrawn; false: only the others.")
    text: Text | None = Field(None, description="Title, place, situation, outcome, text or source has this text in it.")


class HowMany(Filters):
    """How many of the nearest."""

    limit: int = Field(5, ge=1, le=MOST_NEAREST, description=f"How many precedents at most (up to {MOST_NEAREST}).")


@router.get("", operation_id="listPrecedents", summary="List precedents", response_model=PrecedentPage)
def list_precedents(services: GivenServices, principal: Caller, query: Annotated[PrecedentList, Query()]) -> Response:
    """Published cases in the order of their ids. None of them decides: force is PRECEDENT."""
    page = views.page(services, principal, "precedents", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.post(
    "",
    operation_id="createPrecedent",
    summary="Record a published case",
    status_code=201,
    response_model=Precedent,
    response_description="The precedent.",
    responses=NEEDS_BODY | problem_responses(Conflict),
)
def create(services: GivenServices, principal: Caller, repeat: Repeated, body: GivenPrecedent) -> Response:
    """Record a case that was published elsewhere, or a case of this service.

    A case that ends `common_typical_case` published is recorded by itself.
    """
    content = body.model_dump(by_alias=True, exclude={"jurisdiction", "process_instance_id"})
    command = create_precedent.CreatePrecedent(content, body.jurisdiction, body.process_instance_id, repeat)
    return told(create_precedent.create_precedent(services, principal, command))


@router.get("/{id}", operation_id="getPrecedent", summary="Get a precedent", response_model=Precedent, responses=FINDS)
def get_precedent(services: GivenServices, principal: Caller, precedent_id: PathId) -> Response:
    """One published case."""
    return ExactResponse(dict(views.one(services, principal, "precedents", precedent_id)))


@router.post(
    "/{id}/withdrawal",
    operation_id="withdrawPrecedent",
    summary="Withdraw a precedent",
    response_model=Precedent,
    response_description="The withdrawn precedent.",
    responses=FINDS | CHANGES | NEEDS_BODY,
)
def withdraw(services: GivenServices, principal: Caller, repeat: Repeated, precedent_id: PathId, body: Withdrawal) -> Response:
    """Show it beside no case from now on, and say why. It stays readable; decisions that it was shown beside stay as they are.

    A deployed one (`built-in`) is withdrawn by a deployment of its precedents.yaml that says `withdrawn`: 409 `precedent-deployed`.
    """
    return told(withdraw_precedent.withdraw_precedent(services, principal, precedent_id, body.reason, repeat))


@instance_router.get(
    "/{id}/precedents",
    operation_id="listPrecedentsOfInstance",
    summary="List the nearest precedents",
    response_model=NearestPrecedents,
    responses=FINDS,
)
def nearest_to_instance(services: GivenServices, principal: Caller, instance_id: PathId, query: Annotated[HowMany, Query()]) -> Response:
    """The precedents nearest to the facts and the advice of the case as it stands, and how they ended."""
    return ExactResponse(nearest_precedents.precedents_of_instance(services, principal, instance_id, query.limit))


@task_router.get(
    "/{id}/precedents",
    operation_id="listPrecedentsOfTask",
    summary="List the nearest precedents",
    response_model=NearestPrecedents,
    responses=FINDS,
)
def nearest_to_task(services: GivenServices, principal: Caller, task_id: PathId, query: Annotated[HowMany, Query()]) -> Response:
    """As for the instance, with the facts and the advice that the task sees."""
    return ExactResponse(nearest_precedents.precedents_of_task(services, principal, task_id, query.limit))
