"""What a decision reads of its variables, and what it has to be given to be evaluated again."""

from decimal import Decimal
from typing import Any

import pytest

from service.dmn import DecisionFailure, given_inputs, input_paths, read_model, read_paths
from service.dmn.conftest import Read

MODEL = """
<inputData id="facts" name="facts"><variable name="facts"/></inputData>
<inputData id="season" name="season"><variable name="season"/></inputData>
<inputData id="unrelated" name="unrelated"><variable name="unrelated"/></inputData>
<businessKnowledgeModel id="rate" name="rate"><encapsulatedLogic><formalParameter name="given"/>
  <literalExpression><text>given.loss * 2</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>
<decision id="grave" name="grave"><variable name="grave"/>
  <informationRequirement><requiredInput href="#facts"/></informationRequirement>
  <literalExpression><text>facts.loss > 100 and facts.person.rank = "A"</text></literalExpression></decision>
<decision id="outcome" name="outcome"><variable name="outcome"/>
  <informationRequirement><requiredDecision href="#grave"/></informationRequirement>
  <informationRequirement><requiredInput href="#season"/></informationRequirement>
  <decisionTable hitPolicy="FIRST"><input><inputExpression><text>grave</text></inputExpression></input><output name="o"/>
    <rule><inputEntry><text>true</text></inputEntry><outputEntry><text>"no"</text></outputEntry></rule>
    <rule><inputEntry><text>-</text></inputEntry><outputEntry><text>season</text></outputEntry></rule></decisionTable></decision>
<decision id="rated" name="rated"><variable name="rated"/>
  <informationRequirement><requiredInput href="#facts"/></informationRequirement>
  <knowledgeRequirement><requiredKnowledge href="#rate"/></knowledgeRequirement>
  <literalExpression><text>rate(facts)</text></literalExpression></decision>
<decision id="served" name="served"><variable name="served"/>
  <informationRequirement><requiredInput href="#season"/></informationRequirement>
  <knowledgeRequirement><requiredKnowledge href="#service"/></knowledgeRequirement>
  <literalExpression><text>service(season)</text></literalExpression></decision>
<decisionService id="service" name="service"><outputDecision href="#outcome"/><encapsulatedDecision href="#grave"/>
  <inputData href="#season"/></decisionService>
<decisionService id="asked" name="asked"><outputDecision href="#outcome"/><inputDecision href="#grave"/>
  <inputData href="#season"/></decisionService>
"""
FACTS: dict[str, Any] = {"loss": Decimal(200), "person": {"rank": "A", "name": "李某"}, "weather": "fair"}
VARIABLES: dict[str, Any] = {"facts": FACTS, "season": "spring", "unrelated": 1, "other": [1, 2]}


@pytest.mark.parametrize(
    ("invocable", "expected"),
    [
        ("grave", {"facts.loss", "facts.person.rank"}),
        ("outcome", {"facts.loss", "facts.person.rank", "season"}),
        ("rated", {"facts"}),
        ("served", {"facts.loss", "facts.person.rank", "season"}),
        ("asked", {"grave", "season"}),
    ],
)
def test_what_is_read_directly_and_by_what_is_required(read: Read, invocable: str, expected: set[str]) -> None:
    assert {".".join(path) for path in read_paths(read(MODEL), invocable)} == expected


NESTED = """
<inputData id="facts" name="facts"><variable name="facts"/></inputData>
<inputData id="ruling" name="ruling"><variable name="ruling"/></inputData>
<inputData id="season" name="season"><variable name="season"/></inputData>
<decision id="verdict" name="verdict"><variable name="verdict"/>
  <informationRequirement><requiredInput href="#ruling"/></informationRequirement>
  <informationRequirement><requiredInput href="#season"/></informationRequirement>
  <literalExpression><text>[ruling.refused, ruling.terms.basis, season]</text></literalExpression></decision>
<decisionService id="ordered" name="ordered"><outputDecision href="#verdict"/><inputData href="#ruling"/></decisionService>
<decision id="judged" name="judged"><variable name="judged"/>
  <informationRequirement><requiredInput href="#facts"/></informationRequirement>
  <knowledgeRequirement><requiredKnowledge href="#ordered"/></knowledgeRequirement>
  <literalExpression><text>ordered({refused: facts.motive = "PRIVATE", terms: facts.terms})</text></literalExpression></decision>
<decision id="person" name="person"><variable name="person"/>
  <informationRequirement><requiredInput href="#facts"/></informationRequirement>
  <literalExpression><text>{rank: facts.rank, name: facts.name}</text></literalExpression></decision>
<decision id="ranked" name="ranked"><variable name="ranked"/>
  <informationRequirement><requiredDecision href="#person"/></informationRequirement>
  <literalExpression><text>person.rank</text></literalExpression></decision>
<decisionService id="of" name="of"><outputDecision href="#judged"/><inputData href="#facts"/><inputData href="#season"/></decisionService>
<decisionService id="rank" name="rank"><outputDecision href="#ranked"/><inputDecision href="#person"/></decisionService>
"""
CALLS = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="place" namespace="urn:place">
  <import name="base" namespace="urn:test" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>
  <inputData id="given" name="given"><variable name="given"/></inputData>
  <inputData id="month" name="month"><variable name="month"/></inputData>
  <decision id="place" name="place"><variable name="place"/>
    <informationRequirement><requiredInput href="#given"/></informationRequirement>
    <informationRequirement><requiredInput href="#month"/></informationRequirement>
    <knowledgeRequirement><requiredKnowledge href="urn:test#{service}"/></knowledgeRequirement>
    <literalExpression><text>{call}</text></literalExpression></decision></definitions>"""


@pytest.mark.parametrize(
    ("service", "call", "expected"),
    [
        ("of", "base.of(given, month)", {"given.motive", "given.terms", "month"}),
        ("of", "base.of(season: month, facts: given.event)", {"given.event.motive", "given.event.terms", "month"}),
        ("of", "base.of({motive: given.aim}, month + 1)", {"given.aim", "month"}),
        ("of", "base.of(given, given.month)", {"given.motive", "given.terms", "given.month"}),
        ("of", "base.of(given, month).x", {"given", "month"}),
        ("ordered", "base.ordered(given)", {"given.refused", "given.terms.basis", "base.season", "season"}),
        ("rank", "base.rank(given)", {"given.rank"}),
        ("rank", "base.rank(given, month)", {"given.rank", "month"}),
    ],
)
def test_of_what_is_handed_to_a_service_only_what_it_reads_and_none_of_its_parameters(
    read: Read, service: str, call: str, expected: set[str]
) -> None:
    model = read_model(CALLS.format(service=service, call=call).encode(), imports=[read(NESTED)])

    assert {".".join(path) for path in read_paths(model, "place")} == expected


@pytest.mark.parametrize("invocable", ["grave", "outcome", "rated", "served"])
def test_what_is_kept_is_enough_to_evaluate_again(read: Read, invocable: str) -> None:
    model = read(MODEL)

    kept = given_inputs(model, invocable, VARIABLES)

    assert model.evaluate(invocable, kept).result == model.evaluate(invocable, VARIABLES).result is not None
    assert "unrelated" not in kept
    assert "other" not in kept


def test_input_data_is_kept_whole(read: Read) -> None:
    assert given_inputs(read(MODEL), "grave", VARIABLES) == {"facts": FACTS}
    assert given_inputs(read(MODEL), "asked", {"season": None, "grave": True, "other": 1}) == {"season": None, "grave": True}
    assert given_inputs(read(MODEL), "outcome", {}) == {}


def test_imported_input_data_is_known_by_both_names(read: Read) -> None:
    importing = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="upper" namespace="urn:upper">
      <import name="base" namespace="urn:test" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>
      <decision id="upper" name="upper"><variable name="upper"/>
        <informationRequirement><requiredInput href="urn:test#facts"/></informationRequirement>
        <literalExpression><text>base.facts.loss</text></literalExpression></decision></definitions>"""
    model = read_model(importing, imports=[read(MODEL)])

    assert read_paths(model, "upper") == {("base", "facts", "loss"), ("facts", "loss")}
    assert input_paths(model, "upper") == ((("base", "facts"), ("facts",)),)
    for variables in ({"facts": FACTS, "x": 1}, {"base": {"facts": FACTS, "y": 2}}):
        kept = given_inputs(model, "upper", variables)
        assert model.evaluate("upper", kept).result == Decimal(200)
        assert kept in ({"facts": FACTS}, {"base": {"facts": FACTS}})


def test_an_unknown_decision_is_refused(read: Read) -> None:
    for ask in (read_paths, input_paths):
        with pytest.raises(DecisionFailure, match="nothing"):
            ask(read(MODEL), "nothing")
