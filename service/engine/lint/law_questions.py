"""What a diagram asks of the place's jurisdiction.yaml by a key that is written out: limits, switches and facts."""

from collections.abc import Iterable, Iterator

from service.actions.ports import LawQuestion
from service.engine.language.assignment import split_list
from service.engine.language.diagram_functions import DEADLINE, RECORDED, RECORDS, SETTING
from service.engine.language.expressions import ExpressionFault, Formula, compile_feel, compile_text
from service.engine.lint.formulas import formulas
from service.engine.parameters import ListValue, MapValue, ParameterValue, ScriptValue, TextValue
from service.engine.reading.diagram import Node, ProcessDiagram
from service.feel.tree import Call, Literal, Name, walk

_SECTIONS = {DEADLINE: "deadlines", SETTING: "settings", RECORDED: "facts", RECORDS: "facts"}


def law_questions(process: ProcessDiagram) -> tuple[LawQuestion, ...]:
    """Each question once for each element, in document order. A key that is computed is known when the case is there."""
    found: dict[LawQuestion, None] = {}
    for element, formula in formulas(process):
        found.update(dict.fromkeys(_asked(element.id, element.line, formula)))
    for node in process.nodes:
        for formula in _mapped(node):
            found.update(dict.fromkeys(_asked(node.id, node.line, formula)))
    return tuple(found)


def _asked(element_id: str, line: int | None, formula: Formula) -> Iterator[LawQuestion]:
    for piece in formula.pieces:
        for node in walk(piece.tree):
            if isinstance(node, Call) and isinstance(node.function, Name) and node.function.name in _SECTIONS and node.arguments:
                key = node.arguments[0]
                if key.name in (None, "key", "name") and isinstance(key.value, Literal) and isinstance(key.value.value, str):
                    yield LawQuestion(_SECTIONS[node.function.name], key.value.value, element_id, line)


def _mapped(node: Node) -> Iterator[Formula]:
    """The expressions of what goes into an element and comes out of it, and of whom it bars."""
    mapping = node.mapping
    values = [] if mapping is None else [parameter.value for parameter in (*mapping.inputs, *mapping.outputs)]
    texts = [text for value in values for text in _texts(value)]
    if node.call is not None:
        texts += [(passed.expression, False) for passed in (*node.call.inputs, *node.call.outputs) if passed.expression is not None]
        texts.append((node.call.key, False))
    texts += [(piece, False) for piece in split_list(node.properties.get("notCompletedBy", ""))]
    yield from _compiled(texts)


def _texts(value: ParameterValue) -> Iterator[tuple[str, bool]]:
    """The texts inside, each with whether it is FEEL without a mark."""
    if isinstance(value, TextValue | ScriptValue):
        yield value.text, isinstance(value, ScriptValue)
    elif isinstance(value, ListValue):
        yield from (text for item in value.items for text in _texts(item))
    elif isinstance(value, MapValue):
        yield from (text for _, entry in value.entries for text in _texts(entry))


def _compiled(texts: Iterable[tuple[str, bool]]) -> Iterator[Formula]:
    for text, is_feel in texts:
        try:
            yield compile_feel(text) if is_feel else compile_text(text)
        except ExpressionFault:
            continue  # That is told as what it is.
