"""Bring a signal or message on its way to those who have not got it, now instead of at its next attempt."""

from dataclasses import dataclass

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, answered_once, recall, remember
from service.actions.ports import Services
from service.domain.access import require_may
from service.domain.errors import NotFound
from service.domain.event import HANDOVER_MS
from service.domain.json_values import Json
from service.domain.principal import Principal


@dataclass(frozen=True, slots=True)
class RetryPendingEvent:
    """`target`: only that one; None: all that the event has not reached."""

    event_id: str
    target: str | None = None
    repeat: Repeat = NO_REPEAT


def retry_pending_event(services: Services, principal: Principal, command: RetryPendingEvent) -> Answer:
    """200 with how many deliveries are tried, as if the event was just thrown; NotFound when it has reached all, or that target."""
    require_may(principal, "work")
    return answered_once(services, principal, command.repeat, lambda: _retry(services, principal, command))


def _retry(services: Services, principal: Principal, command: RetryPendingEvent) -> Answer:
    now = services.clock()
    with services.store.begin() as tx:
        earlier = recall(tx, principal, command.repeat)
        if earlier is not None:
            return earlier
        # The service's trail first: two retries of one event then wait for one another here, and not for each other's rows.
        told: dict[str, Json] = {"eventId": command.event_id, "target": command.target}
        tx.append_service_event(now, principal.actor, "event.retried", told)
        deliveries = tx.try_deliveries_again(command.event_id, command.target, now + HANDOVER_MS)
        if deliveries == 0:
            raise NotFound("pending event", command.event_id)
        given = answer(200, {"eventId": command.event_id, "deliveries": deliveries})
        remember(tx, principal, command.repeat, given, now)
        tx.commit()
    return given
