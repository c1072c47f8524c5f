"""Whole files: graph, types at the door, trace, refusals."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from service.dmn import DecisionFailure, DmnRefused, read_model
from service.dmn.conftest import Read, Refusals
from service.feel import Limits


def test_a_camunda_file_is_evaluated_and_explained(tolerance_file: bytes) -> None:
    model = read_model(tolerance_file, "tolerance.dmn")

    record = model.evaluate("outcome", {"facts": {"intent": "KNOWING", "personalGain": True}}).record()

    assert record["result"] == {"outcome": "NOT_TOLERATED", "reasons": ["N3b", "N3"]}
    assert record["outputs"] == record["result"]
    assert record["inputs"] == [
        {"expression": "count(negativeHits)", "value": Decimal(2)},
        {"expression": "facts.intent != null and facts.personalGain != null", "value": True},
    ]
    assert [(rule["ruleId"], rule["index"], rule["description"]) for rule in record["matchedRules"]] == [("rule_refuse", 1, "负面清单命中")]
    required = record["requiredDecisions"]
    assert [found["decisionKey"] for found in required] == ["negative_list"]
    assert [rule["ruleId"] for rule in required[0]["matchedRules"]] == ["rule_knowing", "rule_gain"]
    assert required[0]["outputs"] == [{"rule": "N3b"}, {"rule": "N3"}]
    assert record["warnings"] == []
    assert record["durationMicros"] >= required[0]["durationMicros"] >= 0
    json.dumps(record, default=str)


def test_the_file_is_kept_byte_for_byte(tolerance_file: bytes) -> None:
    assert read_model(tolerance_file).source == tolerance_file


def test_decisions_describe_themselves(tolerance_file: bytes) -> None:
    found = read_model(tolerance_file).decisions["outcome"]

    assert (found.id, found.name, found.inputs, found.outputs, found.hit_policy) == (
        "outcome",
        "容错建议",
        ("facts",),
        ("outcome", "reasons"),
        "FIRST",
    )


@pytest.mark.parametrize("facts", [{}, {"intent": None}, None, {"intent": "INADVERTENT"}])
def test_missing_and_null_facts_are_unknown(tolerance_file: bytes, facts: dict[str, Any] | None) -> None:
    evaluation = read_model(tolerance_file).evaluate("outcome", {"facts": facts})

    assert evaluation.result["outcome"] == "MANUAL"
    assert read_model(tolerance_file).evaluate("outcome", {}).result["outcome"] == "MANUAL"


def test_unknown_keys_wrong_types_and_values_outside_the_list_are_refused_with_their_paths(
    tolerance_file: bytes,
) -> None:
    model = read_model(tolerance_file)
    facts = {
        "intnt": "KNOWING",
        "intent": "MAYBE",
        "personalGain": "yes",
        "personsInvolved": True,
        "factDate": "2026-02-30",
        "fields": ["LEGACY", "SPACE"],
    }

    with pytest.raises(DecisionFailure) as failure:
        model.evaluate("outcome", {"facts": facts, "unrelated": 1})

    assert failure.value.code == "input-refused"
    assert {(problem.path, problem.code) for problem in failure.value.problems} == {
        (("facts", "intnt"), "unknown-key"),
        (("facts", "intent"), "not-allowed"),
        (("facts", "personalGain"), "wrong-type"),
        (("facts", "personsInvolved"), "wrong-type"),
        (("facts", "factDate"), "wrong-type"),
        (("facts", "fields", 1), "not-allowed"),
    }
    assert model.check_input("outcome", {"facts": facts}) == failure.value.problems
    assert model.check_input("outcome", {"facts": {"personsInvolved": Decimal("2.50")}}) == ()
    assert model.check_input("outcome", {"facts": []})[0].code == "wrong-type"
    assert model.check_input("outcome", {}) == ()


def test_a_misspelt_component_is_an_error_at_reading(tolerance_file: bytes) -> None:
    source = tolerance_file.replace(b"<text>facts.personalGain</text>", b"<text>facts.personelGain</text>")

    with pytest.raises(DmnRefused) as refusal:
        read_model(source)

    found = refusal.value.findings[0]
    assert (found.code, found.element_id, found.severity) == ("unknown-component", "expression_gain", "error")
    assert found.line == 1 + source[: source.index(b"personelGain")].count(b"\n")
    assert "facts.personelGain" in found.message
    assert "did you mean personalGain" in found.message
    assert [finding.severity for finding in read_model(source, checks="warn").findings] == ["warning"]


def test_text_becomes_a_temporal_value_where_the_type_says_so(read: Read) -> None:
    model = read(
        '<inputData id="i" name="when"><variable name="when" typeRef="date"/></inputData>'
        '<decision id="next" name="next"><informationRequirement><requiredInput href="#i"/></informationRequirement>'
        '<literalExpression><text>when + duration("P1D")</text></literalExpression></decision>'
    )

    assert model.evaluate("next", {"when": "2028-02-28"}).record()["result"] == "2028-02-29"
    assert model.check_input("next", {"when": "tomorrow"})[0].path == ("when",)


def test_the_clock_is_read_once(read: Read) -> None:
    model = read('<decision id="d" name="d"><literalExpression><text>today()</text></literalExpression></decision>')

    evaluation = model.evaluate("d", {}, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC))

    assert evaluation.record()["result"] == "2026-03-01"


def test_a_fault_is_a_warning_with_its_element(read: Read) -> None:
    model = read(
        '<decision id="d" name="d"><variable name="v"/><literalExpression id="e"><text>1 + "a"</text></literalExpression></decision>'
    )

    evaluation = model.evaluate("d", {})

    assert evaluation.result is None
    assert evaluation.rows == [{"v": None}]
    assert [warning.element_id for warning in evaluation.warnings] == ["e"]
    assert evaluation.record()["warnings"][0]["elementId"] == "e"


def test_a_required_decision_is_evaluated_once_and_in_order(read: Read) -> None:
    def decision(name: str, text: str, *needed: str) -> str:
        requirements = "".join(f'<informationRequirement><requiredDecision href="#{other}"/></informationRequirement>' for other in needed)
        return f'<decision id="{name}" name="{name}">{requirements}<literalExpression><text>{text}</text></literalExpression></decision>'

    model = read(decision("d", "b + c", "b", "c") + decision("b", "a + 1", "a") + decision("c", "a + 2", "a") + decision("a", "1"))

    record = model.evaluate("d", {}).record()

    assert record["result"] == Decimal(5)
    assert [found["decisionKey"] for found in record["requiredDecisions"]] == ["a", "b", "c"]


def test_a_required_decision_answers_to_its_variable_and_its_id(read: Read) -> None:
    model = read(
        '<decision id="d" name="d"><informationRequirement><requiredDecision href="#risk_level"/>'
        "</informationRequirement><literalExpression><text>风险 + risk_level</text></literalExpression></decision>"
        '<decision id="risk_level" name="风险"><literalExpression><text>2</text></literalExpression></decision>'
    )

    assert model.evaluate("d", {}).result == Decimal(4)


def test_cycles_and_missing_references_are_errors(refused: Refusals) -> None:
    errors = refused(
        '<decision id="a" name="a"><informationRequirement><requiredDecision href="#b"/></informationRequirement>'
        "<literalExpression><text>1</text></literalExpression></decision>"
        '<decision id="b" name="b"><informationRequirement><requiredDecision href="#a"/></informationRequirement>'
        '<informationRequirement><requiredInput href="#nobody"/></informationRequirement>'
        '<knowledgeRequirement><requiredKnowledge href="urn:other#f"/></knowledgeRequirement>'
        "<literalExpression><text>1</text></literalExpression></decision>"
    )

    assert sorted((error.code, error.element_id) for error in errors) == [
        ("cycle", "a"),
        ("missing-reference", "b"),
        ("missing-reference", "b"),
    ]
    assert any("a → b → a" in error.message for error in errors)


def test_a_long_chain_of_decisions_needs_no_recursion(read: Read) -> None:
    decisions = ['<decision id="d0" name="d0"><literalExpression><text>0</text></literalExpression></decision>']
    decisions += [
        f'<decision id="d{n}" name="d{n}"><informationRequirement><requiredDecision href="#d{n - 1}"/>'
        f"</informationRequirement><literalExpression><text>d{n - 1} + 1</text></literalExpression></decision>"
        for n in range(1, 1500)
    ]

    assert read("".join(decisions)).evaluate("d1499", {}).result == Decimal(1499)


@pytest.mark.parametrize(
    ("decision", "code", "message"),
    [
        ("<literalExpression><text>nobody</text></literalExpression>", "unknown-name", "unknown name nobody"),
        (
            "<literalExpression><text>facts.loss</text></literalExpression>",
            "unknown-name",
            "unknown name facts (declared, but not required here)",
        ),
        (
            '<informationRequirement><requiredInput href="#facts"/></informationRequirement>'
            "<literalExpression><text>facts.los &gt; 1</text></literalExpression>",
            "unknown-component",
            "unknown name facts.los: tFacts has no component los (did you mean loss?)",
        ),
        ('<variable name="d" typeRef="tNobody"/><literalExpression><text>1</text></literalExpression>', "unknown-type", None),
    ],
)
def test_unknown_names_and_types_in_literal_expressions(refused: Refusals, decision: str, code: str, message: str | None) -> None:
    (error,) = refused(
        '<itemDefinition name="tFacts"><itemComponent name="loss"><typeRef>number</typeRef></itemComponent></itemDefinition>'
        '<inputData id="facts" name="facts"><variable name="facts" typeRef="tFacts"/></inputData>'
        f'<decision id="d" name="d">{decision}</decision>'
    )

    assert error.code == code
    assert message in (None, error.message)


def test_budget_and_unknown_decisions_are_failures(read: Read) -> None:
    model = read(
        '<decision id="d" name="d"><literalExpression><text>count(for i in 1..1000000000 return i)</text></literalExpression></decision>'
    )

    with pytest.raises(DecisionFailure) as failure:
        model.evaluate("d", {}, limits=Limits(steps=10_000))
    assert failure.value.code == "limit-exceeded"
    with pytest.raises(DecisionFailure) as failure:
        model.evaluate("nobody", {})
    assert failure.value.code == "unknown-decision"


def test_endless_recursion_of_a_function_is_a_failure(read: Read) -> None:
    model = read(
        '<businessKnowledgeModel id="f" name="f"><encapsulatedLogic><formalParameter name="x"/>'
        "<literalExpression><text>f(x + 1)</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
        '<decision id="d" name="d"><knowledgeRequirement><requiredKnowledge href="#f"/></knowledgeRequirement>'
        "<literalExpression><text>f(1)</text></literalExpression></decision>"
    )

    with pytest.raises(DecisionFailure) as failure:
        model.evaluate("d", {})

    assert failure.value.code == "limit-exceeded"


def test_a_knowledge_model_that_requires_itself_may_call_itself(read: Read) -> None:
    model = read(
        '<businessKnowledgeModel id="f" name="f"><encapsulatedLogic><formalParameter name="n"/>'
        "<literalExpression><text>if n = 0 then 1 else n * f(n - 1)</text></literalExpression></encapsulatedLogic>"
        '<knowledgeRequirement><requiredKnowledge href="#f"/></knowledgeRequirement></businessKnowledgeModel>'
        '<decision id="d" name="d"><knowledgeRequirement><requiredKnowledge href="#f"/></knowledgeRequirement>'
        "<literalExpression><text>f(5)</text></literalExpression></decision>"
    )

    assert model.evaluate("d", {}).result == Decimal(120)


def test_imported_models_are_found_by_namespace() -> None:
    head = '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="x" namespace="{}">'
    shared = read_model(
        (
            head.format("urn:shared")
            + '<itemDefinition name="tAge"><typeRef>number</typeRef></itemDefinition>'
            + '<inputData id="age" name="age"><variable name="age" typeRef="tAge"/></inputData>'
            + '<decision id="adult" name="adult"><informationRequirement><requiredInput href="#age"/>'
            + "</informationRequirement><literalExpression><text>age &gt;= 18</text></literalExpression></decision>"
            + "</definitions>"
        ).encode()
    )
    source = (
        head.format("urn:own")
        + '<import name="base" namespace="urn:shared" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
        + '<decision id="d" name="d"><variable name="d" typeRef="boolean"/><informationRequirement>'
        + '<requiredDecision href="urn:shared#adult"/></informationRequirement>'
        + "<literalExpression><text>not(base.adult)</text></literalExpression></decision></definitions>"
    ).encode()

    model = read_model(source, imports=[shared])

    assert model.evaluate("d", {"age": Decimal(17)}).result is True
    assert model.evaluate("d", {"base": {"age": Decimal(18)}}).result is False
    with pytest.raises(DmnRefused, match="urn:shared was not given"):
        read_model(source)


def test_allowed_values_without_quotes_and_deep_data_are_refused(refused: Refusals, read: Read) -> None:
    errors = refused(
        '<itemDefinition id="t" name="tState"><typeRef>string</typeRef>'
        "<allowedValues><text>OPEN, CLOSED</text></allowedValues></itemDefinition>"
    )
    deep: dict[str, Any] = {}
    for _ in range(3000):
        deep = {"a": deep}
    model = read(
        '<inputData id="x" name="x"/><decision id="d" name="d"><informationRequirement><requiredInput href="#x"/>'
        "</informationRequirement><literalExpression><text>x.a</text></literalExpression></decision>"
    )

    assert [(error.code, error.element_id) for error in errors] == [("unknown-name", "t"), ("unknown-name", "t")]
    assert [problem.code for problem in model.check_input("d", {"x": deep})] == ["wrong-type"]
    assert model.check_input("d", {"x": {"a": 0.5}})[0].path == ("x", "a")
    assert model.evaluate("d", {"x": {"a": 3}}).result == Decimal(3)


def test_a_required_table_answers_to_the_name_of_its_only_output(read: Read) -> None:
    model = read(
        '<decision id="d" name="d"><informationRequirement><requiredDecision href="#decision_1"/>'
        "</informationRequirement><literalExpression><text>season</text></literalExpression></decision>"
        '<decision id="decision_1" name="Season of the day"><decisionTable id="t"><output id="o" name="season"/>'
        '<rule id="r"><outputEntry><text>"Winter"</text></outputEntry></rule></decisionTable></decision>'
    )

    assert model.evaluate("d", {}).result == "Winter"
    assert model.findings == ()


def test_input_data_that_is_declared_but_not_required_is_named_so(refused: Refusals) -> None:
    errors = refused(
        '<inputData id="n" name="facts"/><decision id="d" name="d"><decisionTable id="t"><input id="i">'
        '<inputExpression><text>facts.x</text></inputExpression></input><output id="o" name="x"/></decisionTable></decision>'
    )

    assert [(error.element_id, error.message) for error in errors] == [("i", "unknown name facts (declared, but not required here)")]


@pytest.mark.parametrize(
    ("allowed", "value", "message"),
    [
        ("&gt;= 0", Decimal(-1), "n must be >= 0, not number -1"),
        ("1, 2", Decimal(3), "n must be one of 1, 2, not number 3"),
        ("[1..2]", Decimal(3), "n must be one of [1..2], not number 3"),
    ],
)
def test_the_message_says_what_is_allowed(allowed: str, value: Decimal, message: str) -> None:
    model = read_model(
        f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">
        <itemDefinition name="tCount"><typeRef>number</typeRef><allowedValues><text>{allowed}</text></allowedValues></itemDefinition>
        <inputData id="n" name="n"><variable name="n" typeRef="tCount"/></inputData>
        <decision id="same" name="same"><informationRequirement><requiredInput href="#n"/></informationRequirement>
        <literalExpression><text>n</text></literalExpression></decision></definitions>""".encode()
    )

    assert [problem.message for problem in model.check_input("same", {"n": value})] == [message]
