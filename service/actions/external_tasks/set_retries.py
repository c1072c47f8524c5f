"""Give an external task retries again; an incident that stands for it is resolved, and the task is handed out anew."""

from dataclasses import replace

from service.actions.answer import NO_REPEAT, Answer, Repeat, answered_once, recall, remember
from service.actions.external_tasks.external_work import loaded, told
from service.actions.incidents.kept_acts import COMPLETES_EXTERNAL
from service.actions.incidents.open_incidents import EXTERNAL_TASK, open_incidents_of, operation_of, target_of
from service.actions.instances.advance import put_events
from service.actions.ports import InstanceChange, Services
from service.domain import instance as states
from service.domain.access import require_may, require_may_drop_report
from service.domain.instance import require_running
from service.domain.json_values import Json
from service.domain.principal import Principal


def set_retries(services: Services, principal: Principal, task_id: str, retries: int, repeat: Repeat = NO_REPEAT) -> Answer:
    """200 with the task. `retries` is at least 1. A worker's report that an incident keeps is dropped, by administrators only."""
    require_may(principal, "work")
    return answered_once(services, principal, repeat, lambda: _set(services, principal, task_id, retries, repeat))


def _set(services: Services, principal: Principal, task_id: str, retries: int, repeat: Repeat) -> Answer:
    now = services.clock()
    with services.store.begin() as tx:
        earlier = recall(tx, principal, repeat)
        if earlier is not None:
            return earlier
        task, instance = loaded(tx, task_id)
        require_running(instance)
        incidents = open_incidents_of(tx, instance)
        kept = {one.id: operation_of(one) for one in incidents if target_of(operation_of(one)) == (EXTERNAL_TASK, task.id)}
        dropped = [incident_id for incident_id, operation in kept.items() if operation["do"] in COMPLETES_EXTERNAL]
        if dropped:
            require_may_drop_report(principal)
        change = InstanceChange(instance, instance.version, now)
        change.resolved_incidents = list(kept)
        instance.version += 1
        if len(change.resolved_incidents) == len(incidents):
            instance.state = states.ACTIVE
        event: dict[str, Json] = {
            "externalTaskId": task.id,
            "retries": retries,
            "previousRetries": task.retries,
            "incidentIds": list(change.resolved_incidents),
            "droppedReports": [{"incidentId": one, **kept[one]} for one in dropped],
        }
        put_events(change, principal.actor, [("external-task.retries-set", event)])
        freed = replace(task, worker_id=None, available_at=now, parked=False) if task.parked else task
        changed = replace(freed, retries=retries)
        tx.save_instance(change)
        tx.save_external_task(changed)
        given = told(changed, now)
        remember(tx, principal, repeat, given, now)
        tx.commit()
    return given
