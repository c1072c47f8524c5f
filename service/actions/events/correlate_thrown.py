"""A message thrown by a diagram and meant for another process: to the one place that takes it, or nowhere."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from service.actions.events.delivery import deliver_to
from service.actions.instances.advance import put_events
from service.actions.instances.case_law import CaseLaw
from service.actions.instances.process_starts import read_route, starts_of
from service.actions.instances.start_instance import start_or_join
from service.actions.ports import InstanceChange, MessageRoute, Services, Transaction
from service.domain.definition import COMMON, KIND_PROCESS, PLACE_IN_KEY, key_at
from service.domain.event import EventDelivery
from service.domain.instance import require_running
from service.domain.json_values import Json
from service.domain.step import MESSAGE


def correlate_thrown(services: Services, tx: Transaction, delivery: EventDelivery) -> None:
    """Within a transaction: continue the one instance that is meant, else start the process, else note why neither can be.

    A process of another file is started, where it can be, unless the message carries keys of a case. Else meant are those whose variables
    equal what the message carries for the receiver's correlation keys; where it has none, those with the sender's business key (or without
    any, as the sender). Two such places are not told apart by guessing. The key of a process of another file may hold PLACE_IN_KEY: the
    place of the sender.
    """
    event, route = delivery.event, read_route(cast(dict[str, Json], dict(delivery.detail)))
    if PLACE_IN_KEY in route.definition_key and event.process_instance_id is not None:
        # Only here: two cases that write to each other at once would wait for each other.
        sender = tx.load_instance(event.process_instance_id)
        if sender is not None:
            route = replace(route, definition_key=key_at(route.definition_key, sender.jurisdiction))
    missing = [key for key in route.correlation_keys if event.variables.get(key) is None]
    if missing:
        _note(services, tx, delivery, route, "correlation-key-missing", {"missing": list(missing)})
        return
    if not route.receivers and not route.correlation_keys and _started(services, tx, delivery, route):
        return
    keys = {key: event.variables[key] for key in route.correlation_keys}
    places = tx.waiting_receivers(event.name, route.definition_key, route.receivers, event.business_key, keys)
    if len(places) > 1:
        waiting = sorted({place.process_instance_id for place in places})
        _note(services, tx, delivery, route, "message-ambiguous", {"processInstanceIds": list(waiting)})
    elif places:
        instance = tx.load_instance(places[0].process_instance_id)
        place = tx.waiting_event(places[0].id)
        if instance is None or not instance.is_open or place is None:
            # Somebody was faster: look again who waits now.
            correlate_thrown(services, tx, delivery)
            return
        require_running(instance)
        tx.save_instance(deliver_to(services, tx, event.actor, instance, place, event.variables, delivery=delivery))
    elif not _started(services, tx, delivery, route):
        _note(services, tx, delivery, route, "message-not-awaited", {})


def _started(services: Services, tx: Transaction, delivery: EventDelivery, route: MessageRoute) -> bool:
    event, seq = delivery.event, tx.latest_deployment_seq()
    definition = tx.latest_definition(KIND_PROCESS, route.definition_key, seq)
    starts = () if definition is None else starts_of(definition)
    start = next(
        (
            one
            for one in starts
            if (one.event_kind, one.event_name) == (MESSAGE, event.name) and (not route.receivers or one.element_id in route.receivers)
        ),
        None,
    )
    if definition is None or start is None:
        return False
    sender = None if event.process_instance_id is None else tx.load_instance(event.process_instance_id)
    place = sender.jurisdiction if sender is not None and definition.jurisdiction == COMMON else definition.jurisdiction
    law = CaseLaw(services, tx, definition, seq, place)
    start_or_join(services, tx, event.actor, law, start, event.business_key, event.variables, delivery)
    return True


def _note(services: Services, tx: Transaction, delivery: EventDelivery, route: MessageRoute, reason: str, more: Mapping[str, Json]) -> None:
    """In the sender's audit trail: what it said went to nobody inside the service. It has left through the outbox all the same."""
    sender = tx.load_instance(delivery.event.process_instance_id or "")
    if sender is None:
        return
    change = InstanceChange(sender, sender.version, services.clock())
    sender.version += 1
    told: dict[str, Json] = {"elementId": delivery.event.element_id, "name": delivery.event.name, "definitionKey": route.definition_key}
    put_events(change, delivery.event.actor, [("message.not-delivered", {**told, "reason": reason, **more})])
    tx.save_instance(change)
