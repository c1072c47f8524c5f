"""The expressions of a process that say when, who and whether: each compiled, with the element it belongs to."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain

from service.engine.language.expressions import (
    FEEL_NAMES,
    ExpressionFault,
    Formula,
    compile_condition,
    compile_feel,
    compile_reference,
    compile_text,
)
from service.engine.reading.diagram import Flow, Node, ProcessDiagram

Compiling = tuple[Node | Flow, Callable[[], Formula]]

_TEXTS = ("assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority", "topic", "expression")


def formulas(process: ProcessDiagram) -> Iterator[tuple[Node | Flow, Formula]]:
    """Every expression that compiles, with the element it belongs to; the others are told as what they are."""
    for element, compiling in chain(_of_flows(process.flows), *map(_of_node, process.nodes)):
        try:
            yield element, compiling()
        except ExpressionFault:
            continue


def _of_flows(flows: Iterable[Flow]) -> Iterator[Compiling]:
    for flow in flows:
        if flow.condition is not None:
            yield flow, partial(compile_condition, flow.condition, flow.language)


def _of_node(node: Node) -> Iterator[Compiling]:
    for attribute in _TEXTS:
        if attribute in node.attributes:
            yield node, partial(compile_text, node.attributes[attribute])
    if node.script is not None and node.script.language.lower() in FEEL_NAMES:
        yield node, partial(compile_feel, node.script.text)
    for event in node.events:
        if event.kind == "timer":
            yield node, partial(compile_text, event.timer_text)
        elif event.kind == "conditional":
            yield node, partial(compile_condition, event.condition, event.language)
    plan = node.multi_instance
    if plan is not None and plan.collection is not None:
        yield node, partial(compile_reference, plan.collection)
    if plan is not None and plan.completion_condition is not None:
        yield node, partial(compile_condition, plan.completion_condition, plan.completion_language)
