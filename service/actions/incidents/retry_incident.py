"""Retry the step that an incident kept, with variables mended first if need be."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, answered_once, recall, remember
from service.actions.external_tasks.external_work import report_answer, report_key
from service.actions.incidents.failed_steps import StepFailedIn, recording_incidents
from service.actions.incidents.kept_acts import Act, act_of
from service.actions.incidents.open_incidents import open_incidents_of, operation_of
from service.actions.incidents.stalled_incident import require_kept_act
from service.actions.instances.advance import change_of, law_of, put_events
from service.actions.instances.instance_summary import left_open, waiting_after
from service.actions.ports import FewTasks, InstanceChange, Services, StoredAnswer, Transaction
from service.actions.presentation import incident_json, instance_json
from service.actions.tasks.complete_task import act_key, completion_answer
from service.domain.access import require_may, require_may_retry
from service.domain.errors import Conflict, FieldError, Invalid, NotFound, StepFailed
from service.domain.incident import Incident
from service.domain.instance import ProcessInstance, require_running
from service.domain.json_values import Json
from service.domain.principal import Principal


@dataclass(frozen=True, slots=True)
class RetryIncident:
    """`variables` are set first; `retries` is how often an external task may be tried again (None: the service's default)."""

    incident_id: str
    variables: Mapping[str, Json]
    retries: int | None = None
    repeat: Repeat = NO_REPEAT


def retry_incident(services: Services, principal: Principal, command: RetryIncident) -> Answer:
    """200 with the incident and its instance; StepIncident again, of the same incident, when the step still fails."""
    require_may(principal, "work")
    return answered_once(
        services,
        principal,
        command.repeat,
        lambda: recording_incidents(services, principal.actor, lambda: _retry(services, principal, command)),
    )


def load_open_incident(tx: Transaction, incident_id: str) -> tuple[Incident, ProcessInstance]:
    """The open incident under the lock of its instance; NotFound, or Conflict when it is resolved or its instance cannot go on."""
    incident = tx.load_incident(incident_id)
    instance = None if incident is None else tx.load_instance(incident.process_instance_id)
    incident = tx.load_incident(incident_id)
    if incident is None or instance is None:
        raise NotFound("incident", incident_id)
    if incident.resolved_at is not None or not instance.is_open:
        raise Conflict("the incident is resolved", "incident-resolved")
    require_running(instance)
    return incident, instance


def _retry(services: Services, principal: Principal, command: RetryIncident) -> Answer:
    now = services.clock()
    with services.store.begin() as tx:
        earlier = recall(tx, principal, command.repeat)
        if earlier is not None:
            return earlier
        incident, instance = load_open_incident(tx, command.incident_id)
        require_kept_act(incident)
        act = act_of(operation_of(incident), command.variables)
        if command.retries is not None and act.do != "work":
            raise Invalid("retries", [FieldError("/retries", "no-external-task", "the incident is not about an external task that failed")])
        person = act.operation.get("person")
        require_may_retry(principal, person if isinstance(person, str) else None, bool(command.variables))
        # The retry is the retrier's act, what it brings to an end is that of the person who did it.
        retry = InstanceChange(instance, instance.version, now)
        told: dict[str, Json] = {"incidentId": incident.id, "variables": dict(act.mended)}
        put_events(retry, principal.actor, [("incident.retried", told)])
        actor = str(act.operation.get("actor") or principal.actor)
        law, incidents = law_of(services, tx, instance), open_incidents_of(tx, instance)
        try:
            step = act.again(services, tx, law, instance, command.variables, now, actor)
            change = change_of(
                instance,
                step,
                law,
                now,
                actor,
                act.events(step),
                act.completed_task,
                incidents,
                incident.id,
                done_external=act.done_external,
            )
        except StepFailed as failure:
            raise StepFailedIn(instance, failure, act.operation) from failure
        change.audit = retry.audit + change.audit
        before, open_before = tx.few_open_tasks(instance.id), tx.open_tasks(instance.id)
        tx.save_instance(change)
        if act.do == "work" and act.target not in change.closed_external:
            hand_out_again(tx, str(act.target), services.external_retries if command.retries is None else command.retries, now)
        _answer_the_doer(tx, act, change, before, actor)
        open_tasks = left_open(change, open_before) + change.opened_tasks
        resolved = replace(incident, resolved_at=now)
        given = answer(200, {"incident": incident_json(resolved), "processInstance": instance_json(instance, open_tasks, now)})
        remember(tx, principal, command.repeat, given, now)
        tx.commit()
    return given


def hand_out_again(tx: Transaction, task_id: str, retries: int, now: int) -> None:
    """Let workers fetch the external task again, if it still waits."""
    task = tx.load_external_task(task_id)
    if task is not None:
        tx.save_external_task(replace(task, worker_id=None, available_at=now, retries=retries, parked=False))


def _answer_the_doer(tx: Transaction, act: Act, change: InstanceChange, before: FewTasks, actor: str) -> None:
    """The doer's own request, sent again, is answered as if it had succeeded at once."""
    sent = str(act.operation.get("act") or "")
    if act.completed_task is not None:
        task = tx.load_task(act.completed_task)
        if task is not None:
            given = completion_answer(task, change, waiting_after(tx, change, before), actor)
            tx.remember_answer(StoredAnswer(act_key(task.id), sent, given.status, given.body, change.now))
    elif act.done_external is not None:
        given = report_answer(change, waiting_after(tx, change, before))
        tx.remember_answer(StoredAnswer(report_key(act.done_external), sent, given.status, given.body, change.now))
