"""Evaluate a decision by itself: nothing is stored, the answer explains itself."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from service.actions.answer import Answer
from service.actions.case_law import decision_model, versioned, versions_in
from service.actions.door_checks import pointer
from service.actions.outcomes import as_invalid, evaluated
from service.actions.ports import Services
from service.dmn import DecisionFailure, Model
from service.domain.access import require_may
from service.domain.definition import KIND_DECISION, Definition
from service.domain.errors import EvaluationWarned, FieldError, Invalid, NotFound, RongjiuError
from service.domain.json_values import Json, TooLong, bounded_json
from service.domain.principal import Principal
from service.feel import Limits

LIMITS = Limits()
"""What one evaluation may use."""
MAX_CHARACTERS = 8 * 1_048_576
"""Of the text of one evaluation."""
MANY_SECONDS = 15.0
MANY_CHARACTERS = 64 * 1_048_576
"""What the evaluations of one request may use together."""

LIMIT_EXCEEDED = "limit-exceeded"


@dataclass(frozen=True, slots=True)
class DecisionInForce:
    """A decision or decision service as deployed, compiled, with the versions of all decisions it can require."""

    definition: Definition
    model: Model
    versions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One of many evaluations: the JSON text of its record, or why there is none."""

    record: str | None
    problem: RongjiuError | None


def evaluate_decision(
    services: Services, principal: Principal, key: str, version: int | None, variables: Mapping[str, Json], strict: bool = False
) -> Answer:
    """200 with the evaluation record (result, matched rules with their basis, required decisions, warnings, duration).

    Raises NotFound, or Invalid: the variables do not fit, there is no answer (a violated hit policy), a limit is reached, or
    (EvaluationWarned) `strict` and a fault became null.
    """
    found = decision_in_force(services, principal, key, version)
    return Answer(200, _text(found, variables, strict, services.clock(), LIMITS, MAX_CHARACTERS, ("variables",)))


def evaluate_many(
    services: Services, principal: Principal, key: str, version: int | None, many: Sequence[Mapping[str, Json]], strict: bool
) -> tuple[Definition, list[Outcome]]:
    """The decision evaluated with each of the variables, in their order, each for itself; a shared budget of time and size bounds all."""
    found = decision_in_force(services, principal, key, version)
    at = services.clock()
    deadline = time.monotonic() + MANY_SECONDS
    left = MANY_CHARACTERS
    outcomes: list[Outcome] = []
    for index, variables in enumerate(many):
        path = ("variablesList", index)
        try:
            seconds = deadline - time.monotonic()
            if seconds <= 0 or left <= 0:
                raise _exceeded("the evaluations of this request used up what they have together", path)
            limits = replace(LIMITS, seconds=min(LIMITS.seconds, seconds))
            text = _text(found, variables, strict, at, limits, min(MAX_CHARACTERS, left), path)
        except Invalid as problem:
            outcomes.append(Outcome(None, problem))
            continue
        left -= len(text)
        outcomes.append(Outcome(text, None))
    return found.definition, outcomes


def decision_in_force(services: Services, principal: Principal, key: str, version: int | None) -> DecisionInForce:
    """That version of the decision, the latest when None; NotFound when there is none."""
    require_may(principal, "read")
    with services.store.read() as questions:
        found = (
            questions.latest_definition(KIND_DECISION, key)
            if version is None
            else questions.definition_version(KIND_DECISION, key, version)
        )
        if found is None:
            raise NotFound("decision definition", key if version is None else f"{key}:{version}")
        model = decision_model(services, questions, found)
        return DecisionInForce(found, model, versions_in(services, questions, found.resource_id))


def _evaluated(
    found: DecisionInForce, variables: Mapping[str, Json], strict: bool, at: int, limits: Limits, path: Sequence[str | int]
) -> dict[str, Json]:
    """The evaluation record; `path` is where the variables stand in the request's body."""
    try:
        plain = evaluated(found.model, found.definition.key, variables, at, limits)
    except DecisionFailure as failure:
        raise as_invalid(failure, lambda inner: pointer((*path, *inner))) from failure
    record = versioned(found.definition, found.versions, plain)
    warnings = _warnings(record)
    if strict and warnings:
        errors = [FieldError(pointer(path), str(one["kind"]), str(one["message"])) for one in warnings]
        raise EvaluationWarned(f"the evaluation met {len(warnings)} fault(s) that would count as null", errors, warnings)
    return record


def _text(
    found: DecisionInForce,
    variables: Mapping[str, Json],
    strict: bool,
    at: int,
    limits: Limits,
    characters: int,
    path: Sequence[str | int],
) -> str:
    record = _evaluated(found, variables, strict, at, limits, path)
    try:
        return bounded_json(record, characters)
    except TooLong as error:
        raise _exceeded(f"the account of the evaluation is longer than {characters} characters", path) from error


def _warnings(record: Mapping[str, Json]) -> list[dict[str, Json]]:
    required = record["requiredDecisions"]
    return [
        {**warning, "decisionKey": one["decisionKey"]}
        for one in (*(required if isinstance(required, list) else ()), record)
        if isinstance(one, Mapping) and isinstance(one["warnings"], list)
        for warning in one["warnings"]
        if isinstance(warning, dict)
    ]


def _exceeded(message: str, path: Sequence[str | int]) -> Invalid:
    return Invalid("the evaluation needs more than it may use", [FieldError(pointer(path), LIMIT_EXCEEDED, message)], LIMIT_EXCEEDED)
