"""Compensation and the cancelling of transactions, seen over a whole process (BPMN 2.0.2 §10.7, §13.5.5, §10.3.5).

What a single event or association must have is judged in `event_rules`; here is what could never run, or could be run in two ways.
"""

from service.engine.findings import Report
from service.engine.lint.structure import Structure, is_compensation
from service.engine.reading.diagram import SUB_PROCESSES, Node


def check_compensation(structure: Structure, report: Report) -> None:
    """Judge what undoes activities, what throws compensation, and what cancels transactions."""
    rules = _CompensationRules(structure, report)
    for node in structure.process.nodes:
        if node.for_compensation and not node.triggered_by_event:
            rules.handler(node)
        if node.handler is not None and node.handler not in structure.nodes:
            message = f"{node.id!r} is associated with {node.handler!r}, which is no activity of its process"
            report.error(node.id, node.line, "compensation-handler", message)
        if len(node.events) > 1 and any(event.kind in ("cancel", "compensate") for event in node.events):
            rules.among_others(node)
        if _throws(node):
            rules.throw(node)
        if node.triggered_by_event and rules.start_of(node) is not None:
            rules.event_sub_process(node)
        for kind in ("cancel", "compensate"):
            rules.one_boundary(node, kind)
        if node.kind in SUB_PROCESSES:
            rules.hidden(node)
        if node.kind == "transaction":
            rules.transaction(node)


class _CompensationRules:
    def __init__(self, structure: Structure, report: Report) -> None:
        self.structure = structure
        self.report = report
        self.boundaries = [node for node in structure.process.nodes if is_compensation(node)]
        self.undone = {boundary.attached_to for boundary in self.boundaries}

    def _error(self, node: Node, code: str, message: str) -> None:
        self.report.error(node.id, node.line, code, message)

    def handler(self, node: Node) -> None:
        boundaries = [boundary for boundary in self.boundaries if boundary.handler == node.id]
        if not boundaries:
            message = f"no compensation boundary event is associated with {node.id!r}, so it can never undo anything"
            self._error(node, "compensation-handler", message)
        for boundary in boundaries[1:]:
            message = f"{boundaries[0].id!r} and {boundary.id!r} are both associated with {node.id!r}; each needs an activity of its own"
            self._error(boundary, "compensation-handler", message)
        for boundary in boundaries:
            if boundary.scope != node.scope:
                message = f"{boundary.id!r} is associated with {node.id!r}, which stands on another level"
                self._error(boundary, "compensation-handler", message)
        for event in self.structure.boundaries[node.id]:
            self._after_handler(node, event)

    def _after_handler(self, handler: Node, event: Node) -> None:
        """What follows a boundary event of a handler belongs to the compensation, so no join of the ordinary course gets its tokens."""
        structure = self.structure
        pending, seen = [event.id], set[str]()
        while pending:
            element = pending.pop()
            if element not in seen:
                seen.add(element)
                pending.extend(flow.target for flow in structure.outgoing[element])
                pending.extend(boundary.id for boundary in structure.boundaries[element])
        for element in sorted(seen):
            joined, incoming = structure.nodes[element], structure.incoming[element]
            waits = joined.kind in ("parallelGateway", "inclusiveGateway", "complexGateway") or joined.start_quantity != 1
            if waits and any(flow.source not in seen for flow in incoming):
                message = (
                    f"{event.id!r} on the handler {handler.id!r} leads to {element!r}, which waits for tokens that are no part of undoing"
                )
                self._error(event, "compensation-handler", message)

    def among_others(self, node: Node) -> None:
        kinds = [event.kind for event in node.events]
        if not _throws(node) or kinds.count("compensate") > 1 or "cancel" in kinds:
            message = f"{node.id!r} has cancel or compensation definitions besides others, which cannot be told apart"
            self._error(node, "event-not-allowed", message)

    def one_boundary(self, host: Node, kind: str) -> None:
        events = [node for node in self.structure.boundaries[host.id] if node.event.kind == kind]
        for event in events[1:]:
            word = "cancel" if kind == "cancel" else "compensation"
            message = f"{host.id!r} has two {word} boundary events, {events[0].id!r} and {event.id!r}; one is possible"
            self._error(event, "several-boundary-events", message)

    # --- event sub-processes

    def start_of(self, body: Node) -> Node | None:
        """The compensation start event of an event sub-process."""
        return next(
            (node for node in self.structure.inside(body.id) if node.kind == "startEvent" and node.event.kind == "compensate"), None
        )

    def event_sub_process(self, body: Node) -> None:
        owner = self.structure.nodes.get(body.scope)
        if owner is None:
            message = f"the compensation event sub-process {body.id!r} stands in the process itself, which nothing ever undoes"
            self._error(body, "compensation-handler", message)
            return
        if owner.id in self.undone:
            message = f"{owner.id!r} has a compensation boundary event as well as the compensation event sub-process {body.id!r}"
            self._error(body, "compensation-handler", message)
        bodies = [node for node in self.structure.inside(owner.id) if node.triggered_by_event and self.start_of(node) is not None]
        if bodies[0] is not body:
            message = f"{owner.id!r} has two compensation event sub-processes, {bodies[0].id!r} and {body.id!r}"
            self._error(body, "compensation-handler", message)

    # --- what is thrown

    def throw(self, node: Node) -> None:
        reference = next(event.activity for event in node.events if event.kind == "compensate")
        if reference is not None:
            activity = self.structure.nodes.get(reference)
            if activity is not None and activity.id not in self.undone and activity.kind not in SUB_PROCESSES:
                self._error(node, "compensation-handler", f"{node.id!r} throws compensation at {reference!r}, which nothing can undo")
            return
        levels = [node.scope]
        while (scope := self.structure.nodes.get(levels[-1])) is not None and scope.triggered_by_event:
            levels.append(scope.scope)
        if not any(self._has_something_to_undo(level) for level in levels):
            message = f"{node.id!r} throws compensation, but nothing in its scope can be undone"
            self.report.warn(node.id, node.line, "never-happens", message)

    def _has_something_to_undo(self, level: str) -> bool:
        for node in self.structure.inside(level):
            if node.id in self.undone:
                return True
            if node.kind in SUB_PROCESSES:
                if any(self.start_of(body) is not None for body in self.structure.inside(node.id) if body.triggered_by_event):
                    return True
                if self._has_something_to_undo(node.id):
                    return True
        return False

    def hidden(self, node: Node) -> None:
        boundary = next((boundary for boundary in self.boundaries if boundary.attached_to == node.id), None)
        if boundary is not None and self._has_something_to_undo(node.id):
            message = f"{boundary.handler!r} undoes the whole of {node.id!r}, so what undoes activities inside it is not run after its end"
            self.report.warn(boundary.id, boundary.line, "never-happens", message)

    # --- transactions

    def transaction(self, node: Node) -> None:
        ends = [end for end in self.structure.inside(node.id) if end.kind == "endEvent" and end.event.kind == "cancel"]
        if not ends:
            return
        if not any(boundary.event.kind == "cancel" for boundary in self.structure.boundaries[node.id]):
            message = f"{ends[0].id!r} cancels the transaction {node.id!r}, which has no cancel boundary event to go on from"
            self._error(ends[0], "cancel-event", message)
        if node.multi_instance is not None or node.loop is not None:
            message = (
                f"the transaction {node.id!r} happens several times and can be cancelled: BPMN does not say what becomes of the other"
                " times; put it into a sub-process that happens several times"
            )
            self._error(node, "cancel-event", message)


def _throws(node: Node) -> bool:
    return node.kind in ("endEvent", "intermediateThrowEvent") and any(event.kind == "compensate" for event in node.events)
