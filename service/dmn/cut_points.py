"""The constants a test compares a value with: between two neighbouring ones it cannot tell values apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from service.feel import Range
from service.feel.tree import (
    And,
    Between,
    Call,
    Comparison,
    In,
    Name,
    Node,
    Or,
    UnaryComparison,
    UnaryTestList,
    walk,
)

Evaluate = Callable[[Node], Any]
INPUT = "?"


def cut_points(node: Node, name: str, evaluate: Evaluate) -> list[Any] | None:
    """The constants the truth of `node` compares the variable `name` with; None when it does more than compare.

    `evaluate` yields the values of parts that do not mention the variable.
    """
    if isinstance(node, UnaryTestList):
        return _gathered(_of_test(test, name, evaluate) for test in node.tests)
    if not _mentions(node, name):
        return []
    if isinstance(node, And | Or):
        return _gathered(cut_points(operand, name, evaluate) for operand in node.operands)
    if isinstance(node, Comparison):
        compared = [side for side in (node.left, node.right) if not _is(side, name)]
        return _constants_of(compared, name, evaluate) if len(compared) == 1 else None
    if isinstance(node, Between) and _is(node.value, name):
        return _constants_of((node.low, node.high), name, evaluate)
    if isinstance(node, In) and _is(node.value, name):
        return _gathered(None if _mentions(test, name) and name != INPUT else _of_test(test, INPUT, evaluate) for test in node.tests)
    if isinstance(node, Call) and _is(node.function, "not") and len(node.arguments) == 1:
        return cut_points(node.arguments[0].value, name, evaluate)
    if isinstance(node, Call) and _is(node.function, "list contains") and [argument.name for argument in node.arguments] == [None, None]:
        held, sought = (argument.value for argument in node.arguments)
        return _constants_of((held,), name, evaluate) if _is(sought, name) else None
    return None


def _of_test(test: Node, name: str, evaluate: Evaluate) -> list[Any] | None:
    if isinstance(test, UnaryComparison):
        return _constants_of((test.endpoint,), name, evaluate)
    if _mentions(test, name):
        return cut_points(test, name, evaluate)
    return _constants_of((test,), name, evaluate)


def _constants_of(parts: Iterable[Node], name: str, evaluate: Evaluate) -> list[Any] | None:
    found = []
    for part in parts:
        if _mentions(part, name):
            return None
        found.extend(_flat(evaluate(part)))
    return found


def _flat(value: Any) -> list[Any]:
    if isinstance(value, Range):
        return [end for end in (value.start, value.end) if end is not None]
    if isinstance(value, list):
        return [constant for element in value for constant in _flat(element)]
    return [] if value is None else [value]


def _gathered(parts: Iterable[list[Any] | None]) -> list[Any] | None:
    found = []
    for part in parts:
        if part is None:
            return None
        found.extend(part)
    return found


def _is(node: Node, name: str) -> bool:
    return isinstance(node, Name) and node.name == name


def _mentions(node: Node, name: str) -> bool:
    return any(_is(part, name) for part in walk(node))
