"""A process instance as the store keeps it, and the states it can be in."""

from dataclasses import dataclass

from service.domain.errors import Conflict

ACTIVE = "active"
SUSPENDED = "suspended"
INCIDENT = "incident"
COMPLETED = "completed"
CANCELLED = "cancelled"
OPEN_STATES = (ACTIVE, SUSPENDED, INCIDENT)


@dataclass(slots=True)
class ProcessInstance:
    """One running or ended instance.

    `state_data` is the engine's own compact form (None only while the start itself is an incident); `version` is the optimistic lock;
    `law` is the deployment number that was latest at the start: decisions, forms and called processes without an explicit binding are
    those of then. `correlation` is the text of the correlation keys' values, unique among the open instances of one definition key.
    Times are epoch milliseconds.
    """

    id: str
    definition_id: str
    definition_key: str
    definition_version: int
    business_key: str | None
    jurisdiction: str | None
    jurisdiction_path: str | None
    state: str
    started_at: int
    started_by: str
    law: int
    ended_at: int | None = None
    end_reason: str | None = None
    correlation: str | None = None
    state_data: bytes | None = None
    version: int = 0
    audit_seq: int = 0
    audit_head: str = ""

    @property
    def is_open(self) -> bool:
        """True until the instance is completed or cancelled."""
        return self.state in OPEN_STATES

    @property
    def is_suspended(self) -> bool:
        """True while nothing may go on in it."""
        return self.state == SUSPENDED


def require_open(instance: ProcessInstance) -> None:
    """Raise Conflict when the instance has ended."""
    if not instance.is_open:
        raise Conflict(f"the process instance is {instance.state}", "instance-not-open")


def require_not_cancelled(instance: ProcessInstance) -> None:
    """Raise Conflict when the instance was cancelled: what stands in it was taken back, and nothing new may be told of it."""
    if instance.state == CANCELLED:
        words = "the process instance is cancelled: nothing new is made of a case that was taken back; what was made before stays"
        raise Conflict(words, "instance-not-open")


def require_running(instance: ProcessInstance) -> None:
    """Raise Conflict when the instance has ended or is suspended: no task, message, timer or worker may move it on."""
    require_open(instance)
    if instance.is_suspended:
        raise Conflict("the process instance is suspended", "instance-suspended")
