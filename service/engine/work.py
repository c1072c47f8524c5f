"""From the texts of `diagram.Work` to the node that does it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from service.engine.language.expressions import ExpressionFault, Formula, compile_condition, compile_text
from service.engine.nodes.external_task import ErrorRule, ExpressionTask, ExternalTask
from service.engine.nodes.node import BpmnNode
from service.engine.reading.diagram import Node, Work

T = TypeVar("T")

_GETTER = re.compile(r"\bexternalTask\s*\.\s*get([A-Z])(\w*)\(\s*\)")
"""Camunda gives expressions a Java object with getters; here it is a context, and a getter is its entry."""

_WHOLE = re.compile(r"\s*-?\d{1,9}\s*")


@dataclass(frozen=True, slots=True)
class CompiledWork:
    """The compiled texts: `topic` with `priority` and `rules`, or `expression`."""

    topic: Formula | None
    priority: Formula | None
    rules: tuple[ErrorRule, ...]
    expression: Formula | None


def work_of(node: Node) -> Work | None:
    """How the element is done, when a worker or an expression does it."""
    return node.work or next((event.work for event in node.events if event.work is not None), None)


def compile_work(work: Work) -> CompiledWork:
    """Compile all texts. Raises ExpressionFault naming the attribute."""
    return CompiledWork(
        None if work.topic is None else _named("camunda:topic", partial(compile_text, work.topic)),
        None if work.priority is None else _named("camunda:taskPriority", partial(_priority, work.priority)),
        tuple(ErrorRule(code, _named("camunda:errorEventDefinition", partial(_condition, text))) for code, text in work.rules),
        None if work.expression is None else _named("camunda:expression", partial(_computed, work.expression)),
    )


def work_node(spec: WorkflowSpec, node: Node, work: Work) -> BpmnNode:
    """The node that does the work. Raises ExpressionFault."""
    compiled = compile_work(work)
    if compiled.topic is not None:
        return ExternalTask(spec, node, compiled.topic, compiled.priority, compiled.rules)
    assert compiled.expression is not None, "work is done by a worker or by an expression"
    return ExpressionTask(spec, node, compiled.expression, work.result_variable)


def _priority(text: str) -> Formula:
    formula = compile_text(text)
    if formula.is_fixed and not _WHOLE.fullmatch(text):
        raise ExpressionFault(f"{text!r} is not a whole number")
    return formula


def _condition(text: str) -> Formula:
    return compile_condition(_GETTER.sub(lambda getter: f"externalTask.{getter[1].lower()}{getter[2]}", text), "")


def _computed(text: str) -> Formula:
    formula = compile_text(text)
    if formula.is_fixed:
        raise ExpressionFault(f"{text!r} is neither ${{…}} nor FEEL (a leading =)")
    return formula


def _named(attribute: str, compile_it: Callable[[], T]) -> T:
    try:
        return compile_it()
    except ExpressionFault as fault:
        raise ExpressionFault(f"{attribute}: {fault}", fault.line, fault.column) from None
