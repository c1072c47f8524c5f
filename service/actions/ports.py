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
from service.domain.event import EventDelivery, StartTimer, ThrownEvent
from service.domain.external_task import DEFAULT_RETRIES, ExternalTask, TopicRequest
from service.domain.incident import Incident
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.law import DueDate
from service.domain.operations import Instruction, Migrated, Modified, MoveBackPlace
from service.domain.standing import Standing
from service.domain.step import ActivityChange, ArmedTimer, CalledProcess, DecisionTaken, Step, Subscription
from service.domain.task import Task

T = TypeVar("T")

# --- engine -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StartEvent:
    """A start of a process. `event_kind`: none (a plain start), message, signal, timer; `event_name` that of the message or signal.

    `correlation_keys` name the variables that identify a case. `reserved_variables` are set by the steps of the process only: no start
    and no message may bring them. A start event with several event definitions is several starts.
    """

    element_id: str
    name: str
    event_kind: str = "none"
    event_name: str | None = None
    correlation_keys: tuple[str, ...] = ()
    reserved_variables: tuple[str, ...] = ()

    @property
    def message_name(self) -> str | None:
        """The message that starts the process here, None when something else does."""
        return self.event_name if self.event_kind == "message" else None


@dataclass(frozen=True, slots=True)
class MessageRoute:
    """Where a message thrown at `element_id` goes inside the service: a process of the same file, and the elements that may take it there.

    `correlation_keys` are those that the one receiving element names.
    """

    element_id: str
    message_name: str
    definition_key: str
    receivers: tuple[str, ...]
    correlation_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A named thing a diagram uses. `kind`: decision, form or process; `binding` None/latest/deployment/version/versionTag.

    `version` and `version_tag` belong to the bindings of their names.
    """

    kind: str
    key: str
    element_id: str
    line: int | None
    binding: str | None = None
    version: int | None = None
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessDescription:
    """What a diagram declares: one executable process of a file."""

    key: str
    name: str
    starts: tuple[StartEvent, ...]
    references: tuple[Reference, ...]
    candidate_groups: tuple[str, ...] = ()
    version_tag: str | None = None
    forms: tuple[tuple[str, str], ...] = ()
    """Key and form-js schema (JSON) of each form that is written into the diagram itself."""
    routes: tuple[MessageRoute, ...] = ()


@dataclass(frozen=True, slots=True)
class Inspection:
    """The engine's reading of one BPMN file at deployment: findings (all of them) and the processes, empty when it has errors.

    `references` are those of all its elements without errors, so that what is missing is told with the errors of the others.
    """

    findings: tuple[Finding, ...]
    processes: tuple[ProcessDescription, ...]
    references: tuple[Reference, ...] = ()


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
    """What a step may ask of the law of its instance. Unknown keys raise StepFailed(kind="definition").

    `version` is a number with the binding `version`, a tag with `versionTag`.
    """

    def decision(self, element_id: str, key: str, binding: str | None, version: int | str | None) -> DecisionSource: ...
    def deadline(self, element_id: str, key: str, now_ms: int) -> DueDate: ...
    def setting(self, element_id: str, key: str) -> Json: ...
    def process(self, element_id: str, key: str, binding: str | None, version: int | str | None) -> ProcessSource: ...
    def within(self, called: CalledProcess | None) -> "Law":
        """The same law for the elements of a called process: the binding `deployment` means the deployment of that process."""
        ...


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The moment (epoch milliseconds), the law, and who acts (recorded as the actor of the activities that a person ends).

    `business_key` is that of the instance, which expressions may ask for.
    """

    now: int
    law: Law
    actor: str
    business_key: str | None = None


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
    def throw_error(self, task_id: str, code: str, message: str, variables: Mapping[str, Json], circumstances: Circumstances) -> Step:
        """A BPMN error comes out of an open user or external task. Nothing catches it: StepFailed(kind="error-event")."""
        ...

    def external_variables(self, task_id: str) -> Mapping[str, Json] | None:
        """All variables seen from an external task; None when it does not wait."""
        ...

    def throw_again(self, event_id: str, circumstances: Circumstances) -> Step:
        """An error end event throws once more the error that nothing caught."""
        ...

    def complete_external(
        self,
        task_id: str,
        variables: Mapping[str, Json],
        local_variables: Mapping[str, Json],
        report: Mapping[str, Json],
        circumstances: Circumstances,
    ) -> Step:
        """A worker is done: set `variables`, and `local_variables` at the task itself, then go on.

        `report` is what the error events of the task (camunda:errorEventDefinition) see as `externalTask`; one that fits is thrown instead.
        """
        ...

    def fail_external(self, task_id: str, report: Mapping[str, Json], circumstances: Circumstances) -> Step | None:
        """A worker could not do it. None, and nothing is changed, unless an error event of the task makes a business error of it."""
        ...

    def change_variables(self, waiting_id: str, variables: Mapping[str, Json], circumstances: Circumstances) -> Step:
        """Set top-level variables of the process in which the waiting thing stands, and nothing else; conditional events look at them."""
        ...

    def set_variables(self, variables: Mapping[str, Json], waiting_id: str) -> None:
        """Before a retry, set top-level variables of the process, called or not, in which the task, timer or subscription stands."""
        ...

    def modify(self, instructions: Sequence[Instruction], variables: Mapping[str, Json], circumstances: Circumstances) -> Modified:
        """Set top-level variables, cancel what is named, start what is named, and go on. Raises OperationRefused."""
        ...

    def move_back(
        self, task_id: str | None, activity_id: str | None, target: str, been_through: Sequence[str], circumstances: Circumstances
    ) -> Modified:
        """Go back from an open task, or from the one token at an element, to an activity among those the instance has `been_through`.

        Raises OperationRefused.
        """
        ...

    def move_back_places(self, been_through: Sequence[str]) -> Sequence[MoveBackPlace]:
        """Where one may go back to, from every element at which the instance stands."""
        ...

    def migrate(self, target: ProcessSource, mapping: Mapping[str, str], same_ids: bool, circumstances: Circumstances) -> Migrated:
        """Go over to another version of the diagram; `same_ids`: elements not in `mapping` keep their id. Raises OperationRefused.

        The execution is of no use afterwards: the next one is made with the target.
        """
        ...

    def standing(self) -> Standing:
        """What the state says stands open: with this the rows of the instance have to agree."""
        ...


class Engine(Protocol):
    """The only room that knows SpiffWorkflow."""

    def inspect(self, file_name: str, xml: bytes) -> Inspection: ...
    def start_timers(self, source: ProcessSource, now: int) -> Sequence[StartTimer]:
        """The timers that start the process, deployed at `now` (epoch ms). Raises StepFailed when one has no moment to be computed."""
        ...

    def following_start(self, timer: StartTimer, now: int) -> StartTimer | None:
        """What is to wait for after the timer has started the process at `now`; None when that was the last time."""
        ...

    def start(self, source: ProcessSource, start_element_id: str, variables: Mapping[str, Json], circumstances: Circumstances) -> Step: ...
    def references(self, source: ProcessSource) -> Sequence[Reference]:
        """The decisions, forms and processes that the elements of a deployed process use."""
        ...

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
    renamed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """What is open (by its id) and stands for another element now: (element id, name)."""


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer whose moment has come."""

    id: str
    process_instance_id: str
    element_id: str
    due_at: int
    attempts: int


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """A subscription with the instance it belongs to. `kind`: message or signal."""

    id: str
    process_instance_id: str
    element_id: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class DueStart:
    """A process that is to be started by the clock. `attempts`: how often that went wrong in a way that no incident could keep."""

    id: str
    definition_id: str
    attempts: int
    timer: StartTimer


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
    def start_definitions(self, kind: str, name: str) -> Sequence[Definition]:
        """The latest versions of the processes that start with the message or signal (`kind`) of that name, by key."""
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
    ) -> Sequence[WaitingEvent]: ...
    def waiting_receivers(
        self, name: str, definition_key: str, element_ids: Sequence[str], business_key: str | None, correlation_keys: Mapping[str, Json]
    ) -> Sequence[WaitingEvent]:
        """Places at these elements of the process that wait for the message: with these correlation keys, else that very business key."""
        ...

    def waiting_event(self, subscription_id: str) -> WaitingEvent | None:
        """The place that waits under this subscription, if it still does."""
        ...

    def waiting_signal(self, process_instance_id: str, subscription_id: str) -> WaitingEvent | None:
        """The place of the instance that waits under this subscription to a signal, or under the one that took its place."""
        ...

    def open_tasks(self, process_instance_id: str) -> Sequence[Task]:
        """The tasks that wait in the instance, in the order they were opened."""
        ...

    def few_open_tasks(self, process_instance_id: str) -> FewTasks: ...

    def waiting_timer(self, timer_id: str) -> DueTimer | None:
        """The timer, if it still waits and is not parked."""
        ...

    def load_external_task(self, task_id: str) -> ExternalTask | None:
        """The task as it is now, locked, and its instance before it."""
        ...

    def save_external_task(self, task: ExternalTask) -> None:
        """Write lock, retries and error of a loaded task; Conflict("stale") when it is gone."""
        ...

    def park_external_task(self, task_id: str) -> None:
        """Take a task out of the queue, because an incident stands for it."""
        ...

    def take_external_tasks(
        self, worker_id: str, topics: Sequence[TopicRequest], limit: int, by_priority: bool, now: int
    ) -> Sequence[ExternalTask]:
        """Lock up to `limit` tasks for the worker, and no other's; those of suspended instances and parked ones are left out."""
        ...

    def suspend_waiting(self, process_instance_id: str) -> None:
        """Mark the open tasks of a suspended instance and take its timers out of the queue."""
        ...

    def resume_waiting(self, process_instance_id: str, still_parked: Sequence[str]) -> None:
        """Take that back, except for the timers whose firing is an open incident."""
        ...

    def been_through(self, process_instance_id: str) -> Sequence[str]:
        """Ids of the elements that were completed in the instance, the latest first, each once."""
        ...

    def open_incidents(self, process_instance_id: str) -> Sequence[Incident]: ...
    def load_incident(self, incident_id: str) -> Incident | None: ...
    def claim_due_timers(self, now: int, limit: int) -> Sequence[DueTimer]:
        """Timers due, oldest first, without parked ones and those of suspended instances; their instances are locked until the end.

        Instances that another transaction has locked are passed over where the database can do that.
        """
        ...

    def park_timer(self, timer_id: str) -> None:
        """Take a timer out of the queue because firing it is an incident; a retry arms it again."""
        ...

    # signals and messages inside the service, starts by the clock
    def throw_event(self, event: ThrownEvent, due_at: int, only: str | None = None) -> int:
        """Write down whom the event is meant for (`only`: no other instance); returns how many deliveries that makes."""
        ...

    def reached_instances(self, event_id: str, limit: int) -> Sequence[str]:
        """Ids of instances that wait for the event and are still to be told."""
        ...

    def claim_delivery(self, now: int, event_id: str | None = None) -> EventDelivery | None:
        """The oldest delivery that is due, or one of the event that nobody has tried yet; locked until the end."""
        ...

    def settle_delivery(self, event_id: str, target: str) -> bool:
        """Cross out a delivery, as part of what it causes; False when it was crossed out before."""
        ...

    def postpone_delivery(self, event_id: str, target: str, due_at: int) -> None: ...
    def forget_events(self) -> int:
        """Delete the events that have reached all; returns how many."""
        ...

    def arm_starts(self, definition_key: str, definition_id: str, timers: Sequence[StartTimer]) -> None:
        """From now on these timers start the process, and none of its earlier versions."""
        ...

    def claim_due_start(self, now: int) -> DueStart | None:
        """The start that is due longest, locked until the end."""
        ...

    def move_start(self, start_id: str, following: StartTimer | None) -> None:
        """A start was made: wait for the following one, if there is any."""
        ...

    def postpone_start(self, start_id: str, due_at: int) -> None: ...

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

        `what`: process-definitions, process-instances, tasks, external-tasks, decision-definitions, decision-evaluations, incidents,
        audit-events, activities, jurisdictions, users, groups, api-keys, deployments.
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
    def been_through(self, process_instance_id: str) -> Sequence[str]:
        """Ids of the elements that were completed in the instance, the latest first, each once."""
        ...

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

    def stored_instances(self, after: str, limit: int, only: str | None) -> Sequence[StoredInstance]:
        """Instances with an id greater than `after`, by id; or only the one named by `only`."""
        ...

    def orphans(self) -> Sequence[str]:
        """Rows that belong to no instance, one sentence each, some of each kind."""
        ...

    def key_by_hash(self, secret_hash: str) -> ApiKey | None: ...
    def person(self, user_id: str) -> User | None: ...
    def ready(self) -> str | None:
        """None when the database answers and has this version's schema, else what is wrong and which command mends it."""
        ...

    def anything_due(self, now: int) -> bool:
        """Whether a timer, a start or a delivery waits for a worker."""
        ...

    def gauges(self, now: int) -> Mapping[str, int]:
        """openTasks, overdueTasks, waitingTimers, dueTimers, externalTasks, openIncidents, outbox, pendingEvents."""
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
    external_retries: int = DEFAULT_RETRIES
    """How often an external task may be tried when nobody said so."""
