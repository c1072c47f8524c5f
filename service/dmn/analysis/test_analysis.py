"""Tables with something planted in them, and sound ones."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from service.dmn import AnalysisLimits, analyse, read_model
from service.dmn.analysis.conftest import Analysed, Column, Row
from service.dmn.analysis.report import TableAnalysis
from service.dmn.conftest import Ticking

AMOUNT: list[Column] = [("amount", "number")]
BOTH: list[Column] = [("amount", "number"), ("kind", "string")]
KINDS = {"kind": '"A","B","C"'}


def codes(table: TableAnalysis, *severities: str) -> list[str]:
    """The codes of the findings of these severities."""
    return [finding.code for finding in table.findings if finding.severity in severities]


def boxes(table: TableAnalysis) -> list[dict[str, str]]:
    """The gaps as plain dictionaries."""
    return [dict(gap.box) for gap in table.gaps]


SOUND: list[tuple[str, list[Column], list[Row]]] = [
    ("UNIQUE", AMOUNT, [("< 100", "1"), ("[100..200]", "2"), ("> 200", "3")]),
    ("UNIQUE", BOTH, [("< 100", '"A"', "1"), (">= 100", '"A"', "2"), ("-", 'not("A")', "3")]),
    ("UNIQUE", [("flag", "boolean"), ("other", "boolean")], [("true", "-", "1"), ("false", "true", "2"), ("false", "false", "3")]),
    ("FIRST", BOTH, [("> 100", '"A"', "1"), ("-", '"A", "B"', "2"), ("-", "-", "3")]),
    (
        "UNIQUE",
        [("day", "date")],
        [('[date("2026-01-01")..date("2026-01-31")]', "1"), ('>= date("2026-02-01")', "2"), ('<= @"2025-12-31"', "3")],
    ),
    (
        "UNIQUE",
        [("term", "years and months duration")],
        [('< duration("P1Y")', "1"), ('[duration("P1Y")..duration("P2Y")]', "2"), ('>= @"P25M"', "3")],
    ),
    ("UNIQUE", [("at", "time")], [('< time("12:00:00")', "1"), ('>= time("12:00:00")', "2")]),
    ("UNIQUE", [("n", "integer")], [("<= 5", "1"), ("[6..10]", "2"), (">= 11", "3")]),
    ("UNIQUE", [("count(items)", "number")], [("0", "1"), ("[1..5]", "2"), ("> 5", "3")]),
    ("UNIQUE", [('if n > 5 then "big" else "small"', "string")], [('"big"', "1"), ('"small"', "2")]),
    ("UNIQUE", [("amount", "number"), ("amount", "number")], [(">= 0", "< 10", "1"), (">= 10", "-", "2"), ("< 0", "-", "3")]),
    ("ANY", AMOUNT, [("<= 100", '"x"'), (">= 100", '"x"')]),
    ("PRIORITY", AMOUNT, [("> 100", '"high"'), ("-", '"low"')]),
]


@pytest.mark.parametrize(("policy", "columns", "rules"), SOUND)
def test_a_sound_table_raises_no_alarm(analysed: Analysed, policy: str, columns: list[Column], rules: list[Row]) -> None:
    listed = '"high","low"' if policy == "PRIORITY" else None
    table = analysed(policy, columns, rules, output_values=listed)

    assert table.complete is True
    assert codes(table, "error", "warning") == []


def test_a_gap_is_a_box_of_unary_tests(analysed: Analysed) -> None:
    rules = [("<= 100", "-", "1"), ("(100..200]", 'not("B")', "2"), ("> 200", "-", "3")]

    table = analysed("UNIQUE", BOTH, rules, values=KINDS)

    assert table.complete is False
    assert boxes(table) == [{"amount": "(100..200]", "kind": '"B"'}]
    (finding,) = [found for found in table.findings if found.severity == "warning"]
    assert (finding.element_id, finding.code) == ("t", "gap")
    assert finding.message == 'no rule applies when amount is (100..200] and kind is "B"'


@pytest.mark.parametrize(
    ("kind", "rules", "expected"),
    [
        ("string", ['"A"', '"B"'], 'not("A", "B")'),
        ("number", ["< 5", "> 5"], "5"),
        ("number", ["< 5"], ">= 5"),
        ("number", ["[1..2)", "(2..3]"], "< 1, 2, > 3"),
        ("boolean", ["true"], "false"),
        ("date", ['< date("2026-01-01")', '> date("2026-01-01")'], 'date("2026-01-01")'),
        ("date", ['<= date("2026-01-01")', '>= date("2026-01-03")'], 'date("2026-01-02")'),
        ("date and time", ['<= @"2026-01-01T10:00:00"'], '> date and time("2026-01-01T10:00:00")'),
        ("days and time duration", ['<= duration("P1D")', '> duration("P2D")'], '(duration("P1D")..duration("P2D")]'),
    ],
)
def test_gaps_of_every_type(analysed: Analysed, kind: str, rules: list[str], expected: str) -> None:
    table = analysed("UNIQUE", [("x", kind)], [(cell, str(number)) for number, cell in enumerate(rules)])

    assert boxes(table) == [{"x": expected}]


def test_gaps_come_as_few_large_boxes(analysed: Analysed) -> None:
    columns: list[Column] = [("a", "number"), ("b", "number"), ("c", "boolean")]
    rules = [(f"[{row}..{row + 1})", f"[{column}..{column + 1})", "-", "1") for row in range(8) for column in range(8)]

    table = analysed("UNIQUE", columns, [rule for rule in rules if rule[:2] != ("[3..4)", "[5..6)")])

    assert len(table.gaps) == 3
    assert {"a": "< 0, >= 8", "b": "-", "c": "-"} in boxes(table)
    assert {"a": "-", "b": "< 0, >= 8", "c": "-"} in boxes(table)
    assert {"a": "[3..4)", "b": "[5..6)", "c": "-"} in boxes(table)


def test_a_default_and_a_collecting_policy_make_gaps_a_plain_fact(analysed: Analysed) -> None:
    defaulted = analysed("UNIQUE", AMOUNT, [("< 5", "1")], default="0")
    collecting = analysed("COLLECT", AMOUNT, [("< 5", "1")])

    for table in (defaulted, collecting):
        assert table.complete is False
        assert "gap" in codes(table, "info")
        assert codes(table, "warning", "error") == []


def test_what_only_null_leaves_open_is_told_apart(analysed: Analysed) -> None:
    table = analysed("UNIQUE", BOTH, [("< 5", "-", "1"), (">= 5", '"A"', "2"), (">= 5", 'not("A", null)', "3")])

    assert table.complete is True
    assert [dict(gap.box) for gap in table.null_gaps] == [{"amount": "null", "kind": "-"}, {"amount": ">= 5", "kind": "null"}]
    assert codes(table, "info") == ["null-gap"]


def test_an_overlap_of_a_unique_table_is_an_error(analysed: Analysed) -> None:
    table = analysed("UNIQUE", BOTH, [("<= 100", "-", '"x"'), (">= 50", '"B"', '"x"'), (">= 101", 'not("B")', '"x"')], values=KINDS)

    (overlap,) = table.overlaps
    assert [(rule.index, rule.rule_id) for rule in overlap.rules] == [(1, "r1"), (2, "r2")]
    assert dict(overlap.box) == {"amount": "[50..100]", "kind": '"B"'}
    assert overlap.allowed is False
    (finding,) = [found for found in table.findings if found.severity == "error"]
    assert (finding.code, finding.element_id) == ("overlap", "r2")


def test_an_overlap_on_null_alone_is_one(analysed: Analysed) -> None:
    table = analysed("UNIQUE", AMOUNT, [("null", "1"), ("not(5)", "2"), ("5", "3")])

    assert [dict(found.box) for found in table.overlaps] == [{"amount": "null"}]
    assert codes(table, "error") == ["overlap"]


def test_any_asks_for_equal_outputs(analysed: Analysed) -> None:
    agreeing = analysed("ANY", AMOUNT, [("<= 5", "1.0"), (">= 5", "1")])
    differing = analysed("ANY", AMOUNT, [("<= 5", "1"), (">= 5", "2")])
    computed = analysed("ANY", AMOUNT, [("<= 5", "amount"), (">= 5", "2")])

    assert codes(agreeing, "error", "warning") == []
    assert agreeing.overlaps[0].allowed
    assert codes(differing, "error") == ["conflict"]
    assert not differing.overlaps[0].allowed
    assert codes(computed, "error", "warning") == ["possible-conflict"]


@pytest.mark.parametrize("policy", ["FIRST", "RULE ORDER", "COLLECT"])
def test_overlaps_other_policies_allow_are_told_in_one_sentence(analysed: Analysed, policy: str) -> None:
    table = analysed(policy, AMOUNT, [("> 0", "1"), ("> 5", "2"), ("-", "3")])

    assert table.overlap_count == 3
    assert all(found.allowed for found in table.overlaps)
    assert codes(table, "info").count("overlap") == 1
    assert "overlap" not in codes(table, "warning", "error")


def test_a_rule_that_earlier_ones_cover_together_is_shadowed(analysed: Analysed) -> None:
    table = analysed("FIRST", AMOUNT, [("< 10", '"a"'), ("[10..20]", '"b"'), ("[5..15]", '"c"'), ("-", '"d"')])

    (shadowed,) = table.shadowed
    assert shadowed.rule.index == 3
    assert [rule.index for rule in shadowed.by] == [1, 2]
    (finding,) = [found for found in table.findings if found.severity == "warning"]
    assert (finding.code, finding.element_id) == ("shadowed-rule", "r3")


def test_priority_shadows_by_rank_and_not_by_place(analysed: Analysed) -> None:
    rules = [("> 5", '"low"'), ("> 0", '"high"'), ("-", '"low"')]

    table = analysed("PRIORITY", AMOUNT, rules, output_values='"high","low"')

    assert [(found.rule.index, [rule.index for rule in found.by]) for found in table.shadowed] == [(1, [2])]
    assert "shadowed-rule" in codes(table, "warning")


def test_a_rule_left_with_null_alone_is_told(analysed: Analysed) -> None:
    table = analysed("FIRST", [("flag", "boolean")], [("true", "1"), ("false", "2"), ("-", "3")])

    assert table.shadowed == ()
    assert set(codes(table, "info")) == {"null-only-rule", "overlap"}


def test_duplicates_are_reported_once(analysed: Analysed) -> None:
    rules = [("[1..5]", '"A"', "1"), (">= 1 ", "-", "9"), ("? >= 1 and ? <= 5", '"A"', "2")]

    unique = analysed("UNIQUE", BOTH, [rules[0], rules[2]])
    first = analysed("FIRST", BOTH, rules)
    collecting = analysed("COLLECT", BOTH, rules)
    repeating = analysed("COLLECT", BOTH, [rules[0], rules[1], rules[0]])

    assert codes(unique, "error") == ["duplicate-rule"]
    assert [(found.rule.index, found.of.index, found.kind) for found in first.duplicates] == [(3, 1, "different-outputs")]
    assert codes(first, "warning").count("duplicate-rule") == 1
    assert "shadowed-rule" not in codes(first, "warning")
    assert codes(collecting, "warning") == []
    assert codes(repeating, "warning") == ["duplicate-rule"]


@pytest.mark.parametrize(
    ("kind", "cell", "values"),
    [
        ("number", "[5..1]", None),
        ("number", "(5..5)", None),
        ("number", "? > 5 and ? < 3", None),
        ("number", "> 100", "[0..100]"),
        ("string", 'lower case("ABC")', '"A","B"'),
    ],
)
def test_a_cell_that_is_never_true(analysed: Analysed, kind: str, cell: str, values: str | None) -> None:
    table = analysed("COLLECT", [("x", kind)], [(cell, "1"), ("-", "2")], values={"x": values} if values else None)

    assert [rule.index for rule in table.unreachable_rules] == [1]
    (finding,) = [found for found in table.findings if found.severity == "warning"]
    assert (finding.code, finding.element_id) == ("unreachable-rule", "c1.1")


def test_columns_of_one_expression_are_one_dimension(analysed: Analysed) -> None:
    table = analysed("UNIQUE", [("x", "number"), ("x", "number")], [("> 5", "< 3", "1"), ("-", "-", "2")])

    assert [rule.index for rule in table.unreachable_rules] == [1]
    assert table.overlaps == ()


def test_declared_outputs_nothing_gives(analysed: Analysed) -> None:
    planted = analysed("UNIQUE", AMOUNT, [("< 5", '"A"'), (">= 5", '"B"')], output_values='"A","B","C"')
    defaulted = analysed("UNIQUE", AMOUNT, [("< 5", '"A"')], output_values='"A","C"', default='"C"')
    computed = analysed("UNIQUE", AMOUNT, [("-", "upper case(string(amount))")], output_values='"A","C"')

    assert [(found.output, found.value) for found in planted.unreachable_outputs] == [("out", "C")]
    assert codes(planted, "warning") == ["unreachable-output"]
    assert codes(defaulted, "warning") == []
    assert (codes(computed, "warning"), computed.unreachable_outputs) == ([], ())
    assert "undecided" in codes(computed, "info")


def test_an_output_of_a_shadowed_rule_alone_is_not_given(analysed: Analysed) -> None:
    table = analysed("FIRST", AMOUNT, [("-", '"A"'), ("> 5", '"B"')], output_values='"A","B"')

    assert [found.value for found in table.unreachable_outputs] == ["B"]


def test_a_rule_without_basis_is_a_warning(analysed: Analysed) -> None:
    table = analysed("FIRST", AMOUNT, [("> 5", "1"), ("-", "2")], basis=False)

    found = [(finding.code, finding.element_id, finding.severity) for finding in table.findings]
    assert ("missing-basis", "r1", "warning") in found
    assert ("missing-basis", "r2", "warning") in found


def test_a_cell_over_other_variables_is_not_guessed_at(analysed: Analysed) -> None:
    table = analysed("UNIQUE", BOTH, [("< 5", '"A"', "1"), ("> limit", '"A"', "2"), ("-", '"B"', "3"), ("-", 'not("A","B")', "4")])

    assert table.complete is None
    assert table.gaps == ()
    assert table.overlaps == ()
    assert ("c2.1", "> limit can only be decided with the values of a case") in {(it.element_id, it.reason) for it in table.undecided}
    assert codes(table, "error", "warning") == []


def test_duplicates_that_may_never_apply_are_no_error(analysed: Analysed) -> None:
    table = analysed("UNIQUE", AMOUNT, [("> limit", "1"), ("> limit", "2")])

    assert (codes(table, "error"), codes(table, "warning")) == ([], ["duplicate-rule"])


def test_certain_things_are_said_beside_an_undecided_cell(analysed: Analysed) -> None:
    table = analysed("UNIQUE", BOTH, [("< 5", '"A"', "1"), ("> limit", '"A"', "2"), ("-", '"B"', "3"), ("> 7", '"B"', "4")])

    assert boxes(table) == [{"amount": "-", "kind": 'not("A", "B")'}]
    assert [[rule.index for rule in found.rules] for found in table.overlaps] == [[3, 4]]


def test_columns_that_read_the_same_variable_are_not_played_off_against_each_other(analysed: Analysed) -> None:
    table = analysed("UNIQUE", [("x", "number"), ("x * 2", "number")], [("> 5", "> 10", "1"), ("<= 5", "<= 10", "2")])

    assert table.complete is None
    assert codes(table, "warning", "error") == []


def test_a_list_column_is_undecided(analysed: Analysed) -> None:
    item = '<itemDefinition name="tTags" isCollection="true"><typeRef>string</typeRef></itemDefinition>'
    table = analysed("UNIQUE", [("tags", "tTags"), ("amount", "number")], [('list contains(?, "x")', "-", "1")], items=item)

    assert table.complete is None
    assert "undecided" in codes(table, "info")


def test_a_column_without_type_is_what_its_cells_suggest(analysed: Analysed) -> None:
    suggested = analysed("UNIQUE", [("amount", None)], [("< 5", "1"), (">= 5", "2")])
    mixed = analysed("UNIQUE", [("amount", None)], [("< 5", "1"), ('"A"', "2")])

    assert (suggested.complete, codes(suggested, "info")) == (True, ["assumed-type", "null-gap"])
    assert mixed.complete is None


@pytest.mark.parametrize(("steps", "reason"), [(50, "takes too long to decide"), (3_000, "the table is too large to find every gap")])
def test_the_budget_ends_with_a_word(steps: int, reason: str) -> None:
    columns = "".join(f'<input id="i{n}"><inputExpression typeRef="number"><text>x{n}</text></inputExpression></input>' for n in range(6))
    rules = "".join(
        "<rule>"
        + "".join(f"<inputEntry><text>[{(n * 7 + c * 3) % 50}..{(n * 7 + c * 3) % 50 + 9}]</text></inputEntry>" for c in range(6))
        + "<outputEntry><text>1</text></outputEntry></rule>"
        for n in range(60)
    )
    body = f'<decision id="d" name="d"><decisionTable id="t">{columns}<output id="o"/>{rules}</decisionTable></decision>'
    head = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="f" name="f" namespace="urn:f">'

    (table,) = analyse(read_model(f"{head}{body}</definitions>".encode()), AnalysisLimits(steps=steps)).tables

    assert table.complete in (None, False)
    assert any(found.reason.endswith(reason) for found in table.undecided)


def _wide(columns: int, rules: int, cell: str) -> bytes:
    names = [f"x{number}" for number in range(columns)]
    inputs = "".join(f'<input><inputExpression typeRef="boolean"><text>{name}</text></inputExpression></input>' for name in names)
    row = "<rule>" + f"<inputEntry><text>{cell}</text></inputEntry>" * columns + "<outputEntry><text>1</text></outputEntry></rule>"
    tables = "".join(
        f'<decision id="{key}" name="{key}"><decisionTable id="t{key}" hitPolicy="COLLECT">{inputs}<output/>{row * rules}'
        "</decisionTable></decision>"
        for key in ("a", "b")
    )
    head = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="f" name="f" namespace="urn:f">'
    return f"{head}{tables}</definitions>".encode()


def test_the_time_of_all_tables_together_ends_with_a_word() -> None:
    found = analyse(read_model(_wide(3, 2, "true")), AnalysisLimits(seconds=0))

    assert [table.complete for table in found.tables] == [None, None]
    for table in found.tables:
        assert "the table is too large to find every gap" in [open_question.reason for open_question in table.undecided]
        assert "true takes too long to decide" in [open_question.reason for open_question in table.undecided]


def test_the_work_for_a_gap_grows_no_faster_than_the_table(ticking: Ticking) -> None:
    looks = []
    for rows in (500, 1_000):
        model = read_model(_wide(rows, 2, "true"), checks="warn")
        before = ticking.looks
        found = analyse(model, AnalysisLimits(seconds=1_000_000))
        looks.append(ticking.looks - before)
        assert [(table.complete, len(table.gaps)) for table in found.tables] == [(False, 50), (False, 50)]

    assert looks[1] <= 2 * looks[0]


def test_words_of_a_cell_do_not_change_what_is_counted(analysed: Analysed) -> None:
    rules = [('contains(?, "every overlap")', "1"), ('"A"', "2"), ('"A"', "3")]

    table = analysed("COLLECT", [("kind", "string")], rules)

    assert (len(table.overlaps), table.overlap_count) == (1, 1)


def test_a_cell_that_takes_forever_is_left_undecided(analysed: Analysed) -> None:
    table = analysed("UNIQUE", AMOUNT, [("> count(for i in 1..1000000 return i)", "1"), ("string length(string(?)) > 3", "2")])

    assert table.complete is None
    assert [found.reason for found in table.undecided][:2] == [
        "> count(for i in 1..1000000 return i) does more than compare with constants",
        "string length(string(?)) > 3 does more than compare with constants",
    ]


def test_tables_of_knowledge_models_and_inside_contexts_are_found() -> None:
    table = (
        '<decisionTable id="{}"><input><inputExpression typeRef="number"><text>x</text></inputExpression></input><output/>'
        "<rule><inputEntry><text>1</text></inputEntry><outputEntry><text>1</text></outputEntry></rule></decisionTable>"
    )
    source = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="f" name="f" namespace="urn:f">'
        '<inputData id="x" name="x"/><businessKnowledgeModel id="k" name="k"><encapsulatedLogic>'
        '<formalParameter name="x" typeRef="number"/>'
        + table.format("tk")
        + '</encapsulatedLogic></businessKnowledgeModel><decision id="d" name="d"><informationRequirement><requiredInput href="#x"/>'
        "</informationRequirement><context><contextEntry>" + table.format("td") + "</contextEntry></context></decision></definitions>"
    )

    found = analyse(read_model(source.encode()))

    assert {(entry.decision_id, entry.element_id) for entry in found.tables} == {("k", "tk"), ("d", "td")}


def test_the_record_is_json(analysed: Analysed) -> None:
    table = analysed("FIRST", BOTH, [("< 5", '"A"', "1"), ("< 3", '"A"', "2")])

    record = json.loads(json.dumps(table.record(), default=str))

    assert record["hitPolicy"] == "FIRST"
    assert record["ruleCount"] == 2
    assert record["gaps"][0]["box"]
    assert record["shadowed"] == [{"rule": {"index": 2, "ruleId": "r2"}, "by": [{"index": 1, "ruleId": "r1"}]}]
    assert {"elementId", "line", "code", "message", "severity"} == set(record["findings"][0])
    assert Decimal(record["line"]) > 0


def test_a_gap_of_a_computed_column_names_the_values(analysed: Analysed) -> None:
    term = ("years and months duration(a, b)", "yearMonthDuration")
    named = analysed("UNIQUE", [term], [('< duration("P3Y")', "1"), ('> duration("P3Y")', "2")])
    all_of_them = analysed("UNIQUE", [term, ("flag", "boolean")], [('<= duration("P3Y")', "true", "1"), ('> duration("P3Y")', "true", "2")])

    assert boxes(named) == [{term[0]: 'duration("P3Y")'}]
    assert boxes(all_of_them) == [{term[0]: "-", "flag": "false"}]
