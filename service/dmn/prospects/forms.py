"""What can be told of FEEL expressions by their form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from service.dmn.prospects.inquiry import Inquiry
from service.dmn.prospects.marks import Anything, Within
from service.feel import tree as feel

OPERATORS = (feel.Comparison, feel.And, feel.Or, feel.Between, feel.In, feel.InstanceOf, feel.Arithmetic, feel.Negation)
"""Forms whose value depends on the values of their operands alone."""
TRUTHS = (*OPERATORS[:6], feel.Quantified)
"""Forms that are true, false or null."""
_NUMBERS = ("count", "string length", "number")


def rewritten(node: feel.Node, operand: Callable[[feel.Node], feel.Node]) -> feel.Node:
    """The same operator or call over what `operand` makes of its operands."""
    changes: dict[str, Any] = {}
    for part in fields(node):
        value = getattr(node, part.name)
        if part.name in ("position", "type", "function"):
            continue
        if isinstance(value, feel.Node):
            changes[part.name] = operand(value)
        elif isinstance(value, tuple):
            changes[part.name] = tuple(
                rewritten(inner, operand) if isinstance(inner, feel.Step | feel.Argument) else operand(inner) for inner in value
            )
    return replace(node, **changes)


def kind_of(node: feel.Node) -> str | None:
    """The type an expression has for certain, null aside."""
    if isinstance(node, TRUTHS):
        return "boolean"
    if isinstance(node, feel.Call) and isinstance(node.function, feel.Name) and node.function.name in _NUMBERS:
        return "number"
    return None


def kind_over(node: feel.Node, operands: Iterable[Any], inquiry: Inquiry) -> str | None:
    """The type of an expression over names with these values: arithmetic over numbers yields numbers."""
    if not isinstance(node, feel.Arithmetic | feel.Negation):
        return kind_of(node)
    ends = [part for part in feel.walk(node) if not isinstance(part, feel.Arithmetic | feel.Step | feel.Negation)]
    numeric = all(isinstance(part, feel.Name) or (isinstance(part, feel.Literal) and isinstance(part.value, Decimal)) for part in ends)
    return "number" if numeric and all(_is_number(value, inquiry) for value in operands) else None


def _is_number(value: Any, inquiry: Inquiry) -> bool:
    if isinstance(value, Within):
        return inquiry.unknowns[value.unknown].classes.members[value.index].kind == "number"
    return value is None or isinstance(value, Decimal) or (isinstance(value, Anything) and value.kind == "number")
