"""/jurisdictions: the places whose procedures run here."""

from typing import Annotated

from fastapi import Query, Response

from service.actions import views
from service.api.exact_json import ExactResponse
from service.api.noun import FINDS, PathId, noun_router
from service.api.paging import ListQuery, page_json
from service.api.principal import Caller, GivenServices
from service.api.schemas.definitions import Jurisdiction, JurisdictionPage

router = noun_router("jurisdictions")


@router.get("", operation_id="listJurisdictions", summary="List jurisdictions", response_model=JurisdictionPage)
def list_jurisdictions(services: GivenServices, principal: Caller, query: Annotated[ListQuery, Query()]) -> Response:
    """The deployed jurisdictions, each with its path from the root."""
    page = views.page(services, principal, "jurisdictions", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.get("/{id}", operation_id="getJurisdiction", summary="Get a jurisdiction", response_model=Jurisdiction, responses=FINDS)
def get_jurisdiction(services: GivenServices, principal: Caller, jurisdiction_id: PathId) -> Response:
    """One jurisdiction as it is deployed now."""
    return ExactResponse(dict(views.one(services, principal, "jurisdictions", jurisdiction_id)))
