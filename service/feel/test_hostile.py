"""Untrusted expressions end with their own errors, never with Python's."""

from __future__ import annotations

import time

import pytest

from service.feel import (
    FeelError,
    FeelLimitError,
    FeelSyntaxError,
    Limits,
    compile_expression,
    compile_unary_tests,
    to_json,
)

NESTED = [
    "(" * 10_000 + "1" + ")" * 10_000,
    "[" * 10_000 + "]" * 10_000,
    "{a:" * 10_000 + "1" + "}" * 10_000,
    "-" * 10_000 + "1",
    "not(" * 10_000 + "true" + ")" * 10_000,
    "if " * 10_000,
    "function() " * 10_000 + "1",
    "x" + "[1]" * 10_000,
    "x" + ".y" * 10_000,
    "x" + "()" * 10_000,
    "1 instance of " + "list<" * 10_000 + "number" + ">" * 10_000,
    "(" * 90 + "x" + (".y" * 90 + ")") * 90,
]


@pytest.mark.parametrize("text", NESTED)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(FeelError):
        compile_expression(text)
    with pytest.raises(FeelError):
        compile_unary_tests(text)


def test_long_chains_are_not_deep() -> None:
    assert compile_expression("+".join(["1"] * 5_000)).evaluate().value == 5_000
    assert compile_expression(" or ".join(["false"] * 5_000)).evaluate().value is False
    text = "".join(f"if x = {number} then {number} else " for number in range(500)) + "-1"
    assert compile_expression(text).evaluate({"x": None}).value == -1


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("for i in 1..1000000000 return i", "size"),
        ("count(for i in 1..1000000000 return i)", "size"),
        ("some i in 1..1000000000 satisfies i < 0", "steps"),
        ("for a in 1..1000, b in 1..1000, c in 1..1000 return 1", "size"),
        ('for i in 1..100 return if i = 1 then "aaaaaaaaaa" else partial[-1] + partial[-1]', "size"),
        ("for i in 1..60 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])", "size"),
        ("{f: function(n) f(n + 1), r: f(1)}.r", "depth"),
        ("for i in 1..100000 return partial", "steps"),
    ],
)
def test_endless_work_meets_a_limit(text: str, limit: str) -> None:
    with pytest.raises(FeelLimitError) as caught:
        compile_expression(text).evaluate(limits=Limits(steps=100_000, size=20_000))
    assert caught.value.limit in (limit, "steps")


def test_shared_lists_do_not_explode_at_the_door() -> None:
    value = compile_expression("for i in 1..40 return [partial, partial]").evaluate().value
    with pytest.raises(FeelLimitError):
        to_json(value)
    with pytest.raises(FeelLimitError):
        compile_expression("string(x)").evaluate({"x": value})
    with pytest.raises(FeelLimitError):
        compile_expression("(for i in 1..40 return [partial, partial]) = x").evaluate({"x": value})


def test_a_catastrophic_pattern_is_linear() -> None:
    begin = time.monotonic()
    result = compile_expression('matches(x, "^(a+)+$")').evaluate({"x": "a" * 5_000 + "b"})
    assert result.value is False
    assert time.monotonic() - begin < 2


def test_the_time_budget_ends_a_slow_evaluation() -> None:
    limits = Limits(steps=10**12, size=10**9, seconds=0.05)
    with pytest.raises(FeelLimitError) as caught:
        compile_expression("some i in 1..1000000000 satisfies i < 0").evaluate(limits=limits)
    assert caught.value.limit == "time"


@pytest.mark.parametrize(
    "text", ["1 +", '"open', "/* open", "a b c (", "[1..", "{a 1}", "for x", "if a then b", "@", "1e99999", "#", "a $ b"]
)
def test_syntax_errors_name_their_place(text: str) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)
    assert caught.value.line == 1
    assert 1 <= caught.value.column <= len(text) + 1
    assert caught.value.expected


def test_extreme_numbers_are_faults_not_exceptions() -> None:
    for text in ("9e6144 * 10", "10 ** 100000", "exp(1000000)", "1 / 0", "sqrt(-1)", "log(0)", "0 ** -1", "decimal(1, 99999)"):
        result = compile_expression(text).evaluate()
        assert result.value is None, text
        assert result.warnings, text
    for text in ('@"2020-01-01" + duration("P999999999Y")', 'duration("P1D") * 9e6000', "date(9999999999, 1, 1)"):
        assert compile_expression(text).evaluate().value is None, text
