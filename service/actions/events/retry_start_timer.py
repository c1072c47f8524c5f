"""Try a start by the clock that went wrong again, now instead of at its next attempt."""

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, answered_once, recall, remember
from service.actions.ports import Services
from service.actions.presentation import timestamp
from service.domain.access import require_may
from service.domain.errors import NotFound
from service.domain.json_values import Json
from service.domain.principal import Principal


def retry_start_timer(services: Services, principal: Principal, start_id: str, repeat: Repeat = NO_REPEAT) -> Answer:
    """200: a worker makes the start with its next poll. NotFound when no start of that id went wrong: none is made before it is due."""
    require_may(principal, "work")
    return answered_once(services, principal, repeat, lambda: _retry(services, principal, start_id, repeat))


def _retry(services: Services, principal: Principal, start_id: str, repeat: Repeat) -> Answer:
    now = services.clock()
    with services.store.begin() as tx:
        earlier = recall(tx, principal, repeat)
        if earlier is not None:
            return earlier
        # The service's trail first, as a deployment has it that arms starts: else each could hold what the other waits for.
        tx.hold_service_stream()
        start = tx.try_start_again(start_id, now)
        if start is None:
            raise NotFound("start timer that failed", start_id)
        told: dict[str, Json] = {"startTimerId": start.id, "definitionId": start.definition_id, "elementId": start.timer.element_id}
        tx.append_service_event(now, principal.actor, "start-timer.retried", told | {"attempts": start.attempts})
        given = answer(200, {"id": start.id, "nextAttemptAt": timestamp(now)})
        remember(tx, principal, repeat, given, now)
        tx.commit()
    return given
