"""Complete an external task: its worker is done, the process goes on."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.actions.answer import NO_REPEAT, Answer, Repeat
from service.actions.external_tasks.external_work import Held, Report, reported, write_step
from service.actions.instances.advance import Event, circumstances
from service.actions.instances.door_checks import require_declared_types
from service.actions.ports import Services, Transaction
from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.principal import Principal


@dataclass(frozen=True, slots=True)
class CompleteExternalTask:
    """`variables` go to the process, `local_variables` only to what the diagram says about this task (output mapping, error events)."""

    task_id: str
    worker_id: str
    variables: Mapping[str, Json]
    local_variables: Mapping[str, Json]
    repeat: Repeat = NO_REPEAT


def complete_external_task(services: Services, principal: Principal, command: CompleteExternalTask) -> Answer:
    """200 with the instance; the same again for the same worker and content.

    When the process cannot go on, the work is not lost: the incident keeps what was reported, and nobody is given the task again before
    that is retried.
    """
    variables, local = dict(command.variables), dict(command.local_variables)

    def complete(tx: Transaction, held: Held, now: int) -> tuple[Answer, bool]:
        require_declared_types(held.law.within(held.execution.called_process(held.task.id)), variables)
        actor = principal.actor
        event: Event = (
            "external-task.completed",
            {
                "externalTaskId": held.task.id,
                "elementId": held.task.element_id,
                "topicName": held.task.topic,
                "workerId": command.worker_id,
                "variables": variables,
            },
        )
        report = held.task.as_seen_by_expressions(command.worker_id)
        try:
            step = held.execution.complete_external(held.task.id, variables, local, report, circumstances(held.law, now, actor))
            return write_step(tx, held, step, now, actor, event), True
        except StepFailed as failure:
            kept: dict[str, Json] = {"variables": variables, "localVariables": local, "report": report}
            operation = held.operation("complete-external", actor, command.worker_id, **kept)
            raise held.failed(failure, operation) from failure

    content: dict[str, Json] = {"variables": variables, "localVariables": local}
    return reported(services, principal, Report(command.task_id, command.worker_id, "complete", content, command.repeat), complete)
