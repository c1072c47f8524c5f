"""What the actions need from other rooms. Ports are satisfied structurally; nobody inherits from them.

store implements Store, Transaction and Questions; engine implements Engine and Execution; the composition root (main, worker, cli)
joins them in a Services value.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol, TypeVar, cast

from service.dmn import Model
from service.domain.audit import AuditEvent, BrokenEvent
from service.domain.definition import Definition, Deployment, Jurisdiction, ModelResource, Resource
from service.domain.errors import Finding
from service.domain.incident import Incident
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.law import DueDate
from service.domain.step import ActivityChange, ArmedTimer, CalledProcess, DecisionTaken, Step, Subscription
from service.domain.task import Task

T = TypeVar("T")

# --- engine -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StartEvent:
    """A start of a process. `message_name` None = plain start; `correlation_keys` name the variables that identify a case.

    `reserved_variables` are set by the steps of the process only: no start and no message may bring them.
    """

    element_id: str
    name: str
    message_name: str | None
    correlation_keys: tuple[str, ...] = ()
    reserved_variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A named thing a diagram uses. `kind`: decision, form or process; `binding` None/latest/deployment/version."""

    kind: str
    key: str
    element_id: str
    line: int | None
    binding: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class ProcessDescription:
    """What a diagram declares: one executable process of a file."""

    key: str
    name: str
    starts: tuple[StartEvent, ...]
    references: tuple[Reference, ...]
    candidate_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inspection:
    """The engine's reading of one BPMN file at deployment: findings (all of them) and the processes, empty when it has errors."""

    findings: tuple[Finding, ...]
    processes: tuple[ProcessDescription, ...]


@dataclass(frozen=True, slots=True)
class ProcessSource:
    """A deployed diagram as the engine needs it: compiled once per digest and key, then kept."""

    key: str
    version: int
    digest: str
    xml: bytes


@dataclass(frozen=True, slots=True)
class DecisionSource:
    """A decision in force: the compiled model, the decision's key in it and its version."""

    key: str
    version: int
    model: Model


class Law(Protocol):
    """What a step may ask of the law of its instance. Unknown keys raise StepFailed(kind="definition")."""

    def decision(self, element_id: str, key: str, binding: str | None, version: int | None) -> DecisionSource: ...
    def deadline(self, element_id: str, key: str, now_ms: int) -> DueDate: ...
    def setting(self, element_id: str, key: str) -> Json: ...
    def process(self, element_id: str, key: str, binding: str | None, version: int | None) -> ProcessSource: ...
    def within(self, called: CalledProcess | None) -> "Law":
        """The same law for the elements of a called process: the binding `deployment` means the deployment of that process."""
        ...


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The moment (epoch milliseconds), the law, and who acts (recorded as the actor of the activities that a person ends)."""

    now: int
    law: Law
    actor: str


class Execution(Protocol):
    """One instance brought to life from its state. Used for one step and thrown away; a failed step leaves the stored state as it was.

    Every method that runs raises StepFailed (element, kind, message) when an expression, a decision or a limit fails.
    """

    def task_variables(self, task_id: str) -> Mapping[str, Json]: ...
    def message_variables(self, subscription_id: str) -> Mapping[str, Json]:
        """All variables seen from where a message that arrives at the subscription sets its own."""
        ...

    def called_process(self, waiting_id: str) -> CalledProcess | None:
        """The called process in which an open task, timer or subscription stands; None: the process of the instance."""
        ...

    def complete_task(self, task_id: str, variables: Sequence[tuple[tuple[str, ...], Json]], circumstances: Circumstances) -> Step:
        """Set each path (a path of one name is a top-level variable; lists and scalars are replaced whole), then go on."""
        ...

    def deliver_message(self, subscription_id: str, variables: Mapping[str, Json], circumstances: Circumstances) -> Step: ...
    def fire_timer(self, timer_id: str, circumstances: Circumstances) -> Step: ...
    def set_variables(self, variables: Mapping[str, Json], waiting_id: str) -> None:
        """Before a retry, set top-level variables of the process, called or not, in which the task, timer or subscription stands."""
        ...


class Engine(Protocol):
    """The only room that knows SpiffWorkflow."""

    def inspect(self, file_name: str, xml: bytes) -> Inspection: ...
    def start(self, source: ProcessSource, start_element_id: str, variables: Mapping[str, Json], circumstances: Circumstances) -> Step: ...
    def resume(self, source: ProcessSource, state_data: bytes, law: Law) -> Execution:
        """`law` gives the diagrams of the calls in progress, each in the version that the state names."""
        ...


# --- store ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer kept for a repeated request (30 days). `fingerprint` is the SHA-256 of caller, person, route and body."""

    key: str
    fingerprint: str
    status: int
    body: str
    created_at: int


@dataclass(slots=True)
class InstanceChange:
    """Everything one step writes, in one transaction. `instance` carries the new values; its stored row must still have `expected_version`.

    `variables` None = unchanged. `closed_tasks` maps task id → (state, completed_at, completed_by).
    """

    instance: ProcessInstance
    expected_version: int
    now: int
    opened_tasks: list[Task] = field(default_factory=list)
    closed_tasks: dict[str, tuple[str, int, str | None]] = field(default_factory=dict)
    armed_timers: Sequence[ArmedTimer] = ()
    cancelled_timers: Sequence[str] = ()
    subscribed: Sequence[Subscription] = ()
    unsubscribed: Sequence[str] = ()
    activities: Sequence[ActivityChange] = ()
    decisions: Sequence[DecisionTaken] = ()
    variables: Mapping[str, Json] | None = None
    audit: list[AuditEvent] = field(default_factory=list)
    outbox: list[tuple[str, str, Mapping[str, Json]]] = field(default_factory=list)
    """(id, CloudEvents type, payload) of what leaves the service."""
    opened_incident: Incident | None = None
    """A new incident, or one of the same id in its new words."""
    resolved_incidents: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer whose moment has come."""

    id: str
    process_instance_id: str
    element_id: str
    due_at: int
    attempts: int


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A subscription with the instance it belongs to."""

    id: str
    process_instance_id: str
    element_id: str
    message_name: str


@dataclass(slots=True)
class User:
    """A person known to the service."""

    id: str
    name: str
    email: str | None
    groups: tuple[str, ...]
    created_at: int


@dataclass(slots=True)
class Group:
    """A candidate group: a role in the procedures, or a unit."""

    id: str
    name: str
    source: str | None
    created_at: int


@dataclass(slots=True)
class ApiKey:
    """A caller's key: only the SHA-256 of its secret is stored. `user_id`: the key speaks for that person and no other."""

    id: str
    name: str
    secret_hash: str
    scopes: tuple[str, ...]
    user_id: str | None
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None


class Lookups(Protocol):
    """Published things, which never change; asked for by both doors of the store."""

    def latest_definition(self, kind: str, key: str, up_to_seq: int | None = None) -> Definition | None: ...
    def definition_version(self, kind: str, key: str, version: int) -> Definition | None: ...
    def process_definition(self, definition_id: str) -> Definition | None: ...
    def start_definitions(self, message_name: str) -> Sequence[Definition]:
        """The latest versions of the processes that have a message start event of that name."""
        ...

    def resource(self, resource_id: str) -> Resource | None: ...
    def definitions_in(self, resource_id: str) -> Sequence[Definition]:
        """What the file declares, by key."""
        ...

    def decision_models(self, namespace: str) -> Sequence[ModelResource]:
        """The decision models of that namespace, by file name: of each jurisdiction those of its last deployment that brought any."""
        ...

    def model_resource(self, resource_id: str) -> ModelResource | None:
        """The deployed decision file, without its bytes."""
        ...

    def jurisdiction(self, jurisdiction_id: str, up_to_seq: int | None = None) -> Jurisdiction | None: ...


class Transaction(Lookups, Protocol):
    """One write transaction. Leaving the `with` block without commit() rolls back; a lost race raises Conflict("stale")."""

    def commit(self) -> None: ...

    # repeated requests
    def recall_answer(self, key: str) -> StoredAnswer | None: ...
    def remember_answer(self, answer: StoredAnswer) -> None:
        """Insert; Conflict("repeated-concurrently") when another request stored the key meanwhile."""
        ...

    # instances (the hot path)
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
    def waiting_messages(
        self,
        name: str,
        process_instance_id: str | None,
        business_key: str | None,
        correlation_keys: Mapping[str, Json],
    ) -> Sequence[WaitingMessage]: ...
    def open_tasks(self, process_instance_id: str) -> Sequence[Task]:
        """The tasks that wait in the instance, in the order they were opened."""
        ...

    def waiting_timer(self, timer_id: str) -> DueTimer | None:
        """The timer, if it still waits and is not parked."""
        ...

    def open_incidents(self, process_instance_id: str) -> Sequence[Incident]: ...
    def load_incident(self, incident_id: str) -> Incident | None: ...
    def due_timers(self, now: int, limit: int) -> Sequence[DueTimer]:
        """Timers due, oldest first; parked ones are left out. Nothing is locked: the instance's lock decides who fires."""
        ...

    def park_timer(self, timer_id: str) -> None:
        """Take a timer out of the queue because firing it is an incident; a retry arms it again."""
        ...

    # deployments and definitions
    def lock_deployments(self) -> int:
        """Serialise deployments; returns the number the next one gets."""
        ...

    def latest_deployment_seq(self) -> int: ...
    def move_jurisdiction(self, old_path: str, new_path: str, deployment_seq: int) -> None:
        """A place has moved in the hierarchy: those below it, and the instances and tasks of all of them, follow it."""
        ...

    def insert_deployment(
        self,
        deployment: Deployment,
        resources: Sequence[Resource],
        definitions: Sequence[Definition],
        jurisdictions: Sequence[Jurisdiction],
    ) -> None: ...
    # people and keys
    def user(self, user_id: str) -> User | None: ...
    def put_user(self, user: User) -> None:
        """Insert or replace; groups not yet known are created with their id as name."""
        ...

    def tasks_held_by(self, user_id: str) -> int:
        """How many open tasks the person has claimed or been assigned."""
        ...

    def uses_of_group(self, group_id: str) -> int:
        """How many members and open tasks name the group."""
        ...

    def delete_user(self, user_id: str) -> bool: ...
    def group(self, group_id: str) -> Group | None: ...
    def put_group(self, group: Group) -> None: ...
    def delete_group(self, group_id: str) -> bool: ...
    def api_key(self, key_id: str) -> ApiKey | None: ...
    def put_api_key(self, key: ApiKey) -> None: ...
    def delete_api_key(self, key_id: str) -> bool: ...

    # audit of what belongs to no instance, outbox, housekeeping
    def append_service_event(self, at: int, actor: str, kind: str, payload: Mapping[str, Json]) -> AuditEvent: ...
    def forget_answers(self, created_before: int) -> int: ...


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows (JSON objects as the API shows them) and the cursor of the next, None at the end."""

    items: Sequence[Mapping[str, Json]]
    next_cursor: str | None


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


class Questions(Lookups, Protocol):
    """Read-only questions; every answer reflects all that was committed before (no lag). Rows come as the API's JSON objects (camelCase).

    Lists are keyset-paged: `cursor` is opaque; a wrong one raises Malformed.
    `filters` hold only the names listed in service/store/questions.py for that list; times are epoch milliseconds inside, RFC 3339 in rows.
    """

    def page(
        self,
        what: str,
        filters: Mapping[str, object],
        sort: Sequence[tuple[str, bool]],
        limit: int,
        cursor: str | None,
        now: int,
        jurisdictions: Sequence[str] | None,
    ) -> Page:
        """One page of the list `what`.

        `what`: process-definitions, process-instances, tasks, decision-definitions, decision-evaluations, incidents, audit-events,
        activities, jurisdictions, users, groups, api-keys, deployments.
        """
        ...

    def one(self, what: str, identifier: str, now: int) -> Mapping[str, Json] | None: ...
    def count_tasks(self, filters: Mapping[str, object], now: int, jurisdictions: Sequence[str] | None) -> int: ...
    def task_statistics(
        self, group_by: str, filters: Mapping[str, object], now: int, jurisdictions: Sequence[str] | None
    ) -> Sequence[Mapping[str, Json]]: ...
    def variables(self, process_instance_id: str) -> Mapping[str, Json] | None: ...
    def open_tasks(self, process_instance_id: str, now: int) -> Sequence[Mapping[str, Json]]: ...
    def task(self, task_id: str) -> Task | None: ...
    def instance(self, process_instance_id: str) -> ProcessInstance | None: ...
    def taken_decisions(
        self, decision_key: str, since: int | None, before: int | None, limit: int, jurisdictions: Sequence[str] | None
    ) -> Sequence[TakenDecision]:
        """The evaluations of the decision with `since` ≤ moment < `before` (epoch milliseconds, None = open), newest first."""
        ...

    def case_files(self, jurisdiction: str | None, since_seq: int) -> Sequence[Resource]:
        """The cases files of the jurisdiction's deployments from that number on, of each file name the newest."""
        ...

    def verify_audit(self, stream: str | None) -> tuple[int, BrokenEvent | None]:
        """(events recomputed, first broken one or None)."""
        ...

    def key_by_hash(self, secret_hash: str) -> ApiKey | None: ...
    def person(self, user_id: str) -> User | None: ...
    def ready(self) -> str | None:
        """None when the database answers and has this version's schema, else what is wrong and which command mends it."""
        ...

    def gauges(self, now: int) -> Mapping[str, int]:
        """openTasks, overdueTasks, waitingTimers, dueTimers, openIncidents, outbox."""
        ...


class Store(Protocol):
    """The database, behind two doors."""

    def begin(self) -> AbstractContextManager[Transaction]: ...
    def read(self, snapshot: bool = True) -> AbstractContextManager[Questions]:
        """Questions that all see one moment, or (cheaper, for a single question) each its own."""
        ...


Clock = Callable[[], int]
"""Now, in epoch milliseconds."""


class Shelf:
    """Compiled models and definitions that never change once published, kept by key; the oldest make room."""

    def __init__(self, capacity: int = 2_000) -> None:
        self._items: dict[Hashable, object] = {}
        self._capacity = capacity
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The thing kept under `key`, made by `make` the first time. None is not kept: what is missing may come."""
        found = self._items.get(key)
        if found is None:
            found = make()
            if found is not None:
                with self._lock:
                    while len(self._items) >= self._capacity:
                        del self._items[next(iter(self._items))]
                    self._items[key] = found
        return cast(T, found)


@dataclass(frozen=True, slots=True)
class Services:
    """What every action is given."""

    store: Store
    engine: Engine
    clock: Clock
    shelf: Shelf = field(default_factory=Shelf)
