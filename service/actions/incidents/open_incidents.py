"""Which open incidents of an instance a step mends: those whose own act is done at last, or can no longer be done."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from service.actions.ports import Transaction
from service.domain.incident import Incident
from service.domain.instance import INCIDENT, SUSPENDED, ProcessInstance
from service.domain.json_values import Json, canonical_json, read_canonical
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
EVENT = "eventId"
"""Entry of an operation that delivers a signal or message thrown inside the service: which one."""


def open_incidents_of(tx: Transaction, instance: ProcessInstance) -> Sequence[Incident]:
    """The open incidents of the instance, asked for only when its state says that there are some."""
    return tx.open_incidents(instance.id) if instance.state in (INCIDENT, SUSPENDED) else ()


def operation_of(incident: Incident) -> dict[str, Json]:
    """What a retry of the incident does."""
    return cast(dict[str, Json], read_canonical(incident.operation))


def target_of(operation: Mapping[str, Json]) -> tuple[str, str]:
    """What the operation acts on."""
    kind = TARGETS.get(str(operation["do"]), "")
    return kind, str(operation[kind]) if kind else ""


def act_identity(operation: Mapping[str, Json]) -> tuple[str, str, str]:
    """Operations that are attempts at the same act have it in common: what they act on and, of thrown events, which one they deliver."""
    return (*target_of(operation), str(operation.get(EVENT) or ""))


def mended_by(step: Step, incidents: Sequence[Incident], retried: str | None) -> list[str]:
    """Ids of the incidents that the step mends: the one retried, those whose task, timer, subscription or work is gone, all at the end.

    A thrown event that another subscription can still take is not gone: see carried_over.
    """
    if step.finished is not None:
        return [incident.id for incident in incidents]
    carried = {incident.id for incident in carried_over(step, incidents, retried)}
    gone = {
        *(("taskId", identifier) for identifier in step.closed_tasks),
        *(("timerId", identifier) for identifier in step.cancelled_timers),
        *(("subscriptionId", identifier) for identifier in step.unsubscribed),
        *((EXTERNAL_TASK, identifier) for identifier in step.closed_external),
        *(("errorEventId", identifier) for identifier in step.settled_errors),
    }
    return [
        incident.id
        for incident in incidents
        if incident.id == retried or (incident.id not in carried and target_of(operation_of(incident)) in gone)
    ]


def carried_over(step: Step, incidents: Sequence[Incident], retried: str | None) -> list[Incident]:
    """Incidents of thrown events whose place waits again after the step, for the subscription that it waits under now.

    That it was armed for another event (a non-interrupting one, or in a loop) does not make them heard. One that is `retried` is.
    """
    if step.finished is not None:
        return []
    kept = {incident.id: operation_of(incident) for incident in incidents if incident.id != retried}
    thrown = {identifier: operation for identifier, operation in kept.items() if operation.get(EVENT)}
    successors = _successors(step, list(thrown.values()))
    return [
        replace(incident, operation=canonical_json({**thrown[incident.id], "subscriptionId": successors[target]}))
        for incident in incidents
        if incident.id in thrown and (target := str(thrown[incident.id]["subscriptionId"])) in successors
    ]


def moved_along(incidents: Sequence[Incident], renamed: Mapping[str, tuple[str, str]]) -> list[Incident]:
    """Incidents of events at places that stand for another element now (by the place's id: element id, name): the act names that one."""
    operations = {incident.id: operation_of(incident) for incident in incidents}
    return [
        replace(incident, operation=canonical_json({**operations[incident.id], "elementId": renamed[place][0]}))
        for incident in incidents
        if (place := str(operations[incident.id].get("subscriptionId"))) in renamed
    ]


def _successors(step: Step, operations: Sequence[Mapping[str, Json]]) -> dict[str, str]:
    """Subscriptions that ended and the new ones of the same element, each taken once and in the order in which they were made."""
    armed: dict[tuple[Json, ...], list[str]] = defaultdict(list)
    for new in step.subscribed:
        armed[new.element_id, new.kind, new.name].append(new.id)
    gone = set(step.unsubscribed)
    ended = {
        str(one["subscriptionId"]): (one["elementId"], one["kind"], one["name"]) for one in operations if one["subscriptionId"] in gone
    }
    return {old: armed[ended[old]].pop(0) for old in sorted(ended) if armed[ended[old]]}
