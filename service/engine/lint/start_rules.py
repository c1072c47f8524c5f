"""What starts a process: only what the service can start it with, and timers that have a moment."""

from service.domain.errors import StepFailed
from service.engine.findings import Report
from service.engine.language.expressions import ExpressionFault
from service.engine.lint.structure import Structure
from service.engine.reading.diagram import Node
from service.engine.reading.start_timers import NoPlace, start_timer
from service.engine.reading.starts import STARTING_EVENTS

_SOME_MOMENT = 1_795_150_800_000


def check_starts(structure: Structure, report: Report) -> None:
    """Judge the start events of the process itself, and the elements that instantiate."""
    for node in structure.inside(structure.process.key):
        if node.kind == "startEvent":
            _start_event(node, report)
    for node in structure.nodes.values():
        if node.instantiate:
            _instantiating(node, structure, report)


def _start_event(node: Node, report: Report) -> None:
    for event in node.events:
        if event.kind == "conditional":
            message = f"the start event {node.id!r} waits for a condition; only those of event sub-processes can, where there are variables"
            report.error(node.id, event.line, "unsupported-element", message)
        if event.kind == "timer" and event.timer_text:
            try:
                start_timer(node, event, _SOME_MOMENT, None)
            except ExpressionFault:
                pass  # Told where expressions are compiled.
            except NoPlace:
                pass  # Judged at the deployment, with the settings of its place.
            except StepFailed as failure:
                report.error(node.id, event.line, "invalid-timer", f"the timer {node.id!r}: {failure.message}")
    if node.parallel_multiple and len([event for event in node.events if event.kind in STARTING_EVENTS]) > 1:
        message = f"the start event {node.id!r} needs several events together (parallelMultiple), and no case is there yet to collect them"
        report.error(node.id, node.line, "unsupported-element", message)


def _instantiating(node: Node, structure: Structure, report: Report) -> None:
    if node.scope != structure.process.key:
        report.error(node.id, node.line, "instantiating-element", f"{node.id!r} starts a process (instantiate) but stands in a sub-process")
    if structure.incoming[node.id]:
        report.error(
            node.id,
            node.line,
            "instantiating-element",
            f"{node.id!r} starts the process (instantiate), so no sequence flow can lead into it",
        )
    if node.loop is not None or node.multi_instance is not None:
        report.error(node.id, node.line, "instantiating-element", f"{node.id!r} starts the process (instantiate) and cannot be repeated")
    if node.kind == "eventBasedGateway":
        targets = [structure.nodes[flow.target] for flow in structure.outgoing[node.id] if flow.target in structure.nodes]
        for target in targets:
            if target.loop is not None or target.multi_instance is not None:
                report.error(target.id, target.line, "instantiating-element", f"{target.id!r} starts the process and cannot be repeated")
