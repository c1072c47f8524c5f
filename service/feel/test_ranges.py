"""Range functions (DMN 1.5, 10.3.4.7, table 78): open, closed and unbounded ends."""

from __future__ import annotations

import pytest

from service.feel import compile_expression

TRUE = [
    *("before(1, 10)", "before(1, (1..10])", "before([1..10), 10)", "before([1..10], (10..20])", "before((< 5), 5)", "after((> 5), 4)"),
    *("after([11..20], [1..11))", "after(12, [1..10])", "meets([1..5], [5..10])", "meets((<= 5), [5..6])", "met by([5..10], [1..5])"),
    *("overlaps([1..5], [5..8])", "overlaps((< 5), [1..3])", "overlaps((< 5), (> 4))", "overlaps before([1..5), (1..5])"),
    *("overlaps before((< 5), [3..8])", "overlaps after((1..5], [1..5))", "overlaps after((> 3), [1..5])"),
    *("finishes(10, [1..10])", "finishes([5..10), [1..10))", "finishes([5..null), (> 3))", "finished by([1..10], [5..10])"),
    *("includes([1..10], 1)", "includes((1..10], (1..5])", "includes((< 5), [1..3])", "includes((< 5), (< 5))", "during((1..10), [1..10])"),
    *("starts(1, [1..10])", "starts((1..10), (1..10))", "starts((< 3), (< 5))", "started by([1..10], 1)"),
    *("coincides(5, 5)", "coincides([1..5], [1..5])", "coincides((< 5), (< 5))", "coincides((= 5), [5..5])"),
    *('5 in range("[1..10)")', 'range("]1..3[") = (1..3)', 'range("(..3]").end = 3', 'range("[@\\"2026-01-01\\"..)").start.year = 2026'),
]
FALSE = [
    *("before(1, [1..10])", "before([1..10], 10)", "before((> 5), 6)", "after([10..20], [1..10])", "meets([1..5), [5..10])"),
    *("overlaps([1..5], (5..8])", "overlaps((< 5), (>= 5))", "overlaps before([1..5], [1..5])", "overlaps after([1..5], [1..5])"),
    *("finishes(10, [1..10))", "finishes((> 3), [1..5])", "includes((1..10], 1)", "includes([1..10], (< 5))", "includes((< 5), (<= 5))"),
    *("starts(1, (1..10])", "starts((< 5), [1..5])", "coincides((1..5), [1..5])", "coincides((< 5), (<= 5))"),
]
NULL = [
    *("before(1, null)", 'before(1, "a")', "includes(null, 1)", "includes([1..10], null)", "meets(1, [1..2])", "coincides(1, [1..1])"),
    *("overlaps((!= 5), [1..3])", "includes([1..3], (!= 5))", 'range("[a..b]")', 'range("[1..2..3]")', 'range("[3..1]")', 'range("[..3]")'),
    *('["a"..1]', "[true..false]", "[1..2].middle"),
]


@pytest.mark.parametrize("text", TRUE)
def test_true(text: str) -> None:
    result = compile_expression(text).evaluate()
    assert (result.value, result.warnings) == (True, ())


@pytest.mark.parametrize("text", FALSE)
def test_false(text: str) -> None:
    result = compile_expression(text).evaluate()
    assert (result.value, result.warnings) == (False, ())


@pytest.mark.parametrize("text", NULL)
def test_null_says_why(text: str) -> None:
    result = compile_expression(text).evaluate()
    assert result.value is None
    assert result.warnings
