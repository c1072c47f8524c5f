"""Outcomes laid beside one another."""

from decimal import Decimal
from typing import Any

import pytest

from service.actions.decisions.outcomes import Record, RequestBudget, as_invalid, deciding_rules, outputs_by_name
from service.actions.decisions.replay import Judge, Told, account_of, kind_of
from service.actions.instances.door_checks import pointer
from service.dmn import DecisionFailure, InputProblem, read_model
from service.domain.errors import Invalid
from service.domain.json_values import TooLong

SPINNING = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="n" namespace="urn:n">
  <inputData id="size" name="size"><variable name="size" typeRef="number"/></inputData>
  <decision id="spin" name="spin"><informationRequirement><requiredInput href="#size"/></informationRequirement>
    <literalExpression><text>count(for i in 1..size return i * i)</text></literalExpression></decision>
</definitions>"""


def rule(identifier: str | None, index: int, description: str | None = "basis") -> dict[str, Any]:
    return {"ruleId": identifier, "index": index, "description": description, "outputs": {}}


def record(result: Any, *rules: Any, required: Any = ()) -> Record:
    return {
        "decisionKey": "d",
        "result": result,
        "outputs": {"o": result},
        "matchedRules": list(rules),
        "requiredDecisions": [{"decisionKey": key, "matchedRules": list(found)} for key, found in required],
    }


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (record("A", rule("r", 1)), record("A", rule("r", 4)), "unchanged"),
        (record(Decimal("1.0"), rule("r", 1)), record(Decimal(1), rule("r", 1)), "unchanged"),
        (record(Decimal(1), rule("r", 1)), record(True, rule("r", 1)), "changed"),
        (record("A", rule("r", 1)), record("B", rule("r", 1)), "changed"),
        (record("A", rule("r", 1)), record("A", rule("s", 1)), "sameOutcomeOtherRules"),
        (record("A", rule(None, 1)), record("A", rule(None, 2)), "sameOutcomeOtherRules"),
        (record("A", rule("r", 1)), record("A", rule("r", 1, "another basis")), "sameOutcomeOtherRules"),
        (record("A", required=[("q", [rule("r", 1)])]), record("A", required=[("q", [rule("s", 1)])]), "sameOutcomeOtherRules"),
        (record("A", required=[("p", []), ("q", [rule("r", 1)])]), record("A", required=[("q", [rule("r", 1)])]), "unchanged"),
        (None, record("A"), "changed"),
        (record("A"), None, "failed"),
        (None, None, "failed"),
    ],
)
def test_what_came_of_it(before: Record | None, after: Record | None, kind: str) -> None:
    def told(version: int | None, found: Record | None) -> Told:
        return Told(version, found, Invalid("no outcome") if found is None else None)

    assert kind_of(told(1, before), told(None, after)) == kind


def test_a_decision_without_a_table_stands_on_the_rules_it_required() -> None:
    found = record("A", required=[("p", [rule("p1", 1)]), ("q", []), ("r", [rule("r1", 2)])])

    assert [(one["decisionKey"], one["ruleId"]) for one in deciding_rules(found)] == [("p", "p1"), ("r", "r1")]
    assert [one["decisionKey"] for one in deciding_rules(record("A", rule("own", 1), required=[("p", [rule("p1", 1)])]))] == ["d"]


def test_where_several_rules_count_an_output_is_the_list_of_its_values() -> None:
    rows: Record = {"outputs": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]}

    assert outputs_by_name(rows, ["a", "b"]) == {"a": [1, 2], "b": ["x", "y"]}
    assert outputs_by_name({"outputs": []}, ["a", "b"]) == {"a": [], "b": []}
    assert outputs_by_name({"outputs": {"a": 1}}, ["a"]) == {"a": 1}


def test_a_spent_budget_leaves_no_time_for_an_endless_decision() -> None:
    judge = Judge(read_model(SPINNING), "spin", None)

    said = judge.says({"size": Decimal(50_000)}, 0, RequestBudget(0, 0))

    assert said.record is None
    assert said.problem is not None
    assert said.problem.code == "limit-exceeded"
    assert judge.says({"size": Decimal(50)}, 0, RequestBudget(20, 0)).record is not None


def test_what_is_shown_is_text_taken_from_the_budget() -> None:
    told = Told(1, record("A", rule("r", 1)))
    account = account_of(told, RequestBudget(20, 1_000))
    needed = sum(len(written.text) for written in account.members.values())

    assert account.members["result"].text == '"A"'
    budget = RequestBudget(20, needed)
    account_of(told, budget)
    assert budget.is_spent
    with pytest.raises(TooLong):
        account_of(told, RequestBudget(20, needed - 1))


def test_of_countless_faults_the_first_are_told() -> None:
    problems = tuple(InputProblem(("size", index), "wrong-type", "a number is required") for index in range(250))
    failure = DecisionFailure("input-refused", "refused", "spin", problems=problems)

    told = as_invalid(failure, pointer)

    assert [error.pointer for error in told.errors[:100]] == [f"/size/{index}" for index in range(100)]
    assert [(error.code, error.message) for error in told.errors[100:]] == [("more-faults", "150 more faults of the input are not listed")]
    with pytest.raises(TooLong):
        account_of(Told(None, None, told), RequestBudget(20, 1_000))


def test_an_input_nobody_looked_for_is_wanted() -> None:
    judge = Judge(read_model(SPINNING), "spin", 2)
    other = Judge(read_model(SPINNING.replace(b'name="size"', b'name="length"').replace(b"..size", b"..length")), "spin", 1)

    assert judge.wants({"size": Decimal(1)}, None) == []
    assert judge.wants({}, judge) == []
    assert judge.wants({"length": Decimal(1)}, other) == ["size"]
    assert judge.wants({}, None) == ["size"]
