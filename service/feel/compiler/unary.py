"""Unary tests: the cells of a decision table and the right side of `in`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from service.feel.comparison import ORDER, equal, matches_value, ordered
from service.feel.compiler.dispatch import Closure, compile_node
from service.feel.compiler.scope import Scope
from service.feel.errors import Fault
from service.feel.evaluation import Frame
from service.feel.tree import Literal, Name, Node, Position, UnaryComparison, UnaryTestList, walk
from service.feel.values import Range, type_name

Test = Callable[[Any, Frame], bool | None]
_INPUT = "?"


def _uses_input(node: Node) -> bool:
    return any(isinstance(part, Name) and part.name == _INPUT for part in walk(node))


def _warn_not_comparable(value: Any, other: Any, frame: Frame, position: Position) -> None:
    frame.run.warn("NOT_COMPARABLE", f"{type_name(value)} and {type_name(other)} cannot be compared", position)


def _constant_test(constant: Any, position: Position) -> Test:
    kind = type(constant)

    def test(value: Any, frame: Frame) -> bool | None:
        if type(value) is kind:
            return bool(value == constant)
        if isinstance(value, list):
            return matches_value(value, constant, frame.run)
        if value is None:
            return False
        _warn_not_comparable(value, constant, frame, position)
        return None

    return test


def _number_comparison(compare_numbers: Callable[[Any, Any], bool], operator: str, endpoint: Decimal, position: Position) -> Test:
    def test(value: Any, frame: Frame) -> bool | None:
        if type(value) is Decimal:
            return compare_numbers(value, endpoint)
        try:
            return ordered(operator, value, endpoint)
        except Fault as fault:
            frame.run.fault(fault, position)
            return None

    return test


def _comparison_test(node: UnaryComparison, closure: Closure) -> Test:
    operator = node.operator
    if isinstance(node.endpoint, Literal) and isinstance(node.endpoint.value, Decimal) and operator in ORDER:
        return _number_comparison(ORDER[operator], operator, node.endpoint.value, node.position)

    def test(value: Any, frame: Frame) -> bool | None:
        faults = frame.run.faults
        endpoint = closure(frame)
        if endpoint is None and frame.run.faults != faults:
            return None
        if operator in ORDER:
            try:
                return ordered(operator, value, endpoint)
            except Fault as fault:
                frame.run.fault(fault, node.position)
                return None
        same = equal(value, endpoint, frame.run)
        if same is None:
            _warn_not_comparable(value, endpoint, frame, node.position)
            return None
        return same is (operator == "=")

    return test


def _input_test(node: Node, closure: Closure) -> Test:
    def test(value: Any, frame: Frame) -> bool | None:
        result = closure(frame)
        if isinstance(result, bool) or result is None:
            return result
        try:
            return matches_value(value, result, frame.run)
        except Fault as fault:
            frame.run.fault(fault, node.position)
            return None

    return test


def _value_test(node: Node, closure: Closure, boolean_tests: bool) -> Test:
    def test(value: Any, frame: Frame) -> bool | None:
        faults = frame.run.faults
        result = closure(frame)
        if frame.run.faults != faults and (result is None or value is None):
            # Null for want of a value includes nothing that can be told, not even null.
            return None
        if boolean_tests and isinstance(result, bool) and not isinstance(value, bool):
            # An expression over other variables decides by itself.
            return result
        try:
            outcome = matches_value(value, result, frame.run)
        except Fault as fault:
            frame.run.fault(fault, node.position)
            return None
        if outcome is None and (not boolean_tests or (value is not None and not isinstance(result, Range))):
            _warn_not_comparable(value, result, frame, node.position)
        return outcome

    return test


def _in_own_frame(test: Test) -> Test:
    return lambda value, frame: test(value, Frame({_INPUT: value}, frame, frame.run))


def _compile_test(node: Node, scope: Scope, boolean_tests: bool) -> Test:
    if isinstance(node, Literal):
        if node.value is None:
            return lambda value, frame: value is None
        return _constant_test(node.value, node.position)
    uses_input = _uses_input(node)
    inner = scope.local(_INPUT) if uses_input else scope
    if isinstance(node, UnaryComparison):
        test = _comparison_test(node, compile_node(node.endpoint, inner))
    elif uses_input:
        test = _input_test(node, compile_node(node, inner))
    else:
        test = _value_test(node, compile_node(node, inner), boolean_tests)
    return _in_own_frame(test) if uses_input else test


def compile_alternatives(nodes: tuple[Node, ...], scope: Scope, boolean_tests: bool = True) -> Test:
    """Passes when any of the tests passes; None when none does and one could not tell."""
    tests = [_compile_test(node, scope, boolean_tests) for node in nodes]
    if len(tests) == 1:
        return tests[0]

    def alternatives(value: Any, frame: Frame) -> bool | None:
        outcome: bool | None = False
        for test in tests:
            passed = test(value, frame)
            if passed:
                return True
            if passed is None:
                outcome = None
        return outcome

    return alternatives


def compile_tests(node: UnaryTestList, scope: Scope) -> Test:
    """The test of a whole cell."""
    if not node.tests:
        return lambda value, frame: True
    alternatives = compile_alternatives(node.tests, scope)
    if not node.negated:
        return alternatives

    def negated(value: Any, frame: Frame) -> bool | None:
        passed = alternatives(value, frame)
        return None if passed is None else not passed

    return negated
