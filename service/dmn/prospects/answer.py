"""The answer to an open question: what is still possible, and what that depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.dmn.prospects.marks import Failure, Path
from service.feel import to_json


class _Open:
    """The only instance is `ANYTHING`."""

    def __repr__(self) -> str:
        return "ANYTHING"


ANYTHING = _Open()
"""An output that is computed from what is not known: its value is left open."""


@dataclass(frozen=True, slots=True)
class Given:
    """An output that is the value of an input as it stands: any value that passes `test`, the FEEL text of a cell."""

    path: Path
    test: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an open output comes from; `row` counts from 0. With `test` it is the value of the input at the only path, else
    computed from these."""

    row: int
    output: str
    paths: tuple[Path, ...]
    test: str | None


@dataclass(frozen=True, slots=True)
class PossibleRule:
    """A rule of the asked decision; `index` counts from 1, `description` is its basis."""

    rule_id: str | None
    index: int
    description: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One possible outcome.

    `rows` are its outputs as `Evaluation.rows` would have them, restricted to the outputs asked for; values may be
    `ANYTHING` or `Given`, of which `origins` tell more. `rules` are those that can give it, `without_rule` says that it
    also comes about when no rule applies. Where the evaluation fails there are no rows, and `failure` says why.
    """

    rows: tuple[Mapping[str, Any], ...]
    rules: tuple[PossibleRule, ...]
    without_rule: bool
    failure: Failure | None = None
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Distinction:
    """Values of an input that make no difference among each other, as the FEEL text of a cell they pass.

    `outcomes` are the positions, from 0, of the outcomes that stay possible with such a value.
    """

    test: str
    outcomes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asker:
    """A decision that asks for an input, and its rules that do: their ids, else their numbers from 1."""

    decision_id: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenInput:
    """An input that is not known and matters. Without `certain` it may matter, or may not.

    `distinctions` are empty where the input is only used in a computation.
    """

    path: Path
    certain: bool
    distinctions: tuple[Distinction, ...]
    asked_by: tuple[Asker, ...]


@dataclass(frozen=True, slots=True)
class Prospects:
    """What is possible for `outputs` of a decision (or for all of a decision that is no table).

    settled: only one outcome is possible, whatever the unknown inputs are. complete: every outcome listed is possible and
    every `certain` input matters; otherwise some listed may turn out impossible, for the `reasons` given. Either way an
    outcome that is not listed is impossible, and an input in `irrelevant` changes nothing.
    """

    decision_id: str
    outputs: tuple[str, ...]
    other_outputs: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    complete: bool
    reasons: tuple[str, ...]
    open_inputs: tuple[OpenInput, ...]
    irrelevant: tuple[Path, ...]
    several_rows: bool

    @property
    def settled(self) -> bool:
        """Whether only one outcome is possible, and known."""
        return len(self.outcomes) == 1 and not any(_is_open(value) for row in self.outcomes[0].rows for value in row.values())

    def record(self) -> dict[str, Any]:
        """JSON-able account in camelCase; numbers stay `Decimal`. An open output is null and named in `open`."""
        return {
            "decisionKey": self.decision_id,
            "outputs": list(self.outputs),
            "otherOutputs": list(self.other_outputs),
            "settled": self.settled,
            "complete": self.complete,
            "reasons": list(self.reasons),
            "outcomes": [self._outcome(outcome) for outcome in self.outcomes],
            "openInputs": [
                {
                    "path": list(found.path),
                    "certain": found.certain,
                    "distinctions": [{"test": part.test, "outcomes": list(part.outcomes)} for part in found.distinctions],
                    "askedBy": [{"decisionKey": asker.decision_id, "rules": list(asker.rules)} for asker in found.asked_by],
                }
                for found in self.open_inputs
            ],
            "irrelevantInputs": [list(path) for path in self.irrelevant],
        }

    def _outcome(self, outcome: Outcome) -> dict[str, Any]:
        rows = [{name: None if _is_open(value) else to_json(value) for name, value in row.items()} for row in outcome.rows]
        failure = outcome.failure
        return {
            "outputs": rows if self.several_rows else rows[0] if rows else None,
            "open": sorted({name for row in outcome.rows for name, value in row.items() if _is_open(value)}),
            "origins": [
                {"row": found.row, "output": found.output, "paths": [list(path) for path in found.paths], "test": found.test}
                for found in outcome.origins
            ],
            "rules": [{"ruleId": rule.rule_id, "index": rule.index, "description": rule.description} for rule in outcome.rules],
            "withoutRule": outcome.without_rule,
            "failure": None
            if failure is None
            else {"code": failure.code, "decisionKey": failure.decision_id, "elementId": failure.element_id},
        }


def _is_open(value: Any) -> bool:
    return value is ANYTHING or isinstance(value, Given)
