"""List functions (10.3.4.4). Positions count from 1, negative ones from the end."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any

from service.feel.arithmetic import calculate
from service.feel.builtin.registry import builtin, need_list, need_number, spread
from service.feel.builtin.string_functions import slice_bounds
from service.feel.comparison import compare, equal
from service.feel.errors import Fault
from service.feel.evaluation import Run
from service.feel.invocation import call_function
from service.feel.numbers import CONTEXT, integer
from service.feel.temporal import DayTimeDuration, YearMonthDuration
from service.feel.values import Function, type_name


@builtin("list contains", ("list", "element"))
def list_contains(run: Run, items: Any, element: Any) -> bool:
    """Whether an element occurs; null may be looked for."""
    values = need_list(items, "list")
    run.tick(len(values))
    return any(equal(value, element, run) is True for value in values)


@builtin("list replace", ("list", "position", "newItem"), ("list", "match", "newItem"))
def list_replace(run: Run, items: Any, where: Any, new_item: Any) -> list[Any]:
    """The list with the element at a position, or all that a function matches, replaced."""
    values = list(need_list(items, "list"))
    run.tick(len(values))
    if isinstance(where, Function):
        flags = [call_function(where, [value, new_item], run) for value in values]
        if any(not isinstance(flag, bool) for flag in flags):
            raise Fault("INVALID_TYPE", "the match function must return booleans")
        return [new_item if flag else value for value, flag in zip(values, flags, strict=True)]
    values[_position(where, len(values))] = new_item
    return values


def _position(value: Any, size: int) -> int:
    number = integer(value, "the position")
    if number == 0 or abs(number) > size:
        raise Fault("OUT_OF_BOUNDS", f"a list of {size} has no element {number}")
    return number - 1 if number > 0 else size + number


@builtin("count", ("list",))
def count(run: Run, items: Any) -> Decimal:
    """Number of elements."""
    return Decimal(len(need_list(items, "list")))


def _empty(what: str) -> Fault:
    return Fault("OUT_OF_BOUNDS", f"an empty list has no {what}")


def _extreme(arguments: tuple[Any, ...], sign: int, run: Run) -> Any:
    values = spread(arguments)
    run.tick(len(values))
    if not values:
        raise _empty("minimum or maximum")
    best = values[0]
    compare(best, best)
    for value in values[1:]:
        if compare(value, best) * sign > 0:
            best = value
    return best


@builtin("min", ("list",), ("value", "values*"))
def minimum(run: Run, *arguments: Any) -> Any:
    """The smallest element."""
    return _extreme(arguments, -1, run)


@builtin("max", ("list",), ("value", "values*"))
def maximum(run: Run, *arguments: Any) -> Any:
    """The largest element."""
    return _extreme(arguments, 1, run)


def _numbers(arguments: tuple[Any, ...], run: Run) -> list[Decimal]:
    values = spread(arguments)
    run.tick(len(values))
    for value in values:
        if not isinstance(value, Decimal):
            raise Fault("INVALID_TYPE", f"the list holds a {type_name(value)}")
    return values


@builtin("sum", ("list",), ("value", "values*"))
def total(run: Run, *arguments: Any) -> Any:
    """The sum of numbers (or of durations); null for an empty list."""
    values = spread(arguments)
    run.tick(len(values))
    if not values:
        raise _empty("sum")
    for value in values:
        if not isinstance(value, Decimal | DayTimeDuration | YearMonthDuration):
            raise Fault("INVALID_TYPE", f"the list holds a {type_name(value)}")
    result = values[0]
    for value in values[1:]:
        result = calculate("+", result, value)
    return result


@builtin("mean", ("list",), ("value", "values*"))
def mean(run: Run, *arguments: Any) -> Any:
    """The arithmetic mean; null for an empty list."""
    values = spread(arguments)
    if not values:
        raise _empty("mean")
    return calculate("/", total(run, values), Decimal(len(values)))


def _truth(arguments: tuple[Any, ...], deciding: bool, run: Run) -> bool | None:
    values = spread(arguments)
    run.tick(len(values))
    outcome: bool | None = not deciding
    faulty = False
    value: object
    for value in values:
        if value is deciding:
            return deciding
        if value is None:
            outcome = None
        elif not isinstance(value, bool):
            faulty = True
    if faulty:
        raise Fault("INVALID_TYPE", "the list must hold booleans only")
    return outcome


@builtin("all", ("list",), ("value", "values*"))
def all_true(run: Run, *arguments: Any) -> bool | None:
    """Conjunction."""
    return _truth(arguments, False, run)


@builtin("any", ("list",), ("value", "values*"))
def any_true(run: Run, *arguments: Any) -> bool | None:
    """Disjunction."""
    return _truth(arguments, True, run)


@builtin("sublist", ("list", "start position", "length?"))
def sublist(run: Run, items: Any, start: Any, length: Any = None) -> list[Any]:
    """A part of a list."""
    values = need_list(items, "list")
    begin, end = slice_bounds(need_number(start, "start position"), length, len(values), "list")
    if length is not None and begin + int(length) > len(values):
        raise Fault("OUT_OF_BOUNDS", "the length exceeds the list")
    run.tick(end - begin)
    return values[begin:end]


@builtin("append", ("list", "item*"))
def append(run: Run, items: Any, *added: Any) -> list[Any]:
    """The list with elements added."""
    values = need_list(items, "list")
    run.check_size(len(values) + len(added))
    run.tick(len(values))
    return [*values, *added]


@builtin("concatenate", ("list", "lists*"))
def concatenate(run: Run, *lists: Any) -> list[Any]:
    """Lists joined."""
    result: list[Any] = []
    for items in lists:
        result.extend(need_list(items, "list"))
        run.check_size(len(result))
    run.tick(len(result))
    return result


@builtin("insert before", ("list", "position", "newItem"))
def insert_before(run: Run, items: Any, position: Any, new_item: Any) -> list[Any]:
    """The list with an element inserted."""
    values = list(need_list(items, "list"))
    run.check_size(len(values) + 1)
    run.tick(len(values))
    values.insert(_position(position, len(values)), new_item)
    return values


@builtin("remove", ("list", "position"))
def remove(run: Run, items: Any, position: Any) -> list[Any]:
    """The list without one element."""
    values = list(need_list(items, "list"))
    run.tick(len(values))
    del values[_position(position, len(values))]
    return values


@builtin("reverse", ("list",))
def reverse(run: Run, items: Any) -> list[Any]:
    """The list backwards."""
    values = need_list(items, "list")
    run.tick(len(values))
    return values[::-1]


@builtin("index of", ("list", "match"))
def index_of(run: Run, items: Any, match: Any) -> list[Decimal]:
    """All positions at which an element occurs."""
    values = need_list(items, "list")
    run.tick(len(values))
    return [Decimal(number) for number, value in enumerate(values, 1) if equal(value, match, run) is True]


def distinct(values: list[Any], run: Run) -> list[Any]:
    """The elements without repetitions, in order of first occurrence."""
    result: list[Any] = []
    seen: set[Any] = set()
    for value in values:
        run.tick()
        if value is None or isinstance(value, str | Decimal | bool):
            key = (type(value), value)
            if key in seen:
                continue
            seen.add(key)
        else:
            run.tick(len(result))
            if any(equal(value, kept, run) is True for kept in result):
                continue
        result.append(value)
    return result


@builtin("union", ("list", "lists*"))
def union(run: Run, *lists: Any) -> list[Any]:
    """Lists joined without repetitions."""
    return distinct(concatenate(run, *lists), run)


@builtin("distinct values", ("list",))
def distinct_values(run: Run, items: Any) -> list[Any]:
    """The list without repetitions."""
    return distinct(need_list(items, "list"), run)


@builtin("duplicate values", ("list",))
def duplicate_values(run: Run, items: Any) -> list[Any]:
    """The elements that occur more than once."""
    values = need_list(items, "list")
    repeated: list[Any] = []
    for number, value in enumerate(values):
        run.tick(len(values))
        if any(equal(value, other, run) is True for other in values[number + 1 :]):
            repeated.append(value)
    return distinct(repeated, run)


@builtin("flatten", ("list",))
def flatten(run: Run, items: Any) -> list[Any]:
    """Nested lists as one."""
    result: list[Any] = []
    pending: list[Any] = [need_list(items, "list")]
    while pending:
        run.tick()
        value = pending.pop()
        if isinstance(value, list):
            pending.extend(reversed(value))
        else:
            result.append(value)
            run.check_size(len(result))
    return result


@builtin("product", ("list",), ("value", "values*"))
def product(run: Run, *arguments: Any) -> Any:
    """The product of numbers; null for an empty list."""
    values = _numbers(arguments, run)
    if not values:
        raise _empty("product")
    result: Any = values[0]
    for value in values[1:]:
        result = calculate("*", result, value)
    return result


@builtin("median", ("list",), ("value", "values*"))
def median(run: Run, *arguments: Any) -> Any:
    """The middle element; null for an empty list."""
    values = sorted(_numbers(arguments, run))
    if not values:
        raise _empty("median")
    middle = len(values) // 2
    if len(values) % 2:
        return values[middle]
    return calculate("/", calculate("+", values[middle - 1], values[middle]), Decimal(2))


@builtin("stddev", ("list",), ("value", "values*"))
def standard_deviation(run: Run, *arguments: Any) -> Any:
    """The sample standard deviation; null for fewer than two numbers."""
    values = _numbers(arguments, run)
    if len(values) < 2:
        raise Fault("OUT_OF_BOUNDS", "the standard deviation needs two numbers")
    average = calculate("/", total(run, values), Decimal(len(values)))
    squares: Any = Decimal(0)
    for value in values:
        deviation = calculate("-", value, average)
        squares = calculate("+", squares, calculate("*", deviation, deviation))
    try:
        return CONTEXT.sqrt(CONTEXT.divide(squares, Decimal(len(values) - 1)))
    except decimal.DecimalException as error:
        raise Fault("INVALID_NUMBER", "there is no result within FEEL's numbers") from error


@builtin("mode", ("list",), ("value", "values*"))
def mode(run: Run, *arguments: Any) -> list[Decimal]:
    """The most frequent numbers, ascending; empty for an empty list."""
    counts: dict[Decimal, int] = {}
    for value in _numbers(arguments, run):
        counts[value] = counts.get(value, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(value for value, number in counts.items() if number == most)
