"""/decision-definitions: the decision tables, and asking one by itself."""

from typing import Annotated

from fastapi import Query, Request, Response

from service.actions import views
from service.actions.decisions import analyse_decisions, evaluate_decision
from service.api.exact_json import BulkRoute, ExactResponse
from service.api.noun import FINDS, NEEDS_BODY, XML, PathKey, noun_router, told
from service.api.paging import page_json
from service.api.principal import Caller, GivenServices
from service.api.problems import problem_document, problem_responses
from service.api.process_definitions import DefinitionList
from service.api.schemas.analysis import Analysis
from service.api.schemas.decisions import Evaluation, EvaluationRequest, Evaluations, EvaluationsRequest
from service.api.schemas.definitions import DecisionDefinition, DecisionDefinitionPage
from service.api.uploads import Checks, ChecksField, DecisionUploads, judged, uploaded
from service.domain.errors import Invalid, Refused

router = noun_router("decision-definitions")
bulk_router = noun_router("decision-definitions", BulkRoute)

Version = Annotated[int | None, Query(ge=1, le=2_147_483_647, description="The latest version when not given.")]


@router.get("", operation_id="listDecisionDefinitions", summary="List decision definitions", response_model=DecisionDefinitionPage)
def list_definitions(services: GivenServices, principal: Caller, query: Annotated[DefinitionList, Query()]) -> Response:
    """All versions of all decisions and decision services that fit the filters."""
    page = views.page(services, principal, "decision-definitions", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.get(
    "/{key}", operation_id="getDecisionDefinition", summary="Get a decision definition", response_model=DecisionDefinition, responses=FINDS
)
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
    "/analysis",
    operation_id="analyseDecisions",
    summary="Check decision files",
    response_model=Analysis,
    responses=NEEDS_BODY | problem_responses(Invalid, Refused),
)
def analyse(
    services: GivenServices,
    principal: Caller,
    files: DecisionUploads,
    checks: Checks = None,
    checks_field: ChecksField = None,
) -> Response:
    """What a deployment would find in these decision files, and of each table what it leaves open or decides twice. Nothing is stored.

    Gaps and overlaps are told as FEEL tests per input. Errors are findings too: the answer is 200 for every file that could be taken.
    """
    return told(analyse_decisions.analyse_decisions(services, principal, uploaded(files), judged(checks, checks_field)))


@router.post(
    "/{key}/evaluation",
    operation_id="evaluateDecision",
    summary="Evaluate a decision",
    response_model=Evaluation,
    responses=FINDS | NEEDS_BODY,
)
def evaluate(services: GivenServices, principal: Caller, key: PathKey, body: EvaluationRequest) -> Response:
    """Evaluate with these variables and explain: inputs, matched rules with their basis, required decisions. Nothing is stored.

    `key` is the id of a decision or of a decision service. A fault inside (text added to a number) is null plus a warning; with
    `strict` it fails the evaluation.
    """
    return told(evaluate_decision.evaluate_decision(services, principal, key, body.version, body.variables, body.strict))


@bulk_router.post(
    "/{key}/evaluations",
    operation_id="evaluateDecisionMany",
    summary="Evaluate a decision many times",
    response_model=Evaluations,
    responses=FINDS | NEEDS_BODY,
)
def evaluate_many(request: Request, services: GivenServices, principal: Caller, key: PathKey, body: EvaluationsRequest) -> Response:
    """Evaluate with each of up to 1 000 sets of variables. Each has its own evaluation or problem, in the order given.

    All share one budget of time and size; those it does not suffice for have the problem `limit-exceeded`. Nothing is stored.
    """
    definition, outcomes = evaluate_decision.evaluate_many(services, principal, key, body.version, body.variables_list, body.strict)
    evaluations = [
        {
            "index": index,
            "evaluation": outcome.record,
            "problem": None if outcome.problem is None else problem_document(request, outcome.problem),
        }
        for index, outcome in enumerate(outcomes)
    ]
    failed = sum(outcome.record is None for outcome in outcomes)
    return ExactResponse({"decisionKey": definition.key, "version": definition.version, "failed": failed, "evaluations": evaluations})
