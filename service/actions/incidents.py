"""Keeping a step that failed: the state before it stays, an incident names element and cause and what to do again."""

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from service.actions.advance import put_events
from service.actions.ports import InstanceChange, Services
from service.domain import instance as states
from service.domain.errors import Conflict, StepFailed, StepIncident
from service.domain.identifiers import new_id
from service.domain.incident import Incident
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json, canonical_json, read_json

T = TypeVar("T")


def incident_of(process_instance_id: str, failure: StepFailed, operation: Mapping[str, Json], now: int) -> Incident:
    """The incident that tells of `failure`; `operation` is what a retry does."""
    return Incident(
        id=new_id(),
        process_instance_id=process_instance_id,
        element_id=failure.element_id,
        kind=failure.kind,
        message=failure.message,
        created_at=now,
        operation=canonical_json(operation),
    )


def operation_of(incident: Incident) -> dict[str, Json]:
    """What a retry of the incident does."""
    return cast(dict[str, Json], read_json(incident.operation))


def change_with_incident(instance: ProcessInstance, incident: Incident, actor: str) -> InstanceChange:
    """The change that records the incident and nothing else; earlier open incidents of the instance are superseded."""
    change = InstanceChange(instance, instance.version, incident.created_at)
    change.resolve_incidents = instance.state == states.INCIDENT
    change.opened_incident = incident
    instance.state = states.INCIDENT
    instance.version += 1
    put_events(
        change,
        actor,
        [
            (
                "incident.opened",
                {"incidentId": incident.id, "elementId": incident.element_id, "kind": incident.kind, "message": incident.message},
            )
        ],
    )
    return change


class StepFailedIn(Exception):
    """A step of a known instance failed; carries what a retry would do. `timer_id` is parked with it."""

    def __init__(self, process_instance_id: str, failure: StepFailed, operation: Mapping[str, Json], timer_id: str | None = None) -> None:
        super().__init__(failure.message)
        self.process_instance_id = process_instance_id
        self.failure = failure
        self.operation = operation
        self.timer_id = timer_id


def recording_incidents(services: Services, actor: str, attempt: Callable[[], T]) -> T:
    """Run `attempt`; when its step fails its transaction is gone, so write the incident in another and raise StepIncident."""
    try:
        return attempt()
    except StepFailedIn as failed:
        raise _record(services, failed, actor) from failed


def _record(services: Services, failed: StepFailedIn, actor: str) -> StepIncident:
    now, failure = services.clock(), failed.failure
    incident = incident_of(failed.process_instance_id, failure, failed.operation, now)
    with services.store.begin() as tx:
        instance = tx.load_instance(failed.process_instance_id)
        if instance is None or not instance.is_open:
            raise Conflict("the instance ended while its step was running", "instance-not-open")
        tx.save_instance(change_with_incident(instance, incident, actor))
        if failed.timer_id is not None:
            tx.park_timer(failed.timer_id)
        tx.commit()
    return StepIncident(incident.id, failed.process_instance_id, failure.element_id, failure.message)
