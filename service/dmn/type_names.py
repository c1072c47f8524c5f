"""Item definitions named inside FEEL (`x instance of tLoan`, `function(x: tLoan)`), spelled out for the FEEL compiler."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from service.dmn.built_in_types import BUILT_IN
from service.dmn.value_types import (
    ConstrainedType,
    ContextType,
    FunctionType,
    ListType,
    SimpleType,
    ValueType,
)
from service.feel import tree

_Tree = TypeVar("_Tree", bound=tree.Node)
Find = Callable[[str], ValueType | None]


def named_types(node: tree.Node) -> frozenset[str]:
    """The names of types in an expression that are not built in."""
    return frozenset(found.name for found in tree.walk(node) if isinstance(found, tree.TypeName) and found.name not in BUILT_IN)


def spelled_out(node: _Tree, find: Find) -> _Tree:
    """The same expression with each named type replaced by its structure; allowed values do not count here."""
    return tree.with_parts(node, lambda part: _replaced(part, find))


def _replaced(node: tree.Node, find: Find) -> tree.Node:
    if isinstance(node, tree.TypeName) and node.name not in BUILT_IN:
        kind = find(node.name)
        return node if kind is None else _structure(kind, node)
    return spelled_out(node, find)


def _structure(kind: ValueType, at: tree.Node) -> tree.Node:
    if isinstance(kind, ConstrainedType):
        return _structure(kind.base, at)
    if isinstance(kind, ListType):
        return tree.ListType(_structure(kind.element, at), position=at.position)
    if isinstance(kind, ContextType):
        entries = tuple(tree.Entry(name, _structure(inner, at)) for name, inner in kind.components.items())
        return tree.ContextType(entries, position=at.position)
    if isinstance(kind, FunctionType):
        parameters = tuple(_structure(inner, at) for inner in kind.parameters)
        return tree.FunctionType(parameters, _structure(kind.result, at), position=at.position)
    # A type inside its own definition stays open at the second level.
    return tree.TypeName(kind.feel_name if isinstance(kind, SimpleType) else "Any", position=at.position)
