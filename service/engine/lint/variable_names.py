"""Names of variables that are almost those the diagram sets: written with other capitals or underscores, they mean something else.

Whatever starts or continues an instance may bring variables of any name, so a name alone is never wrong; one that only differs in its
writing from one the diagram sets is.
"""

from collections.abc import Iterator

from service.engine.findings import Report
from service.engine.lint.formulas import formulas
from service.engine.reading.diagram import Node, ProcessDiagram


def check_variable_names(process: ProcessDiagram, report: Report) -> None:
    """Warn of names in expressions that nothing sets, while the diagram sets one that differs from it only in its writing."""
    names = {name for node in process.nodes for name in _set_by(node)}
    plain = {_plain(name): name for name in names}
    for element, formula in formulas(process):
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
