"""Writing a change of a task's own fields (who has it), with its audit event, under the lock of its instance."""

from collections.abc import Callable
from dataclasses import replace

from service.actions.answer import Answer, Repeat, answer, answered_once, recall, remember
from service.actions.instances.advance import put_events
from service.actions.ports import InstanceChange, Services, Transaction
from service.actions.presentation import task_json
from service.domain.errors import NotFound
from service.domain.json_values import Json
from service.domain.principal import Principal
from service.domain.task import Task


def change_assignee(
    services: Services,
    principal: Principal,
    task_id: str,
    kind: str,
    decide: Callable[[Transaction, Task], str | None],
    repeat: Repeat,
) -> Answer:
    """200 with the task after `decide` named its new assignee (it raises when that may not be); an unchanged task is not written."""
    return answered_once(services, principal, repeat, lambda: _change(services, principal, task_id, kind, decide, repeat))


def _change(
    services: Services,
    principal: Principal,
    task_id: str,
    kind: str,
    decide: Callable[[Transaction, Task], str | None],
    repeat: Repeat,
) -> Answer:
    now = services.clock()
    with services.store.begin() as tx:
        earlier = recall(tx, principal, repeat)
        if earlier is not None:
            return earlier
        task = tx.load_task(task_id)
        instance = None if task is None else tx.load_instance(task.process_instance_id)
        task = tx.load_task(task_id)
        if task is None or instance is None:
            raise NotFound("task", task_id)
        assignee = decide(tx, task)
        if assignee != task.assignee:
            event: dict[str, Json] = {
                "taskId": task.id,
                "taskDefinitionKey": task.task_definition_key,
                "assignee": assignee,
                "previousAssignee": task.assignee,
            }
            changed = replace(task, assignee=assignee, version=task.version + 1)
            tx.save_task(changed, task.version)
            change = InstanceChange(instance, instance.version, now)
            instance.version += 1
            put_events(change, principal.actor, [(kind, event)])
            tx.save_instance(change)
            task = changed
        given = answer(200, task_json(task, now))
        remember(tx, principal, repeat, given, now)
        tx.commit()
    return given
