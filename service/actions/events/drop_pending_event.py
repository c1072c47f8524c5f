"""Give up bringing a signal or message to one of those it is meant for; the trail of the service keeps what it said."""

from dataclasses import dataclass

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, answered_once, recall, remember
from service.actions.ports import Services
from service.domain.access import require_may
from service.domain.errors import NotFound
from service.domain.json_values import Json
from service.domain.principal import Principal


@dataclass(frozen=True, slots=True)
class DropPendingEvent:
    """`target` is who is not told any more, for the `reason` given."""

    event_id: str
    target: str
    reason: str
    repeat: Repeat = NO_REPEAT


def drop_pending_event(services: Services, principal: Principal, command: DropPendingEvent) -> Answer:
    """200; NotFound when that target has the event already, or was never meant."""
    require_may(principal, "administer")
    return answered_once(services, principal, command.repeat, lambda: _drop(services, principal, command))


def _drop(services: Services, principal: Principal, command: DropPendingEvent) -> Answer:
    now = services.clock()
    with services.store.begin() as tx:
        earlier = recall(tx, principal, command.repeat)
        if earlier is not None:
            return earlier
        # The service's trail first, as a retry has it: else each could hold what the other waits for.
        tx.hold_service_stream()
        delivery = tx.load_delivery(command.event_id, command.target)
        if delivery is None:
            raise NotFound("pending event", command.event_id)
        event = delivery.event
        # Not in the trail of the receiver: that its row cannot be written may be why somebody drops the event.
        told: dict[str, Json] = {
            "eventId": event.id,
            "kind": event.kind,
            "name": event.name,
            "variables": dict(event.variables),
            "thrownBy": {"actor": event.actor, "processInstanceId": event.process_instance_id, "elementId": event.element_id},
            "target": delivery.target,
            "targetKind": delivery.kind,
            "processInstanceId": delivery.process_instance_id,
            "detail": dict(delivery.detail),
            "attempts": delivery.attempts,
            "reason": command.reason,
        }
        tx.append_service_event(now, principal.actor, "event.dropped", told)
        tx.settle_delivery(event.id, delivery.target)
        given = answer(200, {"eventId": event.id, "deliveries": 1})
        remember(tx, principal, command.repeat, given, now)
        tx.commit()
    return given
