"""Cancel an instance with a reason: its tasks, external tasks, timers and subscriptions end with it; its history stays."""

from service.actions.answer import Answer, answer
from service.actions.incidents.open_incidents import open_incidents_of
from service.actions.instances.advance import put_events
from service.actions.instances.instance_operation import Operated, Operation, operate
from service.actions.ports import InstanceChange, Services
from service.actions.presentation import instance_json
from service.actions.votes.ballot_boxes import voided_with
from service.domain import instance as states
from service.domain import task as task_states
from service.domain.json_values import Json


def cancel_instance(services: Services, operation: Operation) -> Answer:
    """200 with the cancelled instance, suspended before or not; Conflict when it has ended already."""
    return operate(services, "work", operation, _cancel)


def _cancel(operated: Operated) -> Answer:
    instance, tx, now = operated.instance, operated.tx, operated.now
    change = InstanceChange(instance, instance.version, now)
    open_tasks = tx.open_tasks(instance.id)
    change.closed_tasks = {task.id: (task_states.CANCELLED, now, None) for task in open_tasks}
    change.resolved_incidents = [incident.id for incident in open_incidents_of(tx, instance)]
    ballots, change.voided_boxes = voided_with(tx, open_tasks)
    reason = operated.operation.reason
    instance.state, instance.ended_at, instance.end_reason = states.CANCELLED, now, reason
    instance.version += 1
    told: dict[str, Json] = {"reason": reason, "cancelledTasks": [task.id for task in open_tasks]}
    put_events(change, operated.actor, [*ballots, ("instance.cancelled", told)])
    operated.save(change)
    return answer(200, instance_json(instance, [], now))
