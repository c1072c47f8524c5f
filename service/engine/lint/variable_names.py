"""Names of variables that are almost those the diagram sets: written with other capitals or underscores, they mean something else.

Whatever starts or continues an instance may bring variables of any name, so a name alone is never wrong; one that only differs in its
writing from one the diagram sets is.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain

from service.engine.findings import Report
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


def check_variable_names(process: ProcessDiagram, report: Report) -> None:
    """Warn of names in expressions that nothing sets, while the diagram sets one that differs from it only in its writing."""
    names = {name for node in process.nodes for name in _set_by(node)}
    plain = {_plain(name): name for name in names}
    for element, formula in _formulas(process):
        for used in sorted({name for piece in formula.pieces for name in piece.names} - names):
            meant = plain.get(_plain(used))
            if meant is not None:
                message = f"{element.id!r} asks for the variable {used!r}; the diagram sets {meant!r}"
                report.warn(element.id, element.line, "unknown-variable", message)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _set_by(node: Node) -> Iterator[str]:
    """The variables that an element gives a value, by name."""
    if node.attributes.get("resultVariable"):
        yield node.attributes["resultVariable"]
    plan = node.multi_instance
    if plan is not None:
        yield from (name for name in (plan.element_variable, plan.output_collection) if name)
    if node.call is not None:
        yield from (passed.target for passed in node.call.outputs if passed.target)
    if node.mapping is not None:
        yield from (parameter.name for parameter in (*node.mapping.inputs, *node.mapping.outputs))
    for event in node.events:
        yield from (name for name in (event.code_variable, event.text_variable) if name)


def _formulas(process: ProcessDiagram) -> Iterator[tuple[Node | Flow, Formula]]:
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
