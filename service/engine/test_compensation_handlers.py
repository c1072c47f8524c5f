"""Handlers of compensation: in calls, their variables and failures, what ends them, and what is refused."""

from decimal import Decimal
from typing import Any

import pytest

from service.domain.errors import StepFailed
from service.engine.conftest import FixedLaw, Inspect, Walk, Walker, document
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


def undoing_event_sub_process(inside: str, *names: str) -> str:
    start = f'<startEvent id="e0">{COMPENSATE}</startEvent>'
    return sub("e", start + inside + '<endEvent id="e9"/>' + chain("e0", *names, "e9"), attributes='triggeredByEvent="true"')


# --- calls


def test_a_called_process_is_undone_by_the_handler_of_its_call_and_not_inside(walk: Walk) -> None:
    body = '<startEvent id="c0"/>' + '<task id="x"/>' + user("unx", attributes=UNDOES) + undone_by("x", "unx") + '<endEvent id="c1"/>'
    child = document(body + chain("c0", "x", "c1"), "child")
    outer = START + '<callActivity id="c" calledElement="child"/>' + noted("unc", "unc", UNDOES) + undone_by("c", "unc")
    outer += '<callActivity id="d" calledElement="child"/>' + thrown("back", COMPENSATE, True) + chain("start", "c", "d", "back")

    case = walk(outer, law=FixedLaw(processes={"child": [child]})).start(log=[])

    assert case.finished
    assert log_of(case) == ["unc"]


def test_a_called_process_throws_and_undoes_within_itself(walk: Walk) -> None:
    body = '<startEvent id="c0"/>' + '<task id="x"/>' + user("unx", attributes=UNDOES) + undone_by("x", "unx")
    child = document(body + thrown("back", COMPENSATE, True) + chain("c0", "x", "back"), "child")
    outer = START + '<callActivity id="c" calledElement="child"/>' + END + chain("start", "c", "end")

    case = walk(outer, law=FixedLaw(processes={"child": [child]})).start()

    assert case.open == ["unx"]
    assert case.complete("unx").finished


# --- variables, failures, state


def test_a_handler_sees_the_variables_as_they_are_when_it_runs(walk: Walk) -> None:
    body = START + script("a", "1", "n") + script("b", "2", "n") + script("una", "append(log, n)", "log", attributes=UNDOES)
    case = walk(body + undone_by("a", "una") + thrown("back", COMPENSATE, True) + chain("start", "a", "b", "back")).start(log=[])
    assert log_of(case) == [Decimal(2)]


def test_what_ends_the_throwing_scope_ends_its_handlers(walk: Walk) -> None:
    inside = '<startEvent id="s0"/><task id="a"/>' + user("una", attributes=UNDOES) + undone_by("a", "una")
    inside += thrown("back", COMPENSATE) + '<endEvent id="s1"/>' + chain("s0", "a", "back", "s1")
    body = START + sub("s", inside) + END + boundary("late", "s", timer("PT1H")) + user("after") + '<endEvent id="e2"/>'
    case = walk(body + chain("start", "s", "end") + chain("late", "after", "e2")).start()
    assert case.open == ["una"]

    case.fire("late")
    assert case.open == ["after"]
    assert not any(visit.state == "active" for visit in case.visits.values() if visit.element_id != "after")


def test_a_handler_may_have_boundary_events_of_its_own(walk: Walk) -> None:
    body = START + '<task id="a"/>' + user("una", attributes=UNDOES) + undone_by("a", "una") + thrown("back", COMPENSATE) + END
    body += boundary("late", "una", timer("PT1H")) + user("other") + '<endEvent id="e2"/>' + chain("late", "other", "e2")
    case = walk(body + chain("start", "a", "back", "end")).start().fire("late")

    assert case.open == ["other"]
    assert not case.finished
    assert case.complete("other").finished


def test_a_failing_handler_fails_the_step_and_can_be_run_again(walk: Walk) -> None:
    body = START + '<task id="a"/>' + user("w") + script("una", "n + 1", "n", attributes=UNDOES) + undone_by("a", "una")
    case = walk(body + thrown("back", COMPENSATE, True) + chain("start", "a", "w", "back")).start(n="x")

    with pytest.raises(StepFailed) as failed:
        case.complete("w")
    assert (failed.value.element_id, failed.value.kind) == ("una", "expression")

    assert case.complete("w", n=Decimal(1)).variables == {"n": Decimal(2)}
    assert case.finished


def test_what_can_be_undone_takes_little_room(walk: Walk) -> None:
    body = START + done_and_undone("a") + user("w") + '<exclusiveGateway id="x" default="x_back"/>' + thrown("back", COMPENSATE, True)
    body += chain("start", "a", "w", "x") + flow("x", "back") + flow("x", "a", "${again}")
    case = walk(body).start(log=[], again=True)
    for _ in range(40):
        case.complete("w", log=[])
    size = len(case.step.state_data)
    for _ in range(40):
        case.complete("w", log=[])
    assert len(case.step.state_data) < size + 40

    assert len(log_of(case.complete("w", again=False, log=[]))) == 81


def test_nothing_to_undo_lets_the_token_pass(walk: Walk) -> None:
    case = walk(START + thrown("back", COMPENSATE) + END + chain("start", "back", "end")).start()
    assert case.path == ["start", "back", "end"]


# --- what is refused

TASK = '<task id="a"/>'
WAYS = chain("start", "a", "end")


HANDLER = user("una", attributes=UNDOES)
AT_THE_TOP = sub(
    "e", f'<startEvent id="e0">{COMPENSATE}</startEvent><endEvent id="e1"/>' + flow("e0", "e1"), attributes='triggeredByEvent="true"'
)
SHARED = undone_by("a", "una") + undone_by("b", "una") + '<task id="b"/>' + chain("start", "a", "b", "end")


@pytest.mark.parametrize(
    ("body", "element"),
    [
        (TASK + HANDLER + WAYS, "una"),
        (TASK + boundary("a_undo", "a", COMPENSATE) + WAYS, "a_undo"),
        (TASK + HANDLER + SHARED, "b_undo"),
        (TASK + HANDLER + undone_by("a", "una") + WAYS + flow("una", "end"), "una"),
        (TASK + HANDLER + undone_by("a", "una") + WAYS + flow("a_undo", "end"), "a_undo"),
        (TASK + thrown("back", compensate("a")) + chain("start", "a", "back", "end"), "back"),
        (TASK + thrown("back", compensate("nobody")) + chain("start", "a", "back", "end"), "back"),
        (TASK + WAYS + AT_THE_TOP, "e"),
        (f'<intermediateCatchEvent id="a">{COMPENSATE}</intermediateCatchEvent>' + WAYS, "a"),
    ],
)
def test_compensation_that_cannot_be_run_is_refused_naming_the_element(inspect: Inspect, body: str, element: str) -> None:
    named = {found for elements in inspect(START + END + body).values() for found in elements}
    assert element in named


def test_both_a_handler_and_an_event_sub_process_for_one_sub_process_are_refused(inspect: Inspect) -> None:
    inside = '<startEvent id="s0"/><endEvent id="s1"/>' + flow("s0", "s1") + undoing_event_sub_process('<task id="t"/>', "t")
    body = START + sub("s", inside) + user("uns", attributes=UNDOES) + undone_by("s", "uns") + END + chain("start", "s", "end")
    assert inspect(body) == {"compensation-handler": ["e"]}


# --- what a handler's boundary event leads to


def test_a_terminate_end_event_after_a_handlers_boundary_event_ends_the_scope(walk: Walk) -> None:
    stop = '<endEvent id="stop"><terminateEventDefinition/></endEvent>' + boundary("late", "una", timer("PT1H")) + flow("late", "stop")
    inside = (
        '<startEvent id="s0"/><parallelGateway id="f"/><task id="a"/>' + user("w") + user("una", attributes=UNDOES) + undone_by("a", "una")
    )
    inside += '<endEvent id="s1"/>' + thrown("back", COMPENSATE) + chain("s0", "f", "a", "back", "s1") + chain("f", "w", "s1") + stop
    for wait in ("true", "false"):
        body = START + sub(
            "s", inside.replace("<compensateEventDefinition/></inter", f'<compensateEventDefinition waitForCompletion="{wait}"/></inter')
        )
        case = walk(body + user("after") + END + chain("start", "s", "after", "end")).start()
        assert case.open == ["una", "w"]

        case.fire("late")
        assert case.open == ["after"]
        assert case.complete("after").finished


def test_a_throw_after_a_handlers_boundary_event_undoes_what_is_left_in_the_scope(walk: Walk) -> None:
    body = START + done_and_undone("a") + '<task id="b"/>' + user("unb", attributes=UNDOES) + undone_by("b", "unb")
    body += thrown("first", compensate("b")) + END + chain("start", "a", "b", "first", "end")
    body += boundary("late", "unb", timer("PT1H")) + thrown("rest", COMPENSATE, True) + flow("late", "rest")

    case = walk(body).start(log=[]).fire("late")

    assert case.finished
    assert log_of(case) == ["a", "una"]


def test_associations_to_notes_and_to_other_activities_do_not_matter(walk: Walk) -> None:
    note = '<textAnnotation id="why"/><association id="n1" sourceRef="a_undo" targetRef="why"/>'
    note += '<association id="n2" sourceRef="a_undo" targetRef="b"/>'
    body = START + note + done_and_undone("a") + noted("b", "b") + thrown("back", COMPENSATE, True) + chain("start", "a", "b", "back")
    assert log_of(walk(body).start(log=[])) == ["a", "b", "una"]


def test_a_handler_in_another_process_is_refused(inspect: Inspect) -> None:
    other = '</process><process id="q" isExecutable="true">' + START.replace("start", "q0") + user("una", attributes=UNDOES)
    body = START + TASK + END + WAYS + undone_by("a", "una") + other + '<endEvent id="q1"/>' + chain("q0", "q1")
    assert "a_undo" in inspect(body).get("compensation-handler", [])
