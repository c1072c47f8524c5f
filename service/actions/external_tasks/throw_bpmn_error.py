"""A worker reports a business error: it takes the way that the diagram draws for it."""

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
class ThrowBpmnError:
    """`error_code` is that of an error in the diagram, `variables` go where the error is caught."""

    task_id: str
    worker_id: str
    error_code: str
    error_message: str | None
    variables: Mapping[str, Json]
    repeat: Repeat = NO_REPEAT


def throw_bpmn_error(services: Services, principal: Principal, command: ThrowBpmnError) -> Answer:
    """200 with the instance; an error that nothing catches is an incident (kind error-event), as everywhere."""
    variables = dict(command.variables)

    def throw(tx: Transaction, held: Held, now: int) -> tuple[Answer, bool]:
        require_declared_types(held.law.within(held.execution.called_process(held.task.id)), variables)
        actor, message = principal.actor, command.error_message or ""
        event: Event = (
            "external-task.bpmn-error",
            {
                "externalTaskId": held.task.id,
                "elementId": held.task.element_id,
                "topicName": held.task.topic,
                "workerId": command.worker_id,
                "errorCode": command.error_code,
                "errorMessage": command.error_message,
                "variables": variables,
            },
        )
        try:
            step = held.execution.throw_error(held.task.id, command.error_code, message, variables, circumstances(held.law, now, actor))
            return write_step(tx, held, step, now, actor, event), True
        except StepFailed as failure:
            operation = held.operation(
                "throw-external",
                actor,
                command.worker_id,
                errorCode=command.error_code,
                errorMessage=command.error_message,
                variables=variables,
            )
            raise held.failed(failure, operation) from failure

    content: dict[str, Json] = {"errorCode": command.error_code, "errorMessage": command.error_message, "variables": variables}
    return reported(services, principal, Report(command.task_id, command.worker_id, "bpmn-error", content, command.repeat), throw)
