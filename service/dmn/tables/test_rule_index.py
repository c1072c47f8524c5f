"""A table finds its rules by the index: same outcome and same warnings as going through them one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.dmn import DecisionFailure, Model, read_model
from service.dmn.tables.constant_cell import ConstantCell, ConstantCells
from service.dmn.tables.rule_index import BLOCK, RuleIndex
from service.feel import Date, DayTimeDuration, Limits, YearMonthDuration, compile_unary_tests

COLUMNS = ("a", "b", "c")
UNTYPED = dict.fromkeys(COLUMNS, "")
CONSTANTS = ('"a"', '"b"', "1", "2", "2.0", "-3", "true", "false", "null")
TEMPORAL = ('@"2026-01-31"', 'date("2026-02-01")', 'duration("P1D")', '@"P2M"', 'duration("P3M")')
ENDPOINTS = ("1", "2", "5", "-3", '"a"', '"b"', *TEMPORAL)
# What cannot be indexed: other variables, functions of the input, faults, lists, types without one order.
EXPRESSIONS = (
    "b",
    "? > 1 and b = 2",
    "c in [1..2]",
    "abs(?) > 1",
    '@"nothing"',
    "[1, 2]",
    '["a", "b"]',
    "a + 1",
    '@"10:00:00"',
    "unary(1)",
    'date("x")',
)
OPERATORS = st.sampled_from(("<", "<=", ">", ">=", "=", "!="))
SINGLE = (
    st.sampled_from(CONSTANTS)
    | st.sampled_from(TEMPORAL)
    | st.builds("{} {}".format, OPERATORS, st.sampled_from((*ENDPOINTS, "true", "null")))
    | st.builds("{}{}..{}{}".format, st.sampled_from("[(]"), st.sampled_from(ENDPOINTS), st.sampled_from(ENDPOINTS), st.sampled_from("])["))
    | st.lists(st.builds("? {} {}".format, OPERATORS, st.sampled_from(ENDPOINTS)), min_size=1, max_size=3).map(" and ".join)
    | st.sampled_from(EXPRESSIONS)
)
LISTED = st.lists(SINGLE, min_size=1, max_size=3).map(", ".join)
CELLS = st.just("-") | st.sampled_from(CONSTANTS) | LISTED | LISTED.map("not({})".format)
RULES = st.lists(st.tuples(*(CELLS for _ in COLUMNS)), max_size=12)
VALUES = (
    st.sampled_from((None, "a", "b", "z", "", True, False, ["a"], [Decimal(1)], {"x": Decimal(1)}))
    | st.sampled_from(("-4", "-3", "0", "1", "1.5", "2.00", "5", "9")).map(Decimal)
    | st.sampled_from((Date(2026, 1, 31), Date(2026, 2, 1), Date(2027, 1, 1), DayTimeDuration(86400 * 10**9), DayTimeDuration(1)))
    | st.sampled_from((YearMonthDuration(2), YearMonthDuration(3), YearMonthDuration(0)))
)


def table(policy: str, rules: Sequence[tuple[str, ...]], columns: tuple[str, ...], inputs: Mapping[str, str] = UNTYPED) -> Model:
    clauses = "".join(f"<input><inputExpression><text>{escape(column)}</text></inputExpression></input>" for column in columns)
    rows = "".join(
        f'<rule id="r{number}"><description>section {number}</description>'
        + "".join(
            f'<inputEntry id="r{number}_{column}"><text>{escape(cell)}</text></inputEntry>'
            for column, cell in zip(columns, cells, strict=True)
        )
        + f"<outputEntry><text>{number}</text></outputEntry></rule>"
        for number, cells in enumerate(rules)
    )
    data = "".join(f'<inputData id="{name}" name="{name}"><variable name="{name}" {kind}/></inputData>' for name, kind in inputs.items())
    needs = "".join(f'<informationRequirement><requiredInput href="#{name}"/></informationRequirement>' for name in inputs)
    source = (
        f'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="test" namespace="urn:test">{data}'
        f'<decision id="d" name="d">{needs}<decisionTable hitPolicy="{policy}">{clauses}<output name="out"/>{rows}'
        "</decisionTable></decision></definitions>"
    )
    return read_model(source.encode(), "test.dmn", checks="warn")


Found = tuple[list[int], list[tuple[str, str, str]]]
"""The rules that apply, and the warnings with their elements."""


def outcome(model: Model, variables: dict[str, Any]) -> Found:
    evaluation = model.evaluate("d", variables)
    found = {(warning.kind, warning.message, str(warning.element_id)): None for warning in evaluation.warnings}
    return [rule.index - 1 for rule in evaluation.matched_rules], list(found)


def one_by_one(rules: list[tuple[str, ...]], variables: dict[str, Any], first_only: bool) -> Found:
    """Every rule by itself: its cells of constants from left to right, then the others, until one does not pass."""
    constants = ConstantCells(COLUMNS)
    matched = []
    warnings: dict[tuple[str, str, str], None] = {}
    for number, cells in enumerate(rules):
        tests = [(column, compile_unary_tests(cell)) for column, cell in zip(COLUMNS, cells, strict=True) if cell != "-"]
        for column, found in sorted(tests, key=lambda pair: constants.find(pair[1]) is None):
            result = found.evaluate(variables[column], variables)
            warnings.update({(warning.kind, warning.message, f"r{number}_{column}"): None for warning in result.warnings})
            if result.value is not True:
                break
        else:
            matched.append(number)
            if first_only:
                break
    return matched, list(warnings)


@given(st.sampled_from(("FIRST", "RULE ORDER")), RULES, st.lists(st.tuples(*(VALUES for _ in COLUMNS)), min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_a_table_does_the_same_as_its_rules_one_by_one(policy: str, rules: list[tuple[str, ...]], cases: list[tuple[Any, ...]]) -> None:
    indexed = table(policy, rules, COLUMNS)

    for case in cases:
        variables = dict(zip(COLUMNS, case, strict=True))
        assert outcome(indexed, variables) == one_by_one(rules, variables, policy == "FIRST")


def constants(cells: list[str], hidden: tuple[str, ...] = ()) -> list[tuple[int, ConstantCell]]:
    known = ConstantCells(hidden)
    found = [(column, known.find(compile_unary_tests(cell))) for column, cell in enumerate(cells) if cell != "-"]
    return [(column, cell) for column, cell in found if cell is not None]


def index(rules: list[list[str]]) -> RuleIndex:
    return RuleIndex([constants(cells) for cells in rules])


def candidates(found: RuleIndex, *values: Any) -> list[tuple[int, bool]]:
    return list(found.candidates(values))


def test_only_the_rules_whose_constants_pass_are_candidates() -> None:
    found = index([['"a"', "< 5"], ['"b"', "-"], ['not("a")', "[1..3)"], ["-", 'date("2026-01-31")']])

    assert candidates(found, "a", Decimal(4)) == [(0, True), (3, False)]
    assert candidates(found, "b", Decimal(3)) == [(1, True), (3, False)]
    assert candidates(found, "c", Decimal("2.5")) == [(2, True), (3, False)]
    assert candidates(found, "c", Date(2026, 1, 31)) == [(2, False), (3, True)]


def test_the_tests_of_a_cell_may_overlap() -> None:
    found = index([["< 5, [3..9), 4"], ["not(< 5, [3..9), 4)"], ["!= 4, 4"], ["[9..3]"]])

    for value, expected in (("2", [0, 2]), ("3", [0, 2]), ("4", [0, 2]), ("5", [0, 2]), ("8.9", [0, 2]), ("9", [1, 2]), ("10", [1, 2])):
        assert candidates(found, Decimal(value)) == [(number, True) for number in expected]


def test_comparisons_of_the_input_value_are_constants_too() -> None:
    found = index([["? >= 1 and ? < 5"], ["? > 4 and ? >= 5 and ? < 9"], ["? = 5"], ["? > 5 and ? < 1"]])

    for value, expected in (("0", []), ("1", [0]), ("4.9", [0]), ("5", [1, 2]), ("9", [])):
        assert candidates(found, Decimal(value)) == [(number, True) for number in expected]
    assert constants(["? > 1 and b > 1"]) == constants(["? > 1 or ? < 0"]) == constants(['? > 1 and ? < "a"']) == []


def test_what_may_leave_a_warning_is_evaluated() -> None:
    found = index([["< 5", '"a"'], ["2", '"a"'], ["? < c", '"a"']])

    # A comparison with null is a fault, so the first rule must be gone through although its second cell cannot pass.
    assert candidates(found, None, "b") == [(0, False)]
    assert candidates(found, None, "a") == [(0, False), (2, True)]
    assert candidates(found, "x", "a") == [(0, False), (1, False), (2, True)]


def test_computed_cells_come_after_constants() -> None:
    model = table("FIRST", [('a + "x"', "-", '"no"'), ('a + "x"', "-", '"yes"')], COLUMNS)

    evaluation = model.evaluate("d", {"a": Decimal(1), "c": "yes"})

    # What the first rule's cell would complain about says nothing about the case: the rule is out anyway.
    assert [warning.element_id for warning in evaluation.warnings] == ["r1_a"]


def test_a_function_in_scope_may_take_the_place_of_a_built_in_one() -> None:
    cells = ['date("2026-01-31")']

    assert len(constants(cells)) == 1
    assert constants(cells, hidden=("date",)) == []


def test_a_negated_cell_cannot_tell_about_another_type() -> None:
    model = table("FIRST", [('not("a")', "-", "-"), ('not("a", 1)', "-", "-")], COLUMNS)

    assert model.evaluate("d", {"a": "b"}).result == Decimal(0)
    assert model.evaluate("d", {"a": Decimal(5)}).result is None


def test_large_tables_are_searched_block_by_block() -> None:
    size = 2 * BLOCK + 3
    found = index([[f'"{number}"' if number % 2 else "-", f"[{number}..{number + 1})"] for number in range(size)])

    for number in (0, 1, BLOCK - 1, BLOCK, 2 * BLOCK - 1, 2 * BLOCK, size - 1):
        assert candidates(found, str(number), Decimal(number)) == [(number, True)]
        assert candidates(found, "other", Decimal(number)) == ([] if number % 2 else [(number, True)])
    assert candidates(found, "1", Decimal(size + 1)) == []


def test_rules_that_are_passed_over_spend_no_steps() -> None:
    last = {"date": "2026-07-18"}
    rules = [(f'date("2026-{month:02}-{day:02}")',) for month in range(1, 8) for day in range(1, 29)][: 6 * 28 + 18]
    limits = Limits(steps=20)
    inputs = {"date": 'typeRef="date"'}

    # A date is no function, so the input does not take the place of the built-in one.
    assert table("FIRST", rules, ("date",), inputs).evaluate("d", last, limits=limits).result == Decimal(len(rules) - 1)
    with pytest.raises(DecisionFailure) as failure:
        table("FIRST", [(f"abs(1) = 1 and ? = {cell}",) for (cell,) in rules], ("date",), inputs).evaluate("d", last, limits=limits)
    assert failure.value.code == "limit-exceeded"
