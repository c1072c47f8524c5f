"""Handing a message or a signal to the place of an instance that waits for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from service.actions.incidents.failed_steps import StepFailedIn, unexpected
from service.actions.incidents.open_incidents import EVENT, open_incidents_of
from service.actions.instances.advance import Event, change_of, circumstances, law_of
from service.actions.instances.door_checks import require_acceptable
from service.actions.instances.published import process_source
from service.actions.ports import InstanceChange, Services, Transaction, WaitingEvent
from service.domain.errors import Conflict, Invalid, StepFailed, Unavailable
from service.domain.event import EventDelivery, ThrownEvent
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json

log = structlog.get_logger("rongjiu.events")


def deliver_to(
    services: Services,
    tx: Transaction,
    actor: str,
    instance: ProcessInstance,
    waiting: WaitingEvent,
    variables: Mapping[str, Json],
    events: Sequence[Event] = (),
    delivery: EventDelivery | None = None,
) -> InstanceChange:
    """Advance the locked `instance` by the event; the caller writes the change. Raises StepFailedIn.

    Variables that the process does not accept are Invalid; with `delivery`, which nobody can correct any more, they are a failed step,
    and so is an error that nobody foresaw.
    """
    before = replace(instance)
    now, law = services.clock(), law_of(services, tx, instance)
    told: dict[str, Json] = {"name": waiting.name, "elementId": waiting.element_id, "variables": dict(variables)}
    operation: dict[str, Json] = {"do": "deliver", "actor": actor, "kind": waiting.kind, "subscriptionId": waiting.id, **told}
    cause = None if delivery is None else delivery.event
    if cause is not None:
        operation[EVENT] = cause.id
    try:
        execution = services.engine.resume(process_source(services, tx, law.definition), instance.state_data or b"", law)
        try:
            require_acceptable(law.within(execution.called_process(waiting.id)), variables)
        except Invalid as refused:
            if delivery is None:
                raise
            raise StepFailed(waiting.element_id, "data", in_words(refused)) from refused
        brought = laid_over(execution.message_variables(waiting.id), variables)
        step = execution.deliver_message(waiting.id, brought, circumstances(law, now, actor))
        received: Event = (f"{waiting.kind}.received", told | sender_json(cause))
        incidents = open_incidents_of(tx, instance)
        return change_of(instance, step, law, now, actor, [*events, received], incidents=incidents, cause=cause)
    except StepFailed as failure:
        raise StepFailedIn(before, failure, operation, delivery=_crossed_out(delivery)) from failure
    except (Conflict, Unavailable):
        raise
    except Exception as error:
        if delivery is None:
            raise
        log.exception("event.failed", event_id=delivery.event.id, name=waiting.name, process_instance=instance.id)
        raise StepFailedIn(before, unexpected(waiting.element_id, error), operation, delivery=_crossed_out(delivery)) from error


def _crossed_out(delivery: EventDelivery | None) -> tuple[str, str] | None:
    return None if delivery is None else (delivery.event.id, delivery.target)


def sender_json(cause: ThrownEvent | None) -> dict[str, Json]:
    """Who inside the service threw the event, for the audit trail; nothing for one from outside."""
    if cause is None or cause.process_instance_id is None:
        return {}
    return {"from": {"processInstanceId": cause.process_instance_id, "elementId": cause.element_id}}


def in_words(refused: Invalid) -> str:
    """The faults of given data in one sentence, for an incident."""
    return f"{refused.message}: " + "; ".join(f"{error.pointer} {error.message}" for error in refused.errors)


def laid_over(standing: Mapping[str, Json], brought: Mapping[str, Json]) -> dict[str, Json]:
    """What a message sets: an object is laid over the one that stands, key by key, so that what the case knows is not lost.

    Everything else is replaced.
    """
    return {name: _merged(standing.get(name), value) for name, value in brought.items()}


def _merged(standing: Json, brought: Json) -> Json:
    if isinstance(standing, dict) and isinstance(brought, dict):
        return {**standing, **{key: _merged(standing.get(key), value) for key, value in brought.items()}}
    return brought
