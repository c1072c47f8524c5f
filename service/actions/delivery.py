"""Handing a message to the place of an instance that waits for it."""

from collections.abc import Mapping, Sequence

from service.actions.advance import Event, change_of, circumstances, law_of
from service.actions.case_law import process_source
from service.actions.door_checks import require_acceptable
from service.actions.incidents import StepFailedIn
from service.actions.open_incidents import open_incidents_of
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
    operation: dict[str, Json] = {
        "do": "deliver",
        "actor": actor,
        "subscriptionId": waiting.id,
        "name": waiting.message_name,
        "elementId": waiting.element_id,
        "variables": dict(variables),
    }
    try:
        execution = services.engine.resume(process_source(services, tx, law.definition), instance.state_data or b"", law)
        require_acceptable(law.within(execution.called_process(waiting.id)), variables)
        brought = laid_over(execution.message_variables(waiting.id), variables)
        step = execution.deliver_message(waiting.id, brought, circumstances(law, now, actor))
        received: Event = (
            "message.received",
            {"name": waiting.message_name, "elementId": waiting.element_id, "variables": dict(variables)},
        )
        incidents = open_incidents_of(tx, instance)
        return change_of(instance, step, law, now, actor, [*events, received], incidents=incidents)
    except StepFailed as failure:
        raise StepFailedIn(instance, failure, operation) from failure


def laid_over(standing: Mapping[str, Json], brought: Mapping[str, Json]) -> dict[str, Json]:
    """What a message sets: an object is laid over the one that stands, key by key, so that what the case knows is not lost.

    Everything else is replaced.
    """
    return {name: _merged(standing.get(name), value) for name, value in brought.items()}


def _merged(standing: Json, brought: Json) -> Json:
    if isinstance(standing, dict) and isinstance(brought, dict):
        return {**standing, **{key: _merged(standing.get(key), value) for key, value in brought.items()}}
    return brought
