"""Keeping a step that failed: the state before it stays, an incident names element and cause and what to do again."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from service.actions.do_anew import until_not_overtaken
from service.actions.incidents.open_incidents import act_identity, open_incidents_of, operation_of
from service.actions.instances.advance import put_events
from service.actions.ports import InstanceChange, Services
from service.actions.retry_later import problem_of
from service.domain import instance as states
from service.domain.ballot import BALLOT_CAST, Ballot
from service.domain.errors import Conflict, StepFailed, StepIncident
from service.domain.identifiers import new_id
from service.domain.incident import Incident
from service.domain.instance import ProcessInstance, require_running
from service.domain.json_values import Json, canonical_json

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


def unexpected(element_id: str | None, error: Exception) -> StepFailed:
    """What an incident says of a failure that is none of the diagram's."""
    return StepFailed(element_id, "internal", problem_of(error))


def change_with_incident(instance: ProcessInstance, incident: Incident, actor: str, again: bool = False) -> InstanceChange:
    """The change that records the incident and nothing else. `again`: the incident was open before and stays the same one."""
    change = InstanceChange(instance, instance.version, incident.created_at)
    change.opened_incidents = [incident]
    instance.state = states.INCIDENT
    instance.version += 1
    told: dict[str, Json] = {"incidentId": incident.id, "elementId": incident.element_id, "kind": incident.kind}
    told["message"] = incident.message
    if again:
        told["mended"] = operation_of(incident).get("mended")
    put_events(change, actor, [("incident.repeated" if again else "incident.opened", told)])
    return change


class StepFailedIn(Exception):
    """A step of a known instance failed; carries what a retry would do. `timer_id` or `external_task_id` is parked with it.

    `delivery` (event id, target) of a signal or message that brought the step about is crossed out with it: the incident stands for it.
    A `ballot` that the failed step had cast is cast with it: the retry finds it in its box.
    """

    def __init__(
        self,
        instance: ProcessInstance,
        failure: StepFailed,
        operation: Mapping[str, Json],
        timer_id: str | None = None,
        external_task_id: str | None = None,
        delivery: tuple[str, str] | None = None,
        ballot: Ballot | None = None,
    ) -> None:
        super().__init__(failure.message)
        self.process_instance_id = instance.id
        self.version = instance.version
        self.failure = failure
        self.operation = operation
        self.timer_id = timer_id
        self.external_task_id = external_task_id
        self.delivery = delivery
        self.ballot = ballot


def recording_incidents(services: Services, actor: str, attempt: Callable[[], T]) -> T:
    """Run `attempt`; when its step fails its transaction is gone, so write the incident in another and raise StepIncident.

    A step that is overtaken is done anew.
    """
    try:
        return until_not_overtaken(attempt)
    except StepFailedIn as failed:
        raise _record(services, failed, actor) from failed


def _record(services: Services, failed: StepFailedIn, actor: str) -> StepIncident:
    """A further failure of the same act is the same incident: whoever holds its id can go on mending it."""
    now, failure = services.clock(), failed.failure
    with services.store.begin() as tx:
        if failed.delivery is not None and not tx.settle_delivery(*failed.delivery):
            raise Conflict("the event was delivered while its step was running", "stale")
        instance = tx.load_instance(failed.process_instance_id)
        if instance is None or not instance.is_open:
            raise Conflict("the instance ended while its step was running", "instance-not-open")
        if instance.version != failed.version:
            # Somebody else's step came first: what failed on the state before it may well succeed on this one.
            raise Conflict("the instance went on while this step was running; try again", "stale")
        # Only a fetch meets this, for which a suspended case is read too: an incident must not let it go on.
        require_running(instance)
        incident = incident_of(failed.process_instance_id, failure, failed.operation, now)
        act = act_identity(failed.operation)
        earlier = [before for before in open_incidents_of(tx, instance) if act_identity(operation_of(before)) == act]
        if earlier:
            incident = replace(incident, id=earlier[0].id, created_at=earlier[0].created_at)
        change = change_with_incident(instance, incident, actor, again=bool(earlier))
        change.now = now
        if failed.ballot is not None:
            tx.cast_ballot(failed.ballot)
            told: dict[str, Json] = {"boxId": failed.ballot.box_id, "taskId": failed.operation.get("taskId")}
            put_events(change, actor, [(BALLOT_CAST, told)])
        tx.save_instance(change)
        if failed.timer_id is not None:
            tx.park_timer(failed.timer_id)
        if failed.external_task_id is not None:
            tx.park_external_task(failed.external_task_id)
        tx.commit()
    return StepIncident(incident.id, failed.process_instance_id, failure.element_id, failure.message)
