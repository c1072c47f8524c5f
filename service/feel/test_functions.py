"""Function values: parameters, invocation, types, and the names an expression calls."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from service.feel import FeelSyntaxError, Function, Signature, compile_expression, to_json
from service.feel.free_names import free_functions

CASES: list[tuple[str, Any]] = [
    # names of parameters may hold any signs, and are no more than names
    ("{f: function(x-y: number, b c) x-y + b c, r: f(x-y: 3, b c: 1)}.r", 4),
    ("{f: function(x-y) x-y, r: f(2)}.r", 2),
    ("{f: function(x?) x?, r: f(1)}.r", 1),
    ("{f: function(x?) x?, r: f()}.r", None),
    ("{f: function(a*) a*, r: f(1, 2)}.r", None),
    # arguments
    ("(function(a, b) a - b)(b: 1, a: 3)", 2),
    ("(function(a, b) a - b)(1)", None),
    ("(function(a, b) a - b)(1, 2, 3)", None),
    ("(function(a, b) a - b)(a: 1, c: 2)", None),
    ("(function(a, b) a - b)(a: 1)", None),
    ("null(1)", None),
    ("[function(x) x + 1][1](2)", 3),
    ("{a: {b: function(x) x}}.a.b(3)", 3),
    ("(function(f) f(2))(function(x) x * 2)", 4),
    ("{f: function(g) g(1), r: f(abs)}.r", 1),
    # declared types
    ("(function(a: number) a)([1])", 1),
    ("(function(a: list<number>) a)(1)", [1]),
    ('(function(a: number) a)("1")', None),
    ("(function(a: number) a)(null) = null", True),
    ("(function(a: unheard of) a)(1)", None),
    ('string((function(a: date and time) a)(@"2026-01-01"))', "2026-01-01T00:00:00Z"),
    # function types compare arity and declared parameter types
    ("(function(a: number) a) instance of function<number> -> number", True),
    ("(function(a: string) a) instance of function<number> -> number", False),
    ("(function(a: Any) a) instance of function<number> -> number", True),
    ("(function(a: list) a) instance of function<list<number>> -> Any", True),
    ("(function(a: list<number>) a) instance of function<list<string>> -> Any", False),
    ("(function(a: list<number>) a) instance of function<list> -> Any", False),
    ("(function(a: range<date>) a) instance of function<range<date>> -> Any", True),
    ("(function(a: context<x: number>) a) instance of function<context<x: number, y: string>> -> Any", True),
    ("(function(a: context<x: number>) a) instance of function<context<y: string>> -> Any", False),
    ("(function(f: function<number> -> Any) f) instance of function<function<Any> -> number> -> Any", True),
    ("(function(f: function<Any> -> Any) f) instance of function<function<number> -> Any> -> Any", False),
    ("(function(a, b) a) instance of function<Any> -> Any", False),
    ("(function() 1) instance of function<> -> number", True),
    ("abs instance of function<number> -> number", True),
    ("1 instance of function<number> -> number", False),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_function_value(text: str, expected: Any) -> None:
    result = compile_expression(text).evaluate()

    assert to_json(result.value) == expected
    assert bool(result.warnings) is (expected is None)


@pytest.mark.parametrize(
    ("text", "offending"),
    [
        ("function(a, a) a", "a"),
        ("f(a: 1, a: 2)", "a"),
        ("f(1, a: 2)", "a"),
        ("f(a: 1, 2)", "2"),
        ("function(a,) 1", ")"),
        ("function(, a) 1", ","),
        ("function(a:) 1", ")"),
        ("function(1) 1", "1"),
        ("function(a", ""),
    ],
)
def test_malformed_parameters_are_refused(text: str, offending: str) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)

    assert caught.value.offending == offending


def test_signatures_tell_how_many_arguments_fit() -> None:
    function = Function("f", (Signature(("a", "b"), optional=1), Signature(("x", "y", "z", "rest"), optional=1, rest=True)), max)

    assert [function.takes(count) for count in range(6)] == [False, True, True, True, True, True]
    assert not Function("f", (Signature(("a",)),), max).takes(2)


def test_python_callables_may_have_optional_parameters() -> None:
    def scaled(amount: Decimal, factor: Decimal = Decimal(2)) -> Decimal:
        return amount * factor

    def joined(*parts: str) -> str:
        return "".join(parts)

    functions: dict[str, Callable[..., Any]] = {"scaled": scaled, "joined": joined}
    texts = ("scaled(3)", "scaled(3, 3)", "scaled(factor: 5, amount: 1)", 'joined("a", "b", "c")', "scaled()")
    values = [compile_expression(text).evaluate(functions=functions).value for text in texts]
    assert values == [6, 9, 5, "abc", None]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("abs(1)", set()),
        ("f(1)", {"f"}),
        ("a.b(1)", {"a"}),
        ("{f: function(x) x, r: f(1)}", set()),
        ("(function(g) g(1))(h)", set()),
        ("for f in fs return f(1)", set()),
        ("[1][g(item) > 1]", {"g"}),
        ("[{g: abs}][g(1) > 0]", set()),
        ("abs(f(1))", {"f"}),
    ],
)
def test_free_functions_are_defined_nowhere(text: str, names: set[str]) -> None:
    assert free_functions(compile_expression(text).tree) == names
