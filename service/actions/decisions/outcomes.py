"""One evaluation of a decision as something to lay beside another: its outcome, the rules behind it, or why there is none."""

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import cast

from service.dmn import DecisionFailure, Model
from service.domain.china_time import moment
from service.domain.errors import FieldError, Invalid
from service.domain.json_values import Json, WrittenJson, bounded_json, same_json
from service.feel import DEFAULT_LIMITS, FeelLimitError, Limits

Record = Mapping[str, Json]
"""An evaluation as the API shows it."""

LIMIT_EXCEEDED = "limit-exceeded"
MAX_CHARACTERS = 8 * 1_048_576
"""Of the text of one evaluation: a small record can hold the same long text many times."""

MAX_TOLD = 100
"""Faults of an input that are told of one evaluation; the others are counted."""


class RequestBudget:
    """What the evaluations of one request share: wall-clock seconds, and characters of the JSON text that is kept of them."""

    def __init__(self, seconds: float, characters: int) -> None:
        self._end = monotonic() + seconds
        self._characters = characters

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left of the one or of the other."""
        return self._characters <= 0 or monotonic() >= self._end

    def written(self, value: object) -> WrittenJson:
        """The text of what is kept of an evaluation, taken from the budget. Raises TooLong where less is left, or allowed for one."""
        text = bounded_json(value, min(MAX_CHARACTERS, self._characters))
        self._characters -= len(text)
        return WrittenJson(text)

    def limits(self) -> Limits:
        """The usual limits of one evaluation, with no more time than is left."""
        return Limits(seconds=max(0.001, min(DEFAULT_LIMITS.seconds, self._end - monotonic())))


def evaluated(model: Model, key: str, variables: Mapping[str, Json], at: int, limits: Limits) -> Record:
    """The evaluation of a decision or decision service at that time (epoch milliseconds). Raises DecisionFailure."""
    try:
        if key in model.services:
            return model.explain_service(key, variables, clock=lambda: moment(at), limits=limits).record()
        return model.evaluate(key, variables, clock=lambda: moment(at), limits=limits).record()
    except FeelLimitError as error:
        raise DecisionFailure(LIMIT_EXCEEDED, error.message, key) from error


def as_invalid(failure: DecisionFailure, place: Callable[[Sequence[str | int]], str]) -> Invalid:
    """Why a decision could not be evaluated, as the API tells it. `place` gives the pointer of a path in the variables."""
    errors = [FieldError(place(problem.path), problem.code, problem.message) for problem in failure.problems[:MAX_TOLD]]
    if len(failure.problems) > MAX_TOLD:
        errors.append(FieldError(place(()), "more-faults", f"{len(failure.problems) - MAX_TOLD} more faults of the input are not listed"))
    if failure.code == "input-refused":
        return Invalid("the input does not fit what the decision declares", errors)
    element = "" if failure.element_id is None else f", element {failure.element_id}"
    where = FieldError(place(()), failure.code, f"{failure.message} (decision {failure.decision_id}{element})")
    if failure.code == LIMIT_EXCEEDED:
        return exceeded(where.message, where.pointer)
    return Invalid("the decision cannot be evaluated with this input", errors or [where], "decision-failed")


def exceeded(message: str, place: str) -> Invalid:
    """An evaluation that would use more than it may; `place` is the pointer of what it is evaluated with."""
    return Invalid("the evaluation needs more than it may use", [FieldError(place, LIMIT_EXCEEDED, message)], LIMIT_EXCEEDED)


def too_long(place: str) -> Invalid:
    """An evaluation whose account has more characters than are left for it."""
    return exceeded("the account of the evaluation is longer than it, or the evaluations of the request together, may be", place)


def listed(record: Record, member: str) -> list[dict[str, Json]]:
    """A member of the record that is a list of objects."""
    return cast(list[dict[str, Json]], record.get(member) or [])


def rule_json(decision_key: Json, rule: Mapping[str, Json]) -> dict[str, Json]:
    """A matched rule by where it stands and what it is based on."""
    return {"decisionKey": decision_key, **{name: rule.get(name) for name in ("ruleId", "index", "description")}}


def own_rules(record: Record) -> list[dict[str, Json]]:
    """The rules of the decision itself that matched."""
    return [rule_json(record["decisionKey"], rule) for rule in listed(record, "matchedRules")]


def all_rules(record: Record) -> list[dict[str, Json]]:
    """The rules that matched, those of the decision itself first, then those of every decision it required."""
    required = [rule_json(one["decisionKey"], rule) for one in listed(record, "requiredDecisions") for rule in listed(one, "matchedRules")]
    return [*own_rules(record), *required]


def deciding_rules(record: Record) -> list[dict[str, Json]]:
    """The rules that gave the outcome: those of the decision itself, or of what it required where it has no table of its own."""
    return own_rules(record) or all_rules(record)


def same_outcome(one: Record, other: Record) -> bool:
    """Whether both came to the same: equal result and equal outputs, numbers by value."""
    return all(same_json(one.get(member), other.get(member)) for member in ("result", "outputs"))


def same_rules(one: Record, other: Record) -> bool:
    """Whether the same rules on the same basis led there. A rule is known by its id, else by its position."""
    return sorted(map(_identity, all_rules(one))) == sorted(map(_identity, all_rules(other)))


def _identity(rule: Mapping[str, Json]) -> tuple[str, str, str]:
    place = rule["ruleId"] if rule["ruleId"] is not None else rule["index"]
    return str(rule["decisionKey"]), str(place), str(rule["description"] or "")


def outputs_by_name(record: Record, names: Sequence[str]) -> dict[str, Json]:
    """The outputs by their names; where several rules count, each is the list of its values. `names` are the declared ones."""
    outputs = record["outputs"]
    if isinstance(outputs, list):
        rows = cast(list[dict[str, Json]], outputs)
        return {name: [row.get(name) for row in rows] for name in names}
    return dict(cast(Mapping[str, Json], outputs))
