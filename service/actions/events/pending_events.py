"""Bringing signals and messages to those inside the service that they are meant for: each once, each in a transaction of its own."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import structlog

from service.actions.events.correlate_thrown import correlate_thrown
from service.actions.events.delivery import deliver_to
from service.actions.incidents.failed_steps import recording_incidents
from service.actions.instances.advance import put_events
from service.actions.instances.case_law import CaseLaw
from service.actions.instances.process_starts import starts_of
from service.actions.instances.start_instance import start_or_join
from service.actions.ports import InstanceChange, Services, Transaction
from service.actions.retry_later import moment_after, problem_of
from service.domain.errors import Conflict, NotFound, RongjiuError, StepIncident, Unavailable
from service.domain.event import CONTINUE, CORRELATE, START, EventDelivery
from service.domain.instance import ProcessInstance, require_running

log = structlog.get_logger("rongjiu.events")

AT_ONCE_SECONDS = 1.5
"""So long a request that threw something sees to its deliveries itself; less than domain.event.HANDOVER_MS."""

_thread = threading.local()


def deliver_at_once(services: Services, event_ids: Sequence[str]) -> None:
    """After events were written down: bring them where they belong, with what follows from them, as far as the time goes.

    Never raises: what is not done here is done by a worker.
    """
    under_way: deque[str] | None = getattr(_thread, "under_way", None)
    if under_way is not None:  # Thrown by one of the deliveries below.
        under_way.extend(event_ids)
        return
    _thread.under_way = under_way = deque(event_ids)
    end = time.monotonic() + AT_ONCE_SECONDS
    try:
        while under_way and time.monotonic() < end:
            if not _deliver_next(services, under_way[0]):
                under_way.popleft()
    except RongjiuError as error:
        log.info("events.left_to_the_worker", events=len(under_way), reason=error.message)
    except Exception:
        # The caller's own work is done and durable; the worker meets the same fault again and deals with it.
        log.exception("events.left_to_the_worker", events=len(under_way))
    finally:
        _thread.under_way = None


def deliver_due_events(services: Services, limit: int) -> int:
    """Make up to `limit` deliveries that nobody has made in time; returns how many were handled."""
    handled = 0
    while handled < limit and _deliver_next(services, None):
        handled += 1
    return handled


def _deliver_next(services: Services, event_id: str | None) -> bool:
    """False when there is none left."""
    now, claimed = services.clock(), list[EventDelivery]()
    try:
        return recording_incidents(services, "event", lambda: _deliver(services, now, event_id, claimed))
    except StepIncident:
        return True
    except Unavailable:
        raise
    except Exception as error:
        if not claimed:
            raise
        # One receiver that cannot go on must not hold up the others; it is tried again, less and less often.
        # An attempt that was overtaken has given back what it had claimed.
        delivery = claimed[-1]
        told = {"event_id": delivery.event.id, "name": delivery.event.name, "target": delivery.target}
        if isinstance(error, Conflict):
            log.info("event.lost_race", code=error.code, **told)
        else:
            log.exception("event.failed", **told)
        with services.store.begin() as tx:
            tx.postpone_delivery(delivery.event.id, delivery.target, moment_after(now, delivery.attempts), problem_of(error))
            tx.commit()
        return True


def _deliver(services: Services, now: int, event_id: str | None, claimed: list[EventDelivery]) -> bool:
    with services.store.begin() as tx:
        delivery = tx.claim_delivery(now, event_id)
        if delivery is None:
            return False
        claimed.append(delivery)
        _WAYS[delivery.kind](services, tx, delivery)
        tx.settle_delivery(delivery.event.id, delivery.target)
        tx.commit()
    return True


def _continue(services: Services, tx: Transaction, delivery: EventDelivery) -> None:
    instance = tx.load_instance(delivery.process_instance_id or "")
    waiting = tx.waiting_signal(delivery.process_instance_id or "", delivery.target)
    if instance is None or not instance.is_open:
        return  # Nobody is left to hear it.
    if waiting is None:
        _note_unheard(services, tx, instance, delivery)
        return
    require_running(instance)
    event = delivery.event
    tx.save_instance(deliver_to(services, tx, event.actor, instance, waiting, event.variables, delivery=delivery))


def _note_unheard(services: Services, tx: Transaction, instance: ProcessInstance, delivery: EventDelivery) -> None:
    """The case went on meanwhile and listens no more: its trail says so, for the thrower was told that the signal is on its way."""
    change = InstanceChange(instance, instance.version, services.clock())
    instance.version += 1
    put_events(change, delivery.event.actor, [("signal.not-received", {"name": delivery.event.name, "subscriptionId": delivery.target})])
    tx.save_instance(change)


def _start(services: Services, tx: Transaction, delivery: EventDelivery) -> None:
    seq, definition_id = tx.latest_deployment_seq(), str(delivery.detail["definitionId"])
    definition = tx.process_definition(definition_id)
    if definition is None:
        raise NotFound("process definition", definition_id)
    event = delivery.event
    start = next(
        start for start in starts_of(definition) if (start.element_id, start.event_name) == (delivery.detail["startElementId"], event.name)
    )
    law = CaseLaw(services, tx, definition, seq, definition.jurisdiction)
    start_or_join(services, tx, event.actor, law, start, event.business_key, event.variables, delivery)


_WAYS: Mapping[str, Callable[[Services, Transaction, EventDelivery], None]] = {
    CONTINUE: _continue,
    START: _start,
    CORRELATE: correlate_thrown,
}
