"""Gateways: how many flows they may have, which of them need conditions, and what an event-based gateway chooses from."""

from service.engine.findings import Report
from service.engine.lint.structure import Structure
from service.engine.reading.diagram import GATEWAYS, Flow, Node


def check_gateways(structure: Structure, report: Report) -> None:
    """Judge every gateway by its flows."""
    for node in structure.process.nodes:
        if node.kind in GATEWAYS:
            _GatewayRules(structure, report, node).run()


class _GatewayRules:
    def __init__(self, structure: Structure, report: Report, node: Node) -> None:
        self.structure = structure
        self.report = report
        self.node = node
        self.out = structure.outgoing[node.id]
        self.into = structure.incoming[node.id]

    def _error(self, node: Node | Flow, code: str, message: str) -> None:
        self.report.error(node.id, node.line, code, message)

    def run(self) -> None:
        node, out, into = self.node, self.out, self.into
        if not out and len(into) < 2:
            self._error(node, "dead-end", f"nothing follows the gateway {node.id!r}")
        directions = {"Diverging": (len(into) <= 1 and len(out) > 1), "Converging": (len(into) > 1 and len(out) <= 1)}
        directions["Mixed"] = len(into) > 1 and len(out) > 1
        if not directions.get(node.direction, True):
            message = f"the gateway {node.id!r} is declared {node.direction} but has {len(into)} incoming and {len(out)} outgoing flows"
            self._error(node, "gateway-direction", message)
        elif len(out) == 1 and len(into) == 1:
            message = f"the gateway {node.id!r} neither splits nor joins: it has one flow in and one out"
            self.report.warn(node.id, node.line, "superfluous-gateway", message)
        if node.kind == "exclusiveGateway":
            self._exclusive()
        elif node.kind == "inclusiveGateway" and len(out) > 1:
            self._without_default()
        elif node.kind == "eventBasedGateway":
            self._event_based()

    def _exclusive(self) -> None:
        node, out = self.node, self.out
        if len(out) == 1:
            if out[0].condition is not None:
                message = f"the only sequence flow out of {node.id!r} has a condition; without another way it cannot be decided"
                self._error(out[0], "condition-not-allowed", message)
            return
        for flow in out:
            if flow.condition is None and flow.id != node.default_flow:
                message = f"the sequence flow {flow.id!r} out of the exclusive gateway {node.id!r} needs a condition or must be the default"
                self._error(flow, "missing-condition", message)
        if out:
            self._without_default()

    def _without_default(self) -> None:
        node = self.node
        if node.default_flow is None and all(flow.condition is not None for flow in self.out):
            message = f"the {node.kind} {node.id!r} has no default flow; when no condition is true the instance stops with an incident"
            self.report.warn(node.id, node.line, "no-default-flow", message)

    def _event_based(self) -> None:
        node = self.node
        if len(self.out) < 2:
            self._error(node, "dead-end", f"the event-based gateway {node.id!r} needs two or more events to choose from")
        for flow in self.out:
            target = self.structure.nodes[flow.target]
            if target.kind not in ("intermediateCatchEvent", "receiveTask") or target.event.kind == "link":
                message = f"{target.id!r} after the event-based gateway {node.id!r} is a {target.kind}, not a catching event"
                self._error(flow, "not-an-event", message)
            elif len(self.structure.incoming[target.id]) > 1:
                self._error(flow, "not-an-event", f"{target.id!r} after the event-based gateway {node.id!r} has other incoming flows")
            elif _is_repeated(target) or self.structure.boundaries[target.id]:
                message = f"{target.id!r} after the gateway {node.id!r} cannot have boundary events, be repeated or gather tokens"
                self._error(flow, "not-an-event", message)


def _is_repeated(node: Node) -> bool:
    """Whether the element is more than one visit, or less than one, for each token."""
    return node.multi_instance is not None or node.loop is not None or node.start_quantity != 1
