"""How often activities happen: standard loops, quantities of tokens, the behavior of multi-instances; when complex gateways open."""

from service.engine.findings import Report
from service.engine.language.expressions import ExpressionFault, compile_condition
from service.engine.lint.structure import Structure
from service.engine.reading.diagram import Node

_ONCE_AT_THE_BOUNDARY = frozenset({"signal", "message", "escalation"})


def check_repetition(structure: Structure, report: Report) -> None:
    """Judge every activity by its marks, and every complex gateway."""
    for node in structure.process.nodes:
        rules = _RepetitionRules(structure, report, node)
        if node.loop is not None:
            rules.loop()
        if node.multi_instance is not None:
            rules.behavior()
        if node.kind == "complexGateway":
            rules.complex_gateway()
        rules.quantities()


class _RepetitionRules:
    def __init__(self, structure: Structure, report: Report, node: Node) -> None:
        self.structure = structure
        self.report = report
        self.node = node

    def _error(self, code: str, message: str) -> None:
        self.report.error(self.node.id, self.node.line, code, message)

    def _condition(self, what: str, text: str, language: str) -> None:
        try:
            compile_condition(text, language)
        except ExpressionFault as fault:
            message = f"{what} of {self.node.id!r}: {fault}"
            self.report.error(self.node.id, self.node.line, "invalid-expression", message, fault.column)

    def loop(self) -> None:
        node, loop = self.node, self.node.loop
        assert loop is not None, "asked only for loops"
        if node.multi_instance is not None:
            self._error("loop", f"{node.id!r} is both a loop and a multi-instance; an activity can be one of them")
        if loop.condition is None:
            self._error("loop", f"the loop {node.id!r} has no loopCondition, so it cannot be told when it ends (BPMN 2.0.2, table 10.28)")
        else:
            self._condition("the loopCondition", loop.condition, loop.language)

    def quantities(self) -> None:
        node = self.node
        if node.start_quantity > 1 and not self.structure.incoming[node.id]:
            self._error("start-quantity", f"{node.id!r} needs {node.start_quantity} tokens to start, but nothing leads to it")
        if node.triggered_by_event and (node.loop is not None or node.start_quantity > 1 or node.completion_quantity > 1):
            self._error("event-sub-process", f"the event sub-process {node.id!r} cannot have a loop or quantities")

    def behavior(self) -> None:
        plan = self.node.multi_instance
        assert plan is not None, "asked only for multi-instances"
        for behavior in plan.thrown:
            if behavior.condition:
                self._condition("a condition of the behavior", behavior.condition, behavior.language)
            kind, name = behavior.event.kind, behavior.event.name
            for boundary in self.structure.boundaries[self.node.id]:
                fits = any((event.kind, event.name) == (kind, name) for event in boundary.events)
                if fits and boundary.interrupting and kind in _ONCE_AT_THE_BOUNDARY:
                    message = (
                        f"the {kind} that the multi-instance {self.node.id!r} throws by its behavior lets a token out at {boundary.id!r}"
                        ' and does not end the activity (BPMN 2.0.2, table 10.29); cancelActivity="false" says so'
                    )
                    self.report.warn(boundary.id, boundary.line, "behavior-not-interrupting", message)

    def complex_gateway(self) -> None:
        node = self.node
        if len(self.structure.incoming[node.id]) < 2:
            if node.activation is not None:
                message = f"the activationCondition of {node.id!r} has no effect: one sequence flow leads to it, so nothing is joined"
                self.report.warn(node.id, node.line, "never-happens", message)
            return
        if node.activation is None:
            message = f"the complex gateway {node.id!r} joins but has no activationCondition, so it cannot be told when it opens"
            self._error("complex-gateway", message)
        else:
            self._condition("the activationCondition", node.activation, node.activation_language)
        for flow in self.structure.outgoing[node.id]:
            if flow.condition is not None and "waitingForStart" not in flow.condition:
                message = (
                    f"the condition of {flow.id!r} is looked at when the complex gateway {node.id!r} opens and again when it resets"
                    " (BPMN 2.0.2 §13.4.5); say in it, with waitingForStart, in which of the two it holds"
                )
                self.report.error(flow.id, flow.line, "complex-gateway", message)
