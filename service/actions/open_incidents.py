"""Which open incidents of an instance a step mends: those whose own act is done at last, or can no longer be done."""

from collections.abc import Mapping, Sequence
from typing import cast

from service.actions.ports import Transaction
from service.domain.incident import Incident
from service.domain.instance import INCIDENT, SUSPENDED, ProcessInstance
from service.domain.json_values import Json, read_canonical
from service.domain.step import Step

EXTERNAL_TASK = "externalTaskId"
TARGETS = {
    "complete": "taskId",
    "fire": "timerId",
    "deliver": "subscriptionId",
    "complete-external": EXTERNAL_TASK,
    "throw-external": EXTERNAL_TASK,
    "work": EXTERNAL_TASK,
    "throw-again": "errorEventId",
}
"""What an operation acts on, by what it does (`work` is what a worker could not do, `throw-again` an error that nothing caught);
a start acts on the instance itself."""


def open_incidents_of(tx: Transaction, instance: ProcessInstance) -> Sequence[Incident]:
    """The open incidents of the instance, asked for only when its state says that there are some."""
    return tx.open_incidents(instance.id) if instance.state in (INCIDENT, SUSPENDED) else ()


def operation_of(incident: Incident) -> dict[str, Json]:
    """What a retry of the incident does."""
    return cast(dict[str, Json], read_canonical(incident.operation))


def target_of(operation: Mapping[str, Json]) -> tuple[str, str]:
    """What the operation acts on: two operations with the same target are attempts at the same act."""
    kind = TARGETS.get(str(operation["do"]), "")
    return kind, str(operation[kind]) if kind else ""


def mended_by(step: Step, incidents: Sequence[Incident], retried: str | None) -> list[str]:
    """Ids of the incidents that the step mends: the one retried, those whose task, timer, subscription or work is gone, all at the end."""
    if step.finished is not None:
        return [incident.id for incident in incidents]
    gone = {
        *(("taskId", identifier) for identifier in step.closed_tasks),
        *(("timerId", identifier) for identifier in step.cancelled_timers),
        *(("subscriptionId", identifier) for identifier in step.unsubscribed),
        *((EXTERNAL_TASK, identifier) for identifier in step.closed_external),
        *(("errorEventId", identifier) for identifier in step.settled_errors),
    }
    return [incident.id for incident in incidents if incident.id == retried or target_of(operation_of(incident)) in gone]
