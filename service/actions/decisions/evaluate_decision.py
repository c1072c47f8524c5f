"""Evaluate a decision by itself: nothing is stored, the answer explains itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.actions.answer import Answer
from service.actions.decisions.decision_models import decision_model, versioned, versions_in
from service.actions.decisions.outcomes import MAX_CHARACTERS, RequestBudget, as_invalid, evaluated, exceeded, too_long
from service.actions.instances.door_checks import pointer
from service.actions.instances.published import version_or_latest
from service.actions.ports import Questions, Services
from service.dmn import DecisionFailure, Model, input_paths
from service.domain.access import require_may
from service.domain.definition import KIND_DECISION, Definition
from service.domain.errors import EvaluationWarned, FieldError, Invalid, NotFound, RongjiuError
from service.domain.json_values import Json, TooLong, WrittenJson
from service.domain.principal import Principal
from service.feel import DEFAULT_LIMITS

MOST_UNUSED = 100
"""Ignored variables an answer names."""
MANY_SECONDS = 15.0
MANY_CHARACTERS = 64 * 1_048_576
"""What the evaluations of one request may use together."""


@dataclass(frozen=True, slots=True)
class DecisionInForce:
    """A decision or decision service as deployed, compiled, with the versions of all decisions it can require."""

    definition: Definition
    model: Model
    versions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One of many evaluations: its record, or why there is none."""

    record: WrittenJson | None
    problem: RongjiuError | None


def evaluate_decision(
    services: Services, principal: Principal, key: str, version: int | None, variables: Mapping[str, Json], strict: bool = False
) -> Answer:
    """200 with the evaluation record (result, matched rules with their basis, required decisions, warnings, duration).

    Raises NotFound, or Invalid: the variables do not fit, there is no answer (a violated hit policy), a limit is reached, or
    (EvaluationWarned) `strict` and a fault became null.
    """
    found = decision_in_force(services, principal, key, version)
    budget = RequestBudget(DEFAULT_LIMITS.seconds, MAX_CHARACTERS)
    return Answer(200, _written(found, variables, strict, services.clock(), budget, ("variables",)).text)


def evaluate_many(
    services: Services, principal: Principal, key: str, version: int | None, many: Sequence[Mapping[str, Json]], strict: bool
) -> tuple[Definition, list[Outcome]]:
    """The decision evaluated with each of the variables, in their order, each for itself; a shared budget of time and size bounds all."""
    found = decision_in_force(services, principal, key, version)
    at = services.clock()
    budget = RequestBudget(MANY_SECONDS, MANY_CHARACTERS)
    outcomes: list[Outcome] = []
    for index, variables in enumerate(many):
        path = ("variablesList", index)
        try:
            if budget.is_spent:
                raise exceeded("the evaluations of this request used up what they have together", pointer(path))
            outcomes.append(Outcome(_written(found, variables, strict, at, budget, path), None))
        except Invalid as problem:
            outcomes.append(Outcome(None, problem))
    return found.definition, outcomes


def decision_in_force(services: Services, principal: Principal, key: str, version: int | None) -> DecisionInForce:
    """That version of the decision, the latest when None; NotFound when there is none."""
    require_may(principal, "read")
    with services.store.read() as questions:
        found = version_or_latest(questions, KIND_DECISION, key, version)
        if found is None:
            raise NotFound("decision definition", key if version is None else f"{key}:{version}")
        return as_deployed(services, questions, found)


def as_deployed(services: Services, questions: Questions, definition: Definition) -> DecisionInForce:
    """Everything that its evaluation needs, which can then do without the store. Raises Conflict when it cannot be read any more."""
    model = decision_model(services, questions, definition)
    return DecisionInForce(definition, model, versions_in(services, questions, definition.resource_id))


def _evaluated(
    found: DecisionInForce, variables: Mapping[str, Json], strict: bool, at: int, budget: RequestBudget, path: Sequence[str | int]
) -> dict[str, Json]:
    """The evaluation record; `path` is where the variables stand in the request's body."""
    try:
        plain = evaluated(found.model, found.definition.key, variables, at, budget.limits())
    except DecisionFailure as failure:
        raise as_invalid(failure, lambda inner: pointer((*path, *inner))) from failure
    record = versioned(found.definition, found.versions, plain)
    unused = _unused(found, variables)
    if unused:
        record["unusedVariables"] = unused
    warnings = _warnings(record)
    if strict and warnings:
        errors = [FieldError(pointer(path), str(one["kind"]), str(one["message"])) for one in warnings]
        raise EvaluationWarned(f"the evaluation met {len(warnings)} fault(s) that would count as null", errors, warnings)
    return record


def _written(
    found: DecisionInForce, variables: Mapping[str, Json], strict: bool, at: int, budget: RequestBudget, path: Sequence[str | int]
) -> WrittenJson:
    record = _evaluated(found, variables, strict, at, budget, path)
    try:
        return budget.written(record)
    except TooLong as error:
        raise too_long(pointer(path)) from error


def _unused(found: DecisionInForce, variables: Mapping[str, Json]) -> list[Json]:
    """Names that are no input of the decision: it ignores them, and whoever misspelt one should know."""
    inputs = {path[0] for paths in input_paths(found.model, found.definition.key) for path in paths}
    unused: list[Json] = [name for name in sorted(variables) if name not in inputs]
    return unused[:MOST_UNUSED]


def _warnings(record: Mapping[str, Json]) -> list[dict[str, Json]]:
    required = record["requiredDecisions"]
    return [
        {**warning, "decisionKey": one["decisionKey"]}
        for one in (*(required if isinstance(required, list) else ()), record)
        if isinstance(one, Mapping) and isinstance(one["warnings"], list)
        for warning in one["warnings"]
        if isinstance(warning, dict)
    ]
