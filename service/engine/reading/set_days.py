"""Days that stand in place of a time limit: the variables that diagrams hand to deadline(key, by)."""

from collections.abc import Iterable, Iterator

from service.engine.language.derived_limits import dotted
from service.engine.language.diagram_functions import DEADLINE
from service.engine.language.expressions import Formula, compile_feel, compile_text, is_expression
from service.engine.reading.diagram import Node
from service.feel.tree import Call, Name, walk


def set_days(nodes: Iterable[Node]) -> frozenset[tuple[str, ...]]:
    """The paths of variables that the due dates, timers and scripts of the nodes give as second argument of deadline()."""
    return frozenset(path for node in nodes for formula in _formulas(node) for path in _asked(formula))


def _formulas(node: Node) -> Iterator[Formula]:
    texts = [node.attributes[name] for name in ("dueDate", "followUpDate") if name in node.attributes]
    texts += [event.timer_text for event in node.events if event.kind == "timer"]
    yield from (compile_text(text) for text in texts if is_expression(text))
    if node.script is not None:
        yield compile_feel(node.script.text)


def _asked(formula: Formula) -> Iterator[tuple[str, ...]]:
    for piece in formula.pieces:
        for node in walk(piece.tree):
            if isinstance(node, Call) and node.function == Name(DEADLINE) and len(node.arguments) > 1:
                path = dotted(node.arguments[1].value)
                if path:
                    yield path
