"""What the actions need from the store: one write transaction, and questions that only read."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from service.actions.ports.evidence import EvidenceQuestions, EvidenceWriting
from service.domain.audit import AuditEvent, BrokenEvent
from service.domain.definition import Definition, Deployment, Jurisdiction, ModelResource, Resource
from service.domain.event import EventDelivery, StartTimer, ThrownEvent
from service.domain.external_task import ExternalTask, TopicRequest
from service.domain.incident import Incident
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.law import TimeLimit
from service.domain.precedent import Precedent, PrecedentOutline
from service.domain.recorded_fact import RecordedEntry, RecordedQuestion
from service.domain.recusal import Recusal
from service.domain.standing import Standing
from service.domain.step import ActivityChange, ArmedTimer, DecisionTaken, Subscription
from service.domain.subject import Subject
from service.domain.task import Task
from service.domain.working_days import Recount, WorkingYear, WorkingYears


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
    precedents: Sequence[Precedent] = ()
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
class LimitedTimer:
    """A timer that comes from a time limit."""

    id: str
    element_id: str
    due_at: int
    limit: TimeLimit


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
    """What both doors of the store answer: published things, which never change, and what was recorded in earlier and other cases."""

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
    def latest_deployment_seq(self) -> int: ...
    def working_years(self) -> WorkingYears:
        """The tables of working days that were set here."""
        ...

    def recusals_of_case(self, process_instance_id: str) -> Sequence[Recusal]:
        """Those declared or ordered that are about the case, whatever their days."""
        ...

    def recusals_about(self, process_instance_id: str, subject_id: str | None, matter_id: str | None) -> Sequence[Recusal]:
        """The same for a case with that subject and matter, written or not."""
        ...

    def count_recorded(self, question: RecordedQuestion) -> int:
        """How many instances, or visits, fit the question."""
        ...

    def find_recorded(self, question: RecordedQuestion) -> Sequence[RecordedEntry]:
        """Those that fit, the newest first, at most MAX_ENTRIES."""
        ...


class Transaction(Lookups, EvidenceWriting, Protocol):
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

    def suspended_since(self, process_instance_id: str) -> int | None:
        """When the instance was suspended the last time, as its trail says; None: never."""
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

    def limited_timers(self, process_instance_id: str) -> Sequence[LimitedTimer]:
        """The timers of the instance that come from a time limit, parked or not."""
        ...

    def move_timer(self, timer_id: str, due_at: int, limit: TimeLimit) -> None:
        """Make a timer due at another moment."""
        ...

    def postpone_timer(self, timer_id: str, try_at: int) -> None:
        """Try a timer again at that time which can neither fire nor be parked; when it was due stays as it is."""
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

    def postpone_delivery(self, event_id: str, target: str, due_at: int, problem: str) -> None:
        """Try again at that time; `problem` is why it went wrong, in words for people."""
        ...

    def try_deliveries_again(self, event_id: str, target: str | None, due_at: int) -> int:
        """Deliver what is left of an event (or to one target) as if it was just thrown; returns how many deliveries that is."""
        ...

    def load_delivery(self, event_id: str, target: str) -> EventDelivery | None:
        """A delivery that is still to be made, due or not, locked until the end."""
        ...

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

    def postpone_start(self, start_id: str, due_at: int, problem: str) -> None:
        """Try again at that time; `problem` is why it went wrong, in words for people."""
        ...

    def try_start_again(self, start_id: str, due_at: int) -> DueStart | None:
        """Try a start that went wrong again at that time, as if it never had; None when there is none of that id that went wrong."""
        ...

    # deployments and definitions
    def lock_deployments(self) -> int:
        """Serialise deployments; returns the number the next one gets."""
        ...

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
    def subject(self, subject_id: str) -> Subject | None: ...
    def put_subject(self, one: Subject) -> None:
        """Insert or replace."""
        ...

    def put_precedents(self, precedents: Sequence[Precedent]) -> None:
        """Insert, or replace those of the same id."""
        ...

    def load_recusal(self, recusal_id: str) -> Recusal | None:
        """The recusal, locked until the end."""
        ...

    def put_recusal(self, one: Recusal) -> None:
        """Insert or replace."""
        ...

    def open_cases_of_recusal(self, one: Recusal) -> Sequence[str]:
        """Ids of the open instances that the recusal is about, in their order."""
        ...

    def api_key(self, key_id: str) -> ApiKey | None: ...
    def put_api_key(self, key: ApiKey) -> None: ...
    def delete_api_key(self, key_id: str) -> bool: ...

    # working days
    def lock_working_days(self) -> None:
        """Only one transaction at a time sets tables, so that their versions are in the order in which they became known."""
        ...

    def put_working_year(self, table: WorkingYear) -> None:
        """Insert or replace the table of its year; the due dates that it touches are to be counted again from now on."""
        ...

    def recount_went_on(self, recount: Recount, after: str, at: int | None) -> None:
        """The cases up to `after` are done; the next look is at `at` (None: all are done). Nothing when the table is a newer one."""
        ...

    # audit of what belongs to no instance, outbox, housekeeping
    def hold_service_stream(self) -> None:
        """Lock the end of the service's own stream until the end of the transaction: for those who then lock something else."""
        ...

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


class Questions(Lookups, EvidenceQuestions, Protocol):
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
        audit-events, activities, jurisdictions, users, groups, api-keys, deployments, pending-events, start-timers, attachments, documents,
        document-templates, precedents, recusals.
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

    def first_counted_year(self) -> int | None:
        """The earliest of the last years that due dates of open tasks, or timers, count without the published calendar."""
        ...

    def recount_due(self, now: int) -> Recount | None:
        """The counting again that is to go on now, the one of the oldest table first."""
        ...

    def cases_to_recount(self, recount: Recount, limit: int) -> Sequence[str]:
        """Ids of the next cases in which due dates or timers count days of the year (or later ones) and do not know its table."""
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

    def unlike_recusals(self) -> tuple[int, Sequence[str]]:
        """(rows read, in words where a recusal is not what the last event about it in the service's stream says)."""
        ...

    def precedents_beside(self, case_path: str | None) -> Sequence[PrecedentOutline]:
        """All precedents that are shown beside cases of the place with that path, by id."""
        ...

    def precedents(self, ids: Sequence[str]) -> Sequence[Precedent]:
        """Those of the ids, whole, by id."""
        ...

    def key_by_hash(self, secret_hash: str) -> ApiKey | None: ...
    def person(self, user_id: str) -> User | None: ...
    def subject(self, subject_id: str) -> Subject | None: ...
    def ready(self) -> str | None:
        """None when the database answers and has this version's schema, else what is wrong and which command mends it."""
        ...

    def anything_due(self, now: int) -> bool:
        """Whether a timer, a start or a delivery waits for a worker."""
        ...

    def gauges(self, now: int) -> Mapping[str, int]:
        """openTasks, overdueTasks, waitingTimers, dueTimers, externalTasks, openIncidents, outbox, pendingEvents, failingEvents,
        failingStarts.
        """
        ...


class Store(Protocol):
    """The database, behind two doors."""

    def begin(self) -> AbstractContextManager[Transaction]: ...
    def read(self, snapshot: bool = True) -> AbstractContextManager[Questions]:
        """Questions that all see one moment, or (cheaper, for a single question) each its own."""
        ...
