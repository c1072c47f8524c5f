"""Allowed values: unary tests a value must satisfy."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from service.dmn.findings import Findings
from service.dmn.reading.syntax import Text
from service.feel import FeelLimitError, FeelSyntaxError, Range, UnaryTests, compile_tree, compile_unary_tests
from service.feel.tree import Literal, UnaryTestList

_EXACT = (str, Decimal, bool)


def test_list(tests: UnaryTests) -> UnaryTestList:
    """The syntax of unary tests."""
    return cast(UnaryTestList, tests.tree)


def literal_values(tests: UnaryTests) -> dict[type, frozenset[Any]] | None:
    """The values of tests that are nothing but string, number and boolean literals, by Python type; else None."""
    found: dict[type, set[Any]] = {kind: set() for kind in _EXACT}
    if not test_list(tests).tests:
        return None
    for test in test_list(tests).tests:
        if not isinstance(test, Literal) or type(test.value) not in found:
            return None
        found[type(test.value)].add(test.value)
    return {kind: frozenset(values) for kind, values in found.items()}


class Constraint:
    """Compiled allowed values: `tests` are their unary tests, `text` is what the designer wrote."""

    __slots__ = ("_literals", "tests", "text")

    def __init__(self, tests: UnaryTests, text: str) -> None:
        self.tests = tests
        self._literals = None if test_list(tests).negated else literal_values(tests)
        self.text = text

    def allows(self, value: Any) -> bool:
        """Whether the value satisfies the tests; null is for the caller to judge. Listed values are meant for the elements of a list."""
        if self._literals is not None:
            if isinstance(value, list):
                return all(element in self._literals.get(type(element), ()) for element in value)
            exact = self._literals.get(type(value))
            if exact is not None:
                return value in exact
        return self.tests.evaluate(value, {}).value is True

    def priorities(self) -> list[Any] | None:
        """The listed values in order when every test is a plain value, else None."""
        if test_list(self.tests).negated:
            return None
        values = []
        for test in test_list(self.tests).tests:
            result = compile_tree(test).evaluate({})
            if result.warnings or isinstance(result.value, Range):
                return None
            values.append(result.value)
        return values


def compile_constraint(text: Text, names: Iterable[str], findings: Findings) -> Constraint | None:
    """The constraint, or None with a finding."""
    try:
        tests = compile_unary_tests(text.text, names=names)
        for name in sorted(tests.names):
            findings.error(text.place, "unknown-name", f"allowed values {text.text!r}: {name} is no value")
        return Constraint(tests, text.text)
    except FeelSyntaxError as error:
        findings.error(text.place, "feel-syntax", f"allowed values {text.text!r}: {error}")
    except FeelLimitError as error:
        findings.error(text.place, "feel-limit", f"allowed values: {error}")
    return None
