"""Which variables an expression needs from outside."""

from __future__ import annotations

from collections.abc import Iterator

from service.feel.builtin.registry import find_builtin
from service.feel.tree import (
    Call,
    ContextLiteral,
    Filter,
    For,
    FunctionDefinition,
    In,
    InstanceOf,
    Name,
    Node,
    Path,
    Quantified,
    UnaryTestList,
    children,
)

_Bound = frozenset[str]


def _path_of(node: Node) -> tuple[str, ...] | None:
    steps: list[str] = []
    while isinstance(node, Path):
        steps.append(node.name)
        node = node.source
    return (node.name, *reversed(steps)) if isinstance(node, Name) else None


def _below(node: Node, bound: _Bound) -> Iterator[tuple[Node, _Bound]]:
    """Sub-nodes with the names bound in them."""
    if isinstance(node, InstanceOf):
        yield node.value, bound
    elif isinstance(node, Call):
        function = node.function
        if not (isinstance(function, Name) and find_builtin(function.name)):
            yield function, bound
        for argument in node.arguments:
            yield argument.value, bound
    elif isinstance(node, For | Quantified):
        for variable in node.variables:
            yield variable.domain, bound
            bound |= {variable.name}
        yield (node.result, bound | {"partial"}) if isinstance(node, For) else (node.condition, bound)
    elif isinstance(node, ContextLiteral):
        for entry in node.entries:
            inner = bound | {entry.name} if isinstance(entry.value, FunctionDefinition) else bound
            yield entry.value, inner
            bound |= {entry.name}
    elif isinstance(node, FunctionDefinition):
        yield node.body, bound | {parameter.name for parameter in node.parameters}
    elif isinstance(node, In | UnaryTestList):
        yield from ((child, bound | {"?"}) for child in node.tests)
        if isinstance(node, In):
            yield node.value, bound
    else:
        yield from ((child, bound) for child in children(node))


def free_paths(tree: Node, known: frozenset[str]) -> frozenset[tuple[str, ...]]:
    """The longest static path of each free variable.

    A name in the body of a filter may be an entry of the filtered elements: it counts only if it is `known`.
    """
    found: set[tuple[str, ...]] = set()
    pending: list[tuple[Node, _Bound, bool]] = [(tree, frozenset(), False)]
    while pending:
        node, bound, in_filter = pending.pop()
        path = _path_of(node)
        if path is not None:
            root = path[0]
            item_entry = in_filter and (root == "item" or root not in known)
            if root not in bound and not item_entry and not (len(path) == 1 and root not in known and find_builtin(root)):
                found.add(path)
        elif isinstance(node, Filter):
            pending.append((node.source, bound, in_filter))
            pending.append((node.condition, bound, True))
        else:
            pending.extend((child, inner, in_filter) for child, inner in _below(node, bound))
    return frozenset(found)
