"""Whatever the text, only this library's errors come out."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service.feel import FeelError, compile_expression, compile_unary_tests, from_python, to_json
from service.feel.builtin.registry import builtin_names

CONTEXT: dict[str, Any] = from_python({"x": 5, "y": {"z": [1, 2, None]}, "a": "text"})
WORDS = [
    *("1", "0", "-1", "1.5", "1e6000", '"a"', '"("', "null", "true", "false", "x", "y.z", "a", "item", "partial", "?"),
    *("[", "]", "(", ")", "{", "}", ",", ":", ".", "..", "+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">="),
    *("and", "or", "not", "if", "then", "else", "for", "i", "in", "return", "some", "every", "satisfies", "between"),
    *("instance", "of", "number", "list<number>", "function(a)", "[1..3]", "(<5)", "[1,2,[3]]", "{a:1}"),
    *('@"2020-01-01"', '@"P1D"', '@"P1Y"', '@"10:00:00@Europe/Paris"', '@"999999999-12-31T00:00:00Z"'),
]
OPERATORS = ["+", "-", "*", "/", "**", "=", "!=", "<", ">=", "in"]
VALUES = [
    *("null", "1", "-1", "1.5", "1e6000", '"a"', '"("', '""', "true", "[]", "[1,2]", "[null]", '["a"]', "{}", "{a:1}"),
    *('@"2020-01-01"', '@"P1Y"', '@"PT1H"', '@"10:00:00"', '@"-999999999-01-01"', "[1..3]", "(<5)", "(>5)", "sum", "x"),
    '@"999999999-12-31T00:00:00@Europe/Paris"',
]


def _try(text: str) -> None:
    for compiled in (compile_expression, compile_unary_tests):
        try:
            compiled(text)
        except FeelError:
            continue
    try:
        to_json(compile_expression(text).evaluate(CONTEXT).value)
        compile_unary_tests(text).evaluate(CONTEXT["x"], CONTEXT)
    except FeelError:
        return


@settings(max_examples=300, deadline=None, database=None)
@given(st.lists(st.sampled_from(WORDS), max_size=16).map(" ".join))
def test_token_salad(text: str) -> None:
    _try(text)


@settings(max_examples=200, deadline=None, database=None)
@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    _try(text)


@settings(max_examples=600, deadline=None, database=None)
@given(st.sampled_from(sorted(builtin_names())), st.lists(st.sampled_from(VALUES), max_size=4))
def test_any_arguments(name: str, arguments: list[str]) -> None:
    _try(f"{name}({', '.join(arguments)})")


@settings(max_examples=300, deadline=None, database=None)
@given(st.sampled_from(VALUES), st.sampled_from(OPERATORS), st.sampled_from(VALUES))
def test_any_operands(left: str, operator: str, right: str) -> None:
    _try(f"({left}) {operator} ({right})")
