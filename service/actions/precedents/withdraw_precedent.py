"""Withdraw a precedent that was recorded here: it stays readable, and is shown beside no case any more."""

from dataclasses import replace

from service.actions.answer import Answer, Repeat, answer, answered_once, recall, remember
from service.actions.ports import Services
from service.actions.precedents.precedent_views import precedent_json, told_digest
from service.domain.access import require_may
from service.domain.errors import Conflict, NotFound
from service.domain.json_values import Json
from service.domain.precedent import BUILT_IN, WITHDRAWN
from service.domain.principal import Principal


def withdraw_precedent(services: Services, principal: Principal, precedent_id: str, reason: str, repeat: Repeat) -> Answer:
    """200 with the precedent, which says why, when and by whom. NotFound; Conflict when it is withdrawn already, or was deployed."""
    require_may(principal, "work")
    return answered_once(services, principal, repeat, lambda: _withdraw(services, principal, precedent_id, reason, repeat))


def _withdraw(services: Services, principal: Principal, precedent_id: str, reason: str, repeat: Repeat) -> Answer:
    now = services.clock()
    with services.store.begin() as tx:
        earlier = recall(tx, principal, repeat)
        if earlier is not None:
            return earlier
        tx.hold_service_stream()
        found = tx.load_precedent(precedent_id)
        if found is None:
            raise NotFound("precedent", precedent_id)
        if found.origin == BUILT_IN:
            words = "the precedent was deployed: write `withdrawn` with the reason in its precedents.yaml and deploy that"
            raise Conflict(words, "precedent-deployed")
        if found.withdrawn is not None:
            raise Conflict("the precedent is withdrawn already", "already-withdrawn")
        withdrawn = replace(found, withdrawn=reason, withdrawn_at=now, withdrawn_by=principal.actor)
        tx.put_precedents([withdrawn])
        event: dict[str, Json] = {"id": found.id, "title": found.title, "reason": reason, **told_digest(withdrawn)}
        tx.append_service_event(now, principal.actor, WITHDRAWN, event)
        given = answer(200, precedent_json(withdrawn))
        remember(tx, principal, repeat, given, now)
        tx.commit()
    return given
