"""/decision-comparison: the same facts under several decisions side by side."""

from fastapi import Request, Response

from service.actions.decisions.compare_decisions import CompareDecisions, compare_decisions
from service.actions.decisions.given_facts import GivenFacts
from service.api.exact_json import ExactResponse
from service.api.noun import NEEDS_BODY, noun_router
from service.api.principal import Caller, GivenServices
from service.api.problems import problem_document
from service.api.schemas.comparison import Comparison, ComparisonRequest

router = noun_router("decision-comparison")


@router.post("", operation_id="compareDecisions", summary="Compare decisions", response_model=Comparison, responses=NEEDS_BODY)
def compare(request: Request, services: GivenServices, principal: Caller, body: ComparisonRequest) -> Response:
    """What each decision gives for the facts, by which rules and on which basis, and where they part. Nothing is stored.

    Name decisions by key, or jurisdictions, whose decisions `<place>_outcome` are then compared, those of the places below included; or
    neither, and every place that has the decision is compared. A decision that is not there, or cannot be evaluated with the facts, is
    shown with its problem; the others stand.
    """
    command = CompareDecisions(
        GivenFacts(body.facts, body.variables), body.decision_keys, body.jurisdictions, body.decision_suffix, body.versions
    )
    found = compare_decisions(services, principal, command)
    decisions = [
        {**decision, "problem": None if problem is None else problem_document(request, problem)}
        for decision, problem in zip(found.decisions, found.problems, strict=True)
    ]
    return ExactResponse({**found.body, "decisions": decisions})
