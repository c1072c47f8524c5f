"""Work that waits for an external worker, which takes it for a while (the lock), and reports what came of it.

The words are those of Camunda 7's external tasks. A row lives as long as the work waits; how it ended stands in the history of the
instance and in its audit trail.
"""

from dataclasses import dataclass

from service.domain.errors import Conflict
from service.domain.json_values import Json

WAITING = "waiting"
LOCKED = "locked"
INCIDENT = "incident"

DEFAULT_RETRIES = 3
"""How often work may be tried when neither the diagram nor a worker said so; a setting of the service changes it."""


@dataclass(frozen=True, slots=True)
class ExternalTask:
    """One piece of work. Times are epoch milliseconds.

    `available_at` is the moment from which it may be fetched: when it was made, the end of the lock, or of the wait after a failure.
    `worker_id` is the worker that locked it last and did not give it back. `retries` None: nobody has reported a failure yet.
    `parked`: an incident stands for it, so it is not fetched. What follows belongs to its instance.
    """

    id: str
    process_instance_id: str
    element_id: str
    topic: str
    priority: int
    created_at: int
    available_at: int
    worker_id: str | None = None
    retries: int | None = None
    parked: bool = False
    error_message: str | None = None
    error_details: str | None = None
    definition_id: str = ""
    definition_key: str = ""
    definition_version: int = 0
    business_key: str | None = None
    jurisdiction: str | None = None
    suspended: bool = False

    def state(self, now: int) -> str:
        """waiting, locked or incident."""
        if self.parked:
            return INCIDENT
        return LOCKED if self.worker_id is not None and self.available_at > now else WAITING

    def as_seen_by_expressions(self, worker_id: str) -> dict[str, Json]:
        """What the variable `externalTask` is in an expression of the diagram, when `worker_id` reports."""
        return {
            "id": self.id,
            "activityId": self.element_id,
            "topicName": self.topic,
            "priority": self.priority,
            "workerId": worker_id,
            "retries": self.retries,
            "errorMessage": self.error_message,
            "errorDetails": self.error_details,
            "processInstanceId": self.process_instance_id,
            "businessKey": self.business_key,
        }


@dataclass(frozen=True, slots=True)
class TopicRequest:
    """What a worker asks for: a topic, for how long it locks (milliseconds), and what narrows the question (None: nothing does).

    `variables` are the names of those that are to come with the work; None: all in sight.
    """

    topic: str
    lock_duration: int
    variables: tuple[str, ...] | None = None
    business_key: str | None = None
    definition_key: str | None = None
    definition_id: str | None = None
    process_instance_id: str | None = None

    def fits(self, task: ExternalTask) -> bool:
        """Whether this asks for work such as `task`."""
        narrowed = (
            (self.business_key, task.business_key),
            (self.definition_key, task.definition_key),
            (self.definition_id, task.definition_id),
            (self.process_instance_id, task.process_instance_id),
        )
        return self.topic == task.topic and all(wanted is None or wanted == given for wanted, given in narrowed)


def require_held(task: ExternalTask, worker_id: str) -> None:
    """Raise Conflict("lock-lost") unless `worker_id` locked the task last.

    A lock that ran out still counts until another worker takes the task: what was done by then is not thrown away.
    """
    if task.worker_id != worker_id:
        holder = "nobody has" if task.worker_id is None else "another worker has"
        raise Conflict(f"{holder} locked this external task, not {worker_id!r}", "lock-lost")


def require_running_lock(task: ExternalTask, worker_id: str, now: int) -> None:
    """Raise Conflict("lock-lost") unless the lock of `worker_id` still runs at `now`."""
    require_held(task, worker_id)
    if task.available_at <= now:
        raise Conflict("the lock has run out; fetch the task again", "lock-lost")


def require_unparked(task: ExternalTask) -> None:
    """Raise Conflict("external-task-incident") when an incident stands for the task."""
    if task.parked:
        raise Conflict("an incident is open for this external task; retry that, or set its retries", "external-task-incident")
