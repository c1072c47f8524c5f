"""`for`, `some`, `every` and filters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from service.feel.compiler.dispatch import Closure, compile_node, compiles
from service.feel.compiler.scope import Scope
from service.feel.errors import Fault
from service.feel.evaluation import Frame
from service.feel.numbers import integer
from service.feel.temporal import Date, date_from_ordinal
from service.feel.tree import (
    Filter,
    For,
    IterationRange,
    Literal,
    Name,
    Node,
    Position,
    Quantified,
    Variable,
    walk,
)
from service.feel.values import Range, type_name

_Domain = Callable[[Frame], Iterator[Any]]


def _between(start: Any, end: Any) -> Iterator[Any]:
    if isinstance(start, Date) and isinstance(end, Date):
        step = 1 if start.ordinal <= end.ordinal else -1
        return (date_from_ordinal(day) for day in range(start.ordinal, end.ordinal + step, step))
    low, high = integer(start, "the start of an iteration"), integer(end, "the end of an iteration")
    step = 1 if low <= high else -1
    return (Decimal(number) for number in range(low, high + step, step))


def _elements(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        return iter(value)
    if value is None:
        raise Fault("INVALID_TYPE", "null cannot be iterated")
    if isinstance(value, Range):
        return _range_elements(value)
    return iter((value,))


def _range_elements(interval: Range) -> Iterator[Any]:
    start, end = interval.start, interval.end
    if isinstance(start, Date) and isinstance(end, Date):
        first = start.ordinal + (not interval.start_included)
        last = end.ordinal - (not interval.end_included)
        return (date_from_ordinal(day) for day in range(first, last + 1))
    low, high = integer(start, "the start of a range"), integer(end, "the end of a range")
    first, last = low + (not interval.start_included), high - (not interval.end_included)
    return (Decimal(number) for number in range(first, last + 1))


def _domain(node: Node, scope: Scope) -> _Domain:
    if isinstance(node, IterationRange):
        start = compile_node(node.start, scope)
        end = compile_node(node.end, scope)
        return lambda frame: _between(start(frame), end(frame))
    value = compile_node(node, scope)
    return lambda frame: _elements(value(frame))


def _nested(variables: tuple[Variable, ...], scope: Scope) -> tuple[Callable[[Frame], Iterator[Frame]], Scope]:
    domains: list[tuple[str, _Domain]] = []
    for variable in variables:
        domains.append((variable.name, _domain(variable.domain, scope)))
        scope = scope.local(variable.name)

    def level(number: int, frame: Frame) -> Iterator[Frame]:
        name, domain = domains[number]
        last = number == len(domains) - 1
        run = frame.run
        for element in domain(frame):
            run.tick()
            inner = Frame({name: element}, frame, run)
            if last:
                yield inner
            else:
                yield from level(number + 1, inner)

    return lambda frame: level(0, frame), scope


@compiles(For)
def _for(node: For, scope: Scope) -> Closure:
    uses_partial = any(isinstance(part, Name) and part.name == "partial" for part in walk(node.result))
    if uses_partial:
        scope = scope.local("partial")
    frames, inner = _nested(node.variables, scope)
    result = compile_node(node.result, inner)

    def loop(frame: Frame) -> Any:
        run = frame.run
        results: list[Any] = []
        partial: dict[str, Any] = {}
        if uses_partial:
            frame = Frame(partial, frame, run)
        try:
            partial["partial"] = []
            for inner_frame in frames(frame):
                results.append(result(inner_frame))
                if len(results) > run.limits.size:
                    run.check_size(len(results))
                if uses_partial:
                    # A snapshot: the list must not contain itself when the body returns it.
                    run.tick(len(results))
                    partial["partial"] = results.copy()
        except Fault as fault:
            run.fault(fault, node.position)
            return None
        return results

    return loop


@compiles(Quantified)
def _quantified(node: Quantified, scope: Scope) -> Closure:
    frames, inner = _nested(node.variables, scope)
    condition = compile_node(node.condition, inner)
    condition_position = node.condition.position
    deciding = not node.every

    def quantified(frame: Frame) -> Any:
        unknown = False
        try:
            for inner_frame in frames(frame):
                value = condition(inner_frame)
                if value is deciding:
                    return deciding
                if not isinstance(value, bool):
                    unknown = True
                    if value is not None:
                        frame.run.warn("INVALID_TYPE", f"{type_name(value)} is not a truth value", condition_position)
        except Fault as fault:
            frame.run.fault(fault, node.position)
            return None
        return None if unknown else not deciding

    return quantified


def element_at(items: list[Any], index: Any, frame: Frame, position: Position) -> Any:
    """The element at a FEEL index: 1 is the first, -1 the last."""
    try:
        number = integer(index, "an index")
    except Fault as fault:
        frame.run.fault(fault, position)
        return None
    if number == 0 or abs(number) > len(items):
        frame.run.warn("OUT_OF_BOUNDS", f"a list of {len(items)} has no element {number}", position)
        return None
    return items[number - 1 if number > 0 else number]


@compiles(Filter)
def _filter(node: Filter, scope: Scope) -> Closure:
    source = compile_node(node.source, scope)
    position = node.position
    condition_node = node.condition
    if isinstance(condition_node, Literal) and isinstance(condition_node.value, Decimal):
        index = condition_node.value

        def at_index(frame: Frame) -> Any:
            value = source(frame)
            return element_at(_as_list(value), index, frame, position)

        return at_index
    condition = compile_node(condition_node, scope.item())

    def selection(frame: Frame) -> Any:
        run = frame.run
        value = source(frame)
        items = _as_list(value)
        selected: list[Any] = []
        empty: dict[str, Any] = {}
        if not items:
            # Without an element only the filter itself can tell whether it is an index; its faults are of no element.
            known = len(run.warnings)
            outcome = condition(Frame(empty, frame, run))
            del run.warnings[known:]
            return element_at(items, outcome, frame, position) if isinstance(outcome, Decimal) else selected
        for number, item in enumerate(items):
            run.tick()
            outcome = condition(Frame(item if isinstance(item, dict) else empty, frame, run, item))
            if outcome is True:
                selected.append(item)
            elif isinstance(outcome, Decimal) and number == 0:
                return element_at(items, outcome, frame, position)
            elif outcome is not False and outcome is not None:
                run.warn("INVALID_TYPE", f"the filter is a {type_name(outcome)}, not a boolean", position)
                return None
        return selected

    return selection


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
