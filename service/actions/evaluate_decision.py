"""Evaluate a decision by itself: nothing is stored, the answer explains itself."""

from collections.abc import Mapping

from service.actions.answer import Answer, answer
from service.actions.case_law import decision_model, with_versions
from service.actions.door_checks import pointer
from service.actions.ports import Services
from service.dmn import DecisionFailure, Model
from service.domain.access import require_may
from service.domain.definition import KIND_DECISION
from service.domain.errors import FieldError, Invalid, NotFound
from service.domain.json_values import Json
from service.domain.principal import Principal


def evaluate_decision(services: Services, principal: Principal, key: str, version: int | None, variables: Mapping[str, Json]) -> Answer:
    """200 with the evaluation record (result, matched rules with their basis, required decisions, warnings, duration)."""
    require_may(principal, "read")
    with services.store.read() as questions:
        found = (
            questions.latest_definition(KIND_DECISION, key)
            if version is None
            else questions.definition_version(KIND_DECISION, key, version)
        )
        if found is None:
            raise NotFound("decision definition", key if version is None else f"{key}:{version}")
        record = _evaluation(decision_model(services, questions, found), key, variables)
        return answer(200, with_versions(services, questions, found, record))


def _evaluation(model: Model, key: str, variables: Mapping[str, Json]) -> Mapping[str, Json]:
    problems = model.check_input(key, variables)
    if problems:
        raise Invalid(
            "the input does not fit what the decision declares",
            [FieldError(pointer(("variables", *problem.path)), problem.code, problem.message) for problem in problems],
        )
    try:
        return model.evaluate(key, variables).record()
    except DecisionFailure as failure:
        places = [FieldError(pointer(("variables", *problem.path)), problem.code, problem.message) for problem in failure.problems]
        where = FieldError("/variables", failure.code, f"{failure.message} (decision {failure.decision_id}, element {failure.element_id})")
        raise Invalid("the decision cannot be evaluated with this input", places or [where], "decision-failed") from failure
