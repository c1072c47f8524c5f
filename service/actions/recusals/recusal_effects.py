"""What a recusal does to the open cases it is about: their trails tell of it, and the person's tasks there are released."""

from dataclasses import replace

from service.actions.instances.advance import Event, put_events
from service.actions.ports import InstanceChange, Transaction
from service.actions.presentation import recusal_json
from service.actions.recusals.recusal_checks import day_of, released_by
from service.domain.recusal import Recusal


def record_recusal(tx: Transaction, recusal: Recusal, kind: str, actor: str, now: int) -> None:
    """Write the recusal with the audit event `kind` in the service's stream and in that of every open case concerned.

    The cases are locked one after the other, by id: a claim at the same moment is either seen here and released, or sees the recusal. So is
    a case that begins, or comes to be about the subject, at the same moment: the one of both that is committed second is Overtaken.
    """
    told = recusal_json(recusal)
    tx.put_recusal(recusal)
    for process_instance_id in tx.open_cases_of_recusal(recusal):
        instance = tx.load_instance(process_instance_id)
        named = tx.named_in_case(process_instance_id)
        if instance is None or named is None or not instance.is_open or not recusal.is_about(process_instance_id, named):
            # It ended, or came to be about others, before it could be locked.
            continue
        events: list[Event] = [(kind, told)]
        if recusal.in_force(day_of(now)):
            events += _release(tx, recusal, process_instance_id)
        change = InstanceChange(instance, instance.version, now)
        instance.version += 1
        put_events(change, actor, events)
        tx.save_instance(change)
    tx.append_service_event(now, actor, kind, told)


def _release(tx: Transaction, recusal: Recusal, process_instance_id: str) -> list[Event]:
    events: list[Event] = []
    for task in tx.open_tasks(process_instance_id):
        if task.assignee == recusal.user_id and not task.recusal_exempt:
            tx.save_task(replace(task, assignee=None, version=task.version + 1), task.version)
            events.append(released_by(recusal, task))
    return events
