"""Sequence flows: that they connect elements of one level, that elements have the flows they need, and the conditions on them."""

from service.engine.findings import Report
from service.engine.language.expressions import ExpressionFault, compile_condition
from service.engine.lint.structure import Structure, drawn, is_compensation
from service.engine.reading.diagram import ACTIVITIES, WAITING_ACTIVITIES, Flow, Node

_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})
_EVENTS = frozenset({"startEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
_MAY_HAVE_DEFAULT = ACTIVITIES | _CHOOSING
_FROM_OUTSIDE = frozenset({"message", "timer", "signal", "conditional"})
_NO_CONDITIONS = frozenset({"parallelGateway", "eventBasedGateway"})


def check_flows(structure: Structure, report: Report) -> None:
    """Judge every sequence flow, and every element by its flows."""
    rules = _FlowRules(structure, report)
    for flow in structure.process.flows:
        rules.flow(flow)
    for node in structure.process.nodes:
        rules.node(node)


class _FlowRules:
    def __init__(self, structure: Structure, report: Report) -> None:
        self.structure = structure
        self.report = report

    def _error(self, node: Node | Flow, code: str, message: str) -> None:
        self.report.error(node.id, node.line, code, message)

    def flow(self, flow: Flow) -> None:
        nodes = self.structure.nodes
        missing = [end for end in (flow.source, flow.target) if end not in nodes]
        for end in missing:
            self._error(flow, "dangling-flow", f"the sequence flow {flow.id!r} refers to {end!r}, which is no element of the process")
        if missing:
            return
        source, target = nodes[flow.source], nodes[flow.target]
        if source.scope != target.scope:
            self._error(flow, "flow-crosses-scope", f"the sequence flow {flow.id!r} crosses the border of a sub-process")
        elif flow.condition is not None:
            self._condition(flow, source)

    def _condition(self, flow: Flow, source: Node) -> None:
        if source.kind in _NO_CONDITIONS:
            self._error(flow, "condition-not-allowed", f"a sequence flow out of the {source.kind} {source.id!r} cannot have a condition")
        elif source.kind in ACTIVITIES | _EVENTS and len(self.structure.outgoing[source.id]) == 1:
            message = f"the only sequence flow out of {source.id!r} has a condition; BPMN wants another way for when it is not true"
            self._error(flow, "only-conditional-flow", message)
        elif source.kind in _EVENTS:
            message = f"BPMN gives no conditions to flows out of the {source.kind} {source.id!r}; they are followed as Camunda does"
            self.report.warn(flow.id, flow.line, "condition-on-event", message)
        try:
            compile_condition(flow.condition or "", flow.language)
        except ExpressionFault as fault:
            self.report.error(flow.id, flow.line, "invalid-expression", f"condition of {flow.id!r}: {fault}", fault.column)

    # --- one element and its flows

    def node(self, node: Node) -> None:
        out, into = self.structure.outgoing[node.id], self.structure.incoming[node.id]
        if node.kind in ("startEvent", "boundaryEvent") and into:
            self._error(node, "incoming-not-allowed", f"a sequence flow leads into the {node.kind} {node.id!r}")
        if node.kind == "endEvent" and out:
            self._error(node, "outgoing-not-allowed", f"a sequence flow leads out of the end event {node.id!r}")
        if node.triggered_by_event and (out or into):
            message = f"a sequence flow is connected to the event sub-process {node.id!r}, which starts by its event"
            self._error(node, "event-sub-process", message)
        if node.triggered_by_event and (node.multi_instance is not None or self.structure.boundaries[node.id]):
            self._error(node, "event-sub-process", f"the event sub-process {node.id!r} cannot be multi-instance or have boundary events")
        if is_compensation(node):
            if out:
                message = f"a sequence flow leads out of the compensation event {node.id!r}; an association leads to its handler"
                self._error(node, "outgoing-not-allowed", message)
        elif node.kind in ("startEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent") and not out:
            self._error(node, "dead-end", f"nothing follows the {node.kind} {node.id!r}")
        if node.kind in ("intermediateCatchEvent", "intermediateThrowEvent") and not into:
            self._error(node, "unreachable", f"nothing leads to the {node.kind} {node.id!r}")
        self._link(node, out, into)
        self._listed(node, node.listed_incoming, into, "incoming")
        self._listed(node, node.listed_outgoing, out, "outgoing")
        self._default(node, out)
        if node.kind == "boundaryEvent":
            self._boundary(node)

    def _link(self, node: Node, out: list[Flow], into: list[Flow]) -> None:
        if node.event.kind != "link":
            return
        thrown = node.kind == "intermediateThrowEvent"
        for _ in drawn(out if thrown else into):
            side = "out of the throwing" if thrown else "into the catching"
            self._error(node, "link-with-flow", f"a sequence flow leads {side} link event {node.id!r}")

    def _default(self, node: Node, out: list[Flow]) -> None:
        if node.default_flow is None:
            return
        if node.kind not in _MAY_HAVE_DEFAULT:
            self._error(node, "default-not-allowed", f"the {node.kind} {node.id!r} cannot have a default flow")
        default = next((flow for flow in out if flow.id == node.default_flow), None)
        if default is None:
            self._error(node, "dangling-reference", f"the default flow {node.default_flow!r} does not leave {node.id!r}")
        elif default.condition is not None:
            self._error(default, "condition-not-allowed", f"the default flow {default.id!r} of {node.id!r} cannot have a condition")

    def _listed(self, node: Node, listed: frozenset[str], flows: list[Flow], which: str) -> None:
        """An element may name its flows itself; then it must name those that there are."""
        real = {flow.id for flow in drawn(flows)}
        for flow_id in sorted(listed - real):
            self._error(node, "dangling-reference", f"{node.id!r} names the {which} flow {flow_id!r}, which is none of its sequence flows")
        if listed:
            for flow_id in sorted(real - listed):
                message = f"the sequence flow {flow_id!r} is missing among the {which} flows that {node.id!r} names"
                self._error(node, "inconsistent-flow", message)

    def _boundary(self, node: Node) -> None:
        host = self.structure.nodes.get(node.attached_to or "")
        if host is None or host.scope != node.scope:
            self._error(node, "dangling-reference", f"the boundary event {node.id!r} is not attached to an activity of its level")
        elif host.kind in ACTIVITIES - WAITING_ACTIVITIES and node.event.kind in _FROM_OUTSIDE and not _throws_itself(host):
            message = f"the {host.kind} {host.id!r} passes at once, so {node.id!r} cannot happen"
            self.report.warn(node.id, node.line, "never-happens", message)
        if node.event.kind == "timer" and node.event.timer_kind == "cycle" and node.interrupting:
            message = f"the interrupting timer {node.id!r} fires once; its repetitions never come"
            self.report.warn(node.id, node.line, "never-happens", message)


def _throws_itself(host: Node) -> bool:
    """True for a multi-instance that throws events at its own boundary."""
    return host.multi_instance is not None and bool(host.multi_instance.thrown)
