"""What can be told of FEEL expressions by their form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from service.dmn.prospects.inquiry import Inquiry
from service.dmn.prospects.marks import Anything, Path, Within
from service.feel import tree as feel
from service.feel.builtin.registry import find_builtin

OPERATORS = (feel.Comparison, feel.And, feel.Or, feel.Between, feel.In, feel.InstanceOf, feel.Arithmetic, feel.Negation)
"""Forms whose value depends on the values of their operands alone."""
TRUTHS = (*OPERATORS[:6], feel.Quantified)
"""Forms that are true, false or null."""
_NUMBERS = ("count", "string length", "number")
_TESTS = ("list contains", "starts with", "ends with", "contains", "matches", "not")


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


def path_of(node: feel.Node) -> Path | None:
    """The names of a path: `a.b` is `a`, then `b`; None for what is no path."""
    steps: list[str] = []
    while isinstance(node, feel.Path):
        steps.append(node.name)
        node = node.source
    return (node.name, *reversed(steps)) if isinstance(node, feel.Name) else None


def in_order(arguments: Sequence[feel.Argument], parameters: Sequence[str]) -> list[feel.Node] | None:
    """The arguments in the order of the parameters; None where they are others."""
    if len(arguments) != len(parameters):
        return None
    if all(argument.name is None for argument in arguments):
        return [argument.value for argument in arguments]
    named = {argument.name: argument.value for argument in arguments}
    return [named[name] for name in parameters] if named.keys() == set(parameters) else None


def calls_functions(node: feel.Node, known: frozenset[str]) -> bool:
    """Whether a function is called somewhere in it that FEEL does not define, or that takes the place of one of FEEL's."""
    calls = (part.function for part in feel.walk(node) if isinstance(part, feel.Call))
    return any(not isinstance(function, feel.Name) or function.name in known or find_builtin(function.name) is None for function in calls)


def kind_of(node: feel.Node) -> str | None:
    """The type an expression has for certain, null aside."""
    if isinstance(node, TRUTHS):
        return "boolean"
    if isinstance(node, feel.Call) and isinstance(node.function, feel.Name):
        return "number" if node.function.name in _NUMBERS else "boolean" if node.function.name in _TESTS else None
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
