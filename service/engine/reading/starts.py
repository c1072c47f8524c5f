"""What starts a process: plain, message, signal and timer start events, receive tasks and event-based gateways that instantiate.

BPMN 2.0.2 §13.2; a start event with several definitions is started by any of them.
"""

from collections.abc import Iterator

from service.actions.ports import StartEvent
from service.domain.step import EXTERNAL_FORM
from service.engine.language.assignment import split_list
from service.engine.reading.diagram import EventDefinition, Node, ProcessDiagram

STARTING_EVENTS = frozenset({"none", "message", "signal", "timer"})


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
