"""Retry the step that an incident kept, with variables mended first if need be."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from service.actions.advance import Event, change_of, circumstances, law_of, put_events
from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, answered_once, recall, remember
from service.actions.case_law import CaseLaw, process_source
from service.actions.complete_task import act_key, completion_answer
from service.actions.delivery import laid_over
from service.actions.door_checks import require_acceptable
from service.actions.incidents import StepFailedIn, recording_incidents
from service.actions.open_incidents import TARGETS, open_incidents_of, operation_of
from service.actions.ports import InstanceChange, Services, StoredAnswer, Transaction
from service.actions.presentation import incident_json, instance_json
from service.actions.start_instance import starts_of
from service.domain.access import require_may, require_may_retry
from service.domain.errors import Conflict, FieldError, Invalid, NotFound, StepFailed
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.principal import Principal
from service.domain.step import Step


def retry_incident(
    services: Services, principal: Principal, incident_id: str, variables: Mapping[str, Json], repeat: Repeat = NO_REPEAT
) -> Answer:
    """200 with the incident and its instance; StepIncident again, of the same incident, when the step still fails."""
    require_may(principal, "work")
    return answered_once(
        services,
        principal,
        repeat,
        lambda: recording_incidents(services, principal.actor, lambda: _retry(services, principal, incident_id, variables, repeat)),
    )


def _retry(services: Services, principal: Principal, incident_id: str, variables: Mapping[str, Json], repeat: Repeat) -> Answer:
    now = services.clock()
    with services.store.begin() as tx:
        earlier = recall(tx, principal, repeat)
        if earlier is not None:
            return earlier
        incident = tx.load_incident(incident_id)
        instance = None if incident is None else tx.load_instance(incident.process_instance_id)
        incident = tx.load_incident(incident_id)
        if incident is None or instance is None:
            raise NotFound("incident", incident_id)
        if incident.resolved_at is not None or not instance.is_open:
            raise Conflict("the incident is resolved", "incident-resolved")
        law = law_of(services, tx, instance)
        operation = operation_of(incident)
        person = operation.get("person")
        require_may_retry(principal, person if isinstance(person, str) else None, bool(variables))
        # The retry is the retrier's act, what it brings to an end is that of the person who did it.
        retry = InstanceChange(instance, instance.version, now)
        mended = _mended(operation, variables)
        put_events(retry, principal.actor, [("incident.retried", {"incidentId": incident.id, "variables": mended["mended"]})])
        actor = str(operation.get("actor") or principal.actor)
        incidents = open_incidents_of(tx, instance)
        try:
            step, completed = _again(services, tx, law, instance, operation, variables, now, actor)
            change = change_of(instance, step, law, now, actor, _act(operation), completed, incidents, incident.id)
        except StepFailed as failure:
            raise StepFailedIn(instance, failure, mended) from failure
        change.audit = retry.audit + change.audit
        open_before = tx.open_tasks(instance.id)
        task = None if completed is None else tx.load_task(completed)
        tx.save_instance(change)
        if task is not None:
            # The person's own request, sent again, is answered as if it had succeeded at once.
            told = completion_answer(task, change, open_before, actor)
            tx.remember_answer(StoredAnswer(act_key(task.id), str(operation["act"]), told.status, told.body, now))
        open_tasks = [other for other in open_before if other.id not in change.closed_tasks] + change.opened_tasks
        resolved = replace(incident, resolved_at=now)
        given = answer(200, {"incident": incident_json(resolved), "processInstance": instance_json(instance, open_tasks, now)})
        remember(tx, principal, repeat, given, now)
        tx.commit()
    return given


def _act(operation: Mapping[str, Json]) -> list[Event]:
    """The audit event of what comes to its end at last."""
    if operation["do"] == "fire":
        return [("timer.fired", {name: operation[name] for name in ("timerId", "elementId")})]
    if operation["do"] == "deliver":
        return [("message.received", {name: operation[name] for name in ("name", "elementId", "variables")})]
    if operation["do"] != "complete":
        return []
    values = cast(list[tuple[list[str], Json]], operation["values"])
    told = {name: operation[name] for name in ("taskId", "taskDefinitionKey", "name")}
    return [("task.completed", {**told, "values": {"/".join(path): value for path, value in values}})]


def _require_same_case(law: CaseLaw, start_element_id: str, variables: Mapping[str, Json]) -> None:
    """What identifies the case was fixed by the start: a second track would look for it under the old values."""
    keys = {key for start in starts_of(law.definition) if start.element_id == start_element_id for key in start.correlation_keys}
    errors = [FieldError(f"/variables/{key}", "identifies-the-case", f"{key} cannot be changed") for key in sorted(keys & set(variables))]
    if errors:
        raise Invalid("a retry cannot change whose case this is; cancel it and start anew", errors)


def _mended(operation: Mapping[str, Json], variables: Mapping[str, Json]) -> dict[str, Json]:
    """The operation of the next incident keeps the mended variables."""
    earlier = cast(dict[str, Json], operation.get("mended") or {})
    return {**operation, "mended": {**earlier, **variables}}


def _again(
    services: Services,
    tx: Transaction,
    law: CaseLaw,
    instance: ProcessInstance,
    operation: Mapping[str, Json],
    variables: Mapping[str, Json],
    now: int,
    actor: str,
) -> tuple[Step, str | None]:
    mended = {**cast(dict[str, Json], operation.get("mended") or {}), **variables}
    source, moment = process_source(services, tx, law.definition), circumstances(law, now, actor)
    if operation["do"] == "start":
        require_acceptable(law, variables)
        _require_same_case(law, str(operation["startElementId"]), variables)
        started = {**cast(dict[str, Json], operation["variables"]), **mended}
        return services.engine.start(source, str(operation["startElementId"]), started, moment), None
    execution = services.engine.resume(source, instance.state_data or b"", law)
    task = None if operation["do"] != "complete" else tx.load_task(str(operation["taskId"]))
    if operation["do"] == "complete" and (task is None or task.state != "created"):
        raise Conflict("the task of the incident was completed meanwhile", "incident-resolved")
    waiting = str(operation[TARGETS[str(operation["do"])]])
    require_acceptable(law.within(execution.called_process(waiting)), variables)
    execution.set_variables(mended, waiting)
    if operation["do"] == "deliver":
        brought = laid_over(execution.message_variables(waiting), cast(dict[str, Json], operation["variables"]))
        return execution.deliver_message(waiting, brought, moment), None
    if operation["do"] == "fire":
        return execution.fire_timer(waiting, moment), None
    values = [(tuple(path), value) for path, value in cast(list[tuple[list[str], Json]], operation["values"])]
    return execution.complete_task(waiting, values, moment), waiting
