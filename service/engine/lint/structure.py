"""The elements of one process with their neighbours: what the rules on flows, levels and gateways look at."""

from collections import defaultdict
from collections.abc import Iterator

from service.engine.reading.diagram import LINK, SUB_PROCESSES, Flow, Node, ProcessDiagram
from service.engine.reading.vocabulary import FLOW_NODES


class Structure:
    """One process. `incoming` and `outgoing` hold only flows between two elements of the same level; link events count as connected.

    `order` gives the place of an element in the document.
    """

    def __init__(self, process: ProcessDiagram) -> None:
        self.process = process
        self.nodes = {node.id: node for node in process.nodes}
        self.outgoing: dict[str, list[Flow]] = defaultdict(list)
        self.incoming: dict[str, list[Flow]] = defaultdict(list)
        self.boundaries: dict[str, list[Node]] = defaultdict(list)
        for flow in process.flows:
            source, target = self.nodes.get(flow.source), self.nodes.get(flow.target)
            if source is not None and target is not None and source.scope == target.scope:
                self.outgoing[source.id].append(flow)
                self.incoming[target.id].append(flow)
        self.order = {node.id: position for position, node in enumerate(process.nodes)}
        self._inside: dict[str, list[Node]] = defaultdict(list)
        for node in process.nodes:
            self._inside[node.scope].append(node)
            if node.attached_to is not None:
                self.boundaries[node.attached_to].append(node)

    def scopes(self) -> Iterator[str]:
        """The ids of the process and of its sub-processes; what is inside one that is not executed has not been read."""
        yield self.process.key
        yield from (node.id for node in self.process.nodes if node.kind in SUB_PROCESSES & FLOW_NODES)

    def inside(self, scope: str) -> list[Node]:
        """The elements of one level."""
        return self._inside.get(scope, [])

    def starts(self, scope: str) -> list[Node]:
        """The start events of one level; where there is none, every element that nothing leads to (BPMN 2.0.2 §10.3.5)."""
        inside = self.inside(scope)
        return [node for node in inside if node.kind == "startEvent"] or [
            node for node in inside if not self.incoming[node.id] and not begins_by_itself(node) and node.kind != "boundaryEvent"
        ]


def begins_by_itself(node: Node) -> bool:
    """True for what no sequence flow leads to because something else starts it: an event, a compensation, or what creates instances."""
    return node.triggered_by_event or node.for_compensation or node.instantiate


def drawn(flows: list[Flow]) -> list[Flow]:
    """The flows without those that stand for a pair of link events."""
    return [flow for flow in flows if not flow.id.endswith(LINK)]


def is_compensation(node: Node) -> bool:
    """True for a boundary event that only leads to a compensation handler."""
    return node.kind == "boundaryEvent" and node.event.kind == "compensate"
