"""A worker reports that it could not do its work: it is tried again later, and when no retry is left that is an incident."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from service.actions.answer import NO_REPEAT, Answer, Repeat
from service.actions.external_tasks.external_work import Held, Report, reported, told, write_step
from service.actions.incidents.failed_steps import change_with_incident, incident_of
from service.actions.instances.advance import circumstances, put_events
from service.actions.ports import InstanceChange, Services, Transaction
from service.domain.errors import StepFailed
from service.domain.external_task import ExternalTask, require_unparked
from service.domain.json_values import Json
from service.domain.principal import Principal

KIND = "external-task"
"""Kind of the incident."""


@dataclass(frozen=True, slots=True)
class FailExternalTask:
    """`retries`: how often it may be tried again; None: once less than before. `retry_timeout`: milliseconds until then."""

    task_id: str
    worker_id: str
    error_message: str | None
    error_details: str | None
    retries: int | None
    retry_timeout: int
    repeat: Repeat = NO_REPEAT


def fail_external_task(services: Services, principal: Principal, command: FailExternalTask) -> Answer:
    """200 with the task, or with the instance when the diagram makes this failure a business error (camunda:errorEventDefinition)."""

    def fail(tx: Transaction, held: Held, now: int) -> tuple[Answer, bool]:
        require_unparked(held.task)
        left = _retries_left(held.task, command.retries, services.external_retries)
        failed = replace(
            held.task,
            worker_id=None,
            available_at=now + command.retry_timeout,
            retries=left,
            parked=left == 0,
            error_message=command.error_message,
            error_details=command.error_details,
        )
        event = ("external-task.failed", _event(failed, command))
        operation = held.operation("work", principal.actor, command.worker_id, errorMessage=command.error_message)
        try:
            report = failed.as_seen_by_expressions(command.worker_id)
            step = held.execution.fail_external(failed.id, report, circumstances(held.law, now, principal.actor))
            if step is not None:
                return write_step(tx, held, step, now, principal.actor, event), True
        except StepFailed as failure:
            raise held.failed(failure, operation) from failure
        first = InstanceChange(held.instance, held.instance.version, now)
        put_events(first, principal.actor, [event])
        if failed.parked:
            cause = StepFailed(failed.element_id, KIND, command.error_message or "the worker could not do it and no retry is left")
            change = change_with_incident(held.instance, incident_of(held.instance.id, cause, operation, now), principal.actor)
            change.audit = first.audit + change.audit
        else:
            change = first
            held.instance.version += 1
        tx.save_instance(change)
        tx.save_external_task(failed)
        return told(failed, now), False

    content: dict[str, Json] = {"retries": command.retries, "errorMessage": command.error_message, "errorDetails": command.error_details}
    return reported(services, principal, Report(command.task_id, command.worker_id, "failure", content, command.repeat), fail)


def _retries_left(task: ExternalTask, told_retries: int | None, default: int) -> int:
    if told_retries is not None:
        return told_retries
    return max((default if task.retries is None else task.retries) - 1, 0)


def _event(task: ExternalTask, command: FailExternalTask) -> Mapping[str, Json]:
    return {
        "externalTaskId": task.id,
        "elementId": task.element_id,
        "topicName": task.topic,
        "workerId": command.worker_id,
        "retries": task.retries,
        "retryTimeout": command.retry_timeout,
        "errorMessage": command.error_message,
        "errorDetails": command.error_details,
    }
