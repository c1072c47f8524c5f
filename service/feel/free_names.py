"""Which variables and functions an expression needs from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service.feel.builtin.registry import find_builtin
from service.feel.tree import (
    Call,
    ContextLiteral,
    Entry,
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
    walk,
)


@dataclass(frozen=True, slots=True)
class _Bound:
    """Names bound around a node: the first `known` of `places`, and those of `outer`.

    The entries of a context see the ones before them; all share one mapping, so that many entries do not make many sets.
    """

    places: Mapping[str, int]
    known: int
    outer: _Bound | None

    def __contains__(self, name: str) -> bool:
        bound: _Bound | None = self
        while bound is not None:
            if bound.places.get(name, bound.known) < bound.known:
                return True
            bound = bound.outer
        return False

    def binding(self, *names: str) -> _Bound:
        """These names bound besides."""
        return _Bound(dict.fromkeys(names, 0), 1, self)


_NOTHING = _Bound({}, 0, None)


def path_of(node: Node) -> tuple[str, ...] | None:
    """The names of a variable and of the parts it is followed to; None for anything else."""
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
            bound = bound.binding(variable.name)
        yield (node.result, bound.binding("partial")) if isinstance(node, For) else (node.condition, bound)
    elif isinstance(node, ContextLiteral):
        places: dict[str, int] = {}
        for number, entry in enumerate(node.entries):
            places.setdefault(entry.name, number)
            # A function may call itself by the name of its entry.
            known = number + isinstance(entry.value, FunctionDefinition)
            yield entry.value, _Bound(places, known, bound)
    elif isinstance(node, FunctionDefinition):
        yield node.body, bound.binding(*(parameter.name for parameter in node.parameters))
    elif isinstance(node, In | UnaryTestList):
        yield from ((child, bound.binding("?")) for child in node.tests)
        if isinstance(node, In):
            yield node.value, bound
    else:
        yield from ((child, bound) for child in children(node))


def free_paths(tree: Node, known: frozenset[str]) -> frozenset[tuple[str, ...]]:
    """The longest static path of each free variable.

    A name in the body of a filter may be an entry of the filtered elements: it counts only if it is `known`.
    """
    found: set[tuple[str, ...]] = set()
    pending: list[tuple[Node, _Bound, bool]] = [(tree, _NOTHING, False)]
    while pending:
        node, bound, in_filter = pending.pop()
        path = path_of(node)
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


def _callee(call: Call) -> str | None:
    """The name under which a function is called, of `a.b(x)` the `a`; None for a built-in one and for what has no name."""
    function = call.function
    while isinstance(function, Path):
        function = function.source
    if not isinstance(function, Name) or (function is call.function and find_builtin(function.name)):
        return None
    return function.name


def free_functions(tree: Node) -> frozenset[str]:
    """The names under which the expression calls functions that neither FEEL nor the expression itself defines.

    Unlike in `free_paths` calls in the body of a filter count, unless the expression writes contexts with such an entry.
    """
    called = {name for node in walk(tree) if isinstance(node, Call) and (name := _callee(node)) is not None}
    if not called:
        return frozenset()
    entries = {node.name for node in walk(tree) if isinstance(node, Entry)}
    return frozenset((called - entries) & {path[0] for path in free_paths(tree, frozenset(called))})
