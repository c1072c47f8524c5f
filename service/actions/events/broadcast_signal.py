"""Broadcast a signal: to every instance that waits for it, and to every process that starts with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, answered_once, recall, remember
from service.actions.instances.process_starts import signal_starts
from service.actions.ports import Services
from service.domain.access import require_may
from service.domain.errors import NotFound
from service.domain.event import HANDOVER_MS, ThrownEvent
from service.domain.identifiers import new_id
from service.domain.json_values import Json
from service.domain.principal import Principal
from service.domain.step import SIGNAL

SHOWN = 100
"""Instances the answer names; the others are only counted."""


@dataclass(frozen=True, slots=True)
class BroadcastSignal:
    """`process_instance_id`: only that instance is told, and nothing starts."""

    name: str
    variables: Mapping[str, Json]
    process_instance_id: str | None = None
    repeat: Repeat = NO_REPEAT


def broadcast_signal(services: Services, principal: Principal, command: BroadcastSignal) -> Answer:
    """200 with whom the signal is meant for. They are written down with the answer and told right after; workers see to the rest.

    A step of theirs that fails is their own incident.
    """
    require_may(principal, "work")
    return answered_once(services, principal, command.repeat, lambda: _broadcast(services, principal, command))


def _broadcast(services: Services, principal: Principal, command: BroadcastSignal) -> Answer:
    now, only = services.clock(), command.process_instance_id
    with services.store.begin() as tx:
        earlier = recall(tx, principal, command.repeat)
        if earlier is not None:
            return earlier
        # The service's trail before any case, as a deployment that moves a place has them: else each could hold what the other waits for.
        tx.hold_service_stream()
        if only is not None and tx.load_instance(only) is None:
            raise NotFound("process instance", only)
        targets = () if only is not None else signal_starts(tx, command.name)
        event = ThrownEvent(new_id(), SIGNAL, command.name, dict(command.variables), principal.actor, now, targets=targets)
        deliveries = tx.throw_event(event, now + HANDOVER_MS, only)
        told: dict[str, Json] = {
            "id": event.id,
            "name": event.name,
            "deliveries": deliveries,
            "processInstanceIds": list(tx.reached_instances(event.id, SHOWN)),
            "startedDefinitionIds": [target.detail["definitionId"] for target in targets],
        }
        payload: dict[str, Json] = {"signalId": event.id, "name": event.name, "variables": dict(event.variables), "deliveries": deliveries}
        tx.append_service_event(now, principal.actor, "signal.broadcast", payload | ({"processInstanceId": only} if only else {}))
        given = answer(200, told)
        remember(tx, principal, command.repeat, given, now)
        tx.commit()
    return given
