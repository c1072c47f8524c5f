"""Deciding again with another version what was decided before: outcomes laid beside one another."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.actions.door_checks import pointer
from service.actions.outcomes import Record, TimeBudget, as_invalid, evaluated, same_outcome, same_rules
from service.dmn import DecisionFailure, Model, input_paths
from service.domain.errors import RongjiuError
from service.domain.json_values import Json

UNCHANGED, CHANGED, OTHER_RULES, FAILED = "unchanged", "changed", "sameOutcomeOtherRules", "failed"


@dataclass(frozen=True, slots=True)
class Told:
    """What a version says: its evaluation, or the problem that it has. `version` None: the candidate."""

    version: int | None
    record: Record | None
    problem: RongjiuError | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """A version of a decision that can be asked. `version` None: the candidate."""

    model: Model
    key: str
    version: int | None

    def says(self, variables: Mapping[str, Json], at: int, budget: TimeBudget) -> Told:
        """Its evaluation with these variables at that moment (epoch milliseconds)."""
        try:
            return Told(self.version, evaluated(self.model, self.key, variables, at, budget.limits()))
        except DecisionFailure as failure:
            return Told(self.version, None, as_invalid(failure, pointer))

    def wants(self, recorded: Mapping[str, Json], asked_for: "Judge | None") -> list[str]:
        """The inputs of which nobody knows whether they were there: not in the record, and not looked for by `asked_for`, who made it."""
        looked_for = set(recorded) if asked_for is None else {*recorded, *(path[0] for path in asked_for.paths())}
        return [paths[0][-1] for paths in input_paths(self.model, self.key) if not any(path[0] in looked_for for path in paths)]

    def paths(self) -> list[tuple[str, ...]]:
        """Where it looks for its inputs."""
        return [path for paths in input_paths(self.model, self.key) for path in paths]


@dataclass(frozen=True, slots=True)
class Replayed:
    """One thing decided again. `source` says what it is; `in_force` is what the latest version says where another one made `before`."""

    source: Mapping[str, Json]
    before: Told
    after: Told
    in_force: Told | None = None

    @property
    def kind(self) -> str:
        """What came of it: FAILED when the candidate has no answer, else whether outcome, or only the rules behind it, changed."""
        if self.after.record is None:
            return FAILED
        if self.before.record is None or not same_outcome(self.before.record, self.after.record):
            return CHANGED
        return UNCHANGED if same_rules(self.before.record, self.after.record) else OTHER_RULES


@dataclass(frozen=True, slots=True)
class NotReplayed:
    """Something that could not be decided again. `reason`: not-recorded, input-not-recorded or limit-exceeded."""

    source: Mapping[str, Json]
    reason: str
    message: str
