"""Handing a message to the place of an instance that waits for it."""

from collections.abc import Mapping, Sequence

from service.actions.advance import Event, change_of, circumstances, law_of
from service.actions.case_law import process_source
from service.actions.door_checks import require_declared_types
from service.actions.incidents import StepFailedIn
from service.actions.ports import InstanceChange, Services, Transaction, WaitingMessage
from service.domain.errors import StepFailed
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json


def deliver_to(
    services: Services,
    tx: Transaction,
    actor: str,
    instance: ProcessInstance,
    waiting: WaitingMessage,
    variables: Mapping[str, Json],
    events: Sequence[Event] = (),
) -> InstanceChange:
    """Advance the locked `instance` by the message; the caller writes the change. Raises StepFailedIn."""
    now, law = services.clock(), law_of(services, tx, instance)
    require_declared_types(law, variables)
    operation: dict[str, Json] = {"do": "deliver", "subscriptionId": waiting.id, "variables": dict(variables)}
    try:
        execution = services.engine.resume(process_source(services, tx, law.definition), instance.state_data or b"")
        step = execution.deliver_message(waiting.id, variables, circumstances(law, now, actor))
        received: Event = (
            "message.received",
            {"name": waiting.message_name, "elementId": waiting.element_id, "variables": dict(variables)},
        )
        return change_of(instance, step, law, now, actor, [*events, received])
    except StepFailed as failure:
        raise StepFailedIn(instance.id, failure, operation) from failure
