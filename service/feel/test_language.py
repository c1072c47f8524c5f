"""The grammar and semantics of FEEL, sentence by sentence (DMN 1.5, chapter 10)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from service.feel import compile_expression, from_python, to_json

CONTEXT: dict[str, Any] = from_python(
    {
        "facts": {"intent": "KNOWING", "amount": 12},
        "Monthly Salary": 10,
        "profit-loss": 7,
        "profit": 3,
        "loss": 1,
        "people": [{"name": "A", "age": 20, "first name": "Ann"}, {"name": "B", "age": 40, "first name": "Bo"}],
        "容错": True,
        "nothing": None,
        "x": 5,
    }
)

CASES: list[tuple[str, Any]] = [
    # numbers are exact decimals of 34 digits
    ("0.1 + 0.2 = 0.3", True),
    ("1 / 3", Decimal("0.3333333333333333333333333333333333")),
    ("1.50", Decimal("1.5")),
    ("-2 ** 2", 4),
    ("2 ** 3 ** 2", 64),
    ("10 - 2 - 3", 5),
    ("1 + 2 * 3", 7),
    (".5e1", 5),
    ("1 / 0", None),
    ("1 + null", None),
    ('1 + "1"', None),
    ('"a" + "b"', "ab"),
    # names
    ("Monthly Salary * 12", 120),
    ("Monthly   Salary", 10),
    ("profit-loss", 7),
    ("profit - loss", 2),
    ("容错", True),
    ("people.first name", ["Ann", "Bo"]),
    ("{a b: 1, c: a b + 1}.c", 2),
    ('{"a-b": 1}.a-b', 1),
    # comments and escapes
    ("1 /* two */ + // three\n 4", 5),
    (r'"\u0041\U01F40E\uD83D\uDC0E\n\""', 'A🐎🐎\n"'),
    (r'"\uD83D"', r"\uD83D"),
    (r'"\uDE00\uD83D\uDE00"', r"\uDE00😀"),
    # three-valued logic
    ("true and null", None),
    ("false and null", False),
    ("true or null", True),
    ("false or null", None),
    ("null = null", True),
    ("null = 1", False),
    ('1 = "1"', None),
    ("null < 1", None),
    ("[1, 2] = [1, 2.0]", True),
    ("{a: 1} = {a: 1}", True),
    ("{a: 1, a: 2}", None),
    # if
    ("if x > 3 then 1 else 2", 1),
    ("if null then 1 else 2", 2),
    ('if "a" then 1 else if true then 2 else 3', 2),
    # between, in and ranges
    ("x between 1 and 5 and true", True),
    ("x in [1..5)", False),
    ("x in ]1..5]", True),
    ("x in (1, 5)", True),
    ("x in (< 3, > 4)", True),
    ("x in <= 5", True),
    ("x in [1, 2, 3]", False),
    ("x in [[1..2], [4..6]]", True),
    ("5 in (1..9)", True),
    ("(< 5).end", 5),
    ("[1..3].start included", True),
    ("[1..3[.end included", False),
    ("x in (? > 4)", True),
    ('x in "5"', None),
    ("x in (true, 5)", True),
    ("5 in null", False),
    # filters and indexes
    ("people[age > 30].name", ["B"]),
    ("people[item.age > 30][1].name", "B"),
    ("[1, 2, 3][-1]", 3),
    ("[1, 2, 3][x]", None),
    ("[1, 2, 3][item >= 2]", [2, 3]),
    ("5[1]", 5),
    ("[][item > 1]", []),
    ("people[2].name", "B"),
    # iteration
    ("for i in 1..3 return i * 2", [2, 4, 6]),
    ("for i in 3..1 return i", [3, 2, 1]),
    ("for i in [1, 2], j in [10, 20] return i + j", [11, 21, 12, 22]),
    ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", [1, 1, 2, 6, 24]),
    ("for i in (1..4) return i", [2, 3]),
    ('for d in @"2026-01-31"..@"2026-02-01" return string(d)', ["2026-01-31", "2026-02-01"]),
    ("for p in people, q in [p.age] return q", [20, 40]),
    ("some i in [1, 2] satisfies i > 1", True),
    ("every i in [] satisfies i > 1", True),
    ("every i in [2, 3] satisfies i > 2", False),
    ("some i in [1, null] satisfies i > 2", None),
    ('some i in ["a"] satisfies i', None),
    ("every i in [1] satisfies i", None),
    ("for a-b in [1, 2] return a-b", [1, 2]),
    # functions
    ("(function(a, b) a - b)(3, 1)", 2),
    ("(function(a: number, b) a - b)(b: 3, a: 1)", -2),
    ('(function(a: number) a)("x")', None),
    ("{f: function(n) if n <= 1 then 1 else n * f(n - 1), r: f(20)}.r", 2432902008176640000),
    ("sort([3, 1, 2], function(a, b) a > b)", [3, 2, 1]),
    ("{s: sum, r: s([1, 2])}.r", 3),
    ('substring(string: "abcdef", start position: 3, length: 2)', "cd"),
    ("abs(m: 1)", None),
    ("missing(1)", None),
    # instance of
    ("1 instance of number", True),
    ('@"P1D" instance of days and time duration', True),
    ('@"P1D" instance of years and months duration', False),
    ("null instance of Any", False),
    ("[1, 2] instance of list<number>", True),
    ('[1, "a"] instance of list<number>', False),
    ("{a: 1} instance of context<a: number>", True),
    ("[1..2] instance of range<number>", True),
    ("(function(a) a) instance of function<Any> -> Any", True),
    # temporal values
    ('@"2026-01-31" + duration("P1M") = @"2026-02-28"', True),
    ('@"2026-03-01" - @"2026-02-01" = duration("P28D")', True),
    ('string(@"2026-02-28T23:00:00+08:00" + duration("PT2H"))', "2026-03-01T01:00:00+08:00"),
    ('@"2026-01-01T08:00:00+08:00" = @"2026-01-01T00:00:00Z"', True),
    ('string(@"2026-06-01T12:00:00@Europe/Paris".time offset)', "PT2H"),
    ('string(date and time("2026-03-29T00:30:00@Europe/Paris") + duration("PT2H"))', "2026-03-29T03:30:00@Europe/Paris"),
    ('@"2026-11-20".weekday', 5),
    ('string(@"-999999999-01-01")', "-999999999-01-01"),
    ('@"P1DT2H3M".hours', 2),
    ('string(duration("P1Y2M") * 2)', "P2Y4M"),
    ('duration("P1D") / duration("PT12H")', 2),
    ('@"no date"', None),
    ('date("2026-02-29")', None),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_expression(text: str, expected: Any) -> None:
    result = compile_expression(text, names=CONTEXT).evaluate(CONTEXT)
    assert to_json(result.value) == expected
    if expected is not None and expected is not False:
        assert type(to_json(result.value)) is type(from_python(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r'"\b\f\q"', r"\b\f\q"),
        (r'"\"\'\\\n\r\t"', "\"'\\\n\r\t"),
        (r'string(["a\"b\n\u0008"])', r'["a\"b\n\u0008"]'),
        ('string({a: [{b: "c"}]})', '{a: [{b: "c"}]}'),
        ('string(["a".."b"])', '["a".."b"]'),
        ('string([@"P1D", (< 5), null])', "[P1D, (< 5), null]"),
    ],
)
def test_texts(text: str, expected: str) -> None:
    assert compile_expression(text).evaluate().value == expected


@pytest.mark.parametrize(
    "text", ['some i in [1, "a"] satisfies i', 'every i in [1] satisfies "a"', '1 in "a"', "1 in true", "null in [1..3]"]
)
def test_what_is_no_truth_value_is_said(text: str) -> None:
    result = compile_expression(text).evaluate()
    assert result.value is None
    assert result.warnings


def test_precedence_of_function_bodies_is_greedy() -> None:
    value = compile_expression("(function(a) a + 1 = 2)(1)").evaluate().value
    assert value is True
