"""/api-keys: the callers of the service. A secret is shown once, when its key is made."""

from typing import Annotated

from fastapi import Query, Response

from service.actions import people, views
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, NEEDS_BODY, PathId, noun_router, told
from service.api.paging import ListQuery, epoch_milliseconds, page_json
from service.api.principal import Caller, GivenServices
from service.api.schemas.people import ApiKey, ApiKeyChange, ApiKeyPage, CreatedApiKey, NewApiKey

router = noun_router("api-keys")


@router.get("", operation_id="listApiKeys", summary="List API keys", response_model=ApiKeyPage)
def list_keys(services: GivenServices, principal: Caller, query: Annotated[ListQuery, Query()]) -> Response:
    """All keys, without their secrets. Needs the scope `admin`."""
    page = views.page(services, principal, "api-keys", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.post(
    "",
    operation_id="createApiKey",
    summary="Create an API key",
    status_code=201,
    response_model=CreatedApiKey,
    responses=CHANGES | NEEDS_BODY,
)
def create(services: GivenServices, principal: Caller, body: NewApiKey) -> Response:
    """Make a key; the answer carries its secret, this once."""
    expires_at = None if body.expires_at is None else epoch_milliseconds(body.expires_at)
    return told(people.create_api_key(services, principal, body.name, body.scopes, body.user_id, expires_at))


@router.patch(
    "/{id}", operation_id="changeApiKey", summary="Change an API key", response_model=ApiKey, responses=FINDS | CHANGES | NEEDS_BODY
)
def change(services: GivenServices, principal: Caller, key_id: PathId, body: ApiKeyChange) -> Response:
    """Change name or scopes, revoke the key or give it back; what is not given stays."""
    return told(people.change_api_key(services, principal, key_id, body.name, body.scopes, body.revoked))


@router.delete("/{id}", operation_id="deleteApiKey", summary="Delete an API key", status_code=204, responses=FINDS | CHANGES)
def delete(services: GivenServices, principal: Caller, key_id: PathId) -> Response:
    """The key no longer opens anything."""
    people.delete_api_key(services, principal, key_id)
    return Response(status_code=204)
