"""Cancel an instance with a reason: its tasks, timers and subscriptions end with it; its history stays."""

from service.actions.advance import put_events
from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, answered_once, recall, remember
from service.actions.open_incidents import open_incidents_of
from service.actions.ports import InstanceChange, Services
from service.actions.presentation import instance_json
from service.domain import instance as states
from service.domain import task as task_states
from service.domain.access import require_may
from service.domain.errors import Conflict, NotFound
from service.domain.principal import Principal


def cancel_instance(services: Services, principal: Principal, process_instance_id: str, reason: str, repeat: Repeat = NO_REPEAT) -> Answer:
    """200 with the cancelled instance; Conflict when it has ended already."""
    require_may(principal, "work")
    return answered_once(services, principal, repeat, lambda: _cancel(services, principal, process_instance_id, reason, repeat))


def _cancel(services: Services, principal: Principal, process_instance_id: str, reason: str, repeat: Repeat) -> Answer:
    now = services.clock()
    with services.store.begin() as tx:
        earlier = recall(tx, principal, repeat)
        if earlier is not None:
            return earlier
        instance = tx.load_instance(process_instance_id)
        if instance is None:
            raise NotFound("process instance", process_instance_id)
        if not instance.is_open:
            raise Conflict(f"the process instance is {instance.state}", "instance-not-open")
        change = InstanceChange(instance, instance.version, now)
        open_tasks = tx.open_tasks(instance.id)
        change.closed_tasks = {task.id: (task_states.CANCELLED, now, None) for task in open_tasks}
        change.resolved_incidents = [incident.id for incident in open_incidents_of(tx, instance)]
        instance.state, instance.ended_at, instance.end_reason = states.CANCELLED, now, reason
        instance.version += 1
        put_events(
            change, principal.actor, [("instance.cancelled", {"reason": reason, "cancelledTasks": [task.id for task in open_tasks]})]
        )
        tx.save_instance(change)
        given = answer(200, instance_json(instance, [], now))
        remember(tx, principal, repeat, given, now)
        tx.commit()
    return given
