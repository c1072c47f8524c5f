"""Judging a diagram before anything runs: structure, conditions, and that every expression compiles. All findings, none of them guessed.

The attributes of single elements are judged in `lint_elements`; here is what concerns elements together.
"""

from collections import defaultdict

from service.engine.diagram import ACTIVITIES, GATEWAYS, LINK, WAITING_ACTIVITIES, Flow, Node, ProcessDiagram
from service.engine.expressions import ExpressionFault, compile_condition
from service.engine.findings import Report
from service.engine.lint_elements import ElementLinter
from service.engine.vocabulary import FLOW_NODES

_MAY_HAVE_DEFAULT = ACTIVITIES | {"exclusiveGateway", "inclusiveGateway"}
_MAY_BRANCH_BY_CONDITION = ACTIVITIES | {"exclusiveGateway", "inclusiveGateway"}


def lint(process: ProcessDiagram, report: Report) -> None:
    """Put everything that is wrong with `process` into `report`."""
    _Linter(process, report).run()


class _Linter:
    def __init__(self, process: ProcessDiagram, report: Report) -> None:
        self.process = process
        self.report = report
        self.nodes = {node.id: node for node in process.nodes}
        self.outgoing: dict[str, list[Flow]] = defaultdict(list)
        self.incoming: dict[str, list[Flow]] = defaultdict(list)

    def run(self) -> None:
        self._flows()
        for scope in (self.process.key, *(node.id for node in self.process.nodes if node.kind == "subProcess")):
            self._scope(scope)
        elements = ElementLinter(self.process, self.report)
        for node in self.process.nodes:
            self._edges(node)
            elements.check(node)
            if node.kind == "boundaryEvent":
                self._boundary(node)
            elif node.kind in GATEWAYS:
                self._gateway(node)

    def _error(self, node: Node | Flow, code: str, message: str) -> None:
        self.report.error(node.id, node.line, code, message)

    # --- sequence flows

    def _flows(self) -> None:
        for flow in self.process.flows:
            ends = [(end, self.nodes.get(end)) for end in (flow.source, flow.target)]
            missing = [end for end, node in ends if node is None]
            for end in missing:
                self._error(flow, "dangling-flow", f"the sequence flow {flow.id!r} refers to {end!r}, which is no element of the process")
            if missing:
                continue
            source, target = self.nodes[flow.source], self.nodes[flow.target]
            if source.scope != target.scope:
                self._error(flow, "flow-crosses-scope", f"the sequence flow {flow.id!r} crosses the border of a sub-process")
                continue
            self.outgoing[source.id].append(flow)
            self.incoming[target.id].append(flow)
            self._condition(flow, source)

    def _condition(self, flow: Flow, source: Node) -> None:
        if flow.condition is None:
            return
        if source.kind in FLOW_NODES and source.kind not in _MAY_BRANCH_BY_CONDITION:
            self._error(flow, "condition-not-allowed", f"a sequence flow out of the {source.kind} {source.id!r} cannot have a condition")
        try:
            compile_condition(flow.condition, flow.language)
        except ExpressionFault as fault:
            self._error(flow, "invalid-expression", f"condition of {flow.id!r}: {fault}")

    # --- one level

    def _scope(self, scope: str) -> None:
        inside = [node for node in self.process.nodes if node.scope == scope]
        starts = [node for node in inside if node.kind == "startEvent"]
        owner = self.nodes.get(scope)
        line = owner.line if owner is not None else self.process.line
        if not inside:
            self.report.error(scope, line, "empty-scope", f"{scope!r} has no elements")
            return
        if owner is None:
            self._process_starts(starts, line)
        else:
            self._sub_process_starts(owner, starts)
        if not any(node.kind == "endEvent" for node in inside):
            note = self.report.error if owner is None else self.report.warn
            note(scope, line, "no-end", f"{scope!r} has no end event")
        elif owner is not None and not starts:
            self.report.error(scope, line, "no-start", f"the sub-process {scope!r} has an end event but no start event")
        self._reachable(inside, starts, implicit=owner is not None and not starts)

    def _process_starts(self, starts: list[Node], line: int | None) -> None:
        if not starts:
            self.report.error(self.process.key, line, "no-start", f"the process {self.process.key!r} has no start event")
        plain = [node for node in starts if node.event.kind == "none"]
        for node in plain[1:]:
            self._error(node, "several-starts", f"the process has several start events without a message: {plain[0].id!r}, {node.id!r}")
        names: dict[str, str] = {}
        for node in starts:
            name = node.event.message_name
            if name is not None and name in names:
                self._error(node, "several-starts", f"{names[name]!r} and {node.id!r} both start with the message {name!r}")
            elif name is not None:
                names[name] = node.id

    def _sub_process_starts(self, owner: Node, starts: list[Node]) -> None:
        for node in starts[1:]:
            self._error(node, "several-starts", f"the sub-process {owner.id!r} has several start events")
        for node in starts:
            if node.event.kind != "none":
                self._error(node, "unsupported-element", f"the start event of the sub-process {owner.id!r} must be a plain one")

    def _reachable(self, inside: list[Node], starts: list[Node], implicit: bool) -> None:
        pending = [node.id for node in starts]
        if implicit:
            pending = [node.id for node in inside if not self.incoming[node.id] and node.kind != "boundaryEvent"]
        attached: dict[str, list[str]] = defaultdict(list)
        for node in inside:
            if node.attached_to is not None:
                attached[node.attached_to].append(node.id)
        seen: set[str] = set()
        while pending:
            element = pending.pop()
            if element in seen:
                continue
            seen.add(element)
            pending.extend(flow.target for flow in self.outgoing[element])
            pending.extend(attached[element])
        if any(finding.code == "unsupported-element" for finding in self.report.findings):
            return  # What an unsupported element leads to cannot be told.
        for node in inside:
            if node.id not in seen and (starts or implicit):
                self._error(node, "unreachable", f"nothing leads to the {node.kind} {node.id!r}")

    # --- one element among its neighbours

    def _edges(self, node: Node) -> None:
        out, into = self.outgoing[node.id], self.incoming[node.id]
        if node.kind in ("startEvent", "boundaryEvent") and into:
            self._error(node, "incoming-not-allowed", f"a sequence flow leads into the {node.kind} {node.id!r}")
        if node.kind == "endEvent" and out:
            self._error(node, "outgoing-not-allowed", f"a sequence flow leads out of the end event {node.id!r}")
        if node.kind in ("startEvent", "boundaryEvent") and not out:
            self._error(node, "dead-end", f"nothing follows the {node.kind} {node.id!r}")
        if node.event.kind == "link":
            thrown = node.kind == "intermediateThrowEvent"
            for flow in out if thrown else into:
                if not flow.id.endswith(LINK):
                    side = "out of the throwing" if thrown else "into the catching"
                    self._error(node, "link-with-flow", f"a sequence flow leads {side} link event {node.id!r}")
        self._listed(node, node.listed_incoming, into, "incoming")
        self._listed(node, node.listed_outgoing, out, "outgoing")
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
        real = {flow.id for flow in flows if not flow.id.endswith(LINK)}
        for flow_id in sorted(listed - real):
            self._error(node, "dangling-reference", f"{node.id!r} names the {which} flow {flow_id!r}, which is none of its sequence flows")
        if listed:
            for flow_id in sorted(real - listed):
                message = f"the sequence flow {flow_id!r} is missing among the {which} flows that {node.id!r} names"
                self._error(node, "inconsistent-flow", message)

    def _boundary(self, node: Node) -> None:
        host = self.nodes.get(node.attached_to or "")
        if host is None or host.scope != node.scope:
            self._error(node, "dangling-reference", f"the boundary event {node.id!r} is not attached to an activity of its level")
        elif host.kind in FLOW_NODES - ACTIVITIES:
            self._error(
                node, "dangling-reference", f"the boundary event {node.id!r} is attached to the {host.kind} {host.id!r}, not to an activity"
            )
        elif host.kind in ACTIVITIES - WAITING_ACTIVITIES:
            self.report.warn(
                node.id, node.line, "never-happens", f"the {host.kind} {host.id!r} passes at once, so {node.id!r} cannot happen"
            )
        if node.event.kind == "timer" and node.event.timer_kind == "cycle" and node.interrupting:
            message = f"the interrupting timer {node.id!r} fires once; its repetitions never come"
            self.report.warn(node.id, node.line, "never-happens", message)

    def _gateway(self, node: Node) -> None:
        out, into = self.outgoing[node.id], self.incoming[node.id]
        if not out and len(into) < 2:
            self._error(node, "dead-end", f"nothing follows the gateway {node.id!r}")
        directions = {"Diverging": (len(into) <= 1 and len(out) > 1), "Converging": (len(into) > 1 and len(out) <= 1)}
        directions["Mixed"] = len(into) > 1 and len(out) > 1
        if not directions.get(node.direction, True):
            message = f"the gateway {node.id!r} is declared {node.direction} but has {len(into)} incoming and {len(out)} outgoing flows"
            self._error(node, "gateway-direction", message)
        if node.kind == "exclusiveGateway":
            self._exclusive(node, out)
        elif node.kind == "eventBasedGateway":
            self._event_based(node, out)

    def _exclusive(self, node: Node, out: list[Flow]) -> None:
        if len(out) == 1:
            if out[0].condition is not None:
                message = f"the only sequence flow out of {node.id!r} has a condition; without another way it cannot be decided"
                self._error(out[0], "condition-not-allowed", message)
            return
        for flow in out:
            if flow.condition is None and flow.id != node.default_flow:
                message = f"the sequence flow {flow.id!r} out of the exclusive gateway {node.id!r} needs a condition or must be the default"
                self._error(flow, "missing-condition", message)

    def _event_based(self, node: Node, out: list[Flow]) -> None:
        if len(out) < 2:
            self._error(node, "dead-end", f"the event-based gateway {node.id!r} needs two or more events to choose from")
        for flow in out:
            target = self.nodes[flow.target]
            if target.kind not in ("intermediateCatchEvent", "receiveTask") or target.event.kind == "link":
                message = f"{target.id!r} after the event-based gateway {node.id!r} is a {target.kind}, not a catching event"
                self._error(flow, "not-an-event", message)
            elif len(self.incoming[target.id]) > 1:
                self._error(flow, "not-an-event", f"{target.id!r} after the event-based gateway {node.id!r} has other incoming flows")
            elif target.multi_instance is not None or any(other.attached_to == target.id for other in self.process.nodes):
                message = f"{target.id!r} after the event-based gateway {node.id!r} cannot have boundary events or be multi-instance"
                self._error(flow, "not-an-event", message)
