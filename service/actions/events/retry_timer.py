"""Try a timer of a case again that could neither fire nor be parked, now instead of at its next attempt."""

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, answered_once, recall, remember
from service.actions.ports import Services
from service.actions.presentation import timestamp
from service.domain.access import require_may
from service.domain.errors import NotFound
from service.domain.json_values import Json
from service.domain.principal import Principal


def retry_timer(services: Services, principal: Principal, timer_id: str, repeat: Repeat = NO_REPEAT) -> Answer:
    """200: a worker fires it with its next poll. NotFound when no timer of that id is postponed: none fires before it is due."""
    require_may(principal, "work")
    return answered_once(services, principal, repeat, lambda: _retry(services, principal, timer_id, repeat))


def _retry(services: Services, principal: Principal, timer_id: str, repeat: Repeat) -> Answer:
    now = services.clock()
    with services.store.begin() as tx:
        earlier = recall(tx, principal, repeat)
        if earlier is not None:
            return earlier
        timer = tx.try_timer_again(timer_id)
        if timer is None:
            raise NotFound("postponed timer", timer_id)
        # In the service's own trail: what keeps the timer may be that nothing can be written to the case.
        told: dict[str, Json] = {"timerId": timer.id, "processInstanceId": timer.process_instance_id, "elementId": timer.element_id}
        tx.append_service_event(now, principal.actor, "timer.retried", told | {"attempts": timer.attempts, "problem": timer.problem})
        given = answer(200, {"id": timer.id, "nextAttemptAt": timestamp(now)})
        remember(tx, principal, repeat, given, now)
        tx.commit()
    return given
