"""What the actions need from the store for process instances and the tasks in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from service.domain.audit import AuditEvent
from service.domain.event import ThrownEvent
from service.domain.external_task import ExternalTask
from service.domain.incident import Incident
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.precedent import Precedent
from service.domain.standing import Standing
from service.domain.step import ActivityChange, ArmedTimer, DecisionTaken, Subscription
from service.domain.task import Task


@dataclass(slots=True)
class InstanceChange:
    """Everything one step writes, in one transaction. `instance` carries the new values; its stored row must still have `expected_version`.

    `variables` None = unchanged. `closed_tasks` maps task id → (state, completed_at, completed_by). `released_tasks` are tasks as they were
    that nobody is to have any more.
    """

    instance: ProcessInstance
    expected_version: int
    now: int
    opened_tasks: list[Task] = field(default_factory=list)
    closed_tasks: dict[str, tuple[str, int, str | None]] = field(default_factory=dict)
    released_tasks: Sequence[Task] = ()
    armed_timers: Sequence[ArmedTimer] = ()
    cancelled_timers: Sequence[str] = ()
    subscribed: Sequence[Subscription] = ()
    unsubscribed: Sequence[str] = ()
    opened_external: Sequence[ExternalTask] = ()
    closed_external: Sequence[str] = ()
    activities: Sequence[ActivityChange] = ()
    decisions: Sequence[DecisionTaken] = ()
    variables: Mapping[str, Json] | None = None
    audit: list[AuditEvent] = field(default_factory=list)
    outbox: list[tuple[str, str, Mapping[str, Json]]] = field(default_factory=list)
    """(id, CloudEvents type, payload) of what leaves the service."""
    thrown: Sequence[ThrownEvent] = ()
    """Signals and messages for others inside the service."""
    opened_incidents: Sequence[Incident] = ()
    """A new incident, or one of the same id in its new words."""
    resolved_incidents: Sequence[str] = ()
    precedents: Sequence[Precedent] = ()
    voided_boxes: Sequence[str] = ()
    """Secret ballots that are not counted: what lies in their boxes is destroyed."""
    renamed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """What is open (by its id) and stands for another element now: (element id, name)."""


FEW_TASKS = 20
"""Open tasks of an instance that the answer to a step tells one by one."""


@dataclass(frozen=True, slots=True)
class FewTasks:
    """The oldest tasks that wait in an instance, at most FEW_TASKS; `number` says how many wait in all."""

    tasks: Sequence[Task]
    number: int


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """An instance with what its rows say stands open in it, and in words what in these rows contradicts itself."""

    instance: ProcessInstance
    standing: Standing
    faults: Sequence[str]


class InstanceWriting(Protocol):
    """Part of a write transaction: the hot path."""

    def load_instance(self, instance_id: str) -> ProcessInstance | None:
        """Load and lock (SELECT … FOR UPDATE where there is one)."""
        ...

    def insert_instance(self, change: InstanceChange) -> None:
        """Insert the instance and all of `change`; Conflict("open-case") when an open instance of the key has the same correlation."""
        ...

    def save_instance(self, change: InstanceChange) -> None:
        """UPDATE … WHERE id = ? AND version = ? (row count checked → Conflict("stale")) and write all of `change`."""
        ...

    def open_case(self, definition_key: str, correlation: str) -> str | None:
        """Id of the open instance of that key with that correlation."""
        ...

    def load_task(self, task_id: str) -> Task | None: ...

    def save_task(self, task: Task, expected_version: int) -> None:
        """Write assignee, follow-up, priority, due; row count checked → Conflict("stale")."""
        ...

    def completers(self, process_instance_id: str, task_definition_keys: Sequence[str]) -> frozenset[str]: ...

    def open_tasks(self, process_instance_id: str) -> Sequence[Task]:
        """The tasks that wait in the instance, in the order they were opened."""
        ...

    def few_open_tasks(self, process_instance_id: str) -> FewTasks: ...

    def suspend_waiting(self, process_instance_id: str) -> None:
        """Mark the open tasks of a suspended instance and take its timers out of the queue."""
        ...

    def resume_waiting(self, process_instance_id: str, still_parked: Sequence[str]) -> None:
        """Take that back, except for the timers whose firing is an open incident."""
        ...

    def suspended_since(self, process_instance_id: str) -> int | None:
        """When the instance was suspended the last time, as its trail says; None: never."""
        ...

    def been_through(self, process_instance_id: str) -> Sequence[str]:
        """Ids of the elements that were completed in the instance, the latest first, each once."""
        ...

    def open_incidents(self, process_instance_id: str) -> Sequence[Incident]: ...
    def load_incident(self, incident_id: str) -> Incident | None: ...


class InstanceQuestions(Protocol):
    """Part of a read."""

    def variables(self, process_instance_id: str) -> Mapping[str, Json] | None: ...
    def open_tasks(self, process_instance_id: str, now: int) -> Sequence[Mapping[str, Json]]: ...
    def task(self, task_id: str) -> Task | None: ...
    def instance(self, process_instance_id: str) -> ProcessInstance | None: ...

    def been_through(self, process_instance_id: str) -> Sequence[str]:
        """Ids of the elements that were completed in the instance, the latest first, each once."""
        ...

    def stored_instances(self, after: str, limit: int, only: str | None) -> Sequence[StoredInstance]:
        """Instances with an id greater than `after`, by id; or only the one named by `only`."""
        ...

    def orphans(self) -> Sequence[str]:
        """Rows that belong to no instance, one sentence each, some of each kind."""
        ...
