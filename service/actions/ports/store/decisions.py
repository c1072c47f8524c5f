"""What the actions need from the store for decisions taken and facts recorded in other cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from service.domain.definition import Resource
from service.domain.json_values import Json
from service.domain.recorded_fact import RecordedEntry, RecordedQuestion


@dataclass(frozen=True, slots=True)
class TakenDecision:
    """A decision as it was taken in an instance at `at` (epoch milliseconds).

    `record` is the evaluation as the API shows it; `variables` are what it was taken with, None where they were not kept.
    """

    id: str
    process_instance_id: str
    element_id: str
    version: int
    at: int
    record: Mapping[str, Json]
    variables: Mapping[str, Json] | None


class RecordedLookups(Protocol):
    """What was recorded in earlier and other cases."""

    def count_recorded(self, question: RecordedQuestion) -> int:
        """How many instances, or visits, fit the question."""
        ...

    def find_recorded(self, question: RecordedQuestion) -> Sequence[RecordedEntry]:
        """Those that fit, the newest first, at most MAX_ENTRIES."""
        ...


class DecisionQuestions(Protocol):
    """Part of a read."""

    def taken_decisions(
        self, decision_key: str, since: int | None, before: int | None, limit: int, jurisdictions: Sequence[str] | None
    ) -> Sequence[TakenDecision]:
        """The evaluations of the decision with `since` ≤ moment < `before` (epoch milliseconds, None = open), newest first."""
        ...

    def case_files(self, jurisdiction: str | None, since_seq: int) -> Sequence[Resource]:
        """The cases files of the jurisdiction's deployments from that number on, of each file name the newest."""
        ...
