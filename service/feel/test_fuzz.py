"""Whatever the text, only this library's errors come out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service.feel import FeelError, Limits, compile_expression, compile_tree, compile_unary_tests, from_python, to_json
from service.feel import tree as nodes
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


LEAVES = st.one_of(
    st.sampled_from([None, True, False, "", "a", "(", Decimal(0), Decimal(-1), Decimal("1.5"), Decimal("9E+6144")]).map(nodes.Literal),
    st.sampled_from(["2026-01-31", "10:00:00@Europe/Paris", "P1Y", "-PT1H", "999999999-12-31T00:00:00Z", "no"]).map(nodes.AtLiteral),
    st.sampled_from(["x", "y", "a", "item", "partial", "?", "sum", "missing", "v"]).map(nodes.Name),
)
TYPES = st.sampled_from([nodes.TypeName("number"), nodes.ListType(nodes.TypeName("Any")), nodes.TypeName("nope")])


def _inner(part: st.SearchStrategy[nodes.Node]) -> st.SearchStrategy[nodes.Node]:
    parts = st.lists(part, max_size=3).map(tuple)
    some = st.lists(part, min_size=2, max_size=3).map(tuple)
    step = st.builds(nodes.Step, st.sampled_from(["+", "-", "*", "/", "**"]), part)
    domain = st.one_of(part, st.builds(nodes.IterationRange, part, part))
    variables = st.lists(st.builds(nodes.Variable, st.sampled_from(["v", "w"]), domain), min_size=1, max_size=2).map(tuple)
    entries = st.lists(st.builds(nodes.Entry, st.sampled_from(["a", "b", "c d"]), part), max_size=3).map(tuple)
    parameters = st.sampled_from([(), (nodes.Parameter("v"),), (nodes.Parameter("v", nodes.TypeName("number")), nodes.Parameter("w"))])
    functions = st.one_of(part, st.sampled_from(sorted(builtin_names())).map(nodes.Name))
    positional = st.lists(st.builds(nodes.Argument, st.none(), part), max_size=3).map(tuple)
    named = st.builds(
        lambda first, second: (nodes.Argument("v", first), nodes.Argument("list", second)),
        part,
        part,
    )
    return st.one_of(
        st.builds(nodes.Path, part, st.sampled_from(["a", "year", "z", "time offset", "start"])),
        st.builds(nodes.Filter, part, part),
        st.builds(nodes.Call, functions, st.one_of(positional, named)),
        st.builds(nodes.Arithmetic, part, st.lists(step, min_size=1, max_size=2).map(tuple)),
        st.builds(nodes.Negation, part),
        st.builds(nodes.Comparison, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), part, part),
        st.builds(nodes.Between, part, part, part),
        st.builds(nodes.In, part, some),
        st.builds(nodes.And, some),
        st.builds(nodes.Or, some),
        st.builds(nodes.If, st.lists(st.builds(nodes.Branch, part, part), min_size=1, max_size=2).map(tuple), part),
        st.builds(nodes.For, variables, part),
        st.builds(nodes.Quantified, st.booleans(), variables, part),
        st.builds(nodes.ListLiteral, parts),
        st.builds(nodes.ContextLiteral, entries),
        st.builds(nodes.RangeLiteral, st.booleans(), part, part, st.booleans()),
        st.builds(nodes.UnaryComparison, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), part),
        st.builds(nodes.InstanceOf, part, TYPES),
        st.builds(nodes.FunctionDefinition, parameters, part),
    )


TREES = st.recursive(LEAVES, _inner, max_leaves=12)
BUDGET = Limits(steps=20_000, size=2_000, depth=30)


def _outcome(expression: Any) -> Any:
    try:
        result = expression.evaluate(CONTEXT, limits=BUDGET)
        return to_json(result.value), result.warnings
    except FeelError as error:
        return type(error), str(error)


@settings(max_examples=500, deadline=None, database=None)
@given(TREES)
def test_any_tree(tree: nodes.Node) -> None:
    expression = compile_tree(tree)
    first = _outcome(expression)

    assert first == _outcome(expression)
    assert expression.names >= {path[0] for path in expression.paths}


def test_threads_agree() -> None:
    texts = [f"{left} {operator} {right}" for left in VALUES[:14] for operator in OPERATORS for right in VALUES[:6]]
    expressions = [compile_expression(text, names=CONTEXT) for text in texts if _compiles(text)]
    alone = [_outcome(expression) for expression in expressions]
    with ThreadPoolExecutor(8) as pool:
        for together in pool.map(lambda _: [_outcome(expression) for expression in expressions], range(8)):
            assert together == alone


def _compiles(text: str) -> bool:
    try:
        compile_expression(text)
    except FeelError:
        return False
    return True
