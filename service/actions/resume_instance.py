"""Resume a suspended instance: its tasks can be worked on again, its overdue timers fire with the next poll, once each."""

from service.actions.advance import put_events
from service.actions.answer import Answer, answer
from service.actions.instance_operation import Operated, Operation, operate
from service.actions.open_incidents import open_incidents_of, operation_of
from service.actions.ports import InstanceChange, Services
from service.domain import instance as states
from service.domain.errors import Conflict


def resume_instance(services: Services, operation: Operation) -> Answer:
    """200 with the instance, active or with its incidents as before; Conflict when it is not suspended."""
    return operate(services, "administer", operation, _resume)


def _resume(operated: Operated) -> Answer:
    instance, tx = operated.instance, operated.tx
    if not instance.is_suspended:
        raise Conflict(f"the process instance is {instance.state}, not suspended", "instance-not-suspended")
    incidents = open_incidents_of(tx, instance)
    change = InstanceChange(instance, instance.version, operated.now)
    instance.state = states.INCIDENT if incidents else states.ACTIVE
    instance.version += 1
    put_events(change, operated.actor, [("instance.resumed", {"reason": operated.operation.reason})])
    operated.save(change)
    operations = [operation_of(incident) for incident in incidents]
    tx.resume_waiting(instance.id, [str(one["timerId"]) for one in operations if one["do"] == "fire"])
    return answer(200, operated.told())
