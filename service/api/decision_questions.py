"""/decision-definitions/{key}/impact and …/question: what a change would change, and what is still open."""

from fastapi import Request, Response

from service.actions.decisions.assess_impact import AssessImpact, Impact, assess_impact
from service.actions.decisions.given_facts import GivenFacts
from service.actions.decisions.question_decision import QuestionDecision, question_decision
from service.actions.decisions.replay import CHANGED, FAILED, OTHER_RULES, UNCHANGED, Account, Change, NotReplayed
from service.actions.presentation import finding_json, timestamp
from service.api.exact_json import BulkRoute, ExactResponse
from service.api.noun import FINDS, NEEDS_BODY, PathKey, noun_router, told
from service.api.principal import Caller, GivenServices
from service.api.problems import problem_document, problem_responses
from service.api.schemas.impact import Impact as ImpactAnswer
from service.api.schemas.impact import ImpactRequest
from service.api.schemas.questions import Question, QuestionRequest
from service.domain.errors import Conflict, Invalid, Refused
from service.domain.json_values import Json

router = noun_router("decision-definitions", BulkRoute)


@router.post(
    "/{key}/impact",
    operation_id="assessImpact",
    summary="Assess the impact of a candidate version",
    response_model=ImpactAnswer,
    responses=FINDS | NEEDS_BODY | problem_responses(Conflict, Invalid, Refused),
)
def impact(request: Request, services: GivenServices, principal: Caller, key: PathKey, body: ImpactRequest) -> Response:
    """Decide again with the candidate what was decided in process instances, and the decision's examples; tell what would be other.

    The candidate is read, checked and analysed as at a deployment, and refused (422) as there. Nothing is deployed or stored.
    """
    command = AssessImpact(key, body.xml, body.file_name, body.since, body.before, body.limit, body.cases)
    return ExactResponse(_impact_json(request, assess_impact(services, principal, command)))


@router.post(
    "/{key}/question",
    operation_id="questionDecision",
    summary="Ask what is still open",
    response_model=Question,
    responses=FINDS | NEEDS_BODY,
)
def question(services: GivenServices, principal: Caller, key: PathKey, body: QuestionRequest) -> Response:
    """With the facts known only in part: which outcomes remain possible, and which inputs still matter and why. Nothing is stored."""
    command = QuestionDecision(key, GivenFacts(body.facts, body.variables), body.version, body.outputs)
    return told(question_decision(services, principal, command))


def _impact_json(request: Request, found: Impact) -> dict[str, object]:
    counts = dict.fromkeys((UNCHANGED, CHANGED, OTHER_RULES, FAILED), 0)
    changes: dict[str, list[object]] = {kind: [] for kind in (CHANGED, OTHER_RULES, FAILED)}
    for one in found.replayed:
        counts[one.kind] += 1
        if one.change is not None:
            changes[one.kind].append({"source": one.source, **_change_json(request, one.change)})
    return {
        "decisionKey": found.definition.key,
        "version": found.definition.version,
        "evaluatedAt": timestamp(found.at),
        "findings": [finding_json(finding) for finding in found.findings],
        "counts": {"replayed": len(found.replayed), "notReplayed": len(found.not_replayed), **counts},
        "moreEvaluations": found.more,
        **changes,
        "notReplayed": [_not_replayed_json(one) for one in found.not_replayed],
        "unreadCases": [{"fileName": name, "message": message} for name, message in found.unread],
    }


def _change_json(request: Request, change: Change) -> dict[str, object]:
    return {
        "before": _account_json(request, change.before),
        "after": _account_json(request, change.after),
        "inForce": None if change.in_force is None else _account_json(request, change.in_force),
    }


def _not_replayed_json(one: NotReplayed) -> dict[str, Json]:
    return {"source": dict(one.source), "reason": one.reason, "message": one.message}


def _account_json(request: Request, account: Account) -> dict[str, object]:
    problem = None if account.problem is None else problem_document(request, account.problem)
    return {"version": account.version, **account.members, "problem": problem}
