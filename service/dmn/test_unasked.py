"""What decides although no list of what is not known looks at it."""

import pytest

from service.dmn import Unasked, read_model, unasked

DECISION = '<decision id="{0}" name="{0}"><variable name="{0}"/>{1}{2}</decision>'
INPUT = "<informationRequirement><requiredInput href='#{0}'/></informationRequirement>"
DECIDED = "<informationRequirement><requiredDecision href='#{0}'/></informationRequirement>"


def table(columns: list[str], *rows: str) -> str:
    """Rows: the id, then a cell for each column."""
    inputs = "".join(f"<input label='{text}'><inputExpression><text>{text}</text></inputExpression></input>" for text in columns)
    rules = ""
    for row in rows:
        name, *cells = row.split("|")
        entries = "".join(f"<inputEntry><text>{cell}</text></inputEntry>" for cell in cells)
        rules += f'<rule id="{name}">{entries}<outputEntry><text>"{name}"</text></outputEntry></rule>'
    return f'<decisionTable hitPolicy="COLLECT">{inputs}<output name="row"/>{rules}</decisionTable>'


REFUSED = ("refused", INPUT.format("facts"), table(["facts.harm", "facts.gain", "facts.loss"], "N1|true|-|-", "N2|-|true|-"))
MISSING = ("x_missing", INPUT.format("facts"), table(["facts.gain", "facts.harm"], "M|null|-"))
SHOWN = ("shown", INPUT.format("facts"), table(["facts.example"], "P1|true"))
NEEDS = "".join(map(DECIDED.format, ("refused", "x_missing", "shown")))
BY_TABLE = ("outcome", NEEDS, table(["count(refused)", "count(x_missing)"], "S1|&gt; 0|-", "S2|-|&gt; 0"))


def told(*decisions: tuple[str, str, str], inputs: str = '<variable name="facts" typeRef="tFacts"/>') -> list[Unasked]:
    components = "".join(f'<itemComponent name="{name}"/>' for name in ("harm", "gain", "loss", "example"))
    source = f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="d" namespace="urn:d">
    <itemDefinition name="tFacts">{components}</itemDefinition>
    <itemDefinition name="tResult"><itemComponent name="missing"/><itemComponent name="rows"/></itemDefinition>
    <inputData id="facts" name="facts">{inputs}</inputData>
    <inputData id="result" name="result"><variable name="result" typeRef="tResult"/></inputData>"""
    source += "".join(DECISION.format(*decision) for decision in decisions) + "</definitions>"
    return list(unasked(read_model(source.encode()), lambda name: name.endswith("_missing"), {"missing", "precedents"}))


def test_what_a_table_decides_by_and_nobody_asks_is_told_with_its_rule_and_column() -> None:
    (found,) = told(REFUSED, MISSING, SHOWN, BY_TABLE)

    assert found.path == ("facts", "harm")
    assert (found.outcome, found.asking, found.reader, found.rules, found.column) == (
        "outcome",
        ("x_missing",),
        "refused",
        ("N1",),
        "facts.harm",
    )
    assert found.element_id == "N1"


def test_a_row_that_asks_for_it_is_enough() -> None:
    assert told(REFUSED, (*MISSING[:2], table(["facts.gain", "facts.harm"], "M|null|-", "M2|-|null")), SHOWN, BY_TABLE) == []


@pytest.mark.parametrize(
    ("expression", "paths"),
    [
        ("{rows: refused, missing: x_missing, precedents: shown}", [("facts", "harm")]),
        ("{rows: refused, missing: x_missing, others: shown}", [("facts", "harm"), ("facts", "example")]),
        ("if count(x_missing) &gt; 0 then null else 1", []),
    ],
)
def test_an_expression_decides_by_all_it_hands_over_but_what_is_shown(expression: str, paths: list[tuple[str, ...]]) -> None:
    outcome = ("outcome", NEEDS, f"<literalExpression><text>{expression}</text></literalExpression>")

    assert [found.path for found in told(REFUSED, MISSING, SHOWN, outcome)] == paths


def test_its_own_table_asks_where_a_rule_is_for_null() -> None:
    needs = DECIDED.format("x_missing") + INPUT.format("facts")

    assert [found.path for found in told(MISSING, ("outcome", needs, table(["facts.harm", "x_missing"], "S1|true|-", "S2|-|[]")))] == [
        ("facts", "harm")
    ]
    assert told(MISSING, ("outcome", needs, table(["facts.harm", "x_missing"], "S1|true|-", "S2|null|[]"))) == []


def test_a_decision_that_asks_by_itself_is_told_once() -> None:
    needs = "".join(map(DECIDED.format, ("outcome", "x_missing")))

    assert [found.outcome for found in told(REFUSED, MISSING, SHOWN, BY_TABLE, ("above", needs, table(["outcome"], "S|null")))] == [
        "outcome"
    ]


def test_what_came_with_its_own_list_is_not_asked_for_again() -> None:
    needs = DECIDED.format("x_missing") + INPUT.format("result")
    outcome = ("outcome", needs, "<literalExpression><text>[result.rows, x_missing]</text></literalExpression>")

    assert told(MISSING, outcome) == []


def test_nothing_is_told_where_nothing_lists_what_is_missing() -> None:
    assert told(REFUSED, ("outcome", DECIDED.format("refused"), table(["count(refused)"], "S1|&gt; 0"))) == []
