"""What values an input expression can yield, as far as its form tells."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from service.feel.tree import (
    And,
    Arithmetic,
    Between,
    Call,
    Comparison,
    If,
    In,
    InstanceOf,
    Literal,
    Name,
    Negation,
    Node,
    Or,
    Path,
    Quantified,
)

_COUNTS = frozenset({"count", "string length"})
_WHOLE = frozenset({"year", "years", "months", "days", "hours", "minutes"})
_BOUNDED = {"month": (1, 12), "day": (1, 31), "weekday": (1, 7), "hour": (0, 23), "minute": (0, 59), "second": (0, 59)}
_TRUTHS = (And, Or, Between, Comparison, In, InstanceOf, Quantified)


@dataclass(frozen=True, slots=True)
class Yield:
    """What an expression yields besides null.

    `kind` is the built-in type where it is certain; `whole` leaves out fractions. `values` are all there are (None: not known),
    `least` and `greatest` bound the numbers. `open`: there may be fewer values than the type has.
    """

    kind: str | None = None
    whole: bool = False
    values: tuple[Any, ...] | None = None
    least: Decimal | None = None
    greatest: Decimal | None = None
    open: bool = False

    def admits(self, value: Any) -> bool:
        """Whether the value is within what is certain."""
        if self.values is not None:
            return any(type(value) is type(found) and value == found for found in self.values)
        if isinstance(value, Decimal):
            return (self.least is None or value >= self.least) and (self.greatest is None or value <= self.greatest)
        return True

    @property
    def cuts(self) -> tuple[Any, ...]:
        """The values at which `admits` changes."""
        return (*(self.values or ()), *(end for end in (self.least, self.greatest) if end is not None))


def yield_of(tree: Node) -> Yield:
    """What the expression of an input column can yield; a variable can have every value of its type."""
    if isinstance(tree, Path):
        return _property(tree.name)
    if isinstance(tree, Call):
        return _call(tree)
    if isinstance(tree, _TRUTHS):
        return Yield("boolean")
    if isinstance(tree, Name | Arithmetic | Negation):
        return Yield()
    if isinstance(tree, If):
        results = [*(branch.result for branch in tree.branches), tree.otherwise]
        values = tuple(result.value for result in results if isinstance(result, Literal))
        return Yield(values=values) if len(values) == len(results) else Yield(open=True)
    return Yield(open=True)


def _property(name: str) -> Yield:
    """A component, or a property of a temporal value, which are whole numbers."""
    if name in _BOUNDED:
        least, greatest = _BOUNDED[name]
        return Yield(whole=True, least=Decimal(least), greatest=Decimal(greatest))
    return Yield(whole=name in _WHOLE)


def _call(tree: Call) -> Yield:
    name = tree.function.name if isinstance(tree.function, Name) else ""
    if name in _COUNTS:
        return Yield("number", whole=True, least=Decimal(0))
    return Yield("boolean") if name == "not" else Yield(open=True)
