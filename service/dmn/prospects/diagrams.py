"""Decision diagrams: functions of several unknowns, kept in reduced form.

A diagram asks one unknown after another, always in the order of their numbers, and ends in a value; equal parts exist only
once. So a function that does not depend on an unknown never asks it, and two equal functions are the same object
(R. E. Bryant, Graph-Based Algorithms for Boolean Function Manipulation, 1986; here with many-valued unknowns and any values).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import repeat
from typing import Any, TypeVar

from service.dmn.prospects.limits import Exhausted, ProspectLimits

_CLOCK_INTERVAL = 256
_END = sys.maxsize
"""Behind the last unknown."""
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """The end: a value."""

    value: Any
    unknown: int = _END


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """Asks the unknown of this number; one child per class of its values."""

    unknown: int
    children: tuple[Diagram, ...]


Diagram = Leaf | Branch


def identity_of(value: Any) -> Any:
    """A hashable stand-in that differs where the values differ; numbers written differently differ too."""
    if isinstance(value, Decimal):
        return (Decimal, value.as_tuple())
    if isinstance(value, list | tuple):
        return (type(value), *map(identity_of, value))
    if isinstance(value, dict):
        return (dict, *((key, identity_of(inner)) for key, inner in value.items()))
    return (type(value), value)


class Diagrams:
    """All diagrams of one question, under one budget. Raises `Exhausted` when the budget ends."""

    def __init__(self, limits: ProspectLimits, deadline: float) -> None:
        self._limits = limits
        self._deadline = deadline
        self._steps = 0
        self._allowance = limits.steps
        self._leaves: dict[Any, Leaf] = {}
        self._branches: dict[tuple[int, tuple[int, ...]], Branch] = {}
        self._chosen: dict[tuple[int, int, int], Diagram] = {}
        self.true = self.leaf(True)
        self.false = self.leaf(False)
        self.null = self.leaf(None)

    def spending(self, steps: int, make: Callable[[], _Made]) -> _Made:
        """What `make` yields within so many steps, which do not count for whoever waits for it."""
        outer, start = self._allowance, self._steps
        self._allowance = start + steps
        try:
            return make()
        finally:
            self._allowance = outer + self._steps - start

    def tick(self) -> None:
        """Count one step."""
        self._steps += 1
        if self._steps > self._allowance:
            raise Exhausted("steps")
        if self._steps % _CLOCK_INTERVAL == 0 and time.monotonic() > self._deadline:
            raise Exhausted("time")

    def leaf(self, value: Any) -> Leaf:
        """The diagram of a constant."""
        return self._leaves.setdefault(identity_of(value), Leaf(value))

    def branch(self, unknown: int, children: Sequence[Diagram]) -> Diagram:
        """The diagram that asks `unknown`, unless the answer makes no difference."""
        first = children[0]
        if all(child is first for child in children):
            return first
        key = (unknown, tuple(map(id, children)))
        found = self._branches.get(key)
        if found is None:
            found = self._branches[key] = Branch(unknown, tuple(children))
        return found

    def apply(self, operation: Callable[..., Any], operands: Sequence[Diagram]) -> Diagram:
        """The diagram of `operation` over the values of the operands; it is called once per combination that can occur."""
        done: dict[tuple[int, ...], Diagram] = {}

        def build(parts: tuple[Diagram, ...]) -> Diagram:
            key = tuple(map(id, parts))
            found = done.get(key)
            if found is None:
                self.tick()
                top = min((part.unknown for part in parts), default=_END)
                if top == _END:
                    found = self.leaf(operation(*(part.value for part in parts if isinstance(part, Leaf))))
                else:
                    found = self.branch(top, [build(below) for below in zip(*(_below(part, top) for part in parts), strict=False)])
                done[key] = found
            return found

        return build(tuple(operands))

    def choose(self, condition: Diagram, then: Diagram, otherwise: Diagram) -> Diagram:
        """`then` where the condition is true, else `otherwise`."""
        if isinstance(condition, Leaf):
            return then if condition.value is True else otherwise
        if then is otherwise:
            return then
        key = (id(condition), id(then), id(otherwise))
        found = self._chosen.get(key)
        if found is None:
            self.tick()
            top = min(condition.unknown, then.unknown, otherwise.unknown)
            below = zip(_below(condition, top), _below(then, top), _below(otherwise, top), strict=False)
            children = [self.choose(*parts) for parts in below]
            found = self._chosen[key] = self.branch(top, children)
        return found

    def both(self, left: Diagram, right: Diagram) -> Diagram:
        """True where both are true."""
        return self.choose(left, right, self.false)

    def restrict(self, diagram: Diagram, unknown: int, index: int) -> Diagram:
        """The diagram once the unknown is known to be of this class."""
        done: dict[int, Diagram] = {}

        def build(part: Diagram) -> Diagram:
            if isinstance(part, Leaf) or part.unknown > unknown:
                return part
            if part.unknown == unknown:
                return part.children[index]
            found = done.get(id(part))
            if found is None:
                self.tick()
                found = done[id(part)] = self.branch(part.unknown, [build(child) for child in part.children])
            return found

        return build(diagram)


def _below(diagram: Diagram, unknown: int) -> Iterable[Diagram]:
    """What is left of a diagram for each class of the unknown."""
    return diagram.children if isinstance(diagram, Branch) and diagram.unknown == unknown else repeat(diagram)


def nodes(diagram: Diagram) -> Iterator[Diagram]:
    """Every part of a diagram, once."""
    seen = {id(diagram)}
    pending = [diagram]
    while pending:
        current = pending.pop()
        yield current
        if isinstance(current, Branch):
            for child in current.children:
                if id(child) not in seen:
                    seen.add(id(child))
                    pending.append(child)


def leaves(diagram: Diagram) -> list[Leaf]:
    """The ends that can be reached; equal ones are the same object."""
    return [part for part in nodes(diagram) if isinstance(part, Leaf)]


def values(diagram: Diagram) -> list[Any]:
    """The values that can occur."""
    return [end.value for end in leaves(diagram)]


def support(diagram: Diagram) -> frozenset[int]:
    """The unknowns the value depends on."""
    return frozenset(part.unknown for part in nodes(diagram) if isinstance(part, Branch))
