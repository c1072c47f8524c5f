"""Literals, names, paths, lists, contexts and ranges."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeGuard

from service.feel.builtin.registry import find_builtin
from service.feel.comparison import compare
from service.feel.compiler.dispatch import Closure, compile_node, compiles
from service.feel.compiler.scope import Scope
from service.feel.errors import Fault
from service.feel.evaluation import Frame
from service.feel.invocation import wrap_callable
from service.feel.properties import find_property
from service.feel.temporal_text import parse_temporal
from service.feel.tree import (
    AtLiteral,
    ContextLiteral,
    FunctionDefinition,
    ListLiteral,
    Literal,
    Name,
    Node,
    Path,
    Position,
    RangeLiteral,
    UnaryComparison,
)
from service.feel.values import Range, type_name


@compiles(Literal)
def _literal(node: Literal, scope: Scope) -> Closure:
    value = node.value
    return lambda frame: value


@compiles(AtLiteral)
def _at_literal(node: AtLiteral, scope: Scope) -> Closure:
    try:
        value = parse_temporal(node.text)
    except Fault as error:
        fault = error

        def failing(frame: Frame) -> Any:
            frame.run.fault(fault, node.position)

        return failing
    return lambda frame: value


def _root_value(frame: Frame, name: str, position: Position) -> Any:
    values = frame.values
    if name in values:
        return values[name]
    extra = frame.run.functions.get(name)
    if extra is not None:
        return wrap_callable(name, extra)
    function = find_builtin(name)
    if function is None:
        frame.run.warn("NO_VARIABLE_FOUND", f"there is no variable named '{name}'", position)
    return function


@compiles(Name)
def _name(node: Name, scope: Scope) -> Closure:
    name = node.name
    position = node.position
    distance, crosses_item, is_root = scope.find(name)
    if crosses_item:
        return _through_items(name, position, scope)
    if is_root:
        if distance == 0:

            def of_root(frame: Frame) -> Any:
                try:
                    return frame.values[name]
                except KeyError:
                    return _root_value(frame, name, position)

            return of_root

        def of_outer_root(frame: Frame) -> Any:
            for _ in range(distance):
                frame = frame.outer  # type: ignore[assignment]
            return _root_value(frame, name, position)

        return of_outer_root
    if distance == 0:
        return lambda frame: frame.values.get(name)

    def of_outer(frame: Frame) -> Any:
        for _ in range(distance):
            frame = frame.outer  # type: ignore[assignment]
        return frame.values.get(name)

    return of_outer


def _through_items(name: str, position: Position, scope: Scope) -> Closure:
    distance, _, is_root = scope.find(name)
    kinds: list[bool] = []
    current: Scope | None = scope
    for _step in range(distance):
        if current is None:  # pragma: no cover - `find` counted the scopes
            raise AssertionError(name)
        kinds.append(current.kind == "item")
        current = current.outer

    def lookup(frame: Frame) -> Any:
        for is_item in kinds:
            if is_item:
                if name in frame.values:
                    return frame.values[name]
                if name == "item":
                    return frame.item
            frame = frame.outer  # type: ignore[assignment]
        return _root_value(frame, name, position) if is_root else frame.values.get(name)

    return lookup


def member(value: Any, name: str, frame: Frame, position: Position) -> Any:
    """`value.name`, mapped over lists; faults become warnings."""
    if isinstance(value, dict):
        if name in value:
            return value[name]
        frame.run.warn("NO_CONTEXT_ENTRY_FOUND", f"the context has no entry '{name}'", position)
        return None
    if value is None:
        return None
    if isinstance(value, list):
        frame.run.tick(len(value) + 1)
        return [member(element, name, frame, position) for element in value]
    read = find_property(value, name)
    if read is None:
        frame.run.warn("NO_PROPERTY_FOUND", f"a {type_name(value)} has no property '{name}'", position)
        return None
    try:
        return read(value)
    except Fault as fault:
        frame.run.fault(fault, position)
        return None


@compiles(Path)
def _path(node: Path, scope: Scope) -> Closure:
    source = compile_node(node.source, scope)
    name = node.name
    position = node.position

    def path(frame: Frame) -> Any:
        value = source(frame)
        if type(value) is dict:
            try:
                return value[name]
            except KeyError:
                pass
        return member(value, name, frame, position)

    return path


@compiles(ListLiteral)
def _list(node: ListLiteral, scope: Scope) -> Closure:
    items = [compile_node(item, scope) for item in node.items]
    return lambda frame: [item(frame) for item in items]


@compiles(ContextLiteral)
def _context(node: ContextLiteral, scope: Scope) -> Closure:
    inner = scope.local()
    entries: list[tuple[str, Closure, Position]] = []
    for entry in node.entries:
        if isinstance(entry.value, FunctionDefinition):
            # A function may call itself by the name of its entry.
            inner.names.add(entry.name)
        entries.append((entry.name, compile_node(entry.value, inner), entry.position))
        inner.names.add(entry.name)

    def context(frame: Frame) -> Any:
        values: dict[str, Any] = {}
        own = Frame(values, frame, frame.run)
        for name, value, position in entries:
            if name in values:
                frame.run.warn("INVALID_CONTEXT", f"the entry '{name}' occurs twice", position)
                return None
            values[name] = value(own)
        return values

    return context


def _is_number(node: Node) -> TypeGuard[Literal]:
    return isinstance(node, Literal) and isinstance(node.value, Decimal)


@compiles(RangeLiteral)
def _range(node: RangeLiteral, scope: Scope) -> Closure:
    start = compile_node(node.start, scope)
    end = compile_node(node.end, scope)
    if _is_number(node.start) and _is_number(node.end):
        constant = Range(node.start.value, node.end.value, node.start_included, node.end_included)
        return lambda frame: constant

    computed = [not (isinstance(endpoint, Literal) and endpoint.value is None) for endpoint in (node.start, node.end)]

    def interval(frame: Frame) -> Any:
        low, high = start(frame), end(frame)
        for endpoint, needed in zip((low, high), computed, strict=True):
            if needed and endpoint is None:
                # Only a written null leaves an end open; an unknown limit is not the absence of one.
                frame.run.warn("INVALID_TYPE", "an endpoint of the range is null", node.position)
                return None
        if low is not None or high is not None:
            try:
                compare(high if low is None else low, low if high is None else high)
            except Fault as fault:
                frame.run.fault(fault, node.position)
                return None
        return Range(low, high, node.start_included and low is not None, node.end_included and high is not None)

    return interval


@compiles(UnaryComparison)
def _unary_range(node: UnaryComparison, scope: Scope) -> Closure:
    endpoint = compile_node(node.endpoint, scope)
    operator = node.operator

    def interval(frame: Frame) -> Any:
        value = endpoint(frame)
        if value is None:
            frame.run.warn("INVALID_TYPE", f"'{operator}' has no endpoint", node.position)
            return None
        if operator in ("=", "!="):
            return Range(value, value, True, True, operator)
        if operator in ("<", "<="):
            return Range(None, value, False, operator == "<=", operator)
        return Range(value, None, operator == ">=", False, operator)

    return interval
