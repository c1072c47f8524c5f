"""The syntax tree of FEEL: immutable nodes, each with the position it was read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any, TypeVar


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the text; line and column count from 1, offset from 0."""

    line: int = 1
    column: int = 1
    offset: int = 0


START = Position()
_Tree = TypeVar("_Tree", bound="Node")


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression. Positions do not take part in equality."""

    position: Position = field(default=START, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, string, boolean or null."""

    value: Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class AtLiteral(Node):
    """`@"2026-01-01"`: a date, time, date and time or duration."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable or function; `?` is the input of a unary test."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`source.name`."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`source[condition]`: selection or index."""

    source: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Argument(Node):
    """An argument; `name` is None when positional."""

    name: str | None
    value: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function(arguments)`; either all arguments are named or none."""

    function: Node
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Step(Node):
    """One `operator operand` of a chain."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`first + a - b …`: operators of equal rank, applied from left to right."""

    first: Node
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """`-operand`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`left operator right` with one of = != < <= > >=."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`value between low and high`, both ends included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """`value in (tests)`."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class And(Node):
    """Conjunction of two or more operands."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """Disjunction of two or more operands."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Branch(Node):
    """`if condition then result`."""

    condition: Node
    result: Node


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if … then … else if … then … else …`."""

    branches: tuple[Branch, ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class IterationRange(Node):
    """`start..end` of a `for`, in either direction."""

    start: Node
    end: Node


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """`name in domain`."""

    name: str
    domain: Node


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for variables return result`."""

    variables: tuple[Variable, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some|every variables satisfies condition`."""

    every: bool
    variables: tuple[Variable, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """`[items]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry(Node):
    """`name: value` of a context."""

    name: str
    value: Node


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    """`{entries}`; a later entry sees the earlier ones."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    """`[start..end]`, `(start..end)` and their mixtures."""

    start_included: bool
    start: Node
    end: Node
    end_included: bool


@dataclass(frozen=True, slots=True)
class UnaryComparison(Node):
    """`< endpoint`: in unary tests a comparison with the input, as a value `(< endpoint)` a half-open range."""

    operator: str
    endpoint: Node


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """A built-in or item definition type."""

    name: str


@dataclass(frozen=True, slots=True)
class ListType(Node):
    """`list<item>`."""

    item: Node


@dataclass(frozen=True, slots=True)
class RangeType(Node):
    """`range<item>`."""

    item: Node


@dataclass(frozen=True, slots=True)
class ContextType(Node):
    """`context<name: type, …>`."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class FunctionType(Node):
    """`function<parameters> -> result`."""

    parameters: tuple[Node, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """`value instance of type`."""

    value: Node
    type: Node


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A formal parameter with an optional type."""

    name: str
    type: Node | None = None


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Node):
    """`function(parameters) body`; external ones are read and refused when called."""

    parameters: tuple[Parameter, ...]
    body: Node
    external: bool = False


@dataclass(frozen=True, slots=True)
class UnaryTestList(Node):
    """Tests of one decision table cell: any of them, or with `negated` none; no tests = `-`."""

    tests: tuple[Node, ...]
    negated: bool = False


_PARTS: dict[type[Node], tuple[str, ...]] = {}


def _parts(kind: type[Node]) -> tuple[str, ...]:
    """The fields that may hold nodes."""
    found = _PARTS.get(kind)
    if found is None:
        found = _PARTS[kind] = tuple(part.name for part in fields(kind) if part.name != "position")
    return found


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below `node`."""
    for name in _parts(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for element in value:
                if isinstance(element, Node):
                    yield element


def with_parts(node: _Tree, change: Callable[[Node], Node]) -> _Tree:
    """The node with each of the nodes directly below it changed."""
    changes: dict[str, Any] = {}
    for name in _parts(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            changes[name] = change(value)
        elif isinstance(value, tuple):
            changes[name] = tuple(change(element) if isinstance(element, Node) else element for element in value)
    return replace(node, **changes)


def depth(node: Node) -> int:
    """How deeply the tree nests; computed without recursion."""
    deepest = 0
    pending = [(node, 1)]
    while pending:
        current, level = pending.pop()
        deepest = max(deepest, level)
        pending.extend((child, level + 1) for child in children(current))
    return deepest


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything below it."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(children(current))
