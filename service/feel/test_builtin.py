"""The built-in functions (DMN 1.5, 10.3.4)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from service.feel import compile_expression, from_python, to_json

CASES: list[tuple[str, Any]] = [
    # conversion
    ('number("1 000,5", " ", ",")', Decimal("1000.5")),
    ('number("1,000.5", ",", ".")', Decimal("1000.5")),
    ('number("a")', None),
    ("string(1.10)", "1.1"),
    ('string([1, "a", null, {b: true}])', '[1, "a", null, {b: true}]'),
    ("string(date(2026, 11, 20))", "2026-11-20"),
    ('string(time(12, 30, 0, duration("PT8H")))', "12:30:00+08:00"),
    ('string(date and time(date("2026-01-01"), time("01:02:03.5")))', "2026-01-01T01:02:03.5"),
    ('string(date and time(2026, 1, 2, 3, 4, 5, "Asia/Shanghai"))', "2026-01-02T03:04:05@Asia/Shanghai"),
    ('string(years and months duration(date("2011-12-22"), date("2013-08-24")))', "P1Y8M"),
    ('duration("P1Y1D")', None),
    # boolean
    ("not(null)", None),
    ("not(1)", None),
    # string
    ('substring("foobar", 3)', "obar"),
    ('substring("foobar", -2, 1)', "a"),
    ('substring("🐎ab", 2)', "ab"),
    ('string length("🐎")', 1),
    ('substring before("foobar", "bar")', "foo"),
    ('substring after("foobar", "ob")', "ar"),
    ('contains("foobar", "of")', False),
    ('starts with("foobar", "fo") and ends with("foobar", "r")', True),
    ('split("a;b;;c", ";")', ["a", "b", "", "c"]),
    ('string join(["a", null, "c"], "-")', "a-c"),
    ('upper case("aß") + lower case("ÄB")', "ASSäb"),
    # regular expressions
    ('replace("abracadabra", "bra", "*")', "a*cada*"),
    (r'replace("darted", "^(.*?)d(.*)$", "$1c$2")', "carted"),
    ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
    (r'matches("日本", "^\p{IsCJKUnifiedIdeographs}+$")', True),
    ('matches("xyz", "^[a-z-[aeiou]]+$")', True),
    ('matches("xaz", "^[a-z-[aeiou]]+$")', False),
    (r'matches("a_b:c", "^\i\c*$")', True),
    (r'matches("1a", "^\i\c*$")', False),
    ('matches("HELLO", "hello", "i")', True),
    ('matches("a.b", "a.b", "q") and not(matches("axb", "a.b", "q"))', True),
    ('matches("helloworld", "hello world", "x")', True),
    (r'matches("aa", "(a)\1")', None),
    ('matches("a", "(")', None),
    # list
    ("list contains([1, null], null)", True),
    ("count([])", 0),
    ("min(3, 1, 2)", 1),
    ('max(["a", "c", "b"])', "c"),
    ("sum([0.1, 0.2])", Decimal("0.3")),
    ("sum([])", None),
    ("mean(1, 2, 6)", 3),
    ("all([true, null])", None),
    ("any([true, null])", True),
    ("sublist([4, 5, 6], -2, 1)", [5]),
    ("append([1], 2, 3)", [1, 2, 3]),
    ("concatenate([1], [2, 3])", [1, 2, 3]),
    ("insert before([1, 3], 2, 2)", [1, 2, 3]),
    ("remove([1, 2, 3], -1)", [1, 2]),
    ("list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5)", [5, 5, 7, 8]),
    ("list replace([1, 2], 2, 9)", [1, 9]),
    ("reverse([1, 2])", [2, 1]),
    ("index of([1, 2, 1], 1)", [1, 3]),
    ("union([1, 2], [2, 3])", [1, 2, 3]),
    ("distinct values([1, 1.0, null, null])", [1, None]),
    ("duplicate values([1, 2, 1])", [1]),
    ("flatten([[1, [2]], 3])", [1, 2, 3]),
    ("product(2, 3, 4)", 24),
    ("median(8, 2, 5, 3)", 4),
    ("mode([6, 3, 9, 6, 6])", [6]),
    ("stddev(2, 4, 7, 5)", Decimal("2.081665999466132735282297706979931")),
    # numeric
    ("decimal(2.5, 0)", 2),
    ("floor(-1.5)", -2),
    ("ceiling(-1.56, 1)", Decimal("-1.5")),
    ("round up(5.5, 0)", 6),
    ("round down(-5.5, 0)", -5),
    ("round half up(-2.5, 0)", -3),
    ("round half down(2.5, 0)", 2),
    ("modulo(-10, 3)", 2),
    ("modulo(10.1, -4.5)", Decimal("-3.4")),
    ("sqrt(16)", 4),
    ("odd(3) and even(2)", True),
    ('string(abs(duration("-P1D")))', "P1D"),
    # ranges
    ("before(1, [2..3])", True),
    ("after([5..8], [1..5))", True),
    ("meets([1..5], [5..8])", True),
    ("overlaps([1..5], (5..8])", False),
    ("overlaps before([1..5], [3..8])", True),
    ("overlaps after([3..8], [1..5])", True),
    ("includes([1..10], 5)", True),
    ("during((1..10), [1..10])", True),
    ("starts(1, [1..10])", True),
    ("finished by([1..10], 10)", True),
    ("coincides([1..5], [1..5])", True),
    ('5 in range("[1..10)")', True),
    ('range("[10..1]")', None),
    # temporal
    ('day of week(date("2019-09-17"))', "Tuesday"),
    ('day of year(date("2019-09-17"))', 260),
    ('week of year(date("2005-01-01"))', 53),
    ('month of year(date("2019-09-17"))', "September"),
    ('last day of month(date("2024-02-01"))', 29),
    # context
    ('get value({a: 1}, "a")', 1),
    ("get entries({a: 1})", [{"key": "a", "value": Decimal(1)}]),
    ('context([{key: "a", value: 1}])', {"a": Decimal(1)}),
    ('context put({a: {b: 1}}, ["a", "c"], 2)', {"a": {"b": Decimal(1), "c": Decimal(2)}}),
    ("context merge([{a: 1}, {a: 2}])", {"a": Decimal(2)}),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_function(text: str, expected: Any) -> None:
    assert to_json(compile_expression(text).evaluate().value) == expected


FAULTS = [
    # an empty list has no result, and that is said
    *("sum([])", "mean([])", "min([])", "max([])", "median([])", "product([])", "stddev([])", "stddev([1])"),
    # null, wrong types and wrong numbers of arguments
    *("count(null)", "list contains(null, 1)", "append(null, 1)", "concatenate([1], null)", "flatten(null)", "reverse(null)"),
    *('sum([1, "a"])', "min([1, null])", "min([[1], [2]])", "all([1])", "any([1, false])", "mode([1, null])", 'median("a")'),
    *("substring(null, 1)", 'substring("a", 0)', 'substring("a", 2)', 'substring("a", 1, 0)', 'contains("a", null)', "string length(1)"),
    *('split("a", null)', 'string join(["a", 1], "-")', "upper case(null)", 'number("1 000")', 'number("1", ",", ",")', "number(1)"),
    *("sublist([1, 2], 3)", "sublist([1, 2], 1, 3)", "insert before([1], 2, 0)", "remove([], 1)", "list replace([1], 2, 0)"),
    *("list replace([1], function(a, b) null, 0)", "list replace([1], function(a) true, 0)", "decimal(1)", "decimal(1, 6177)"),
    *("floor(null)", "round up(1, null)", "modulo(1, 0)", "sqrt(-1)", "log(0)", "odd(null)", "abs()", "abs(1, 2)", "now(1)"),
    *('get value(null, "a")', "get entries([])", "context([null])", 'context([{key: "a"}])', "context merge([1])", 'context put({}, "a")'),
    *("day of week(null)", 'day of year("2026-01-01")', "week of year(1)", "is()", "not(1)"),
    # a comparison function must decide
    *("sort([2, 1], function(a, b) null)", 'sort([2, 1], function(a, b) "x")', "sort([2, 1], function(a) true)", 'sort([1, "a"])'),
]


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_null_and_says_why(text: str) -> None:
    result = compile_expression(text).evaluate()

    assert result.value is None
    assert result.warnings


def test_now_and_today_read_the_given_clock() -> None:
    moment = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    text = "[string(now()), string(today())]"
    value = compile_expression(text).evaluate(clock=lambda: moment).value
    assert value == ["2026-11-20T23:30:00Z", "2026-11-20"]


def test_given_callables_are_functions() -> None:
    expression = compile_expression("add tax(amount: net, rate: 2)")

    def add_tax(amount: Decimal, rate: Decimal) -> Decimal:
        return amount * rate

    context = from_python({"net": 21})
    assert expression.evaluate(context, functions={"add tax": add_tax}).value == 42
    missing = expression.evaluate(context)
    assert missing.value is None
    assert [warning.kind for warning in missing.warnings] == ["NO_VARIABLE_FOUND", "NO_FUNCTION_FOUND"]
