"""What starts a process: plain, message, signal and timer start events, receive tasks and event-based gateways that instantiate.

BPMN 2.0.2 §13.2; a start event with several definitions is started by any of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NoReturn

from service.actions.deadlines import counted
from service.actions.ports import Circumstances, Law, StartEvent
from service.domain.china_time import moment
from service.domain.errors import StepFailed
from service.domain.event import StartTimer
from service.domain.json_values import Json
from service.domain.law import DueDate, TimeLimit
from service.domain.step import EXTERNAL_FORM, CalledProcess
from service.engine.language import timers
from service.engine.language.assignment import split_list
from service.engine.language.expressions import Inquiry, compile_text
from service.engine.reading.diagram import EventDefinition, Node, ProcessDiagram

STARTING_EVENTS = frozenset({"none", "message", "signal", "timer"})
SHORTEST = 1_000_000
"""Microseconds: no process starts more often than each second."""


def start_events(process: ProcessDiagram) -> tuple[StartEvent, ...]:
    """The starts of the outermost level, in document order."""
    return tuple(start for node in process.nodes if node.scope == process.key for start in _starts_at(process, node))


def instantiating_nodes(process: ProcessDiagram) -> dict[str, Node | None]:
    """By id the events and receive tasks that start a process without being start events, each with the gateway before it."""
    found: dict[str, Node | None] = {}
    for node in process.nodes:
        if node.scope == process.key and node.instantiate:
            if node.kind == "receiveTask":
                found[node.id] = None
            else:
                found.update((target.id, node) for target in _behind(process, node))
    return found


def _behind(process: ProcessDiagram, gateway: Node) -> list[Node]:
    nodes = {node.id: node for node in process.nodes}
    return [nodes[flow.target] for flow in process.flows if flow.source == gateway.id and flow.target in nodes]


def _starts_at(process: ProcessDiagram, node: Node) -> Iterator[StartEvent]:
    if node.kind == "startEvent":
        yield from (_start(node, event) for event in node.events or (node.event,))
    elif node.instantiate:
        takers = [node] if node.kind == "receiveTask" else _behind(process, node)
        yield from (_start(taker, event) for taker in takers for event in taker.events)


def _start(node: Node, event: EventDefinition) -> StartEvent:
    return StartEvent(
        node.id,
        node.name,
        event.kind,
        event.name,
        split_list(node.properties.get("correlationKeys", "")),
        split_list(node.properties.get("reservedVariables", "")),
        *_form_of(node),
        node.properties.get("forCalls") == "true",
    )


def _form_of(node: Node) -> tuple[str | None, str | None, int | None]:
    """Key, binding and version of the form that a start is bound to."""
    key, version = node.attributes.get("formRef"), node.attributes.get("formRefVersion")
    if key:
        return key, node.attributes.get("formRefBinding"), int(version) if version is not None else None
    external = node.attributes.get("formKey")
    return (external, EXTERNAL_FORM, None) if external else (None, None, None)


# --- by the clock


def start_timers(nodes: Iterable[Node], now: int) -> list[StartTimer]:
    """When the timers among the start events are due, deployed at `now`. Raises StepFailed when one cannot be computed."""
    return [start_timer(node, event, now) for node in nodes for event in node.events if event.kind == "timer"]


def start_timer(node: Node, event: EventDefinition, now: int) -> StartTimer:
    """When a timer of a start event is due. No case is there yet: its expression sees neither variables nor the law."""
    formula = compile_text(event.timer_text)
    value = formula.evaluate(Inquiry(node.id, {}, Circumstances(now, _NoLaw(), "timer")))
    try:
        plan = timers.schedule(event.timer_kind or "duration", value, moment(now))
        interval = plan.interval
        if interval is None:
            return StartTimer(node.id, timers.milliseconds(plan.due))
        if not interval.months and interval.microseconds < SHORTEST:
            raise timers.TimerFault(f"{value!r} starts the process more often than each second")
    except timers.TimerFault as fault:
        raise StepFailed(node.id, "expression", f"{formula.text}: {fault}") from None
    return StartTimer(node.id, timers.milliseconds(plan.due), plan.repetitions, interval.months, interval.microseconds)


def following_start(timer: StartTimer, now: int) -> StartTimer | None:
    """The next time after `timer` has started the process; None when that was the last.

    A cycle without end leaves out what was missed (while no worker ran): what is due next lies after `now`. One with a number of
    repetitions makes them all, the late ones at once.
    """
    if timer.left == 0:
        return None
    interval = timers.Duration(timer.months, timer.microseconds)
    try:
        due = interval.after(moment(timer.due_at))
        if timer.left != timers.EVER:
            return replace(timer, due_at=timers.milliseconds(due), left=timer.left - 1)
        if not timer.months and timers.milliseconds(due) <= now:
            behind = now - timers.milliseconds(due)
            each = timer.microseconds // 1_000
            due = timers.Duration(0, (behind // each + 1) * each * 1_000).after(due)
        while timers.milliseconds(due) <= now:
            due = interval.after(due)
    except timers.TimerFault:
        return None
    return replace(timer, due_at=timers.milliseconds(due))


class _NoLaw:
    """Satisfies the port Law where there is no case whose law could be asked."""

    def decision(self, element_id: str, key: str, binding: str | None, version: int | str | None) -> NoReturn:
        """There is none."""
        raise _refusal(element_id)

    def deadline(self, element_id: str, key: str, now_ms: int) -> NoReturn:
        """There is none."""
        raise _refusal(element_id)

    def counted(self, element_id: str, limit: TimeLimit) -> DueDate:
        """By the published calendar. Days of other years would never be counted again, so they are refused."""
        due = counted(limit, dict)
        if due.limit.provisional:
            raise StepFailed(element_id, "expression", f"the working days of {due.limit.counted_year} are not published yet")
        return due

    def setting(self, element_id: str, key: str) -> NoReturn:
        """There is none."""
        raise _refusal(element_id)

    def recorded(self, element_id: str, name: str, key: Json, now_ms: int) -> NoReturn:
        """There is none."""
        raise _refusal(element_id)

    def records(self, element_id: str, name: str, key: Json, now_ms: int) -> NoReturn:
        """There is none."""
        raise _refusal(element_id)

    def process(self, element_id: str, key: str, binding: str | None, version: int | str | None) -> NoReturn:
        """There is none."""
        raise _refusal(element_id)

    def within(self, called: CalledProcess | None) -> Law:
        """Still none."""
        return self


def _refusal(element_id: str) -> StepFailed:
    return StepFailed(
        element_id, "expression", "a timer that starts a process is computed when it is deployed; it cannot ask the law of a case"
    )
