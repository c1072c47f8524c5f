"""The public face: unary tests, free names, warnings, strictness, trees, Python values, threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from service.feel import (
    Date,
    FeelWarningError,
    compile_expression,
    compile_tree,
    compile_unary_tests,
    from_python,
    open_frame,
    to_json,
)
from service.feel.tree import Comparison, Literal, Name, Path


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("-", None, True),
        ("", 1, True),
        ('"A", "B"', "B", True),
        ('not("A", "B")', "C", True),
        ('not("A", "B")', "B", False),
        ("[1..3]", 3, True),
        ("(1..3)", 3, False),
        ("< 3, > 5", 4, False),
        ("? * 2 > 7", 4, True),
        ("limit", 10, True),
        ("< limit", 9, True),
        ("names", "x", True),
        ("limit > 5", 3, True),
        ("true", False, False),
        ("false", False, True),
        ("null", None, True),
        ("5", None, False),
        ("> 5", None, None),
        ('contains(?, "o")', "foo", True),
        ('"A"', 1, None),
        ('@"2026-01-01"', date(2026, 1, 1), True),
        ("-1", -1, True),
    ],
)
def test_unary_tests(text: str, value: Any, expected: bool | None) -> None:
    context = from_python({"limit": 10, "names": ["x", "y"]})
    assert compile_unary_tests(text, names=context).evaluate(from_python(value), context).value is expected


@pytest.mark.parametrize(
    ("text", "value", "kinds"),
    [
        ('"a"', 5, ["NOT_COMPARABLE"]),
        ("5", "a", ["NOT_COMPARABLE"]),
        ('= "a"', 5, ["NOT_COMPARABLE"]),
        ('!= "a"', 5, ["NOT_COMPARABLE"]),
        ('not("a")', 5, ["NOT_COMPARABLE"]),
        ("word", 5, ["NOT_COMPARABLE"]),
        ("word + 1", None, ["INVALID_TYPE"]),
        ("not(word + 1)", 5, ["INVALID_TYPE"]),
        ("= word + 1", None, ["INVALID_TYPE"]),
        ("!= word + 1", 5, ["INVALID_TYPE"]),
        ("[word + 1]", None, ["INVALID_TYPE"]),
        ("[1..nothing]", 5, ["INVALID_TYPE"]),
        ("[nothing..9]", 5, ["INVALID_TYPE"]),
        ("not([1..nothing])", 5, ["INVALID_TYPE"]),
        ("[1..null]", 5, []),
        ("nothing", None, []),
        ("null", 5, []),
    ],
)
def test_a_cell_that_cannot_be_told_says_so_and_does_not_match(text: str, value: Any, kinds: list[str]) -> None:
    result = compile_unary_tests(text).evaluate(from_python(value), {"word": "b", "nothing": None})

    assert [warning.kind for warning in result.warnings] == kinds
    assert (result.value is None) is bool(kinds)


def test_names_and_paths_are_the_free_ones() -> None:
    expression = compile_expression("for p in facts.people return p.age + base * sum(list) + {q: 1, r: q}.r")
    assert expression.names == {"facts", "base", "list"}
    assert expression.paths == {("facts", "people"), ("base",), ("list",)}
    filtered = compile_expression("people[age > limit]", names=["people", "limit"])
    assert filtered.names == {"people", "limit"}
    assert compile_unary_tests("? > a.b").paths == {("a", "b")}


def test_warnings_carry_kind_and_position() -> None:
    result = compile_expression("1 +\n  mispelt").evaluate()
    assert result.value is None
    assert [(warning.kind, warning.line, warning.column) for warning in result.warnings] == [
        ("NO_VARIABLE_FOUND", 2, 3),
        ("INVALID_TYPE", 1, 3),
    ]
    with pytest.raises(FeelWarningError):
        compile_expression("mispelt").evaluate(strict=True)


def test_a_tree_from_elsewhere_is_compiled() -> None:
    tree = Comparison("=", Path(Name("facts"), "intent"), Literal("KNOWING"))
    assert compile_tree(tree).evaluate({"facts": {"intent": "KNOWING"}}).value is True
    assert compile_tree(tree).paths == {("facts", "intent")}
    assert compile_expression('facts.intent = "KNOWING"').tree == tree


def test_python_values_become_feel_values() -> None:
    shanghai = datetime(2026, 1, 2, 3, 4, 5, 600, ZoneInfo("Asia/Shanghai"))
    offset = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=8)))
    values = from_python({"a": 1, "b": date(2026, 1, 2), "c": shanghai, "d": offset, "e": timedelta(hours=-1)})
    assert values["b"] == Date(2026, 1, 2)
    assert to_json(values) == {
        "a": Decimal(1),
        "b": "2026-01-02",
        "c": "2026-01-02T03:04:05.0006@Asia/Shanghai",
        "d": "2026-01-02T03:04:05+08:00",
        "e": "-PT1H",
    }
    with pytest.raises(TypeError):
        from_python(0.1)


def test_item_definitions_are_told_by_the_caller() -> None:
    expression = compile_expression("x instance of tAge")
    types = {"tAge": lambda value: isinstance(value, Decimal) and value > 0}
    assert expression.evaluate({"x": Decimal(5)}, types=types).value is True
    assert expression.evaluate({"x": Decimal(-5)}, types=types).value is False
    assert expression.evaluate({"x": Decimal(5)}).value is None


def test_many_expressions_share_a_frame() -> None:
    frame = open_frame({"x": Decimal(2)})
    assert compile_expression("x + 1").value_in(frame) == 3
    assert compile_unary_tests("> 2").test_in(frame, Decimal(3)) is True
    assert compile_expression("y").value_in(frame) is None
    assert len(frame.run.warnings) == 1


def test_one_expression_serves_many_threads() -> None:
    expression = compile_expression("sum(for i in 1..n return i * f)")

    def evaluate(number: int) -> Any:
        return expression.evaluate({"n": Decimal(number), "f": Decimal("0.1")}).value

    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(evaluate, range(1, 200)))
    assert values == [Decimal(number * (number + 1) // 2) / 10 for number in range(1, 200)]
