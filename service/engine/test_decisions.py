"""Business rule tasks: a real decision, its record, and where its result goes."""

from decimal import Decimal
from typing import Any

import pytest

from service.domain.errors import StepFailed
from service.domain.step import DecisionTaken
from service.engine.conftest import Walk
from service.engine.state.recorder import Recorder


def deciding(mapping: str | None, key: str = "risk") -> str:
    attribute = f'camunda:mapDecisionResult="{mapping}"' if mapping else ""
    return (
        '<startEvent id="start"/><sequenceFlow sourceRef="start" targetRef="r"/>'
        f'<businessRuleTask id="r" camunda:decisionRef="{key}" {attribute}'
        ' camunda:resultVariable="found"/><sequenceFlow sourceRef="r" targetRef="end"/><endEvent id="end"/>'
    )


@pytest.mark.parametrize(
    ("mapping", "found"),
    [
        ("singleResult", {"level": "low", "limit": Decimal("0.10")}),
        ("resultList", [{"level": "low", "limit": Decimal("0.10")}]),
        (None, [{"level": "low", "limit": Decimal("0.10")}]),
    ],
)
def test_the_result_is_mapped_and_keeps_its_digits(walk: Walk, mapping: Any, found: Any) -> None:
    case = walk(deciding(mapping)).start(amount=Decimal("0.10"))

    assert case.variables["found"] == found
    (taken,) = case.step.decisions
    assert (taken.element_id, taken.decision_key, taken.version) == ("r", "risk", 1)
    rules: Any = taken.record["matchedRules"]
    assert [rule["ruleId"] for rule in rules] == ["low"]


def test_what_the_decision_was_taken_with_is_kept(walk: Walk) -> None:
    (taken,) = walk(deciding("singleResult")).start(amount=Decimal("0.10"), other={"large": "x" * 1_000}).step.decisions
    assert taken.variables == {"amount": Decimal("0.10")}


def test_what_a_loop_was_taken_with_is_kept_up_to_a_limit() -> None:
    recorder = Recorder()
    for _ in range(3):
        recorder.decided(DecisionTaken("r", "risk", 1, {"result": None}, {"text": "x" * 2_000_000}))

    assert [taken.variables is None for taken in recorder.decisions] == [False, False, True]


def test_several_rows_can_be_collected_but_are_no_single_result(walk: Walk) -> None:
    assert walk(deciding("collectEntries", "grades")).start(amount=Decimal(3)).variables["found"] == ["a", "b"]
    assert walk(deciding("singleEntry", "grades")).start(amount=Decimal(2)).variables["found"] == "a"
    assert walk(deciding("singleEntry", "grades")).start(amount=Decimal(0)).variables["found"] is None
    with pytest.raises(StepFailed, match="matched 2 rules") as failed:
        walk(deciding("singleResult", "grades")).start(amount=Decimal(3))
    assert (failed.value.element_id, failed.value.kind) == ("r", "decision")


def test_several_outputs_are_no_single_entry(walk: Walk) -> None:
    with pytest.raises(StepFailed, match="2 outputs"):
        walk(deciding("singleEntry")).start(amount=Decimal(3))


def test_input_the_decision_refuses_fails_the_step_with_its_problems(walk: Walk) -> None:
    with pytest.raises(StepFailed, match="amount") as failed:
        walk(deciding("singleResult")).start(amount="a lot")
    assert (failed.value.element_id, failed.value.kind) == ("r", "decision")


def test_an_unknown_decision_fails_the_step(walk: Walk) -> None:
    with pytest.raises(StepFailed) as failed:
        walk(deciding("singleResult", "nothing")).start(amount=Decimal(1))
    assert failed.value.kind == "definition"
