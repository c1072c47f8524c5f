"""Compensation: what is undone, in which order, and how often."""

from typing import Any

import pytest

from service.engine.conftest import FixedLaw, Walk, Walker, document
from service.engine.sketches import (
    COMPENSATE,
    END,
    START,
    UNDOES,
    boundary,
    chain,
    compensate,
    done_and_undone,
    flow,
    noted,
    script,
    sub,
    thrown,
    timer,
    undone_by,
    user,
)


def log_of(case: Walker) -> Any:
    return case.variables["log"]


# --- which activities, in which order


@pytest.mark.parametrize("end", [True, False])
def test_what_was_done_is_undone_in_reverse_and_only_once(walk: Walk, end: bool) -> None:
    rest = "" if end else thrown("again", COMPENSATE) + END
    ways = chain("start", "a", "b", "c", "back") if end else chain("start", "a", "b", "c", "back", "again", "end")
    body = START + done_and_undone("a") + noted("b", "b") + done_and_undone("c") + thrown("back", COMPENSATE, end) + rest

    case = walk(body + ways).start(log=[])

    assert case.finished
    assert log_of(case) == ["a", "b", "c", "unc", "una"]
    assert [name for name in case.path if "un" in name] == ["c_undo", "unc", "a_undo", "una"]


def test_what_was_not_done_is_not_undone(walk: Walk) -> None:
    body = (
        START + '<exclusiveGateway id="x" default="x_b"/>' + done_and_undone("a") + done_and_undone("b") + thrown("back", COMPENSATE, True)
    )
    body += flow("start", "x") + flow("x", "a", "${false}") + flow("x", "b") + flow("a", "back") + flow("b", "back")

    assert log_of(walk(body).start(log=[])) == ["b", "unb"]


def test_one_activity_can_be_named_and_is_undone_as_often_as_it_was_done(walk: Walk) -> None:
    body = START + done_and_undone("a") + done_and_undone("b") + '<exclusiveGateway id="x" default="x_back"/>'
    body += thrown("back", compensate("a")) + thrown("rest", COMPENSATE, True) + chain("start", "a", "b", "x")
    body += flow("x", "back") + flow("x", "a", "= count(log) &lt; 5") + flow("back", "rest")

    case = walk(body).start(log=[])

    assert log_of(case) == ["a", "b", "a", "b", "a", "b", "una", "una", "una", "unb", "unb", "unb"]


def test_handlers_may_be_people_sub_processes_and_calls_and_the_throw_waits_for_each(walk: Walk) -> None:
    child = document('<startEvent id="c0"/>' + user("called") + '<endEvent id="c1"/>' + chain("c0", "called", "c1"), "child")
    inside = '<startEvent id="s0"/>' + user("inside") + '<endEvent id="s1"/>' + chain("s0", "inside", "s1")
    body = START + "".join(f'<task id="{name}"/>' for name in "abc") + thrown("back", COMPENSATE) + user("after") + END
    body += user("person", attributes=UNDOES) + undone_by("a", "person")
    body += sub("whole", inside, attributes=UNDOES) + undone_by("b", "whole")
    body += f'<callActivity id="call" calledElement="child" {UNDOES}/>' + undone_by("c", "call")
    case = walk(body + chain("start", "a", "b", "c", "back", "after", "end"), law=FixedLaw(processes={"child": [child]})).start()

    for name in ("called", "inside", "person"):
        assert case.open == [name]
        case.complete(name)

    assert case.open == ["after"]
    assert case.complete("after").finished


def test_a_throw_that_does_not_wait_lets_its_token_go_on(walk: Walk) -> None:
    body = START + '<task id="a"/>' + user("una", attributes=UNDOES) + undone_by("a", "una") + thrown("back", compensate("a", "false"))
    case = walk(body + user("after") + END + chain("start", "a", "back", "after", "end")).start()
    assert case.open == ["after", "una"]

    assert not case.complete("after").finished
    assert case.complete("una").finished


def test_a_running_activity_is_not_undone(walk: Walk) -> None:
    body = START + '<parallelGateway id="f"/>' + user("a", "b") + user("una", "unb", attributes=UNDOES) + END
    body += undone_by("a", "una") + undone_by("b", "unb") + thrown("back", COMPENSATE) + chain("start", "f", "a", "back", "end")
    case = walk(body + flow("f", "b") + flow("b", "end")).start().complete("a")

    assert case.open == ["b", "una"]
    case.complete("una").complete("b")
    assert case.finished


# --- multi-instances and loops


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_each_iteration_of_a_multi_instance_is_undone_with_its_own_variables(walk: Walk, sequential: str) -> None:
    marks = f'<multiInstanceLoopCharacteristics isSequential="{sequential}" camunda:collection="whom" camunda:elementVariable="who"/>'
    body = START + noted("a", "a", marks=marks) + script("una", "append(log, who)", "log", attributes=UNDOES) + undone_by("a", "una")
    case = walk(body + thrown("back", COMPENSATE, True) + chain("start", "a", "back")).start(whom=["x", "y", "z"], log=[])

    assert case.finished
    assert log_of(case) == ["a", "a", "a", "z", "y", "x"]
    assert set(case.variables) == {"whom", "log"}


def test_each_round_of_a_loop_is_undone(walk: Walk) -> None:
    marks = "<standardLoopCharacteristics><loopCondition>${loopCounter &lt; 3}</loopCondition></standardLoopCharacteristics>"
    body = START + done_and_undone("a", marks) + thrown("back", COMPENSATE, True) + chain("start", "a", "back")

    assert log_of(walk(body).start(log=[])) == ["a", "a", "a", "una", "una", "una"]


def test_iterations_of_a_sub_process_are_undone_inside_with_what_was_theirs(walk: Walk) -> None:
    marks = '<multiInstanceLoopCharacteristics camunda:collection="whom" camunda:elementVariable="who"/>'
    inside = '<startEvent id="s0"/>' + script("a", "upper case(who)", "mine") + '<endEvent id="s1"/>' + chain("s0", "a", "s1")
    inside += script("una", "append(log, who + mine)", "log", attributes=UNDOES) + undone_by("a", "una")
    body = START + sub("s", inside, marks) + thrown("back", COMPENSATE, True) + chain("start", "s", "back")

    assert log_of(walk(body).start(whom=["x", "y"], log=[])) == ["yY", "xX"]


def test_a_handler_may_itself_be_a_multi_instance(walk: Walk) -> None:
    marks = '<multiInstanceLoopCharacteristics camunda:collection="whom" camunda:elementVariable="who"/>'
    body = START + '<task id="a"/>' + user("una", marks=marks, attributes=UNDOES) + undone_by("a", "una")
    case = walk(body + thrown("back", COMPENSATE, True) + chain("start", "a", "back")).start(whom=["x", "y"])

    assert case.open == ["una", "una"]
    assert case.complete("una").complete("una").finished


# --- sub-processes


def nested() -> str:
    """`a`, then a sub-process with `b` and `c`, then `d`, each of which can be undone."""
    inside = '<startEvent id="s0"/>' + done_and_undone("b") + done_and_undone("c") + '<endEvent id="s1"/>' + chain("s0", "b", "c", "s1")
    return START + done_and_undone("a") + sub("s", inside) + done_and_undone("d")


def test_a_completed_sub_process_is_undone_inside_when_its_turn_comes(walk: Walk) -> None:
    case = walk(nested() + thrown("back", COMPENSATE, True) + chain("start", "a", "s", "d", "back")).start(log=[])
    assert log_of(case) == ["a", "b", "c", "d", "und", "unc", "unb", "una"]


def test_a_sub_process_can_be_named(walk: Walk) -> None:
    case = walk(nested() + thrown("back", compensate("s"), True) + chain("start", "a", "s", "d", "back")).start(log=[])
    assert log_of(case) == ["a", "b", "c", "d", "unc", "unb"]


def test_a_throw_inside_a_sub_process_undoes_only_what_was_done_in_it(walk: Walk) -> None:
    inside = '<startEvent id="s0"/>' + done_and_undone("b") + thrown("back", COMPENSATE, True) + chain("s0", "b", "back")
    case = walk(START + done_and_undone("a") + sub("s", inside) + END + chain("start", "a", "s", "end")).start(log=[])
    assert log_of(case) == ["a", "b", "unb"]


def test_an_interrupted_sub_process_is_not_undone(walk: Walk) -> None:
    inside = '<startEvent id="s0"/>' + done_and_undone("b") + user("w") + '<endEvent id="s1"/>' + chain("s0", "b", "w", "s1")
    body = START + sub("s", inside) + END + boundary("late", "s", timer("PT1H")) + thrown("back", COMPENSATE, True)
    case = walk(body + chain("start", "s", "end") + flow("late", "back")).start(log=[])

    assert case.fire("late").finished
    assert log_of(case) == ["b"]


def test_a_handler_of_the_whole_sub_process_takes_the_place_of_those_inside(walk: Walk) -> None:
    body = nested() + noted("uns", "uns", UNDOES) + undone_by("s", "uns") + thrown("back", COMPENSATE, True)
    case = walk(body + chain("start", "a", "s", "d", "back")).start(log=[])
    assert log_of(case) == ["a", "b", "c", "d", "und", "uns", "una"]


def undoing_event_sub_process(inside: str, *names: str) -> str:
    start = f'<startEvent id="e0">{COMPENSATE}</startEvent>'
    return sub("e", start + inside + '<endEvent id="e9"/>' + chain("e0", *names, "e9"), attributes='triggeredByEvent="true"')


def test_a_compensation_event_sub_process_takes_the_place_of_what_undoes_activities_beside_it(walk: Walk) -> None:
    inside = '<startEvent id="s0"/>' + done_and_undone("b") + '<endEvent id="s1"/>' + chain("s0", "b", "s1")
    inside += undoing_event_sub_process(noted("only", "only"), "only")
    case = walk(START + sub("s", inside) + thrown("back", COMPENSATE, True) + chain("start", "s", "back")).start(log=[])
    assert log_of(case) == ["b", "only"]
    assert not {"e", "e0", "only"} - set(case.path)


def test_a_compensation_event_sub_process_chooses_what_to_undo_and_when(walk: Walk) -> None:
    inside = '<startEvent id="s0"/>' + done_and_undone("b") + done_and_undone("c") + '<endEvent id="s1"/>' + chain("s0", "b", "c", "s1")
    order = thrown("first", compensate("b")) + user("between") + thrown("then", compensate("c"))
    inside += undoing_event_sub_process(order, "first", "between", "then")
    case = walk(START + sub("s", inside) + thrown("back", COMPENSATE, True) + chain("start", "s", "back")).start(log=[])

    assert log_of(case) == ["b", "c", "unb"]
    assert case.complete("between").finished
    assert log_of(case) == ["b", "c", "unb", "unc"]


def test_an_event_sub_process_can_undo_what_was_done_around_it(walk: Walk) -> None:
    event = '<startEvent id="e0"><messageEventDefinition messageRef="tell"/></startEvent>' + thrown("back", COMPENSATE, True)
    body = START + done_and_undone("a") + user("w") + END + chain("start", "a", "w", "end")
    case = walk(body + sub("e", event + flow("e0", "back"), attributes='triggeredByEvent="true"')).start(log=[])

    assert case.deliver("e0").finished
    assert log_of(case) == ["a", "una"]
