"""Transactions: cancelling undoes what was done and goes on after the cancel boundary event; errors do not undo."""

import pytest

from service.engine.conftest import HEAD, Inspect, Walk
from service.engine.sketches import (
    COMPENSATE,
    END,
    START,
    UNDOES,
    boundary,
    chain,
    done_and_undone,
    flow,
    sub,
    thrown,
    timer,
    undone_by,
    user,
)

CANCEL = "<cancelEventDefinition/>"
AFTER = user("after") + '<endEvent id="e2"/>' + chain("cancelled", "after", "e2")


def transaction(inside: str, attributes: str = "", marks: str = "") -> str:
    return sub("t", inside, marks, attributes, "transaction") + boundary("cancelled", "t", CANCEL)


def cancelling(done: str = "", *names: str) -> str:
    ways = chain("t0", *names, "stop")
    return (
        START + END + transaction('<startEvent id="t0"/>' + done + thrown("stop", CANCEL, True) + ways) + chain("start", "t", "end") + AFTER
    )


def test_a_cancelled_transaction_undoes_what_was_done_and_goes_on_after_its_cancel_event(walk: Walk) -> None:
    case = walk(cancelling(done_and_undone("a") + done_and_undone("b"), "a", "b")).start(log=[])

    assert case.variables["log"] == ["a", "b", "unb", "una"]
    assert case.open == ["after"]
    assert case.complete("after").finished
    assert case.path[-3:] == ["cancelled", "after", "e2"]
    assert {visit.element_id: visit.state for visit in case.visits.values()}["t"] == "cancelled"


def test_with_nothing_to_undo_it_is_left_at_once(walk: Walk) -> None:
    assert walk(cancelling()).start().open == ["after"]


def test_the_cancel_event_waits_until_people_have_undone_their_part(walk: Walk) -> None:
    case = walk(cancelling('<task id="a"/>' + user("una", attributes=UNDOES) + undone_by("a", "una"), "a")).start()
    assert case.open == ["una"]
    assert case.complete("una").open == ["after"]


def test_what_runs_inside_is_ended_before_anything_is_undone(walk: Walk) -> None:
    inside = '<startEvent id="t0"/><parallelGateway id="f"/><task id="a"/>' + user("una", attributes=UNDOES) + undone_by("a", "una")
    inside += user("w") + '<endEvent id="t1"/>' + thrown("stop", CANCEL, True) + chain("t0", "f", "w", "t1") + chain("f", "a", "go", "stop")
    body = START + END + transaction(inside + user("go")) + chain("start", "t", "end") + AFTER
    body += boundary("late", "t", timer("PT1H")) + '<endEvent id="e3"/>' + flow("late", "e3")
    case = walk(body).start().complete("go")

    assert case.open == ["una"]
    assert not case.timers
    assert case.complete("una").open == ["after"]


def test_of_a_boundary_event_with_several_definitions_only_the_error_can_happen_while_something_is_undone(walk: Walk) -> None:
    inside = '<startEvent id="t0"/><task id="a"/>' + user("una", attributes=UNDOES) + undone_by("a", "una")
    inside += thrown("stop", CANCEL, True) + chain("t0", "a", "go", "stop")
    body = START + END + transaction(inside + user("go")) + chain("start", "t", "end") + AFTER
    body += boundary("late", "t", "<errorEventDefinition/>" + timer("PT1H")) + '<endEvent id="e3"/>' + flow("late", "e3")
    case = walk(body).start()
    assert case.timers
    case.complete("go")
    assert (case.open, case.timers) == (["una"], {})
    assert case.complete("una").open == ["after"]


def test_a_transaction_that_ends_well_leaves_by_its_flow_and_can_be_undone_later(walk: Walk) -> None:
    inside = '<startEvent id="t0"/>' + done_and_undone("a") + '<endEvent id="t1"/>' + chain("t0", "a", "t1")
    body = START + sub("t", inside, kind="transaction") + thrown("back", COMPENSATE, True) + chain("start", "t", "back")
    case = walk(body).start(log=[])

    assert case.finished
    assert case.variables["log"] == ["a", "una"]


def test_sub_processes_inside_that_completed_are_undone_and_those_that_did_not_are_ended(walk: Walk) -> None:
    first = '<startEvent id="s0"/>' + done_and_undone("a") + '<endEvent id="s1"/>' + chain("s0", "a", "s1")
    second = '<startEvent id="u0"/>' + done_and_undone("b") + user("w") + '<endEvent id="u1"/>' + chain("u0", "b", "w", "u1")
    inside = '<startEvent id="t0"/>' + sub("s", first) + '<parallelGateway id="f"/>' + sub("u", second) + user("go") + '<endEvent id="t1"/>'
    inside += thrown("stop", CANCEL, True) + chain("t0", "s", "f", "u", "t1") + chain("f", "go", "stop")
    case = walk(START + END + transaction(inside) + chain("start", "t", "end") + AFTER).start(log=[]).complete("go")

    assert case.variables["log"] == ["a", "b", "una"]
    assert case.open == ["after"]


def test_an_error_leaves_by_the_error_event_and_undoes_nothing(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.engine.conftest.HEAD", HEAD + '<error id="err" errorCode="E1"/>')
    inside = (
        '<startEvent id="t0"/>'
        + done_and_undone("a")
        + thrown("bad", '<errorEventDefinition errorRef="err"/>', True)
        + chain("t0", "a", "bad")
    )
    body = START + END + transaction(inside) + chain("start", "t", "end") + AFTER
    body += (
        boundary("hazard", "t", '<errorEventDefinition errorRef="err"/>')
        + user("mend")
        + '<endEvent id="e3"/>'
        + chain("hazard", "mend", "e3")
    )
    case = walk(body).start(log=[])

    assert case.variables["log"] == ["a"]
    assert case.open == ["mend"]


def test_an_error_while_undoing_is_the_hazard_of_the_transaction(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.engine.conftest.HEAD", HEAD + '<error id="err" errorCode="E1"/>')
    bad = '<startEvent id="h0"/>' + thrown("bad", '<errorEventDefinition errorRef="err"/>', True) + flow("h0", "bad")
    inside = '<startEvent id="t0"/><task id="a"/>' + sub("una", bad, attributes=UNDOES) + undone_by("a", "una")
    inside += thrown("stop", CANCEL, True) + chain("t0", "a", "stop")
    body = START + END + transaction(inside) + chain("start", "t", "end") + AFTER
    body += (
        boundary("hazard", "t", '<errorEventDefinition errorRef="err"/>')
        + user("mend")
        + '<endEvent id="e3"/>'
        + chain("hazard", "mend", "e3")
    )

    assert walk(body).start().open == ["mend"]


def test_a_transaction_inside_a_multi_instance_sub_process_cancels_its_own_iteration_only(walk: Walk) -> None:
    inside = (
        '<startEvent id="t0"/>' + user("go") + '<exclusiveGateway id="x" default="x_t1"/><endEvent id="t1"/>' + thrown("stop", CANCEL, True)
    )
    inside += chain("t0", "go", "x") + flow("x", "t1") + flow("x", "stop", "${stop}")
    around = '<startEvent id="s0"/>' + transaction(inside) + '<endEvent id="s1"/>' + chain("s0", "t", "s1") + AFTER
    marks = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    case = walk(START + sub("s", around, marks) + END + chain("start", "s", "end")).start(stop=True).complete("go")

    assert case.open == ["after", "go"]
    assert case.complete("after").complete("go", stop=False).finished


STOP = '<startEvent id="t0"/>' + thrown("stop", CANCEL, True) + flow("t0", "stop")
WHOLE = cancelling().removeprefix(START + END)
SECOND = boundary("second", "t", CANCEL) + '<endEvent id="e4"/>' + flow("second", "e4")


@pytest.mark.parametrize(
    ("body", "element"),
    [
        (thrown("stop", CANCEL, True) + flow("start", "stop"), "stop"),
        (sub("s", STOP) + chain("start", "s", "end"), "stop"),
        ('<task id="a"/>' + boundary("c", "a", CANCEL) + '<endEvent id="e2"/>' + flow("c", "e2") + chain("start", "a", "end"), "c"),
        (sub("t", STOP, kind="transaction") + chain("start", "t", "end"), "stop"),
        (WHOLE.replace('attachedToRef="t" ', 'attachedToRef="t" cancelActivity="false" '), "cancelled"),
        (WHOLE + SECOND, "second"),
        (WHOLE.replace('<transaction id="t" >', '<transaction id="t" method="##Store">'), "t"),
    ],
)
def test_cancelling_that_cannot_be_run_is_refused_naming_the_element(inspect: Inspect, body: str, element: str) -> None:
    named = {found for elements in inspect(START + END + body).values() for found in elements}
    assert element in named


@pytest.mark.parametrize(
    "marks",
    [
        "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>",
        "<standardLoopCharacteristics><loopCondition>${true}</loopCondition></standardLoopCharacteristics>",
    ],
)
def test_a_transaction_that_happens_several_times_and_can_be_cancelled_is_refused(inspect: Inspect, marks: str) -> None:
    inside = '<startEvent id="t0"/>' + thrown("stop", CANCEL, True) + flow("t0", "stop")
    body = START + END + transaction(inside, marks=marks) + chain("start", "t", "end") + AFTER
    assert inspect(body) == {"cancel-event": ["t"]}
