"""Expressions in diagrams: `${…}` is JUEL, text beginning with `=` is FEEL, anything else is fixed text. Nothing is ever run as Python.

A Formula is compiled once per diagram; an Inquiry carries what one evaluation may see and remembers which time limit it asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.actions.ports import Circumstances
from service.domain.china_time import moment
from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.law import DueDate
from service.engine import timers
from service.engine.juel import FUNCTIONS, JuelFault, is_juel, read_juel
from service.engine.storable import require_storable
from service.feel import Expression, FeelLimitError, FeelSyntaxError, compile_expression, compile_tree, from_python, to_json
from service.feel.tree import Call, Name, walk

FEEL_NAMES = frozenset({"feel", "https://www.omg.org/spec/DMN/20191111/FEEL/", "http://www.omg.org/spec/FEEL/20140401"})
"""Values of an expression's language attribute that mean FEEL."""


DIAGRAM_FUNCTIONS = frozenset({"deadline", "setting"})
"""What diagrams may call besides the functions of FEEL."""

ABSENCES = frozenset({"NO_VARIABLE_FOUND", "NO_CONTEXT_ENTRY_FOUND", "OUT_OF_BOUNDS"})
"""FEEL warnings that only say that something is not there: the value is unknown, which is no failure of the expression."""


class ExpressionFault(Exception):
    """A text that does not compile; the message says where."""


@dataclass(slots=True)
class Inquiry:
    """One look at the variables on behalf of an element. `limit` is the last time limit asked for with deadline()."""

    element_id: str
    variables: Mapping[str, Json]
    circumstances: Circumstances
    limit: DueDate | None = field(default=None, init=False)

    def deadline(self, key: Any) -> Any:
        """FEEL function deadline(key): the moment a configured time limit ends when it begins now."""
        if not isinstance(key, str):
            raise StepFailed(self.element_id, "expression", f"deadline() needs the name of a time limit, got {timers.describe(key)}")
        self.limit = self.circumstances.law.deadline(self.element_id, key, self.circumstances.now)
        return from_python(self.limit.at)

    def setting(self, key: Any) -> Any:
        """FEEL function setting(key): the value of a configured switch."""
        if not isinstance(key, str):
            raise StepFailed(self.element_id, "expression", f"setting() needs the name of a setting, got {timers.describe(key)}")
        return self.circumstances.law.setting(self.element_id, key)

    @property
    def functions(self) -> dict[str, Callable[..., Any]]:
        """The functions diagrams have besides those of FEEL."""
        return {"deadline": self.deadline, "setting": self.setting, **FUNCTIONS}

    def clock(self) -> datetime:
        """The moment of the step."""
        return moment(self.circumstances.now)


@dataclass(frozen=True, slots=True)
class Formula:
    """A compiled text: fixed (no pieces), one expression, or several whose texts are joined. Immutable, shared between instances."""

    text: str
    pieces: tuple[Expression, ...] = ()

    @property
    def is_fixed(self) -> bool:
        """True when the value is the text itself."""
        return not self.pieces

    def evaluate(self, inquiry: Inquiry) -> Json:
        """The value as JSON with exact numbers (times as ISO text), fit to be kept. Raises StepFailed(kind="expression" or "data")."""
        if not self.pieces:
            return self.text
        values = [self._piece(piece, inquiry) for piece in self.pieces]
        value = values[0] if len(values) == 1 else "".join(_text(value, self.text, inquiry.element_id) for value in values)
        require_storable(inquiry.element_id, f"the value of {self.text}", value)
        return value

    def _piece(self, piece: Expression, inquiry: Inquiry) -> Json:
        try:
            result = piece.evaluate(inquiry.variables, functions=inquiry.functions, clock=inquiry.clock)
            value: Json = to_json(result.value)
        except FeelLimitError as error:
            raise StepFailed(inquiry.element_id, "expression", f"{self.text}: {error.message}") from None
        if value is None and any(warning.kind not in ABSENCES for warning in result.warnings):
            causes = "; ".join(dict.fromkeys(warning.message for warning in result.warnings))
            raise StepFailed(inquiry.element_id, "expression", f"{self.text} fails: {causes}")
        return value

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


def compile_feel(text: str) -> Formula:
    """Compile FEEL without a leading `=`. Raises ExpressionFault."""
    try:
        expression = compile_expression(text)
    except FeelSyntaxError as error:
        raise ExpressionFault(f"{text!r} is not FEEL: {error}") from None
    except FeelLimitError as error:
        raise ExpressionFault(f"{text[:60]!r}: {error.message}") from None
    for node in walk(expression.tree):
        if isinstance(node, Call) and isinstance(node.function, Name):
            name = node.function.name
            # Variables are JSON, so a free name that is called can only be a function nobody has.
            if name in expression.names and name not in DIAGRAM_FUNCTIONS:
                raise ExpressionFault(f"{text!r} calls {name}(), which is no function of FEEL or of diagrams")
    return Formula(text, (expression,))


def compile_text(text: str) -> Formula:
    """Compile an attribute or element text by its own mark (`${`, `=`, or fixed). Raises ExpressionFault."""
    stripped = text.strip()
    if stripped.startswith("="):
        return compile_feel(stripped[1:].strip())
    if not is_juel(stripped):
        return Formula(stripped)
    try:
        return Formula(stripped, tuple(compile_tree(tree) for tree in read_juel(stripped)))
    except JuelFault as error:
        raise ExpressionFault(f"{stripped!r} is not a supported expression: {error}") from None
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
