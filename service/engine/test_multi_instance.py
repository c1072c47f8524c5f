"""Multi-instance activities, above all the shape of 征求意见: a sub-process per organ with a reminder and a closing date."""

from decimal import Decimal
from typing import Any

import pytest

from service.domain.errors import StepFailed
from service.engine.conftest import Walk

DAY = 86_400_000
ORGANS = ["discipline", "organisation", "audit", "court"]


def opinions(walk: Walk) -> Any:
    return walk(file="opinions.bpmn", key="opinions").start(organsAsked=list(ORGANS), opinion="outside")


def test_each_organ_gets_its_own_task_with_due_date_and_timers(walk: Walk) -> None:
    case = opinions(walk)

    assert case.open == ["give_opinion"] * 4
    assert sorted(task.candidate_groups for task in case.tasks.values()) == [(organ,) for organ in sorted(ORGANS)]
    assert {(task.due_at - case.now, task.due_basis) for task in case.tasks.values()} == {(10 * DAY, "law")}
    assert sorted(timer.due_at - case.now for timer in case.timers.values()) == [2 * DAY] * 4 + [15 * DAY] * 4
    assert len(case.subscriptions) == 1
    assert case.variables["starter"] == "li"


def test_answers_reminders_and_closing_mix_and_results_keep_the_order_of_the_collection(walk: Walk) -> None:
    case = opinions(walk)

    case.fire("remind", 1)
    assert case.messages == [
        ("task_reminder", {**case.variables, "organ": "organisation", "loopCounter": Decimal(1), "opinion": None, **counts(4, 4, 0)})
    ]
    case.complete("give_opinion", 2, opinion={"position": "AGREE"})
    case.fire("close", 0)
    assert case.open == ["close_silent", "give_opinion", "give_opinion"]
    case.fire("remind", 0)
    case.fire("remind", 0)
    assert len(case.messages) == 3
    case.complete("give_opinion", 1, opinion__position="OBJECT", opinion__text="no")
    case.complete("close_silent", opinion={"position": "NO_REPLY"})
    assert case.open == ["give_opinion"]
    case.complete("give_opinion", opinion={"position": "REMARKS"})

    assert case.open == ["decide"]
    assert [opinion["position"] for opinion in case.variables["opinions"]] == ["NO_REPLY", "REMARKS", "AGREE", "OBJECT"]
    assert case.variables["opinion"] == "outside"
    assert "organ" not in case.variables
    assert "nrOfInstances" not in case.variables
    assert not case.timers
    case.complete("decide")
    assert case.finished


def counts(instances: Any, active: Any, done: Any) -> Any:
    return {
        "nrOfInstances": Decimal(instances),
        "nrOfActiveInstances": Decimal(active),
        "nrOfCompletedInstances": Decimal(done),
    }


def test_a_repeating_reminder_comes_as_often_as_it_says_and_then_no_more(walk: Walk) -> None:
    case = opinions(walk)
    first = next(timer for timer in case.timers.values() if timer.element_id == "remind")

    case.take(case.execution().fire_timer(first.id, case.circumstances))
    second = next(timer for timer in case.timers.values() if timer.element_id == "remind" and timer.due_at == first.due_at + 2 * DAY)
    case.take(case.execution().fire_timer(second.id, case.circumstances))

    assert sum(timer.element_id == "remind" for timer in case.timers.values()) == 3
    with pytest.raises(StepFailed):
        case.execution().fire_timer(second.id, case.circumstances)


def test_an_interrupting_event_on_the_whole_ends_everything_inside(walk: Walk) -> None:
    case = opinions(walk)
    case.fire("close", 3)

    case.deliver("withdrawn")

    assert case.finished
    assert case.path[-2:] == ["withdrawn", "gone"]
    assert sum(visit.state == "cancelled" and visit.element_id == "give_opinion" for visit in case.visits.values()) == 4
    assert not any(visit.state == "active" for visit in case.visits.values())


def test_all_closed_by_timers_still_goes_on(walk: Walk) -> None:
    case = opinions(walk)

    for _ in ORGANS:
        case.fire("close")
    for _ in ORGANS:
        case.complete("close_silent", opinion="silent")

    assert case.open == ["decide"]
    assert case.variables["opinions"] == ["silent"] * 4


SEQUENTIAL = """
  <startEvent id="start"/><sequenceFlow sourceRef="start" targetRef="vote"/>
  <userTask id="vote" name="Vote ${loopCounter}" camunda:assignee="${voter}">
    <multiInstanceLoopCharacteristics isSequential="%s" camunda:collection="voters" camunda:elementVariable="voter">
      <loopDataOutputRef>votes</loopDataOutputRef><outputDataItem name="vote"/>
      <completionCondition>${nrOfCompletedInstances >= 2}</completionCondition>
    </multiInstanceLoopCharacteristics>
  </userTask><sequenceFlow sourceRef="vote" targetRef="end"/><endEvent id="end"/>
"""


def test_a_sequence_asks_one_after_the_other_until_the_condition_holds(walk: Walk) -> None:
    case = walk(SEQUENTIAL % "true").start(voters=["a", None, "c"])
    assert [(task.assignee, task.name) for task in case.tasks.values()] == [("a", "Vote 0")]

    case.complete("vote", vote=True)
    assert [(task.assignee, task.name) for task in case.tasks.values()] == [(None, "Vote 1")]
    case.complete("vote", vote=False)

    assert case.finished
    assert case.variables["votes"] == [True, False]


def test_the_completion_condition_cancels_the_iterations_that_are_left(walk: Walk) -> None:
    case = walk(SEQUENTIAL % "false").start(voters=["a", "b", "c", "d"])

    case.complete("vote", 3, vote="d").complete("vote", 0, vote="a")

    assert case.finished
    assert case.variables["votes"] == ["a", "d"]
    assert [visit.state for visit in case.visits.values() if visit.element_id == "vote"].count("cancelled") == 2


def test_an_empty_collection_passes_at_once(walk: Walk) -> None:
    case = walk(SEQUENTIAL % "false").start(voters=[])

    assert case.finished
    assert case.variables["votes"] == []


@pytest.mark.parametrize("voters", [None, "a", {"a": True}])
def test_what_is_no_list_fails_the_step(walk: Walk, voters: Any) -> None:
    with pytest.raises(StepFailed, match="not a list") as failed:
        walk(SEQUENTIAL % "false").start(voters=voters)
    assert (failed.value.element_id, failed.value.kind) == ("vote", "expression")


def test_too_many_elements_fail_the_step(walk: Walk) -> None:
    with pytest.raises(StepFailed) as failed:
        walk(SEQUENTIAL % "false").start(voters=["x"] * 1_001)
    assert failed.value.kind == "budget"
