"""Which values pass a cell whose tests are constants, told without evaluating it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import Any

from service.dmn.tables.constraint import test_list
from service.feel import Date, DayTimeDuration, Range, UnaryTests, YearMonthDuration, compile_tree
from service.feel.tree import And, AtLiteral, Call, Comparison, Literal, Name, Negation, Node, RangeLiteral, UnaryComparison, UnaryTestList

# Types whose values all have an order among themselves, with what Python orders them by.
SORT_KEYS: dict[type, Callable[[Any], Any] | None] = {
    str: None,
    bool: None,
    Decimal: None,
    Date: lambda date: (date.year, date.month, date.day),
    DayTimeDuration: lambda duration: duration.nanos,
    YearMonthDuration: lambda duration: duration.months,
}
_INPUT = Name("?")
_CONSTRUCTORS = frozenset({"date", "duration"})


class _Outcome(Enum):
    """What a test says; UNKNOWN is FEEL's null, WARNING is null and a warning."""

    YES = 1
    NO = 2
    UNKNOWN = 3
    WARNING = 4


@dataclass(frozen=True, slots=True)
class Interval:
    """Sort keys between two of them; None is no bound."""

    low: Any
    low_included: bool
    high: Any
    high_included: bool


@dataclass(frozen=True, slots=True)
class ValueSet:
    """The values of one type in any of the intervals; negated: in none of them."""

    intervals: tuple[Interval, ...]
    negated: bool = False


NOTHING = ValueSet(())
EVERYTHING = ValueSet((), negated=True)


@dataclass(frozen=True, slots=True)
class _Test:
    """`intervals` pass among the values of `kind`; what null and the values of other types get."""

    kind: type
    intervals: tuple[Interval, ...]
    null: _Outcome
    other: _Outcome


@dataclass(frozen=True, slots=True)
class ConstantCell:
    """A cell that depends on nothing but the input value."""

    _tests: tuple[_Test, ...]
    _negated: bool

    @property
    def kinds(self) -> frozenset[type]:
        """The types of its constants."""
        return frozenset(test.kind for test in self._tests)

    def passing(self, kind: type) -> ValueSet | None:
        """The values of a type that pass; None when some would leave a warning, so that the cell has to be evaluated."""
        intervals: list[Interval] = []
        outcomes = set()
        for test in self._tests:
            if kind is NoneType:
                outcomes.add(test.null)
            elif test.kind is kind:
                intervals.extend(test.intervals)
            else:
                outcomes.add(test.other)
        if _Outcome.WARNING in outcomes:
            return None
        if not self._negated:
            return EVERYTHING if _Outcome.YES in outcomes else ValueSet(tuple(intervals))
        if _Outcome.YES in outcomes or _Outcome.UNKNOWN in outcomes:
            return NOTHING
        return ValueSet(tuple(intervals), negated=True)


class ConstantCells:
    """The cells of one table; those that share their tests are looked at once."""

    def __init__(self, hidden: Collection[str]) -> None:
        """`hidden` are names in scope that may be functions and then take the place of built-in ones."""
        self._hidden = frozenset(hidden)
        self._known: dict[UnaryTests, ConstantCell | None] = {}

    def find(self, tests: UnaryTests) -> ConstantCell | None:
        """The cell, or None when its outcome is more than a matter of constants."""
        if tests not in self._known:
            self._known[tests] = _constant_cell(test_list(tests), self._hidden)
        return self._known[tests]


def _constant_cell(tests: UnaryTestList, hidden: Collection[str]) -> ConstantCell | None:
    found = []
    for node in tests.tests:
        test = _test(node, hidden)
        if test is None:
            return None
        found.append(test)
    return ConstantCell(tuple(found), tests.negated) if found else None


def _test(node: Node, hidden: Collection[str]) -> _Test | None:
    if isinstance(node, UnaryComparison):
        return _comparison(node.operator, _constant(node.endpoint, hidden))
    if isinstance(node, And | Comparison):
        return _condition(node.operands if isinstance(node, And) else (node,), hidden)
    if isinstance(node, Literal) and node.value is None:
        return _Test(NoneType, (), _Outcome.YES, _Outcome.NO)
    if isinstance(node, RangeLiteral):
        return _range(node, hidden)
    key = _key(value := _constant(node, hidden))
    if key is None:
        return None
    return _Test(type(value), (_point(key),), _Outcome.NO, _Outcome.WARNING)


def _comparison(operator: str, endpoint: Any) -> _Test | None:
    key = _key(endpoint)
    if key is None:
        return None
    kind = type(endpoint)
    if operator == "=":
        return _Test(kind, (_point(key),), _Outcome.NO, _Outcome.WARNING)
    if operator == "!=":
        return _Test(kind, (Interval(None, False, key, False), Interval(key, False, None, False)), _Outcome.YES, _Outcome.WARNING)
    if kind is bool:
        return None
    below = operator in ("<", "<=")
    included = operator in ("<=", ">=")
    interval = Interval(None, False, key, included) if below else Interval(key, included, None, False)
    return _Test(kind, (interval,), _Outcome.WARNING, _Outcome.WARNING)


def _condition(parts: Sequence[Node], hidden: Collection[str]) -> _Test | None:
    """`? >= 1 and ? < 5`: what passes among the values of the constants' type; null and other types have to be evaluated."""
    tests = []
    for part in parts:
        if not isinstance(part, Comparison) or part.left != _INPUT or part.operator == "!=":
            return None
        tests.append(_comparison(part.operator, _constant(part.right, hidden)))
    known = [test for test in tests if test is not None]
    if len(known) < len(tests) or len({test.kind for test in known}) > 1:
        return None
    intervals = [interval for test in known for interval in test.intervals]
    low, low_excluded = max(((each.low, not each.low_included) for each in intervals if each.low is not None), default=(None, True))
    high, high_included = min(((each.high, each.high_included) for each in intervals if each.high is not None), default=(None, False))
    return _Test(known[0].kind, (Interval(low, not low_excluded, high, high_included),), _Outcome.WARNING, _Outcome.WARNING)


def _range(node: RangeLiteral, hidden: Collection[str]) -> _Test | None:
    start, end = _constant(node.start, hidden), _constant(node.end, hidden)
    low, high = _key(start), _key(end)
    if low is None or high is None or type(start) is not type(end) or type(start) is bool:
        return None
    return _Test(type(start), (Interval(low, node.start_included, high, node.end_included),), _Outcome.UNKNOWN, _Outcome.WARNING)


def _constant(node: Node, hidden: Collection[str]) -> Any:
    """The value of a node that yields the same always and without a warning; None otherwise."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, AtLiteral) or _is_constructor(node, hidden) or (isinstance(node, Negation) and isinstance(node.operand, Literal)):
        result = compile_tree(node).evaluate()
        return None if result.warnings or isinstance(result.value, Range) else result.value
    return None


def _is_constructor(node: Node, hidden: Collection[str]) -> bool:
    return (
        isinstance(node, Call)
        and isinstance(node.function, Name)
        and node.function.name in _CONSTRUCTORS
        and node.function.name not in hidden
        and [type(argument.value) for argument in node.arguments] == [Literal]
    )


def _key(value: Any) -> Any:
    """What orders the value among those of its type; None when its type is not indexed."""
    if type(value) not in SORT_KEYS:
        return None
    of_type = SORT_KEYS[type(value)]
    return value if of_type is None else of_type(value)


def _point(key: Any) -> Interval:
    return Interval(key, True, key, True)
