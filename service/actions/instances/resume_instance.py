"""Resume a suspended instance: its tasks can be worked on again, its overdue timers fire with the next poll, once each.

What comes from a time limit of ours or of the place is due so much later as the limit stood still, and what was derived from one is worked
out again; what the law or the diagram says stays.
"""

from collections.abc import Sequence
from dataclasses import replace

from service.actions.answer import Answer, answer
from service.actions.deadlines.moved_due_dates import Recounted, count_again, move_state, write_recounted
from service.actions.incidents.open_incidents import open_incidents_of, operation_of
from service.actions.instances.advance import put_events
from service.actions.instances.instance_operation import Operated, Operation, operate
from service.actions.ports import InstanceChange, Services
from service.domain import instance as states
from service.domain.errors import Conflict
from service.domain.json_values import Json
from service.domain.law import Pause, TimeLimit


def resume_instance(services: Services, operation: Operation) -> Answer:
    """200 with the instance, active or with its incidents as before; Conflict when it is not suspended."""
    return operate(services, "administer", operation, _resume)


def _resume(operated: Operated) -> Answer:
    instance, tx = operated.instance, operated.tx
    if not instance.is_suspended:
        raise Conflict(f"the process instance is {instance.state}, not suspended", "instance-not-suspended")
    incidents = open_incidents_of(tx, instance)
    failing = [str(one["timerId"]) for one in map(operation_of, incidents) if one["do"] == "fire"]
    moved = _moved(operated, failing)
    change = InstanceChange(instance, instance.version, operated.now)
    instance.state = states.INCIDENT if incidents else states.ACTIVE
    instance.version += 1
    told: list[Json] = [one.as_json() for one in moved if one.is_news]
    put_events(change, operated.actor, [("instance.resumed", {"reason": operated.operation.reason, "movedDueDates": told})])
    move_state(operated.services, tx, instance, moved)
    operated.save(change)
    write_recounted(tx, moved)
    tx.resume_waiting(instance.id, failing)
    return answer(200, operated.told())


def _moved(operated: Operated, failing: Sequence[str]) -> list[Recounted]:
    """What comes from limits that stood still; a timer that has failed to fire (`failing`) stays due."""
    since = operated.tx.suspended_since(operated.instance.id)
    if since is None:
        return []

    def paused(limit: TimeLimit) -> TimeLimit:
        if not limit.stops:
            return limit
        # A step that was moved past meanwhile may have stopped it for a part of that time already.
        begin = max(since, limit.begins_at, *(pause.end for pause in limit.paused))
        return replace(limit, paused=(*limit.paused, Pause(begin, operated.now)))

    return count_again(operated.services, operated.tx, operated.instance, paused, failing)
