"""/decision-definitions: the decision tables, and asking one by itself."""

from typing import Annotated

from fastapi import Query, Response

from service.actions import evaluate_decision, views
from service.api.exact_json import ExactResponse
from service.api.noun import FINDS, NEEDS_BODY, XML, PathKey, noun_router, told
from service.api.paging import page_json
from service.api.principal import Caller, GivenServices
from service.api.process_definitions import DefinitionList
from service.api.schemas.decisions import Evaluation, EvaluationRequest
from service.api.schemas.definitions import Definition, DefinitionPage

router = noun_router("decision-definitions")

Version = Annotated[int | None, Query(ge=1, le=2_147_483_647, description="The latest version when not given.")]


@router.get("", operation_id="listDecisionDefinitions", summary="List decision definitions", response_model=DefinitionPage)
def list_definitions(services: GivenServices, principal: Caller, query: Annotated[DefinitionList, Query()]) -> Response:
    """All versions of all decisions that fit the filters."""
    page = views.page(services, principal, "decision-definitions", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.get("/{key}", operation_id="getDecisionDefinition", summary="Get a decision definition", response_model=Definition, responses=FINDS)
def get_definition(services: GivenServices, principal: Caller, key: PathKey) -> Response:
    """The latest version of the decision."""
    return ExactResponse(dict(views.one(services, principal, "decision-definitions", key)))


@router.get(
    "/{key}/xml",
    operation_id="getDecisionDefinitionXml",
    summary="Get the decision's file",
    response_class=Response,
    responses=FINDS | {200: XML},
)
def get_xml(services: GivenServices, principal: Caller, key: PathKey, version: Version = None) -> Response:
    """The DMN file, byte for byte as it was deployed."""
    return Response(views.decision_xml(services, principal, key, version).content, media_type="application/xml")


@router.post(
    "/{key}/evaluation",
    operation_id="evaluateDecision",
    summary="Evaluate a decision",
    response_model=Evaluation,
    responses=FINDS | NEEDS_BODY,
)
def evaluate(services: GivenServices, principal: Caller, key: PathKey, body: EvaluationRequest) -> Response:
    """Evaluate with these variables and explain: inputs, matched rules with their basis, required decisions. Nothing is stored."""
    return told(evaluate_decision.evaluate_decision(services, principal, key, body.version, body.variables))
