"""Boxed logic as the FEEL expression it amounts to."""

from __future__ import annotations

from collections.abc import Iterable

from service.dmn.item_definitions import TypeTable
from service.dmn.reading.syntax import Boxed, Invocation, LiteralExpression
from service.dmn.type_names import spelled_out
from service.feel import FeelLimitError, FeelSyntaxError, compile_expression
from service.feel.tree import Argument, Call, Literal, Name, Node, Path


def tree_of(logic: Boxed | None, names: Iterable[str], types: TypeTable) -> Node | None:
    """The expression of a literal expression, or of an invocation made of such; `names` are those it sees.

    None for other logic, for what is converted to a type of its own, and for what cannot be read (compiling it reports that).
    """
    if logic is None or logic.type_ref is not None:
        return None
    known = {*names, *types.special_names}
    if isinstance(logic, LiteralExpression):
        return _literal(logic, known, types)
    return _call(logic, known, types) if isinstance(logic, Invocation) else None


def _literal(logic: LiteralExpression, names: Iterable[str], types: TypeTable) -> Node | None:
    if not logic.text:
        return None
    try:
        found = compile_expression(logic.text, names=names)
    except (FeelSyntaxError, FeelLimitError):
        return None
    return spelled_out(found.tree, types.named)


def _call(logic: Invocation, names: Iterable[str], types: TypeTable) -> Node | None:
    function = tree_of(logic.called, names, types)
    if not isinstance(function, Name | Path):
        return None
    arguments = []
    for binding in logic.bindings:
        value = Literal(None) if binding.expression is None else tree_of(binding.expression, names, types)
        if value is None:
            return None
        arguments.append(Argument(binding.name, value))
    return Call(function, tuple(arguments))
