"""One level of a process: where it starts and ends, and that its elements lie on a way between (BPMN 2.0.2 §10.5.2, §10.5.3)."""

from service.engine.findings import Report
from service.engine.lint.structure import Structure, begins_by_itself, is_compensation
from service.engine.reading.diagram import ACTIVITIES, Node

_BY_NAME = frozenset({"message", "signal"})


def check_levels(structure: Structure, report: Report) -> None:
    """Judge the process and each of its sub-processes."""
    for scope in structure.scopes():
        _LevelRules(structure, report, scope).run()


class _LevelRules:
    def __init__(self, structure: Structure, report: Report, scope: str) -> None:
        self.structure = structure
        self.report = report
        self.scope = scope
        self.owner = structure.nodes.get(scope)
        self.line = self.owner.line if self.owner is not None else structure.process.line
        self.inside = structure.inside(scope)
        self.starts = [node for node in self.inside if node.kind == "startEvent"]
        self.ends = [node for node in self.inside if node.kind == "endEvent"]

    def _error(self, node: Node, code: str, message: str) -> None:
        self.report.error(node.id, node.line, code, message)

    def run(self) -> None:
        if not self.inside:
            self.report.error(self.scope, self.line, "empty-scope", f"{self.scope!r} has no elements")
            return
        if self.owner is not None and not any(map(self._begins, self.inside)):
            message = f"nothing in {self.scope!r} begins by itself, so it would never end by itself"
            self.report.error(self.scope, self.line, "empty-scope", message)
        if self.owner is None:
            self._process_starts()
        else:
            self._sub_process_starts(self.owner)
        is_free = self.owner is not None and self.owner.kind == "adHocSubProcess"
        if not self.ends and not is_free:
            self.report.warn(self.scope, self.line, "no-end", f"{self.scope!r} has no end event")
        if self.ends and not self.starts and not any(node.instantiate for node in self.inside):
            for end in self.ends:
                self._error(end, "no-start", f"{self.scope!r} has the end event {end.id!r} but no start event")
        if not is_free:
            self._connected()
            self._reachable()

    def _begins(self, node: Node) -> bool:
        """A start event does, else every element nothing leads to (BPMN 2.0.2 §10.3.5)."""
        waits = node.triggered_by_event or node.for_compensation or node.kind == "boundaryEvent"
        return not waits and not self.structure.incoming[node.id]

    # --- start events

    def _process_starts(self) -> None:
        if not self.starts and not any(node.instantiate for node in self.inside):
            message = f"the process {self.structure.process.key!r} has no start event"
            self.report.error(self.structure.process.key, self.line, "no-start", message)
        plain = [node for node in self.starts if node.event.kind == "none"]
        for node in plain[1:]:
            message = f"the process has several start events without a message or another event: {plain[0].id!r}, {node.id!r}"
            self._error(node, "several-starts", message)
        names: dict[tuple[str, str | None], str] = {}
        for node in self.starts:
            for event in node.events:
                if event.kind in _BY_NAME and event.name is not None:
                    first = names.setdefault((event.kind, event.name), node.id)
                    if first != node.id:
                        self._error(node, "several-starts", f"{first!r} and {node.id!r} both start with the {event.kind} {event.name!r}")

    def _sub_process_starts(self, owner: Node) -> None:
        for node in self.starts[1:]:
            self._error(node, "several-starts", f"the sub-process {owner.id!r} has several start events")
        if owner.triggered_by_event:
            for node in self.starts:
                if node.event.kind == "none":
                    message = f"the start event {node.id!r} of the event sub-process {owner.id!r} needs an event"
                    self._error(node, "missing-event-definition", message)
            if not self.starts:
                self._error(owner, "no-start", f"the event sub-process {owner.id!r} has no start event")

    # --- ways

    def _connected(self) -> None:
        """Where start and end events are drawn, nothing else begins or ends a way."""
        for node in self.inside:
            if begins_by_itself(node) or node.kind in ("startEvent", "endEvent", "boundaryEvent") or is_compensation(node):
                continue
            if self.starts and not self.structure.incoming[node.id] and not node.kind.endswith("Event"):
                self._error(node, "unreachable", f"no sequence flow leads to the {node.kind} {node.id!r}")
            if self.ends and not self.structure.outgoing[node.id] and node.kind in ACTIVITIES:
                # BPMN wants an end event there (§10.5.3); Camunda and its users let a way end so.
                message = f"the way ends at the {node.kind} {node.id!r} without an end event, though the level has end events"
                self.report.warn(node.id, node.line, "implicit-end", message)

    def _reachable(self) -> None:
        pending = [node.id for node in self.structure.starts(self.scope)]
        pending += [node.id for node in self.inside if begins_by_itself(node)]
        if not pending:
            return
        seen: set[str] = set()
        while pending:
            element = pending.pop()
            if element not in seen:
                seen.add(element)
                pending.extend(flow.target for flow in self.structure.outgoing[element])
                pending.extend(node.id for node in self.structure.boundaries[element])
        for node in self.inside:
            is_event = node.kind in ("intermediateCatchEvent", "intermediateThrowEvent")
            told = (self.starts or is_event) and not self.structure.incoming[node.id] and node.kind not in ("boundaryEvent", "endEvent")
            if node.id in seen or begins_by_itself(node) or told:
                continue
            host = self.structure.nodes.get(node.attached_to or "")
            if host is None or not begins_by_itself(host):
                self._error(node, "unreachable", f"no way from a start leads to the {node.kind} {node.id!r}")
