"""Untrusted expressions end with their own errors, never with Python's."""

from __future__ import annotations

import time
from typing import Any

import pytest

from service.feel import (
    FeelError,
    FeelLimitError,
    FeelSyntaxError,
    Limits,
    compile_expression,
    compile_unary_tests,
    from_python,
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
    "- " * 10_000 + "1",
    "1 = " * 10_000 + "1",
    "1 in (" * 10_000,
    "f(" * 10_000,
    "f(a: " * 10_000,
    "[1, " * 10_000,
    "1 between " * 10_000,
    "if true then 1 else " * 4_000 + "if " * 4_000,
    "for i in " * 10_000,
    "some i in [1] satisfies " * 4_000 + "true",
    "1 instance of function<" * 4_000,
    "]1.." * 10_000,
    "(< " * 10_000,
    "1" * 99_999,
    "@" * 10_000,
    "/*" * 10_000,
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
    begin = time.process_time()
    result = compile_expression('matches(x, "^(a+)+$")').evaluate({"x": "a" * 5_000 + "b"})
    assert result.value is False
    assert time.process_time() - begin < 2


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


LONG = '{s: string join(for i in 1..6000 return "aaaaaaaaaa"), l: for i in 1..60000 return i, '
LONG += "c: context(for i in 1..3000 return {key: string(i), value: i}), r: for i in 1..100000 return "


@pytest.mark.parametrize(
    "body",
    [
        *('s + "a"', "substring(s, 2)", "upper case(s)", 'replace(s, "b", "c")', 'matches(s, "b")', 'split(s, "b")', "string([s])"),
        *("string(1e6144)", 'string join([s, "b"])', "trim(s)", 'substring after(s, "a")'),
        *("sublist(l, 2)", "reverse(l)", "append(l, 1)", "concatenate(l, l)", "remove(l, 1)", "insert before(l, 1, 1)", "sort(l)"),
        *("list replace(l, 1, 1)", "distinct values(l)", "flatten(l)", "l[item > 0]", "index of(l, -1)", "l = concatenate(l, [1])"),
        *('context put(c, "a", i)', "context merge([c, c])", "get entries(c)", "string(c)", 'context put({a: c}, ["a", "b"], 1)'),
        "[" + "1, " * 20_000 + "1]",
        "{" + ", ".join(f"a{number}: 1" for number in range(5_000)) + "}",
        "1 in (" + "2, " * 20_000 + "2)",
        "f(" + "1, " * 20_000 + "1)",
    ],
)
def test_memory_is_bounded_by_the_steps(body: str) -> None:
    with pytest.raises(FeelLimitError) as caught:
        compile_expression(f"{LONG}{body}}}").evaluate(limits=Limits(steps=150_000, seconds=60))

    assert caught.value.limit in ("steps", "size")


@pytest.mark.parametrize(
    "pattern",
    ["(a?){900}(a?){900}(a?){900}b", "((a|aa)?){1000}b", "[a-z]{1000}b", "(a*)*(a*)*(a*)*(a*)*(a?){900}b"],
)
def test_a_costly_pattern_is_paid_for(pattern: str) -> None:
    begin = time.process_time()
    with pytest.raises(FeelLimitError):
        compile_expression("matches(s, p)").evaluate({"s": "a" * 100_000, "p": pattern})
    assert time.process_time() - begin < 2


def test_a_pattern_of_many_subtractions_is_quick() -> None:
    pattern = "".join(f"[\\w-[{chr(0x4E00 + number)}]]" for number in range(300))
    begin = time.process_time()
    compile_expression("matches(s, p)").evaluate({"s": "a", "p": pattern})
    assert time.process_time() - begin < 5


@pytest.mark.parametrize(
    "text",
    [
        "{f: function(n) f(n + 1), r: f(0)}.r",
        "{f: function(g) g(g), r: f(f)}.r",
        "(function(x) x(x))(function(x) x(x))",
        "{f: function(n) if n = 0 then 1 else f(n - 1) + f(n - 1), r: f(60)}.r",
        "sort(for i in 1..3000 return i, function(a, b) count(for i in 1..1000 return i) > 0)",
        "{f: function(l) sort(l, function(a, b) f([2, 1]) = l), r: f([1, 2])}.r",
        "list replace([1], function(a, b) every x in 1..1000000 satisfies true, 1)",
    ],
)
def test_endless_functions_meet_a_limit(text: str) -> None:
    with pytest.raises(FeelLimitError):
        compile_expression(text).evaluate(limits=Limits(steps=100_000))


def test_the_time_budget_ends_a_recursion() -> None:
    text = "{f: function(n) if n = 0 then 1 else f(n - 1) + f(n - 1), r: f(90)}.r"
    with pytest.raises(FeelLimitError) as caught:
        compile_expression(text).evaluate(limits=Limits(steps=10**12, seconds=0.05))
    assert caught.value.limit == "time"


@pytest.mark.parametrize(
    "text",
    [
        "{" + ", ".join(f"a {number}: 1" for number in range(8_000)) + "}.a 5",
        "[{" + ", ".join(f"a {number}: 1" for number in range(4_000)) + "}, " + "a, " * 15_000 + "1]",
        "[{" + "}, {".join("a+" * number + "a: 1" for number in range(49)) + "}, " + "a+" * 20_000 + "1]",
        "f(" + "a+" * 20_000 + "1)",
        "f(" + ", ".join(f"a{number}: 1" for number in range(9_000)) + ")",
        "function(" + ", ".join(f"a{number}" for number in range(11_000)) + ") 1",
        "for " + ", ".join(f"a{number} in [1]" for number in range(5_000)) + " return 1",
        "if " + " else if ".join(f"{number} = x then 1" for number in range(4_000)) + " else 2",
        " and ".join(f"a{number}.b" for number in range(8_000)),
        "[" + "x[item > 1], " * 7_000 + "1]",
        "[" + "function(a) a, " * 6_000 + "1]",
    ],
)
def test_many_names_are_read_quickly(text: str) -> None:
    begin = time.process_time()
    compile_expression(text)
    assert time.process_time() - begin < 5


def test_a_name_of_very_many_signs_is_refused() -> None:
    with pytest.raises(FeelSyntaxError):
        compile_expression("{" + "a+" * 20_000 + "a: 1}")
    name = "a-" * 200 + "a"
    assert compile_expression("get value(c, n)", names=[name]).evaluate({"c": {name: "x"}, "n": name}).value == "x"


def test_messages_stay_short() -> None:
    name = "a" * 50_000
    result = compile_expression(f"for i in 1..5000 return {name}").evaluate()
    assert len(result.warnings) == 1000
    assert max(len(warning.message) for warning in result.warnings) <= 300
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(f"1 + {name}: 1")
    assert len(caught.value.message) <= 300
    with pytest.raises(FeelSyntaxError) as number:
        compile_expression("1" * 99_999)
    assert len(number.value.offending) <= 80


def test_values_of_any_depth_end_with_a_limit() -> None:
    deep: list[Any] = []
    for _ in range(50_000):
        deep = [deep]
    with pytest.raises(FeelLimitError):
        from_python(deep)
    with pytest.raises(FeelLimitError):
        to_json(deep)
    for text in ("string(x)", "[x] = [[x]]", "x.name"):
        with pytest.raises(FeelLimitError):
            compile_expression(text).evaluate({"x": deep})
    assert compile_expression("flatten(x)").evaluate({"x": deep}).value == []
