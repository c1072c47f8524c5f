"""The variables of a question: what is known of the inputs, and which parts of them are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from service.dmn.built_in_types import BUILT_IN
from service.dmn.graph import Graph
from service.dmn.nodes import DecisionNode, InputNode, Key, ServiceNode
from service.dmn.path_set import PathSet
from service.dmn.prospects.diagrams import Diagram
from service.dmn.prospects.domains import Domain, domain_of
from service.dmn.prospects.inquiry import Inquiry
from service.dmn.prospects.marks import Anything, Path
from service.dmn.prospects.symbolic import Context, Lazy, Origin, Symbolic
from service.dmn.value_types import ANY, ConstrainedType, ContextType, DeferredType, ValueType

_ABSENT: Any = object()
_DEEPEST = 8


class Facts:
    """What a caller knows. A key that is absent is not known yet; null is known: it is unknown and stays so."""

    def __init__(self, graph: Graph, target: Key, variables: Mapping[str, Any]) -> None:
        self._graph = graph
        self._variables = variables
        self._inputs = graph.inputs_of((target,))
        self.admitted, _ = graph.admit(self._inputs, variables)
        self._raw: dict[Key, tuple[Path, Any]] = {}
        for node in self._inputs:
            paths = graph.input_paths[node.key]
            found = [(path, _at(variables, path)) for path in paths]
            self._raw[node.key] = next((pair for pair in found if pair[1] is not _ABSENT), (paths[0], _ABSENT))
        self._read: dict[Key, PathSet] = {}
        self._open = {node.key: tuple(_open(node.kind, *self._raw[node.key])) for node in self._inputs}

    def unknown_behind(self, *keys: Key) -> frozenset[Path]:
        """The unknown inputs that the logic of these nodes, or of what they require, reads.

        Input data of a service that the asked decision does not require itself is given by whoever calls the service.
        """
        inputs = self._graph.inputs_of(keys)
        found = {path for node in inputs for path in self._open.get(node.key, ())}
        plan = self._graph.plan(keys)
        if any(isinstance(node, ServiceNode) for node in plan):
            return frozenset(found)
        read = [self._read_by(node) for node in plan if isinstance(node, DecisionNode)]
        return frozenset(path for path in found if any(places.touches(path) for places in read))

    def is_open(self, key: Key) -> bool:
        """Whether something of this input is not known."""
        return bool(self._open.get(key))

    def _read_by(self, node: DecisionNode) -> PathSet:
        if node.key not in self._read:
            self._read[node.key] = self.read(node, node.used_paths)
        return self._read[node.key]

    def read(self, node: DecisionNode, used: Iterable[Path]) -> PathSet:
        """Where the inputs stand that names used in a decision's logic mean, as a whole or in part."""
        names: dict[Path, list[Path]] = {}
        for name in used:
            for length in range(1, len(name) + 1):
                names.setdefault(name[:length], []).append(name)
        places = PathSet()
        for requirement in node.requirements:
            if requirement.key in self._raw:
                start = self._raw[requirement.key][0]
                path = requirement.path
                for name in names.get(path, ()):
                    places.add((*start, *name[len(path) :]))
                if any(path[:length] in names.get(path[:length], ()) for length in range(1, len(path))):
                    # The name of an import stands for all that is behind it.
                    places.add(start)
        return places

    @property
    def unknown(self) -> tuple[Path, ...]:
        """Every input, or part of one, that is not known."""
        found = dict.fromkeys(path for node in self._inputs for path in self._open[node.key])
        return tuple(path for path in found if _at(self._variables, path) is _ABSENT)

    def value(self, node: InputNode, inquiry: Inquiry) -> Symbolic:
        """An input as it stands in expressions."""
        path, raw = self._raw[node.key]
        return _symbolic(node.kind, path, raw, self.admitted.get(node.key), inquiry)


def _symbolic(kind: ValueType, path: Path, raw: Any, admitted: Any, inquiry: Inquiry) -> Symbolic:
    plain = _plain(kind)
    if isinstance(plain, ContextType) and (raw is _ABSENT or isinstance(admitted, dict)):
        known = {} if raw is _ABSENT else raw
        entries = {
            name: Lazy(_entry(inner, (*path, name), known.get(name, _ABSENT), (admitted or {}).get(name), inquiry))
            for name, inner in plain.components.items()
        }
        # That the whole is null makes a difference only to those that look at the whole.
        whole = Anything(frozenset(_open(kind, path, raw)))
        exact = raw is not _ABSENT and plain is kind
        as_whole = None if exact else lambda: inquiry.diagrams.leaf(whole)
        missing = _missing(path, entries, inquiry) if raw is _ABSENT and plain is kind else None
        return Context(inquiry.diagrams.true, entries, None, as_whole, Origin(path, kind), missing)
    if _is_loose(plain) and raw is _ABSENT:
        return Context(
            inquiry.diagrams.true,
            {},
            lambda name: _symbolic(ANY, (*path, name), _ABSENT, None, inquiry),
            lambda: inquiry.unknown(path, domain_of(kind), path, frozenset({path})),
            Origin(path, kind),
        )
    if _is_loose(plain) and isinstance(admitted, dict):
        return Context(
            inquiry.diagrams.true,
            {name: Lazy(_entry(ANY, (*path, name), raw[name], admitted[name], inquiry)) for name in admitted},
            lambda name: _symbolic(ANY, (*path, name), _ABSENT, None, inquiry),
            lambda: inquiry.diagrams.leaf(Anything(frozenset({path}))),
            Origin(path, kind),
        )
    if raw is _ABSENT:
        return inquiry.unknown(path, domain_of(kind), path, frozenset({path}))
    return inquiry.diagrams.leaf(admitted)


def _missing(path: Path, entries: Mapping[str, Lazy], inquiry: Inquiry) -> Callable[[], Diagram]:
    """Where a context that is not known is null: one more unknown, which only counts where all entries are null.

    So what makes no difference between null and a context of nulls does not depend on it.
    """

    @cache
    def make() -> Diagram:
        found = inquiry.assembly.is_null(inquiry.unknown(path, Domain("context"), path, frozenset({path})))
        for entry in entries.values():
            found = inquiry.diagrams.both(inquiry.holds(inquiry.assembly.is_null(entry.get()), f"{'.'.join(path)} may be null"), found)
        return found

    return make


def _entry(kind: ValueType, path: Path, raw: Any, admitted: Any, inquiry: Inquiry) -> Any:
    return lambda: _symbolic(kind, path, raw, admitted, inquiry)


def _open(kind: ValueType, path: Path, raw: Any, depth: int = 0) -> Iterator[Path]:
    """The unknown parts of an input by their declared components."""
    plain = _plain(kind)
    if isinstance(plain, ContextType) and (raw is _ABSENT or isinstance(raw, dict)) and depth < _DEEPEST:
        for name, inner in plain.components.items():
            yield from _open(inner, (*path, name), _ABSENT if raw is _ABSENT else raw.get(name, _ABSENT), depth + 1)
    elif raw is _ABSENT or (_is_loose(plain) and isinstance(raw, dict)):
        yield path


def _plain(kind: ValueType) -> ValueType:
    while isinstance(kind, ConstrainedType | DeferredType):
        kind = kind.base if isinstance(kind, ConstrainedType) else kind.target
    return kind


def _is_loose(kind: ValueType) -> bool:
    return kind is ANY or kind is BUILT_IN["context"]


def _at(variables: Mapping[str, Any], path: Path) -> Any:
    current: Any = variables
    for part in path:
        if not isinstance(current, Mapping) or part not in current:
            return _ABSENT
        current = current[part]
    return current
