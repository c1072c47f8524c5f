"""What the comparison with feelin (conformance/feelin) found wrong here, one case each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from service.feel import compile_expression, compile_unary_tests, from_python, to_json

CONTEXT: dict[str, Any] = from_python({"x": 1, "nothing": None, "truth": True})

CASES: list[tuple[str, Any]] = [
    # a computed index finds nothing in an empty list, as a written one does
    ("[][x]", None),
    ("nothing[x + 1]", None),
    ("[][item > x]", []),
    ("[][item.a = x]", []),
    # a key that is no name is quoted, so that the text can be read again
    ('string({"{": 1, "a b": 2, "c": {"\\"": 3}, "": 4})', '{"{": 1, a b: 2, c: {"\\"": 3}, "": 4}'),
    # an endpoint without order makes no range, also beside an open end
    ("[null..truth]", None),
    ("[[1]..null)", None),
    # only numbers and durations have a sum, one alone too
    ('sum(@"2026-01-01")', None),
    ('sum([@"2026-01-01", @"P1D"])', None),
    ('sum(@"P1D", @"PT12H") = @"PT36H"', True),
    # an offset of fractions of a second cannot be written
    ('time(10, 30, 0, @"-PT0.5S")', None),
    # IEEE 754: anything to the power of 0 is 1
    ("0 ** 0", 1),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_expression(text: str, expected: Any) -> None:
    result = compile_expression(text, names=CONTEXT).evaluate(CONTEXT)

    assert to_json(result.value) == expected
    assert bool(result.warnings) is (expected is None)


@pytest.mark.parametrize("text", ['[@"10:30:00"..@"23:00:00Z"]', "[truth..truth]", '("a"..1)'])
@pytest.mark.parametrize("value", [None, Decimal(1)])
def test_a_range_without_value_lets_nothing_pass(text: str, value: Any) -> None:
    result = compile_unary_tests(text, names=CONTEXT).evaluate(value, CONTEXT)

    assert result.value is None
    assert result.warnings
