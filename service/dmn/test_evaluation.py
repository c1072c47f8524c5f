"""What an evaluation tells besides its result: decision services, places of faults, and a bound on its size."""

from decimal import Decimal

import pytest

from service.dmn import DecisionFailure, read_header, read_model
from service.feel import FeelLimitError

HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="m" namespace="urn:m">'
SERVICE = f"""{HEAD}
  <inputData id="i" name="x"><variable name="x" typeRef="number"/></inputData>
  <decision id="a" name="more"><variable name="more"/><informationRequirement><requiredInput href="#i"/></informationRequirement>
    <literalExpression><text>x + 1</text></literalExpression></decision>
  <decision id="b" name="worded"><variable name="worded"/><informationRequirement><requiredDecision href="#a"/></informationRequirement>
    <literalExpression id="words"><text>1 +
  (more + "!")</text></literalExpression></decision>
  <decisionService id="both" name="both"><outputDecision href="#a"/><outputDecision href="#b"/><inputData href="#i"/></decisionService>
  <decisionService id="late" name="late"><outputDecision href="#b"/><inputDecision href="#a"/></decisionService>
</definitions>""".encode()


def test_a_service_is_explained_by_the_decisions_behind_it() -> None:
    model = read_model(SERVICE)

    evaluation = model.explain_service("both", {"x": Decimal(4)})
    record = evaluation.record()

    assert (model.services["both"].inputs, model.services["both"].outputs) == (("x",), ("more", "worded"))
    assert record["result"] == record["outputs"] == {"more": Decimal(5), "worded": None}
    assert record["inputs"] == [{"expression": "x", "value": Decimal(4)}]
    assert [(one["decisionKey"], one["result"]) for one in record["requiredDecisions"]] == [("a", Decimal(5)), ("b", None)]
    assert [(warning.element_id, warning.line, warning.column) for warning in evaluation.warnings] == [("words", 2, 9), ("words", 1, 3)]
    assert record["requiredDecisions"][1]["warnings"][0]["line"] == 2


def test_a_call_of_a_service_is_told_by_its_arguments_and_the_rules_behind_it() -> None:
    asking = b"""<decision id="asking" name="asking"><informationRequirement><requiredInput href="#i"/></informationRequirement>
    <knowledgeRequirement><requiredKnowledge href="#graded"/></knowledgeRequirement>
    <literalExpression><text>graded(x)</text></literalExpression></decision>
  <decision id="grade" name="grade"><informationRequirement><requiredInput href="#i"/></informationRequirement>
    <decisionTable><input><inputExpression><text>x</text></inputExpression></input><output name="g"/>
    <rule id="any"><description>section 1</description><inputEntry><text>-</text></inputEntry>
    <outputEntry><text>1</text></outputEntry></rule>
    </decisionTable></decision>
  <decisionService id="graded" name="graded"><outputDecision href="#grade"/><inputData href="#i"/></decisionService>
</definitions>"""
    record = read_model(SERVICE.replace(b"</definitions>", asking)).evaluate("asking", {"x": Decimal(4)}).record()

    assert record["inputs"] == [{"expression": "x", "value": Decimal(4)}]
    (grade,) = record["requiredDecisions"]
    assert [(rule["ruleId"], rule["description"]) for rule in grade["matchedRules"]] == [("any", "section 1")]


def test_an_input_decision_is_given_and_not_evaluated() -> None:
    record = read_model(SERVICE).explain_service("late", {"more": Decimal(7)}).record()

    assert record["inputs"] == [{"expression": "more", "value": Decimal(7)}]
    assert [one["decisionKey"] for one in record["requiredDecisions"]] == ["b"]


def test_what_a_service_refuses() -> None:
    model = read_model(SERVICE)

    with pytest.raises(DecisionFailure) as wrong:
        model.explain_service("both", {"x": "four"})
    with pytest.raises(DecisionFailure) as unknown:
        model.explain_service("a", {})

    assert ([problem.path for problem in wrong.value.problems], unknown.value.code) == ([("x",)], "unknown-service")


def test_a_record_is_bounded_however_often_a_large_value_is_handed_on() -> None:
    chain = "".join(
        f'<decision id="d{number}" name="d{number}"><variable name="d{number}"/>'
        f'<informationRequirement><requiredDecision href="#d{number - 1}"/></informationRequirement>'
        f"<literalExpression><text>d{number - 1}</text></literalExpression></decision>"
        for number in range(1, 20)
    )
    large = "<literalExpression><text>for i in 1..90000 return i</text></literalExpression>"
    first = f'<decision id="d0" name="d0"><variable name="d0"/>{large}</decision>'
    evaluation = read_model(f"{HEAD}{first}{chain}</definitions>".encode()).evaluate("d19", {})

    assert len(evaluation.result) == 90_000
    with pytest.raises(FeelLimitError):
        evaluation.record()


def test_the_header_names_what_must_be_read_before() -> None:
    imports = '\n<import name="a" namespace="urn:a" importType="t"/>\n<import name="b" namespace="urn:b" importType="t"/>'

    header = read_header(f"{HEAD}{imports}</definitions>".encode())

    assert header is not None
    assert (header.namespace, header.imports) == ("urn:m", {"urn:a": 2, "urn:b": 3})
    assert read_header(b"<definitions") is None
