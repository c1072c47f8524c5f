"""Question a decision: with the facts known only in part, which outcomes remain possible and which inputs still matter."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.actions.answer import Answer
from service.actions.decisions.evaluate_decision import decision_in_force
from service.actions.decisions.given_facts import GivenFacts
from service.actions.decisions.outcomes import MAX_CHARACTERS, as_invalid, exceeded
from service.actions.ports import Services
from service.dmn import DecisionFailure
from service.dmn.prospects import prospects
from service.domain.china_time import moment
from service.domain.errors import FieldError, Invalid, NotFound
from service.domain.json_values import TooLong, bounded_json
from service.domain.principal import Principal


@dataclass(frozen=True, slots=True)
class QuestionDecision:
    """What is known is `given`; an input that is absent is not known yet, one that is null is unknown and stays so.

    `outputs` are those the question is about; None: those that every rule of the decision states as plain
    values; where there are none, those of which the values are limited.
    """

    key: str
    given: GivenFacts
    version: int | None = None
    outputs: Sequence[str] | None = None


def question_decision(services: Services, principal: Principal, command: QuestionDecision) -> Answer:
    """200 with what remains possible. Raises NotFound, and Invalid for facts that the decision does not admit or an answer without end."""
    found = decision_in_force(services, principal, command.key, command.version)
    if command.key not in found.model.decisions:
        raise NotFound("decision (a decision service cannot be questioned)", command.key)
    at = services.clock()
    variables = command.given.as_variables()
    try:
        open_question = prospects(found.model, command.key, variables, outputs=command.outputs, clock=lambda: moment(at))
    except DecisionFailure as failure:
        if failure.code == "unknown-output":
            raise Invalid("the decision has no such output", [FieldError("/outputs", failure.code, failure.message)]) from failure
        raise as_invalid(failure, command.given.pointer) from failure
    try:
        return Answer(200, bounded_json({**open_question.record(), "version": found.definition.version}, MAX_CHARACTERS))
    except TooLong as error:
        raise exceeded(f"the answer is longer than {MAX_CHARACTERS} characters", command.given.pointer(())) from error
