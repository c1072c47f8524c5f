"""Arithmetic, comparison, logic, `between`, `in`, `if` and `instance of`."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any

from service.feel.arithmetic import OPERATIONS, calculate, negate
from service.feel.comparison import ORDER, compare, equal, ordered
from service.feel.compiler.dispatch import Closure, compile_node, compiles
from service.feel.compiler.scope import Scope
from service.feel.compiler.unary import compile_alternatives
from service.feel.errors import Fault
from service.feel.evaluation import Frame
from service.feel.tree import (
    And,
    Arithmetic,
    Between,
    Comparison,
    If,
    In,
    InstanceOf,
    Literal,
    Negation,
    Node,
    Or,
    Position,
)
from service.feel.types import is_instance
from service.feel.values import type_name


@compiles(Arithmetic)
def _arithmetic(node: Arithmetic, scope: Scope) -> Closure:
    first = compile_node(node.first, scope)
    steps = [(OPERATIONS[step.operator], step.operator, compile_node(step.operand, scope), step.position) for step in node.steps]

    def arithmetic(frame: Frame) -> Any:
        value = first(frame)
        for operations, operator, operand, position in steps:
            right = operand(frame)
            try:
                operation = operations[type(value), type(right)]
                value = operation(value, right)
            except (KeyError, decimal.DecimalException, Fault):
                # Once more on the slow path, which names the fault.
                value = _checked(operator, value, right, frame, position)
            if type(value) is str:
                frame.run.tick_text(len(value))
        return value

    return arithmetic


def _checked(operator: str, left: Any, right: Any, frame: Frame, position: Position) -> Any:
    try:
        return calculate(operator, left, right)
    except Fault as fault:
        frame.run.fault(fault, position)
        return None


@compiles(Negation)
def _negation(node: Negation, scope: Scope) -> Closure:
    operand = compile_node(node.operand, scope)

    def negation(frame: Frame) -> Any:
        try:
            return negate(operand(frame))
        except Fault as fault:
            frame.run.fault(fault, node.position)
            return None

    return negation


def _equality(left: Closure, right: Closure, negated: bool, position: Position) -> Closure:
    def equality(frame: Frame) -> Any:
        a, b = left(frame), right(frame)
        result = equal(a, b, frame.run)
        if result is None:
            message = f"{type_name(a)} and {type_name(b)} cannot be compared"
            frame.run.warn("NOT_COMPARABLE", message, position)
            return None
        return result is not negated

    return equality


def _equals_constant(left: Closure, constant: Any, negated: bool, position: Position) -> Closure:
    kind = type(constant)

    def equality(frame: Frame) -> Any:
        value = left(frame)
        if type(value) is kind:
            return (value == constant) is not negated
        if value is None:
            return negated
        frame.run.warn("NOT_COMPARABLE", f"{type_name(value)} and {type_name(constant)} cannot be compared", position)
        return None

    return equality


@compiles(Comparison)
def _comparison(node: Comparison, scope: Scope) -> Closure:
    left = compile_node(node.left, scope)
    operator = node.operator
    position = node.position
    if operator in ("=", "!="):
        if isinstance(node.right, Literal) and node.right.value is not None:
            return _equals_constant(left, node.right.value, operator == "!=", position)
        return _equality(left, compile_node(node.right, scope), operator == "!=", position)
    right = compile_node(node.right, scope)
    of_numbers = ORDER[operator]

    def order(frame: Frame) -> Any:
        a, b = left(frame), right(frame)
        if type(a) is Decimal and type(b) is Decimal:
            return of_numbers(a, b)
        try:
            return ordered(operator, a, b)
        except Fault as fault:
            frame.run.fault(fault, position)
            return None

    return order


@compiles(Between)
def _between(node: Between, scope: Scope) -> Closure:
    value = compile_node(node.value, scope)
    low = compile_node(node.low, scope)
    high = compile_node(node.high, scope)

    def between(frame: Frame) -> Any:
        subject = value(frame)
        try:
            return compare(subject, low(frame)) >= 0 and compare(subject, high(frame)) <= 0
        except Fault as fault:
            frame.run.fault(fault, node.position)
            return None

    return between


@compiles(In)
def _in(node: In, scope: Scope) -> Closure:
    value = compile_node(node.value, scope)
    tests = compile_alternatives(node.tests, scope, boolean_tests=False)
    return lambda frame: tests(value(frame), frame)


def _logic(operands: tuple[Node, ...], scope: Scope, deciding: bool) -> Closure:
    closures = [(compile_node(operand, scope), operand.position) for operand in operands]

    def logic(frame: Frame) -> bool | None:
        unknown = False
        for closure, position in closures:
            value: object = closure(frame)
            if value is deciding:
                return deciding
            if value is not (not deciding):
                unknown = True
                if value is not None:
                    frame.run.warn("INVALID_TYPE", f"{type_name(value)} is not a truth value", position)
        return None if unknown else not deciding

    return logic


@compiles(And)
def _and(node: And, scope: Scope) -> Closure:
    return _logic(node.operands, scope, deciding=False)


@compiles(Or)
def _or(node: Or, scope: Scope) -> Closure:
    return _logic(node.operands, scope, deciding=True)


@compiles(If)
def _if(node: If, scope: Scope) -> Closure:
    branches = [(compile_node(branch.condition, scope), compile_node(branch.result, scope), branch.position) for branch in node.branches]
    otherwise = compile_node(node.otherwise, scope)

    def conditional(frame: Frame) -> Any:
        for condition, result, position in branches:
            value = condition(frame)
            if value is True:
                return result(frame)
            if value is not False and value is not None:
                frame.run.warn("INVALID_TYPE", f"the condition is a {type_name(value)}, not a boolean", position)
        return otherwise(frame)

    return conditional


@compiles(InstanceOf)
def _instance_of(node: InstanceOf, scope: Scope) -> Closure:
    value = compile_node(node.value, scope)
    type_ = node.type

    def instance_of(frame: Frame) -> Any:
        try:
            return is_instance(value(frame), type_, frame.run)
        except Fault as fault:
            frame.run.fault(fault, node.position)
            return None

    return instance_of
