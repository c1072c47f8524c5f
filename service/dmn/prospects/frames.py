"""What the inputs are while decisions are worked out: as the question has them, or as a call of a decision service binds them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Protocol

from service.dmn.graph import Graph, Values
from service.dmn.nodes import InputNode, Key
from service.dmn.prospects.diagrams import Leaf
from service.dmn.prospects.facts import Facts
from service.dmn.prospects.inquiry import Inquiry
from service.dmn.prospects.marks import Path, inexact
from service.dmn.prospects.symbolic import Context, Items, Symbolic


class Frame(Protocol):
    """`given` are decisions that are not evaluated; `place` tells the frames of one question apart."""

    @property
    def given(self) -> Mapping[Key, Symbolic]: ...

    @property
    def place(self) -> tuple[Hashable, ...]: ...

    def value(self, node: InputNode) -> Symbolic:
        """An input."""
        ...

    def known_for(self, key: Key) -> Values | None:
        """The inputs if everything this decision reads is known, else None."""
        ...

    def known(self, inputs: Iterable[InputNode]) -> Values | None:
        """The inputs if these are known, else None."""
        ...

    def unknown_behind(self, *keys: Key) -> frozenset[Path]:
        """The unknown variables that these decisions may read."""
        ...


class AskedFrame:
    """The inputs of the question."""

    given: Mapping[Key, Symbolic] = {}
    place: tuple[Hashable, ...] = ()

    def __init__(self, facts: Facts, inquiry: Inquiry) -> None:
        self._facts = facts
        self._inquiry = inquiry
        self._values: dict[Key, Symbolic] = {}

    def value(self, node: InputNode) -> Symbolic:
        """As the caller gave it."""
        if node.key not in self._values:
            self._values[node.key] = self._facts.value(node, self._inquiry)
        return self._values[node.key]

    def known_for(self, key: Key) -> Values | None:
        """By the parts of the inputs that are read."""
        return None if self._facts.unknown_behind(key) else dict(self._facts.admitted)

    def known(self, inputs: Iterable[InputNode]) -> Values | None:
        """In all their parts."""
        return None if any(self._facts.is_open(node.key) for node in inputs) else dict(self._facts.admitted)

    def unknown_behind(self, *keys: Key) -> frozenset[Path]:
        """By the parts of the inputs that are read."""
        return self._facts.unknown_behind(*keys)


class CalledFrame:
    """The inputs inside a decision service that is called: its parameters are `bound`, other inputs are those around the call."""

    def __init__(self, outer: Frame, bound: Mapping[Key, Symbolic], graph: Graph, inquiry: Inquiry, place: tuple[Hashable, ...]) -> None:
        self._outer = outer
        self._graph = graph
        self._inquiry = inquiry
        self._bound = bound
        self.given = {key: value for key, value in bound.items() if not isinstance(graph.nodes[key], InputNode)}
        self.place = place

    def value(self, node: InputNode) -> Symbolic:
        """The argument, or the input around the call."""
        found = self._bound.get(node.key)
        return self._outer.value(node) if found is None else found

    def known_for(self, key: Key) -> Values | None:
        """Never told: what is known is worked out like anything else."""
        return None

    def known(self, inputs: Iterable[InputNode]) -> Values | None:
        """Where they are plain values."""
        found: Values = {}
        for node in inputs:
            value = self.value(node)
            if not isinstance(value, Leaf) or inexact(value.value):
                return None
            found[node.key] = value.value
        return found

    def unknown_behind(self, *keys: Key) -> frozenset[Path]:
        """All that is behind the inputs and the given decisions, read or not."""
        inputs = [self.value(node) for node in self._graph.inputs_of(keys)]
        return frozenset(path for value in (*inputs, *self.given.values()) for path in _sources(value, self._inquiry))


def _sources(value: Symbolic, inquiry: Inquiry) -> frozenset[Path]:
    if isinstance(value, Context):
        if value.whole is not None:
            return inquiry.behind(value.whole())
        parts = (_sources(entry.get(), inquiry) for entry in value.entries.values())
        return inquiry.behind(value.present).union(*parts)
    if isinstance(value, Items):
        return frozenset().union(*(inquiry.behind(guard) | _sources(element, inquiry) for guard, element in value.elements))
    return inquiry.behind(value)
