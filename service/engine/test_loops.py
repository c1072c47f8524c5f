"""Standard loops: how often, what their condition sees, and what ends them."""

from decimal import Decimal
from typing import Any

import pytest

from service.domain.errors import StepFailed
from service.engine.conftest import FixedLaw, Inspect, Walk, document
from service.engine.sketches import END, START, boundary, chain, flow, script, sub, timer, user


def loop(condition: str, attributes: str = "") -> str:
    inside = f"<loopCondition>{condition}</loopCondition>" if condition else ""
    return f"<standardLoopCharacteristics {attributes}>{inside}</standardLoopCharacteristics>"


def counting(condition: str, attributes: str = "") -> str:
    return START + script("a", "n + 1", "n", loop(condition, attributes)) + END + chain("start", "a", "end")


@pytest.mark.parametrize(
    ("condition", "attributes", "rounds"),
    [
        ("${n &lt; 3}", "", 3),
        ("${false}", "", 1),
        ("${false}", 'testBefore="true"', 0),
        ("${n &lt; 3}", 'testBefore="true"', 3),
        ("${true}", 'loopMaximum="4"', 4),
        ("${true}", 'loopMaximum="4" testBefore="true"', 4),
        ("${n &lt; 2}", 'loopMaximum="4"', 2),
        ("${loopCounter &lt; 5}", "", 5),
        ("${loopCounter &lt; 5}", 'testBefore="true"', 5),
    ],
)
def test_a_loop_runs_as_often_as_its_condition_and_maximum_say(walk: Walk, condition: str, attributes: str, rounds: int) -> None:
    case = walk(counting(condition, attributes)).start(n=Decimal(0))

    assert case.finished
    assert case.variables == {"n": Decimal(rounds)}
    assert case.path.count("a") == rounds


def test_a_user_task_loops_with_its_answers_in_sight_and_knows_which_round_it_is(walk: Walk) -> None:
    body = (
        START
        + user("review", marks=loop("${answer != 'yes'}"), attributes='name="Round ${loopCounter}"')
        + END
        + chain("start", "review", "end")
    )
    case = walk(body).start()
    assert [task.name for task in case.tasks.values()] == ["Round 1"]

    case.complete("review", answer="no")
    assert [task.name for task in case.tasks.values()] == ["Round 2"]

    assert case.complete("review", answer="yes").finished


def test_a_sub_process_and_a_call_activity_loop_as_wholes(walk: Walk) -> None:
    child = document('<startEvent id="c0"/>' + script("c1", "n + 10", "n") + '<endEvent id="c2"/>' + chain("c0", "c1", "c2"), "child")
    passes = '<extensionElements><camunda:in source="n" target="n"/><camunda:out source="n" target="n"/></extensionElements>'
    inside = '<startEvent id="s0"/>' + script("s1", "n + 1", "n") + '<endEvent id="s2"/>' + chain("s0", "s1", "s2")
    body = START + sub("s", inside, loop("${n &lt; 3}")) + END
    body += f'<callActivity id="c" calledElement="child">{passes}{loop("${n &lt; 40}")}</callActivity>' + chain("start", "s", "c", "end")

    case = walk(body, law=FixedLaw(processes={"child": [child]})).start(n=Decimal(0))

    assert case.finished
    assert case.variables == {"n": Decimal(43)}
    assert (case.path.count("s"), case.path.count("c")) == (3, 4)


def test_a_boundary_event_belongs_to_the_whole_loop(walk: Walk) -> None:
    late = boundary("late", "review", timer("PT1H")) + user("b") + '<endEvent id="e2"/>' + chain("late", "b", "e2")
    case = walk(START + user("review", marks=loop("${true}")) + END + chain("start", "review", "end") + late).start()
    (armed,) = case.timers.values()

    for _ in range(3):
        case.complete("review")
    assert list(case.timers.values()) == [armed]

    case.fire("late")
    assert case.open == ["b"]
    assert case.complete("b").finished


def test_loops_inside_one_another_count_for_themselves(walk: Walk) -> None:
    inner = script("i", "seen + 1", "seen", loop("${loopCounter &lt; 2}"))
    inside = '<startEvent id="s0"/>' + inner + '<endEvent id="s2"/>' + chain("s0", "i", "s2")
    case = walk(START + sub("s", inside, loop("${loopCounter &lt; 3}")) + END + chain("start", "s", "end")).start(seen=Decimal(0))

    assert case.variables == {"seen": Decimal(6)}


def test_a_loop_far_beyond_a_thousand_rounds_over_several_steps_does_not_grow(walk: Walk) -> None:
    """Spiff walks at most 1 000 levels of its tree and then takes the instance for completed (notes §7)."""
    work = script("a", "n + 1", "n", loop("${loopCounter &lt; 1500}"))
    body = START + work + user("w") + '<exclusiveGateway id="x" default="out"/>' + END
    case = walk(body + chain("start", "a", "w", "x") + flow("x", "a", "${n &lt; 4500}") + flow("x", "end", flow_id="out")).start(
        n=Decimal(0)
    )
    size = len(case.step.state_data)

    case.complete("w").complete("w")
    assert case.variables == {"n": Decimal(4500)}
    assert len(case.step.state_data) < size + 30

    assert case.complete("w").finished


def test_an_endless_loop_fails_the_step_naming_the_element(walk: Walk) -> None:
    with pytest.raises(StepFailed) as failed:
        walk(counting("${true}")).start(n=Decimal(0))
    assert (failed.value.element_id, failed.value.kind) == ("a", "budget")


def test_a_condition_that_is_neither_true_nor_false_fails_the_step_naming_the_activity(walk: Walk) -> None:
    with pytest.raises(StepFailed) as failed:
        walk(counting("${n}")).start(n=Decimal(0))
    assert (failed.value.element_id, failed.value.kind) == ("a", "expression")


@pytest.mark.parametrize(
    ("marks", "code"),
    [
        (loop(""), "loop"),
        (loop("${true}", 'loopMaximum="-1"'), "invalid-quantity"),
        (loop("${true}", 'loopMaximum="0"'), "invalid-quantity"),
        (loop("${true}", 'loopMaximum="many"'), "invalid-quantity"),
        (loop("${1 +}"), "invalid-expression"),
        (loop("yes"), "invalid-expression"),
        (loop("${true}") + '<multiInstanceLoopCharacteristics camunda:collection="c"/>', "loop"),
    ],
)
def test_loops_that_cannot_be_run_are_refused_naming_the_activity(inspect: Inspect, marks: str, code: str) -> None:
    found: dict[str, Any] = inspect(START + user("a", marks=marks) + END + chain("start", "a", "end"))
    assert "a" in found.get(code, [])


def drawn(inside: str, *names: str) -> str:
    """A loop of sequence flows over the elements `names`, as long as `again` is true."""
    ways = chain("start", "m", *names, "x") + flow("x", "m", "${again}") + flow("x", "end", flow_id="out")
    return START + '<exclusiveGateway id="m"/>' + inside + '<exclusiveGateway id="x" default="out"/>' + END + ways


def test_a_drawn_loop_of_more_than_a_thousand_rounds_in_one_step(walk: Walk) -> None:
    """The bare library loses sight of work at depth 1 000 and takes the instance for completed."""
    inside = script("a", "n + 1", "n") + script("b", "n &lt; 2000", "again")
    case = walk(drawn(inside, "a", "b")).start(n=Decimal(0))

    assert case.finished
    assert case.variables["n"] == Decimal(2000)


def test_a_drawn_loop_of_more_than_a_thousand_rounds_over_as_many_steps(walk: Walk) -> None:
    inside = '<parallelGateway id="f"/>' + user("a") + script("b", "n + 1", "n") + '<parallelGateway id="j"/>' + chain("f", "b", "j")
    case = walk(drawn(inside, "f", "a", "j")).start(n=Decimal(0), again=True)
    size = len(case.step.state_data)
    for _ in range(1_100):
        case.complete("a")

    assert case.open == ["a"]
    assert case.variables["n"] == Decimal(1_101)
    assert len(case.step.state_data) < size + 30
    assert case.complete("a", again=False).finished
