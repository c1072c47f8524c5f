"""Multi-instances where the bare library goes wrong (notes on SpiffWorkflow §1, §5, §7), by defect; and a thousand at once."""

from dataclasses import replace
from decimal import Decimal

import pytest

from service.domain.errors import StepFailed
from service.engine.conftest import FixedLaw, Walk, document
from service.engine.sketches import END, START, boundary, chain, script, sub, timer, user

OUT = '<loopDataOutputRef>out</loopDataOutputRef><outputDataItem name="%s"/>'


def many(cardinality: str, sequential: str = "false", inside: str = "") -> str:
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{sequential}"><loopCardinality>{cardinality}</loopCardinality>{inside}'
        "</multiInstanceLoopCharacteristics>"
    )


def each(collection: str, variable: str, sequential: str = "false", inside: str = "") -> str:
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{sequential}" camunda:collection="{collection}"'
        f' camunda:elementVariable="{variable}">{inside}</multiInstanceLoopCharacteristics>'
    )


BOTH = pytest.mark.parametrize("sequential", ["true", "false"])


@BOTH
@pytest.mark.parametrize("cardinality", [0, 1, 3])
def test_a_cardinality_says_how_many(walk: Walk, sequential: str, cardinality: int) -> None:
    body = START + user("a", marks=many("${n}", sequential)) + END + chain("start", "a", "end")
    case = walk(body).start(n=Decimal(cardinality))
    while not case.finished:
        case.complete("a")
    assert case.path.count("a") == cardinality


@BOTH
def test_null_elements_are_elements(walk: Walk, sequential: str) -> None:
    """The bare library hangs at a null in a sequence."""
    body = (
        START + script("a", "who = null", "unknown", each("people", "who", sequential, OUT % "unknown")) + END + chain("start", "a", "end")
    )
    case = walk(body).start(people=[None, "x", None])

    assert case.finished
    assert case.variables["out"] == [True, False, True]


@BOTH
def test_an_element_variable_needs_no_output_and_does_not_leak(walk: Walk, sequential: str) -> None:
    """The bare library fails at the second element ("input item already exists") and leaves the variable behind."""
    body = START + user("a", marks=each("people", "who", sequential)) + END + chain("start", "a", "end")
    case = walk(body).start(people=["x", "y", "z"])
    for _ in range(3):
        case.complete("a")

    assert case.finished
    assert case.variables == {"people": ["x", "y", "z"]}


def test_the_counters_are_in_sight_of_every_iteration(walk: Walk) -> None:
    """The bare library knows no nrOf… variables."""
    seen = "string(loopCounter) + string(nrOfInstances) + string(nrOfActiveInstances) + string(nrOfCompletedInstances)"
    body = START + script("a", seen, "word", each("people", "who", "true", OUT % "word")) + END + chain("start", "a", "end")
    assert walk(body).start(people=["x", "y"]).variables["out"] == ["0210", "1211"]


def test_instances_of_one_definition_do_not_share_what_they_iterate_over(walk: Walk) -> None:
    """The bare library writes collection and cardinality of one instance into the definition of all."""
    definition = walk(
        START + user("a", marks=each("people", "who", "false"), attributes='camunda:assignee="${who}"') + END + chain("start", "a", "end")
    )
    first = replace(definition, tasks={}, visits={}).start(people=["x"])
    second = replace(definition, tasks={}, visits={}).start(people=["y", "z"])

    assert [task.assignee for task in first.tasks.values()] == ["x"]
    assert sorted(str(task.assignee) for task in second.tasks.values()) == ["y", "z"]


def opinion(marks: str) -> str:
    inside = '<startEvent id="s0"/>' + user("w") + '<endEvent id="s1"/>' + chain("s0", "w", "s1")
    return START + sub("s", inside, marks) + user("after") + END + chain("start", "s", "after", "end")


@BOTH
def test_an_interrupting_event_on_a_multi_instance_sub_process_leaves_nothing_behind(walk: Walk, sequential: str) -> None:
    """The bare library keeps an orphan, and every later step of the instance fails."""
    body = (
        opinion(many("3", sequential)) + boundary("late", "s", timer("PT1H")) + user("b") + '<endEvent id="e2"/>' + chain("late", "b", "e2")
    )
    case = walk(body).start().complete("w").fire("late")

    assert case.open == ["b"]
    assert case.complete("b").finished
    assert not any(visit.state == "active" for visit in case.visits.values())


@BOTH
def test_a_non_interrupting_event_comes_again_while_the_iterations_go_on(walk: Walk, sequential: str) -> None:
    body = (
        opinion(many("2", sequential))
        + boundary("hint", "s", timer("R/PT1H"), False)
        + user("b")
        + '<endEvent id="e2"/>'
        + chain("hint", "b", "e2")
    )
    case = walk(body).start().fire("hint").complete("w").fire("hint")
    assert case.open == ["b", "b", "w"]

    case.complete("w")
    assert case.open == ["after", "b", "b"]
    assert not case.timers


def test_multi_instances_inside_one_another_keep_their_own_counters_and_elements(walk: Walk) -> None:
    inner = script(
        "a", "who + string(number) + string(loopCounter) + string(nrOfInstances)", "word", each("numbers", "number", "false", OUT % "word")
    )
    inside = '<startEvent id="s0"/>' + inner + '<endEvent id="s1"/>' + chain("s0", "a", "s1")
    outer = each("people", "who", "false", "<loopDataOutputRef>all</loopDataOutputRef><outputDataItem name='out'/>")
    case = walk(START + sub("s", inside, outer) + END + chain("start", "s", "end")).start(
        people=["x", "y"], numbers=[Decimal(7), Decimal(8)]
    )

    assert case.variables["all"] == [["x702", "x812"], ["y702", "y812"]]
    assert "out" not in case.variables


@BOTH
def test_a_thousand_iterations(walk: Walk, sequential: str) -> None:
    body = START + script("a", "loopCounter", "n", many("1000", sequential, OUT % "n")) + END + chain("start", "a", "end")
    assert walk(body).start().variables["out"] == [Decimal(number) for number in range(1000)]


def hosting(activity: str, work: str, sequential: str = "false") -> tuple[str, str, FixedLaw]:
    """A multi-instance activity of that kind with 1 000 iterations of the element `w`, its id, and the law with what it calls."""
    inside = '<startEvent id="s0"/>' + work + '<endEvent id="s1"/>' + chain("s0", "w", "s1")
    marks = many("1000", sequential)
    xml = {
        "userTask": f'<userTask id="w">{marks}</userTask>',
        "subProcess": sub("s", inside, marks),
        "callActivity": f'<callActivity id="c" calledElement="child">{marks}</callActivity>',
    }[activity]
    return xml, xml.split('id="', 1)[1].split('"', 1)[0], FixedLaw(processes={"child": [document(inside, "child")]})


@pytest.mark.parametrize("activity", ["userTask", "subProcess", "callActivity"])
def test_a_thousand_at_once_with_events_on_the_whole(walk: Walk, activity: str) -> None:
    host, name, law = hosting(activity, user("w"))
    body = (
        START
        + host
        + END
        + chain("start", name, "end")
        + boundary("late", name, timer("PT1H"))
        + '<endEvent id="e2"/>'
        + chain("late", "e2")
    )
    body += boundary("hint", name, timer("R/PT1M"), False) + user("b") + '<endEvent id="e3"/>' + chain("hint", "b", "e3")
    case = walk(body, law=law).start()
    assert len(case.tasks) == 1_000

    case.complete("w", 500).fire("hint").complete("b")
    assert len(case.tasks) == 999

    assert case.fire("late").finished
    assert [visit.state for visit in case.visits.values() if visit.element_id == "w"].count("cancelled") == 999


@pytest.mark.parametrize("activity", ["subProcess", "callActivity"])
def test_a_thousand_one_after_the_other(walk: Walk, activity: str) -> None:
    host, name, law = hosting(activity, '<task id="w"/>', "true")
    case = walk(START + host + END + chain("start", name, "end"), law=law).start()

    assert case.finished
    assert case.path.count("w") == 1_000


def test_more_than_a_thousand_fail_the_step_and_start_nothing(walk: Walk) -> None:
    body = START + user("a") + user("w", marks=many("${n}")) + END + chain("start", "a", "w", "end")
    case = walk(body).start()

    with pytest.raises(StepFailed, match="1000 are possible") as failed:
        case.complete("a", n=Decimal(1001))
    assert (failed.value.element_id, failed.value.kind) == ("w", "budget")
    assert case.complete("a", n=Decimal(2)).open == ["w", "w"]


def test_a_completion_condition_of_a_sequence_starts_no_more(walk: Walk) -> None:
    marks = many("5", "true", "<completionCondition>${nrOfCompletedInstances == 2}</completionCondition>")
    case = walk(START + script("a", "loopCounter", "n", marks) + END + chain("start", "a", "end")).start()
    assert case.finished
    assert case.path.count("a") == 2


@pytest.mark.parametrize("count", ["nrOfCompletedInstances", "numberOfCompletedInstances", "numberOfInstances - numberOfActiveInstances"])
def test_conditions_know_the_counters_by_the_names_of_camunda_and_of_the_standard(walk: Walk, count: str) -> None:
    marks = many("4", "false", f"<completionCondition>${{{count} == 2}}</completionCondition>")
    case = walk(START + user("a", marks=marks) + END + chain("start", "a", "end")).start().complete("a")
    assert case.open == ["a", "a", "a"]
    assert case.complete("a").finished
