"""Questions with few facts known: small tables by hand, and the decisions of Hubei."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from service.dmn import DecisionFailure, Model, read_model
from service.dmn.conftest import Ticking
from service.dmn.prospects import ANYTHING, OpenInput, ProspectLimits, Prospects, prospects

Read = Callable[[str], Model]

_FEE = """<itemDefinition name="tCase">
  <itemComponent name="kind"><typeRef>string</typeRef><allowedValues><text>"NEW", "RENEWAL", "OTHER"</text></allowedValues></itemComponent>
  <itemComponent name="pages"><typeRef>number</typeRef><allowedValues><text>&gt;= 0</text></allowedValues></itemComponent>
  <itemComponent name="urgent"><typeRef>boolean</typeRef></itemComponent>
</itemDefinition>
<inputData id="case" name="case"><variable name="case" typeRef="tCase"/></inputData>
<decision id="size" name="size"><informationRequirement><requiredInput href="#case"/></informationRequirement>
  <decisionTable hitPolicy="UNIQUE"><input><inputExpression typeRef="number"><text>case.pages</text></inputExpression></input>
  <output name="class" typeRef="string"/>
  <rule id="small"><inputEntry><text>&lt; 10</text></inputEntry><outputEntry><text>"S"</text></outputEntry></rule>
  <rule id="large"><inputEntry><text>&gt;= 10</text></inputEntry><outputEntry><text>"L"</text></outputEntry></rule>
  </decisionTable></decision>
<decision id="fee" name="fee"><informationRequirement><requiredInput href="#case"/></informationRequirement>
  <informationRequirement><requiredDecision href="#size"/></informationRequirement>
  <decisionTable hitPolicy="{policy}"><input><inputExpression typeRef="string"><text>case.kind</text></inputExpression></input>
  <input><inputExpression typeRef="string"><text>size</text></inputExpression></input>
  <output name="level" typeRef="string"/><output name="amount" typeRef="number"/>
  <rule id="renewal"><description>section 4</description><inputEntry><text>"RENEWAL"</text></inputEntry>
    <inputEntry><text>-</text></inputEntry>
    <outputEntry><text>"low"</text></outputEntry><outputEntry><text>5</text></outputEntry></rule>
  <rule id="new-large"><description>section 3</description><inputEntry><text>"NEW"</text></inputEntry>
    <inputEntry><text>"L"</text></inputEntry>
    <outputEntry><text>"high"</text></outputEntry><outputEntry><text>10 + case.pages</text></outputEntry></rule>
  <rule id="new-small"><description>section 3</description><inputEntry><text>"NEW"</text></inputEntry>
    <inputEntry><text>"S"</text></inputEntry>
    <outputEntry><text>"low"</text></outputEntry><outputEntry><text>10</text></outputEntry></rule></decisionTable></decision>"""


def _fee(read: Read, known: dict[str, Any], policy: str = "UNIQUE", **options: Any) -> Prospects:
    return prospects(read(_FEE.replace("{policy}", policy)), "fee", {"case": known}, **options)


def _open(answer: Prospects, *path: str) -> OpenInput:
    return next(found for found in answer.open_inputs if found.path == path)


def _rows(answer: Prospects) -> list[dict[str, Any]]:
    return [dict(row) for outcome in answer.outcomes for row in outcome.rows]


def test_the_time_holds_with_a_thousand_inputs(read: Read, ticking: Ticking) -> None:
    names = [f"x{number}" for number in range(1_000)]
    data = "".join(f'<inputData id="{name}" name="{name}"><variable name="{name}" typeRef="boolean"/></inputData>' for name in names)
    needed = "".join(f'<informationRequirement><requiredInput href="#{name}"/></informationRequirement>' for name in names)
    columns = "".join(f'<input><inputExpression typeRef="boolean"><text>{name}</text></inputExpression></input>' for name in names)
    rules = ("<rule>" + "<inputEntry><text>true</text></inputEntry>" * 1_000 + "<outputEntry><text>1</text></outputEntry></rule>") * 2
    table = f'<decisionTable hitPolicy="FIRST">{columns}<output/>{rules}</decisionTable>'
    model = read(f'{data}<decision id="d" name="d">{needed}{table}</decision>')

    answer = prospects(model, "d", {"x7": True}, limits=ProspectLimits(seconds=0.1))

    assert answer.reasons == ("the budget of time ended",)
    assert ticking.looks < 200
    assert not answer.complete
    assert {found.path for found in answer.open_inputs} == {(name,) for name in names if name != "x7"}


def test_nothing_known_lists_every_outcome_and_what_it_depends_on(read: Read) -> None:
    answer = _fee(read, {})

    assert (answer.outputs, answer.other_outputs) == (("level",), ("amount",))
    assert _rows(answer) == [{"level": "low"}, {"level": "high"}, {"level": None}]
    assert [[rule.rule_id for rule in outcome.rules] for outcome in answer.outcomes] == [["renewal", "new-small"], ["new-large"], []]
    assert [outcome.without_rule for outcome in answer.outcomes] == [False, False, True]
    assert answer.complete
    assert not answer.settled
    assert [(part.test, part.outcomes) for part in _open(answer, "case", "pages").distinctions] == [
        ("null", (0, 2)),
        ("[0..10)", (0, 2)),
        (">= 10", (0, 1, 2)),
    ]
    assert [(part.test, part.outcomes) for part in _open(answer, "case", "kind").distinctions] == [
        ('null, "OTHER"', (2,)),
        ('"NEW"', (0, 1, 2)),
        ('"RENEWAL"', (0,)),
    ]
    assert {asker.decision_id: asker.rules for asker in _open(answer, "case", "pages").asked_by} == {"size": ("small", "large")}
    assert answer.irrelevant == (("case", "urgent"),)


def test_what_is_known_settles(read: Read) -> None:
    answer = _fee(read, {"kind": "RENEWAL"})

    assert answer.settled
    assert answer.complete
    assert _rows(answer) == [{"level": "low"}]
    assert answer.open_inputs == ()
    assert set(answer.irrelevant) == {("case", "pages"), ("case", "urgent")}


def test_null_is_known_to_be_unknown_while_an_absent_key_may_become_anything(read: Read) -> None:
    assert _rows(_fee(read, {"kind": "NEW", "pages": None})) == [{"level": None}]
    assert _rows(_fee(read, {"kind": "NEW"})) == [{"level": "high"}, {"level": "low"}, {"level": None}]


def test_an_output_computed_from_what_is_not_known_is_left_open(read: Read) -> None:
    answer = _fee(read, {"kind": "NEW"}, outputs=["amount"])

    assert _rows(answer) == [{"amount": ANYTHING}, {"amount": Decimal(10)}, {"amount": None}]
    assert not answer.complete
    assert answer.reasons == ("an output is computed from case.pages",)
    assert not _open(answer, "case", "pages").certain
    record = answer.record()
    assert record["outcomes"][0]["outputs"] == {"amount": None}
    assert record["outcomes"][0]["open"] == ["amount"]


def test_one_open_output_is_not_settled(read: Read) -> None:
    model = read(_FEE.replace("{policy}", "UNIQUE").replace("<text>5</text>", "<text>case.pages * 2</text>"))
    answer = prospects(model, "fee", {"case": {"kind": "RENEWAL"}}, outputs=["amount"])
    assert len(answer.outcomes) == 1
    assert not answer.settled


def test_violations_of_the_hit_policy_are_outcomes(read: Read) -> None:
    model = read(_FEE.replace("{policy}", "UNIQUE").replace('<text>"NEW"</text>', "<text>-</text>"))
    answer = prospects(model, "fee", {"case": {"pages": Decimal(3)}})

    assert [outcome.failure.code for outcome in answer.outcomes if outcome.failure is not None] == ["hit-policy"]
    kinds = {part.test: part.outcomes for part in _open(answer, "case", "kind").distinctions}
    assert kinds['"RENEWAL"'] == (1,)


def test_a_function_called_with_what_is_not_known_fails_where_its_table_does(read: Read) -> None:
    model = read("""<inputData id="n" name="n"><variable name="n" typeRef="number"/></inputData>
<businessKnowledgeModel id="grade" name="grade"><encapsulatedLogic><formalParameter name="x"/>
<decisionTable hitPolicy="UNIQUE"><input><inputExpression><text>x</text></inputExpression></input><output name="g"/>
<rule><inputEntry><text>&gt; 1</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
<rule><inputEntry><text>&gt; 2</text></inputEntry><outputEntry><text>2</text></outputEntry></rule></decisionTable></encapsulatedLogic>
</businessKnowledgeModel>
<decision id="d" name="d"><informationRequirement><requiredInput href="#n"/></informationRequirement>
<knowledgeRequirement><requiredKnowledge href="#grade"/></knowledgeRequirement>
<literalExpression><text>grade(n)</text></literalExpression></decision>""")
    answer = prospects(model, "d", {})

    assert answer.complete
    assert [dict(row)["d"] for outcome in answer.outcomes for row in outcome.rows] == [Decimal(1), None]
    assert [outcome.failure.code for outcome in answer.outcomes if outcome.failure is not None] == ["hit-policy"]
    known = prospects(model, "d", {"n": Decimal(3)})
    assert [outcome.failure.code for outcome in known.outcomes if outcome.failure is not None] == ["hit-policy"]


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY"])
def test_an_output_that_fails_does_so_before_the_hit_policy_is_asked(read: Read, policy: str) -> None:
    """Every rule that applies is worked out first: the failure that happens is the function's, not the table's."""
    model = read(f"""<inputData id="b" name="b"><variable name="b" typeRef="boolean"/></inputData>
<businessKnowledgeModel id="grade" name="grade"><encapsulatedLogic><formalParameter name="x"/>
<decisionTable hitPolicy="UNIQUE"><input><inputExpression><text>x</text></inputExpression></input><output name="g"/>
<rule><inputEntry><text>true</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
<rule><inputEntry><text>true</text></inputEntry><outputEntry><text>2</text></outputEntry></rule></decisionTable></encapsulatedLogic>
</businessKnowledgeModel>
<decision id="d" name="d"><informationRequirement><requiredInput href="#b"/></informationRequirement>
<knowledgeRequirement><requiredKnowledge href="#grade"/></knowledgeRequirement>
<decisionTable hitPolicy="{policy}"><input><inputExpression typeRef="boolean"><text>b</text></inputExpression></input>
<output name="v"><outputValues><text>1, 2</text></outputValues></output>
<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
<rule><inputEntry><text>true</text></inputEntry><outputEntry><text>if b then grade(b) else 1</text></outputEntry></rule>
</decisionTable></decision>""")
    with pytest.raises(DecisionFailure) as happened:
        model.evaluate("d", {"b": True})
    assert happened.value.element_id == "grade"
    answer = prospects(model, "d", {"b": True})
    assert [outcome.failure.element_id for outcome in answer.outcomes if outcome.failure is not None] == ["grade"]
    assert {name for found in prospects(model, "d", {}).open_inputs for name in found.path} == {"b"}


def test_rows_of_a_collecting_table(read: Read) -> None:
    answer = _fee(read, {"pages": Decimal(3)}, "COLLECT")
    assert [outcome.rows for outcome in answer.outcomes] == [({"level": "low"},), ()]
    assert answer.record()["outcomes"][1]["outputs"] == []


def test_too_many_outcomes_are_summed_up(read: Read) -> None:
    answer = _fee(read, {}, "COLLECT", limits=ProspectLimits(outcomes=2))

    assert not answer.complete
    assert answer.reasons == ("more than 2 outcomes are possible",)
    assert _rows(answer) == [{"level": ANYTHING}]
    assert [rule.rule_id for rule in answer.outcomes[0].rules] == ["renewal", "new-large", "new-small"]
    assert {found.path for found in answer.open_inputs} == {("case", "kind"), ("case", "pages")}
    assert answer.irrelevant == (("case", "urgent"),)


def test_a_budget_that_ends_makes_the_answer_coarse(read: Read) -> None:
    answer = _fee(read, {}, limits=ProspectLimits(steps=3))

    assert not answer.complete
    assert answer.outcomes[0].rows == ({"level": ANYTHING},)
    assert {found.path for found in answer.open_inputs} == {("case", "kind"), ("case", "pages")}


def test_inputs_are_checked(read: Read) -> None:
    with pytest.raises(DecisionFailure) as refused:
        _fee(read, {"kind": "OLD"})
    assert (refused.value.code, refused.value.problems[0].path) == ("input-refused", ("case", "kind"))
    with pytest.raises(DecisionFailure) as unknown:
        prospects(read(_FEE.replace("{policy}", "UNIQUE")), "fees", {})
    assert unknown.value.code == "unknown-decision"
    with pytest.raises(DecisionFailure) as output:
        _fee(read, {}, outputs=["levels"])
    assert output.value.code == "unknown-output"


def test_inputs_without_declared_types_take_those_of_the_columns(tolerance_file: bytes) -> None:
    model = read_model(tolerance_file)
    (decision_id, decision), *_ = model.decisions.items()
    answer = prospects(model, decision_id, {})

    assert decision.hit_policy is not None
    assert len(answer.outcomes) > 1
    assert answer.open_inputs


def _hubei() -> Model:
    folder = Path(__file__).parents[3] / "dmn"
    vocabulary = read_model((folder / "common" / "vocabulary.dmn").read_bytes())
    china = read_model((folder / "china" / "china_tolerance.dmn").read_bytes(), imports=[vocabulary])
    return read_model((folder / "hubei" / "hubei_tolerance.dmn").read_bytes(), imports=[vocabulary, china])


def test_hubei_with_nothing_known() -> None:
    answer = prospects(_hubei(), "hubei_outcome", {"facts": {}}, limits=ProspectLimits(seconds=60))

    assert answer.complete
    assert [outcome.rules[0].rule_id for outcome in answer.outcomes] == ["S1", "S2", "S3", "S4", "S5", "S6"]
    assert {found.path[1] for found in answer.open_inputs} == {
        *("personalGain", "motive", "intent", "explicitProhibition", "persisted", "decisionProcess", "urgentPublicDanger"),
        *("procedureCompletedAfterwards", "overallBenefit", "consequence", "nature", "workBasis", "achievementBias", "personOpposed"),
        "remedy",
    }
    motive = {part.test: part.outcomes for part in _open(answer, "facts", "motive").distinctions}
    assert motive['"PRIVATE"'] == (0,)
    assert 2 not in motive['"UNIT_IMPROPER"']


def test_hubei_settles_with_one_fact_of_the_negative_list() -> None:
    answer = prospects(_hubei(), "hubei_outcome", {"facts": {"personalGain": True}}, limits=ProspectLimits(seconds=60))

    assert answer.settled
    assert [dict(row)["outcome"] for row in answer.outcomes[0].rows] == ["NOT_TOLERATED"]
    assert "reasons" in answer.other_outputs
    assert answer.open_inputs == ()
    assert ("facts", "motive") in answer.irrelevant


def test_hubei_cannot_tolerate_while_a_needed_fact_stays_unknown() -> None:
    answer = prospects(_hubei(), "hubei_outcome", {"facts": {"motive": None}}, limits=ProspectLimits(seconds=60))
    assert [outcome.rules[0].rule_id for outcome in answer.outcomes] == ["S1", "S2"]


def test_what_a_city_takes_over_from_hubei_is_open_in_its_parts() -> None:
    folder = Path(__file__).parents[3] / "dmn"
    city = read_model((folder / "shiyan" / "shiyan_tolerance.dmn").read_bytes(), imports=[_hubei()])

    answer = prospects(city, "shiyan_outcome", {"facts": {}}, limits=ProspectLimits(seconds=60))

    assert answer.complete
    assert {dict(outcome.rows[0])["outcome"] for outcome in answer.outcomes} == {"NOT_TOLERATED", "TOLERATE", "MANUAL"}
    assert {name for outcome in answer.outcomes for row in outcome.rows for name in row} == {"outcome", "modality", "force"}
    assert len(answer.open_inputs) == 15


@pytest.mark.parametrize(
    ("declared", "outcomes", "complete"), [("integer", ["few", "many", None], True), ("number", ["few", "between", "many", None], True)]
)
def test_a_whole_number_lies_between_no_neighbours(read: Read, declared: str, outcomes: list[str | None], complete: bool) -> None:
    answer = prospects(read(_counted(declared, "number")), "size", {})

    assert ([row["class"] for row in _rows(answer)], answer.complete) == (outcomes, complete)


def test_a_column_of_whole_numbers_may_refuse_a_number(read: Read) -> None:
    answer = prospects(read(_counted("number", "integer")), "size", {})

    assert not answer.complete


def _counted(declared: str, column: str) -> str:
    rules = "".join(
        f"<rule><inputEntry><text>{cell}</text></inputEntry><outputEntry><text>{output}</text></outputEntry></rule>"
        for cell, output in (("&lt;= 3", '"few"'), ("(3..4)", '"between"'), ("&gt;= 4", '"many"'))
    )
    return f"""<inputData id="n" name="n"><variable name="n" typeRef="{declared}"/></inputData>
      <decision id="size" name="size"><informationRequirement><requiredInput href="#n"/></informationRequirement>
      <decisionTable hitPolicy="UNIQUE"><input><inputExpression typeRef="{column}"><text>n</text></inputExpression></input>
      <output name="class" typeRef="string"/>{rules}</decisionTable></decision>"""
