"""The signals and messages of a step that others inside the service are to be told of."""

from service.actions.instances.case_law import CaseLaw
from service.actions.instances.process_starts import route_json, routes_of, signal_starts
from service.domain.errors import StepFailed
from service.domain.event import CORRELATE, MAX_HOPS, EventTarget, ThrownEvent
from service.domain.identifiers import new_id
from service.domain.instance import ProcessInstance
from service.domain.step import MESSAGE, SIGNAL, MessageSent, SignalSent, Step


def thrown_by(step: Step, instance: ProcessInstance, law: CaseLaw, now: int, cause: ThrownEvent | None) -> list[ThrownEvent]:
    """What the step has thrown: signals for all who wait or start with them, messages where the diagram says who takes them.

    `cause` is the event that brought the step about. Raises StepFailed when that makes a chain that looks like an endless loop.
    """
    thrown = [_signal(signal, instance, law, now) for signal in step.signals]
    thrown.extend(event for message in step.messages if (event := _message(message, instance, law, now)) is not None)
    if cause is None or not thrown:
        return thrown
    if cause.hops >= MAX_HOPS:
        message = f"more than {MAX_HOPS} signals and messages have followed from one another: this looks like an endless loop"
        raise StepFailed(thrown[0].element_id, "budget", message)
    return [event.after(cause) for event in thrown]


def _signal(signal: SignalSent, instance: ProcessInstance, law: CaseLaw, now: int) -> ThrownEvent:
    targets = signal_starts(law.lookups, signal.name)
    payload = dict(signal.payload)
    return ThrownEvent(
        new_id(), SIGNAL, signal.name, payload, SIGNAL, now, instance.id, signal.element_id, instance.business_key, targets=targets
    )


def _message(message: MessageSent, instance: ProcessInstance, law: CaseLaw, now: int) -> ThrownEvent | None:
    """None: it only leaves the service."""
    routes = routes_of(law.within(message.called).definition, message.element_id, message.name)
    if not routes:
        return None
    targets = tuple(EventTarget(str(index), CORRELATE, route_json(route)) for index, route in enumerate(routes))
    # Data passes from case to case only where the diagram names it, as with called processes.
    payload = dict(message.payload) if message.named else {}
    return ThrownEvent(
        new_id(), MESSAGE, message.name, payload, MESSAGE, now, instance.id, message.element_id, instance.business_key, targets=targets
    )
