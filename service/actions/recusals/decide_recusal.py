"""Decide on a recusal: order or refuse what was declared, lift what was ordered."""

from dataclasses import dataclass, replace

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, answered_once, recall, remember
from service.actions.do_anew import until_not_overtaken
from service.actions.ports import Services
from service.actions.presentation import recusal_json
from service.actions.recusals.recusal_effects import record_recusal
from service.domain.access import require_may
from service.domain.errors import NotFound
from service.domain.principal import Principal
from service.domain.recusal import require_can_be_decided


@dataclass(frozen=True, slots=True)
class DecideRecusal:
    """The decision (ORDERED, REFUSED or LIFTED) and its reason."""

    recusal_id: str
    state: str
    reason: str
    repeat: Repeat = NO_REPEAT


def decide_recusal(services: Services, principal: Principal, command: DecideRecusal) -> Answer:
    """200 with the recusal. Administrators only, in the name of the person who decides.

    NotFound, Conflict `recusal-decided`, Forbidden `person-required` and `own-recusal`.
    """
    require_may(principal, "administer")
    return answered_once(services, principal, command.repeat, lambda: until_not_overtaken(lambda: _decide(services, principal, command)))


def _decide(services: Services, principal: Principal, command: DecideRecusal) -> Answer:
    person = principal.require_person()
    now = services.clock()
    with services.store.begin() as tx:
        earlier = recall(tx, principal, command.repeat)
        if earlier is not None:
            return earlier
        # The service's trail before any case, as a deployment that moves a place has them: else each could hold what the other waits for.
        tx.hold_service_stream()
        recusal = tx.load_recusal(command.recusal_id)
        if recusal is None:
            raise NotFound("recusal", command.recusal_id)
        require_can_be_decided(recusal, command.state, person)
        decided = replace(recusal, state=command.state, decided_at=now, decided_by=person, reason=command.reason)
        record_recusal(tx, decided, f"recusal.{command.state.lower()}", person, now)
        given = answer(200, recusal_json(decided))
        remember(tx, principal, command.repeat, given, now)
        tx.commit()
    return given
