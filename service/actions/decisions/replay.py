"""Deciding again with another version what was decided before: outcomes laid beside one another."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.actions.decisions.outcomes import (
    MAX_CHARACTERS,
    Record,
    RequestBudget,
    all_rules,
    as_invalid,
    evaluated,
    same_outcome,
    same_rules,
    too_long,
)
from service.actions.instances.door_checks import pointer
from service.dmn import DecisionFailure, Model, input_paths
from service.domain.errors import Invalid, RongjiuError
from service.domain.json_values import Json, TooLong, WrittenJson, bounded_json

UNCHANGED, CHANGED, OTHER_RULES, FAILED = "unchanged", "changed", "sameOutcomeOtherRules", "failed"


@dataclass(frozen=True, slots=True)
class Told:
    """What a version says: its evaluation, or the problem that it has. `version` None: the candidate."""

    version: int | None
    record: Record | None
    problem: RongjiuError | None = None


class Judge:
    """A version of a decision that can be asked. `version` None: the candidate."""

    def __init__(self, model: Model, key: str, version: int | None) -> None:
        self.version = version
        self._model = model
        self._key = key
        self._inputs = input_paths(model, key)
        self._looked_for = frozenset(path[0] for paths in self._inputs for path in paths)

    def says(self, variables: Mapping[str, Json], at: int, budget: RequestBudget) -> Told:
        """Its evaluation with these variables at that moment (epoch milliseconds)."""
        try:
            record = evaluated(self._model, self._key, variables, at, budget.limits())
            # A record of few parts can be gigabytes when compared or written.
            bounded_json(record, MAX_CHARACTERS)
        except DecisionFailure as failure:
            return Told(self.version, None, as_invalid(failure, pointer))
        except TooLong:
            return Told(self.version, None, too_long(pointer(())))
        return Told(self.version, record)

    def wants(self, recorded: Mapping[str, Json], asked_for: "Judge | None") -> list[str]:
        """The inputs of which nobody knows whether they were there: not in the record, and not looked for by `asked_for`, who made it."""
        known = recorded.keys() if asked_for is None else recorded.keys() | asked_for._looked_for
        return [paths[0][-1] for paths in self._inputs if not any(path[0] in known for path in paths)]


def kind_of(before: Told, after: Told) -> str:
    """What came of it: FAILED when the candidate has no answer, else whether outcome, or only the rules behind it, changed."""
    if after.record is None:
        return FAILED
    if before.record is None or not same_outcome(before.record, after.record):
        return CHANGED
    return UNCHANGED if same_rules(before.record, after.record) else OTHER_RULES


@dataclass(frozen=True, slots=True)
class Account:
    """What of a version's evaluation is shown, as text: result, outputs, matched rules and warnings; or the problem that it has."""

    version: int | None
    members: Mapping[str, WrittenJson]
    problem: RongjiuError | None


@dataclass(frozen=True, slots=True)
class Change:
    """What changed. `in_force` is what the latest version says where another one made `before`."""

    before: Account
    after: Account
    in_force: Account | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """One thing decided again. `source` says what it is; `change` is None where nothing changed."""

    source: Mapping[str, Json]
    kind: str
    change: Change | None


def account_of(told: Told, budget: RequestBudget) -> Account:
    """What is shown of it, taken from the budget. Raises TooLong."""
    if isinstance(told.problem, Invalid):
        budget.written([[error.pointer, error.message] for error in told.problem.errors])
    record: Record = told.record or {}
    members = {
        "result": record.get("result"),
        "outputs": record.get("outputs"),
        "matchedRules": all_rules(told.record) if told.record else [],
        "warnings": record.get("warnings", []),
    }
    return Account(told.version, {name: budget.written(value) for name, value in members.items()}, told.problem)


@dataclass(frozen=True, slots=True)
class NotReplayed:
    """Something that could not be decided again. `reason`: not-recorded, input-not-recorded or limit-exceeded."""

    source: Mapping[str, Json]
    reason: str
    message: str
