"""/users: the persons who can be named in tasks."""

from typing import Annotated

from fastapi import Query, Response

from service.actions import people, views
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, NEEDS_BODY, PathId, noun_router, told
from service.api.paging import ListQuery, Text, page_json
from service.api.principal import Caller, GivenServices, Repeated
from service.api.schemas.people import NewUser, User, UserChange, UserPage

router = noun_router("users")


class UserList(ListQuery):
    """Filters of users."""

    group: Text | None = None


@router.get("", operation_id="listUsers", summary="List users", response_model=UserPage)
def list_users(services: GivenServices, principal: Caller, query: Annotated[UserList, Query()]) -> Response:
    """The persons known, with their groups."""
    page = views.page(services, principal, "users", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.post("", operation_id="createUser", summary="Create a user", status_code=201, response_model=User, responses=CHANGES | NEEDS_BODY)
def create(services: GivenServices, principal: Caller, repeat: Repeated, body: NewUser) -> Response:
    """Make a person known; 409 when the id is taken."""
    return told(people.create_user(services, principal, body.id, body.name, body.email, body.groups, repeat))


@router.get("/{id}", operation_id="getUser", summary="Get a user", response_model=User, responses=FINDS)
def get_user(services: GivenServices, principal: Caller, user_id: PathId) -> Response:
    """One person with the groups."""
    return ExactResponse(dict(views.one(services, principal, "users", user_id)))


@router.patch("/{id}", operation_id="changeUser", summary="Change a user", response_model=User, responses=FINDS | CHANGES | NEEDS_BODY)
def change(services: GivenServices, principal: Caller, user_id: PathId, body: UserChange) -> Response:
    """Change name, e-mail address or groups; what is not given stays."""
    return told(people.change_user(services, principal, user_id, body.name, body.email, body.groups))


@router.delete("/{id}", operation_id="deleteUser", summary="Delete a user", status_code=204, responses=FINDS | CHANGES)
def delete(services: GivenServices, principal: Caller, user_id: PathId) -> Response:
    """The person can no longer act; what was done stays in the history."""
    people.delete_user(services, principal, user_id)
    return Response(status_code=204)
