"""Expressions in diagrams: `${…}` is JUEL, text beginning with `=` is FEEL, anything else is fixed text. Nothing is ever run as Python.

A Formula is compiled once per diagram and evaluated with an Inquiry.
"""

from dataclasses import dataclass

from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.engine.language import timers
from service.engine.language.diagram_functions import DIAGRAM_FUNCTIONS, FEEL_FUNCTIONS
from service.engine.language.inquiry import Inquiry
from service.engine.language.juel import JuelFault, is_juel, read_juel
from service.engine.language.juel_words import JuelFailure
from service.engine.state.storable import require_storable
from service.feel import Expression, FeelLimitError, FeelSyntaxError, compile_expression, compile_tree, to_json
from service.feel.tree import Call, Name, walk

FEEL_NAMES = frozenset({"feel", "https://www.omg.org/spec/DMN/20191111/FEEL/", "http://www.omg.org/spec/FEEL/20140401"})
"""Values of an expression's language attribute that mean FEEL."""

NO_VARIABLE = "NO_VARIABLE_FOUND"
ABSENCES = frozenset({NO_VARIABLE, "NO_CONTEXT_ENTRY_FOUND", "OUT_OF_BOUNDS"})
"""FEEL warnings that only say that something is not there: the value is unknown, which is no failure of the expression."""


class ExpressionFault(Exception):
    """A text that does not compile; the message says where.

    `line` and `column` count from 1 inside the text; None where all of it is meant.
    """

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Formula:
    """A compiled text: fixed (no pieces), one expression, or several whose texts are joined. Immutable, shared between instances.

    `strict`: a variable that does not exist fails the evaluation (`${…}`, as in Camunda); in FEEL it is null.
    """

    text: str
    pieces: tuple[Expression, ...] = ()
    strict: bool = False

    @property
    def is_fixed(self) -> bool:
        """True when the value is the text itself."""
        return not self.pieces

    def evaluate(self, inquiry: Inquiry) -> Json:
        """The value as JSON with exact numbers (times as ISO text), fit to be kept. Raises StepFailed(kind="expression" or "data")."""
        if not self.pieces:
            return self.text
        values = [self._piece(piece, inquiry, absence_is_unknown=False) for piece in self.pieces]
        value = values[0] if len(values) == 1 else "".join(_text(value, self.text, inquiry.element_id) for value in values)
        require_storable(inquiry.element_id, f"the value of {self.text}", value)
        return value

    def _piece(self, piece: Expression, inquiry: Inquiry, absence_is_unknown: bool) -> Json:
        try:
            result = piece.evaluate(inquiry.variables, functions=inquiry.functions, clock=inquiry.now)
            value: Json = to_json(result.value)
        except FeelLimitError as error:
            raise StepFailed(inquiry.element_id, "expression", f"{self.text}: {error.message}") from None
        except JuelFailure as error:
            raise StepFailed(inquiry.element_id, "expression", f"{self.text} fails: {error}") from None
        if value is None and absence_is_unknown and any(warning.kind in ABSENCES for warning in result.warnings):
            return None
        missing = [warning.message for warning in result.warnings if warning.kind == NO_VARIABLE]
        if self.strict and missing:
            raise StepFailed(inquiry.element_id, "expression", f"{self.text} fails: {'; '.join(dict.fromkeys(missing))}")
        if value is None and any(warning.kind not in ABSENCES for warning in result.warnings):
            causes = "; ".join(dict.fromkeys(warning.message for warning in result.warnings))
            raise StepFailed(inquiry.element_id, "expression", f"{self.text} fails: {causes}")
        return value

    def holds(self, inquiry: Inquiry) -> bool:
        """True when a condition that is looked at again and again is true now; while it needs what is not there it is not.

        Raises StepFailed when it fails otherwise, or gives neither true, false nor null.
        """
        value = self._piece(self.pieces[0], inquiry, absence_is_unknown=True)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise StepFailed(
            inquiry.element_id, "expression", f"the condition {self.text} gives {timers.describe(value)}; a condition must be true or false"
        )

    def truth(self, inquiry: Inquiry) -> bool:
        """The value of a condition, which must be true or false. Raises StepFailed naming element and expression."""
        value = self.evaluate(inquiry)
        if isinstance(value, bool):
            return value
        raise StepFailed(
            inquiry.element_id, "expression", f"the condition {self.text} gives {timers.describe(value)}; a condition must be true or false"
        )


def _text(value: Json, text: str, element_id: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        raise StepFailed(element_id, "expression", f"{text}: {timers.describe(value)} cannot stand inside a text")
    return str(value)


def compile_feel(text: str, lead: int = 0) -> Formula:
    """Compile FEEL without a leading `=`; `lead` characters of the first line stand before it. Raises ExpressionFault."""
    try:
        expression = compile_expression(text)
    except FeelSyntaxError as error:
        column = error.column + lead if error.line == 1 else error.column
        found = f"{text!r} is not FEEL: {error.message} (line {error.line}, column {column})"
        raise ExpressionFault(found, error.line, column) from None
    except FeelLimitError as error:
        raise ExpressionFault(f"{text[:60]!r}: {error.message}") from None
    for node in walk(expression.tree):
        # Variables are JSON, so a free name that is called can only be a function nobody has.
        if isinstance(node, Call) and isinstance(node.function, Name) and node.function.name in expression.names:
            _check_call(text, node, node.function.name, lead)
    return Formula(text, (expression,))


def _check_call(text: str, node: Call, name: str, lead: int) -> None:
    line, column = node.function.position.line, node.function.position.column
    column += lead if line == 1 else 0
    if name not in FEEL_FUNCTIONS:
        what = f"calls {name}(), which is no function of FEEL or of diagrams"
    elif not DIAGRAM_FUNCTIONS[name].takes(len(node.arguments)):
        what = f"calls {DIAGRAM_FUNCTIONS[name].signature} with {len(node.arguments)} arguments"
    else:
        return
    raise ExpressionFault(f"{text!r} {what} (line {line}, column {column})", line, column)


def is_expression(text: str) -> bool:
    """Whether the text is an expression by its own mark (`${` or a leading `=`), not fixed text."""
    return is_juel(text) or text.strip().startswith("=")


def compile_text(text: str) -> Formula:
    """Compile an attribute or element text by its own mark (`${`, `=`, or fixed). Raises ExpressionFault."""
    stripped = text.strip()
    if stripped.startswith("="):
        body = stripped[1:].strip()
        return compile_feel(body, stripped.index(body, 1) if "\n" not in stripped else 0)
    if not is_juel(stripped):
        return Formula(stripped)
    try:
        return Formula(stripped, tuple(compile_tree(tree) for tree in read_juel(stripped)), strict=True)
    except JuelFault as error:
        raise ExpressionFault(f"{stripped!r} is not a supported expression: {error}", error.line, error.column) from None
    except FeelLimitError as error:
        raise ExpressionFault(f"{stripped[:60]!r}: {error.message}") from None


def compile_condition(text: str, language: str) -> Formula:
    """Compile a condition: with language FEEL the whole text is FEEL, otherwise it must be `${…}` or `=…`. Raises ExpressionFault."""
    stripped = text.strip()
    if not stripped:
        raise ExpressionFault("the condition is empty")
    if language in FEEL_NAMES:
        return compile_feel(stripped.removeprefix("=").strip())
    if language not in ("", "juel"):
        raise ExpressionFault(f"the expression language {language!r} is not supported; use FEEL or ${{…}}")
    formula = compile_text(stripped)
    if formula.is_fixed:
        raise ExpressionFault(f'the condition {stripped!r} is neither ${{…}} nor FEEL (language="feel" or a leading =)')
    if len(formula.pieces) > 1:
        raise ExpressionFault(f"the condition {stripped!r} mixes text and expressions, so it can never be true or false")
    return formula


def compile_reference(text: str) -> Formula:
    """Compile a collection: an expression, or the plain name of a variable. Raises ExpressionFault."""
    formula = compile_text(text)
    return compile_feel(formula.text) if formula.is_fixed else formula
