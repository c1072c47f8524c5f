"""What the service itself recorded in earlier and other cases: a question that counts it, and one entry of the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.domain.json_values import Json

INSTANCES, ACTIVITIES = "instances", "activities"
OPEN, COMPLETED, ANY, ACTIVE = "open", "completed", "any", "active"
STARTED_AT, ENDED_AT = "startedAt", "endedAt"
ANY_BEGINNING = "*"
"""In front of what the key of a process ends with: every such process."""
MAX_ENTRIES = 200
"""How many entries an answer lists; the count is always that of all."""


@dataclass(frozen=True, slots=True)
class RecordedQuestion:
    """Which instances, or visits of elements in them, are meant. All conditions must hold.

    `same` are (path of a variable, value it must have), the first being the most selective; `through_unit`: the value of the first is a
    unit, and the variable may also be a person registered under it. `where` are (path, values of which it must have one).
    `processes` are keys, or ANY_BEGINNING and what keys end with. `elements` are (process, element); process None = in whatever process,
    called ones included. `state` of instances: open, completed, any (never the cancelled ones); of activities: completed or active.
    `at` is startedAt, endedAt or the path of a variable that holds a date or a moment. `since`: the first moment that counts, in epoch
    milliseconds. What has no such date counts. `superseded_by` is the path of a variable: an
    instance whose id it holds in another one, that is not cancelled, does not count. `asking` is the instance that asks, which never
    counts itself; what it supersedes itself does not count either.
    """

    of: str
    same: tuple[tuple[str, Json], ...]
    through_unit: bool = False
    where: tuple[tuple[str, tuple[Json, ...]], ...] = ()
    processes: tuple[str, ...] = ()
    elements: tuple[tuple[str | None, str], ...] = ()
    state: str = ANY
    at: str = STARTED_AT
    since: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    superseded_by: str | None = None
    asking: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """One thing that counted. `at` is RFC 3339, the text of the variable where that is the date, or None where there is none.

    `element_id` is None for an instance; `values` are the variables chosen, as they are now.
    """

    process_instance_id: str
    definition_key: str
    business_key: str | None
    jurisdiction: str | None
    state: str
    at: str | None
    element_id: str | None
    values: Mapping[str, Json]

    def as_json(self) -> dict[str, Json]:
        """The entry as diagrams and the API see it."""
        return {
            "processInstanceId": self.process_instance_id,
            "definitionKey": self.definition_key,
            "businessKey": self.business_key,
            "jurisdiction": self.jurisdiction,
            "state": self.state,
            "at": self.at,
            "elementId": self.element_id,
            "values": dict(self.values),
        }
