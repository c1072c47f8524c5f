"""/groups: the roles and units to which tasks are offered."""

from typing import Annotated

from fastapi import Query, Response

from service.actions import people, views
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, NEEDS_BODY, PathId, noun_router, told
from service.api.paging import ListQuery, page_json
from service.api.principal import Caller, GivenServices, Repeated
from service.api.schemas.people import Group, GroupChange, GroupPage, NewGroup

router = noun_router("groups")


@router.get("", operation_id="listGroups", summary="List groups", response_model=GroupPage)
def list_groups(services: GivenServices, principal: Caller, query: Annotated[ListQuery, Query()]) -> Response:
    """The groups known."""
    page = views.page(services, principal, "groups", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.post(
    "", operation_id="createGroup", summary="Create a group", status_code=201, response_model=Group, responses=CHANGES | NEEDS_BODY
)
def create(services: GivenServices, principal: Caller, repeat: Repeated, body: NewGroup) -> Response:
    """Make a group known; 409 when the id is taken."""
    return told(people.create_group(services, principal, body.id, body.name, repeat))


@router.get("/{id}", operation_id="getGroup", summary="Get a group", response_model=Group, responses=FINDS)
def get_group(services: GivenServices, principal: Caller, group_id: PathId) -> Response:
    """One group."""
    return ExactResponse(dict(views.one(services, principal, "groups", group_id)))


@router.patch("/{id}", operation_id="changeGroup", summary="Change a group", response_model=Group, responses=FINDS | CHANGES | NEEDS_BODY)
def change(services: GivenServices, principal: Caller, group_id: PathId, body: GroupChange) -> Response:
    """Give the group another name."""
    return told(people.change_group(services, principal, group_id, body.name))


@router.delete("/{id}", operation_id="deleteGroup", summary="Delete a group", status_code=204, responses=FINDS | CHANGES)
def delete(services: GivenServices, principal: Caller, group_id: PathId) -> Response:
    """The group and its memberships are gone; open tasks keep naming it."""
    people.delete_group(services, principal, group_id)
    return Response(status_code=204)
