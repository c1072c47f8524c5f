"""Decision tables: every hit policy, defaults, cells, and the failures of U and A."""

from decimal import Decimal
from typing import Any

import pytest

from service.dmn import DecisionFailure, DmnRefused, read_model
from service.dmn.conftest import Read, Refusals, Table

N = dict[str, Decimal]


def test_unique_gives_the_value_of_the_single_output(read: Read, table: Table, one: N) -> None:
    model = read(table("UNIQUE", [("1", '"a"'), ("&gt; 1", '"b"')]))

    evaluation = model.evaluate("d1", one)

    assert evaluation.result == "a"
    assert evaluation.rows == [{"out": "a"}]


def test_unique_names_the_rules_that_overlap(read: Read, table: Table, one: N) -> None:
    model = read(table("UNIQUE", [("1", '"a"'), ("&lt; 5", '"a"'), ("9", '"c"')]))

    with pytest.raises(DecisionFailure) as failure:
        model.evaluate("d1", one)

    assert failure.value.code == "hit-policy"
    assert failure.value.decision_id == "d1"
    assert failure.value.element_id == "t"
    assert "1 (r1), 2 (r2)" in failure.value.message


def test_any_accepts_rules_that_agree_and_refuses_others(read: Read, table: Table, one: N) -> None:
    agreeing = read(table("ANY", [("1", "1.0"), ("-", "1.00")]))
    differing = read(table("ANY", [("1", '"a"'), ("-", '"b"')]))

    assert agreeing.evaluate("d1", one).result == Decimal(1)
    with pytest.raises(DecisionFailure, match=r"disagree.*r1.*r2"):
        differing.evaluate("d1", one)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("FIRST", "b"),
        ("PRIORITY", "a"),
        ("RULE ORDER", ["b", "a", "b"]),
        ("OUTPUT ORDER", ["a", "b", "b"]),
        ("COLLECT", ["b", "a", "b"]),
    ],
)
def test_order_of_multiple_hits(read: Read, table: Table, one: N, policy: str, expected: Any) -> None:
    model = read(table(policy, [("-", '"b"'), ("1", '"a"'), ("&lt; 3", '"b"')], values={0: '"a","b"'}))

    assert model.evaluate("d1", one).result == expected


@pytest.mark.parametrize(
    ("aggregation", "expected", "nothing"),
    [("SUM", "0.60", None), ("COUNT", "3", "0"), ("MIN", "0.1", None), ("MAX", "0.3", None)],
)
def test_aggregations(read: Read, table: Table, one: N, aggregation: str, expected: str, nothing: str | None) -> None:
    model = read(table("COLLECT", [("1", "0.1"), ("1", "0.2"), ("1", "0.3")], aggregation=aggregation))

    assert model.evaluate("d1", one).result == Decimal(expected)
    assert model.evaluate("d1", one).rows == [{"out": Decimal(expected)}]
    assert model.evaluate("d1", {"n": Decimal(7)}).result == (Decimal(nothing) if nothing else None)


def test_several_outputs_give_a_context_and_collected_ones_a_list_of_contexts(read: Read, table: Table, one: N) -> None:
    outputs = ('name="a"', 'name="b"')
    rules = [("1", '"x"', "n + 1"), ("-", '"y"', "")]

    single = read(table("FIRST", rules, outputs=outputs)).evaluate("d1", one)
    several = read(table("COLLECT", rules, outputs=outputs)).evaluate("d1", one)

    assert single.result == {"a": "x", "b": Decimal(2)}
    assert several.result == [{"a": "x", "b": Decimal(2)}, {"a": "y", "b": None}]
    assert several.record()["outputs"] == several.result


def test_priority_compares_the_columns_from_left_to_right(read: Read, table: Table, one: N) -> None:
    model = read(
        table(
            "OUTPUT ORDER",
            [("-", '"low"', "2"), ("-", '"high"', "2"), ("-", '"high"', "1")],
            outputs=('name="a"', 'name="b"'),
            values={0: '"high","low"', 1: "1,2"},
        )
    )

    result = model.evaluate("d1", one).result

    assert [(row["a"], row["b"]) for row in result] == [
        ("high", Decimal(1)),
        ("high", Decimal(2)),
        ("low", Decimal(2)),
    ]


def test_no_match_gives_the_default_or_null(read: Read, table: Table, one: N) -> None:
    rules = [("7", '"a"')]

    assert read(table("UNIQUE", rules)).evaluate("d1", one).result is None
    assert read(table("UNIQUE", rules)).evaluate("d1", one).rows == []
    defaulted = read(table("UNIQUE", rules, defaults={0: '"none"'})).evaluate("d1", one)
    assert defaulted.result == "none"
    assert defaulted.record()["outputs"] == {"out": "none"}
    assert defaulted.record()["matchedRules"] == []
    assert read(table("COLLECT", rules)).evaluate("d1", one).result == []
    assert read(table("COLLECT", rules, defaults={0: '"none"'})).evaluate("d1", one).result == ["none"]


def test_null_input_matches_only_cells_that_say_so(read: Read, table: Table) -> None:
    model = read(table("COLLECT", [("1", '"one"'), ("&lt; 5", '"few"'), ("null", '"unknown"'), ("-", '"any"')]))

    assert model.evaluate("d1", {}).result == ["unknown", "any"]


def test_an_output_outside_its_values_is_a_failure(read: Read, table: Table, one: N) -> None:
    model = read(table("UNIQUE", [("-", 'lower case("C")')], values={0: '"a","b"'}))

    with pytest.raises(DecisionFailure) as failure:
        model.evaluate("d1", one)

    assert failure.value.code == "output-not-allowed"
    assert failure.value.element_id == "o0"


def test_trace_tells_rule_index_basis_and_outputs(read: Read, table: Table, one: N) -> None:
    record = read(table("COLLECT", [("7", '"a"'), ("1", '"b"')])).evaluate("d1", one).record()

    assert record["inputs"] == [{"expression": "n", "value": Decimal(1)}]
    assert record["matchedRules"] == [{"ruleId": "r2", "index": 2, "description": "basis 2", "outputs": {"out": "b"}}]
    assert record["outputs"] == [{"out": "b"}]


def test_annotation_columns_are_the_basis_without_a_description(read: Read) -> None:
    model = read(
        '<decision id="d1" name="d"><decisionTable id="t"><output id="o" name="out"/>'
        '<annotation name="依据"/><annotation name="备注"/>'
        '<rule id="r1"><outputEntry><text>1</text></outputEntry>'
        "<annotationEntry><text>§ 3</text></annotationEntry><annotationEntry><text>[D]</text></annotationEntry></rule>"
        "</decisionTable></decision>"
    )

    assert model.evaluate("d1", {}).matched_rules[0].description == "依据: § 3\n备注: [D]"


def test_names_that_nobody_declares_are_errors_with_their_place(refused: Refusals, table: Table) -> None:
    errors = refused("\n" + table("UNIQUE", [("1", "EXEMPT"), ("&gt; m", '"b"')]))

    assert [(error.code, error.element_id, error.line) for error in errors] == [
        ("unknown-name", "r1", 3),
        ("unknown-name", "r2", 3),
    ]
    assert "EXEMPT" in errors[0].message
    assert "m" in errors[1].message


def test_every_error_of_a_table_is_reported(refused: Refusals, table: Table) -> None:
    errors = refused(table("BEST", [("[1", '"a"'), ("1", '"a"', '"b"')]) + '<decision id="d2"><decisionTable id="t2"/></decision>')

    assert {error.code for error in errors} == {"hit-policy", "feel-syntax", "wrong-width", "no-output"}


def test_priority_needs_priorities(refused: Refusals, table: Table) -> None:
    assert [error.code for error in refused(table("PRIORITY", [("1", '"a"')]))] == ["no-priorities"]
    assert [error.code for error in refused(table("PRIORITY", [("1", "4")], values={0: "&gt; 3"}))] == ["no-priorities"]


def test_another_expression_language_is_refused(refused: Refusals) -> None:
    errors = refused(
        '<decision id="d1" name="d"><decisionTable id="t">'
        '<input id="i"><inputExpression expressionLanguage="juel"><text>${x}</text></inputExpression></input>'
        '<output id="o" name="out"/><rule id="r"><inputEntry id="c" expressionLanguage="groovy"><text>x</text>'
        '</inputEntry><outputEntry expressionLanguage="feel"><text>1</text></outputEntry></rule>'
        "</decisionTable></decision>"
    )

    assert [(error.element_id) for error in errors if error.code == "expression-language"] == ["i", "c"]


def test_a_lone_table_names_its_inputs_itself(read: Read) -> None:
    model = read(
        '<decision id="dish" name="Dish"><decisionTable id="t">'
        '<input id="i"><inputExpression typeRef="string"><text>season</text></inputExpression></input>'
        '<output id="o" name="dish" typeRef="string"/>'
        '<rule id="r"><inputEntry><text>"Winter"</text></inputEntry><outputEntry><text>"Roastbeef"</text></outputEntry>'
        "</rule></decisionTable></decision>"
    )

    assert model.decisions["dish"].inputs == ("season",)
    assert [finding.code for finding in model.findings] == ["implied-input"]
    assert model.evaluate("dish", {"season": "Winter"}).result == "Roastbeef"


def _lone(expression: str, rest: str = "") -> str:
    return (
        f'{rest}<decision id="d" name="d"><decisionTable id="t"><input id="i"><inputExpression typeRef="number">'
        f"<text>{expression}</text></inputExpression></input><output/><rule><inputEntry><text>5</text></inputEntry>"
        "<outputEntry><text>true</text></outputEntry></rule></decisionTable></decision>"
    )


def test_an_input_may_be_called_like_a_function(read: Read, refused: Refusals) -> None:
    model = read(_lone("sum"))

    assert model.decisions["d"].inputs == ("sum",)
    assert model.evaluate("d", {"sum": Decimal(5)}).result is True
    # Where input data are declared, `sum` alone can only be the function, which is no number.
    assert [(error.code, error.element_id) for error in refused(_lone("sum", '<inputData id="n" name="n"/>'))] == [("unknown-name", "i")]


def test_the_name_of_another_decision_is_not_taken_for_input_data(refused: Refusals) -> None:
    other = '<decision id="e" name="e"><literalExpression><text>5</text></literalExpression></decision>'

    assert [error.message for error in refused(_lone("e", other))] == ["unknown name e (declared, but not required here)"]


def test_a_rule_without_an_id_has_none_in_the_record(read: Read) -> None:
    record = read(_lone("sum")).evaluate("d", {"sum": Decimal(5)}).record()

    assert [(rule["ruleId"], rule["index"]) for rule in record["matchedRules"]] == [(None, 1)]


def test_cells_and_outputs_that_can_never_be_are_errors(refused: Refusals, table: Table) -> None:
    errors = refused(table("UNIQUE", [('"1"', '"c"'), ("1", '"a"')], values={0: '"a","b"'}))

    assert [(error.code, error.element_id) for error in errors] == [("wrong-type", "r1"), ("not-allowed", "r1")]


def test_a_misspelt_value_in_a_cell_is_an_error(tolerance_file: bytes) -> None:
    with pytest.raises(DmnRefused) as refusal:
        read_model(tolerance_file.replace(b'<text>"KNOWING"</text>', b'<text>"KNOWNG"</text>'))

    assert [(found.code, found.element_id) for found in refusal.value.findings] == [("not-allowed", "cell_1")]


def test_what_is_wrong_is_told_wherever_it_stands(refused: Refusals, table: Table) -> None:
    errors = refused(table("FIRST", [("m", "k"), ("m", "k"), ("> 1", "k"), ("&gt; 1", '"a"')]))

    assert [(error.code, error.element_id) for error in errors] == [
        ("unknown-name", "r1"),
        ("unknown-name", "r1"),
        ("unknown-name", "r2"),
        ("unknown-name", "r2"),
        ("unknown-name", "r3"),
    ]
