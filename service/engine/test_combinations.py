"""Elements that meet: what one ends while another is on its way, and what several definitions or scopes do at once."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.engine import SpiffEngine
from service.engine.conftest import HEAD, FixedLaw, Inspect, Walk, Walker, document
from service.engine.sketches import (
    COMPENSATE,
    END,
    START,
    boundary,
    chain,
    done_and_undone,
    flow,
    noted,
    script,
    sub,
    thrown,
    user,
)

SIGNAL = '<signalEventDefinition signalRef="sig"/>'
CALM = '<signalEventDefinition signalRef="calm"/>'
ERROR = '<errorEventDefinition errorRef="err"/>'
UP = '<escalationEventDefinition escalationRef="esc"/>'
ASK = '<messageEventDefinition messageRef="ask"/>'
TELL = '<messageEventDefinition messageRef="tell"/>'
TERMINATE = "<terminateEventDefinition/>"
HIT = "<conditionalEventDefinition><condition>${hit}</condition></conditionalEventDefinition>"
EVENT = 'triggeredByEvent="true"'


@pytest.fixture(autouse=True)
def _definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    names = '<signal id="sig" name="alarm"/><signal id="calm" name="calm"/><error id="err" errorCode="E1"/>'
    monkeypatch.setattr("service.engine.conftest.HEAD", HEAD + names + '<escalation id="esc" escalationCode="up"/>')


def event_sub(definition: str, interrupting: str = "true") -> str:
    """The event sub-process `x` with the task `handle`."""
    start = f'<startEvent id="x_start" isInterrupting="{interrupting}">{definition}</startEvent>'
    return sub("x", start + user("handle") + '<endEvent id="x_end"/>' + chain("x_start", "handle", "x_end"), attributes=EVENT)


def catching(name: str, definition: str) -> str:
    return f'<intermediateCatchEvent id="{name}">{definition}</intermediateCatchEvent>'


def gateway(kind: str, *names: str) -> str:
    return "".join(f'<{kind}Gateway id="{name}"/>' for name in names)


def open_visits(case: Walker) -> list[str]:
    """What a store has as going on; it has to be what the state says."""
    active = {visit.id: visit.element_id for visit in case.visits.values() if visit.state == "active"}
    assert case.execution().standing().activities == active
    return sorted(active.values())


# --- on their way when their scope ends


def test_a_token_that_came_out_of_a_boundary_event_ends_with_its_scope(walk: Walk) -> None:
    aside = boundary("b", "a", ASK, interrupting=False) + noted("late", "late") + '<endEvent id="b_end"/>' + chain("b", "late", "b_end")
    case = walk(START + user("a") + END + chain("start", "a", "end") + aside + event_sub(HIT)).start(log=[])

    case.deliver("b", hit=True)

    assert case.open == ["handle"]
    assert case.variables["log"] == []
    assert open_visits(case) == ["handle", "x"]


def test_a_terminate_end_event_ends_what_just_came_out_of_a_boundary_event(walk: Walk) -> None:
    body = START + gateway("parallel", "f") + catching("c", SIGNAL) + thrown("stop", TERMINATE, True) + user("a") + END
    body += boundary("b", "a", SIGNAL, interrupting=False) + noted("late", "late") + '<endEvent id="b_end"/>' + chain("b", "late", "b_end")
    body += catching("w", ASK) + thrown("alarm", SIGNAL, True)
    body += chain("start", "f", "c", "stop") + chain("f", "a", "end") + chain("f", "w", "alarm")

    case = walk(body).start(log=[]).deliver("w")

    assert case.finished
    assert case.variables["log"] == []
    assert not [visit for visit in case.visits.values() if visit.state == "active"]


@pytest.mark.parametrize("kind", ["parallel", "inclusive"])
def test_the_visit_of_a_join_ends_when_its_scope_ends_just_as_it_opens(walk: Walk, kind: str) -> None:
    body = START + gateway(kind, "f") + user("a", "b") + script("set", "true", "hit") + gateway(kind, "j") + user("after") + END
    body += chain("start", "f", "a", "j", "after", "end") + chain("f", "b", "set", "j") + event_sub(HIT)
    case = walk(body).start().complete("a")
    assert open_visits(case) == ["b", "j"]

    case.complete("b")

    assert open_visits(case) == ["handle", "x"]
    assert [visit.element_id for visit in case.visits.values() if visit.state == "cancelled"] == ["j"]


@pytest.mark.parametrize("count", [1, 2])
def test_a_complex_gateway_whose_scope_ends_as_it_opens_or_resets_leaves_no_visit(walk: Walk, count: int) -> None:
    join = f'<complexGateway id="j"><activationCondition>${{activationCount &gt;= {count}}}</activationCondition></complexGateway>'
    body = START + gateway("parallel", "f") + user("a", "b") + script("set", "true", "hit") + join + user("after") + END
    body += chain("start", "f", "a", "j", "after", "end") + chain("f", "b", "set", "j") + event_sub(HIT)

    case = walk(body).start().complete("a").complete("b")

    assert open_visits(case) == ["handle", "x"]


# --- the end of a scope, drawn or not


@pytest.mark.parametrize("end", [END + flow("set", "end"), ""], ids=["end event", "no end event"])
@pytest.mark.parametrize("interrupting", ["true", "false"])
def test_a_condition_that_the_last_element_makes_true_happens_before_the_scope_ends(walk: Walk, end: str, interrupting: str) -> None:
    body = START + script("set", "true", "hit") + flow("start", "set") + end + event_sub(HIT, interrupting)

    case = walk(body).start()

    assert case.open == ["handle"]
    assert case.complete("handle").finished


def test_of_two_conditions_that_become_true_at_once_the_first_may_end_the_other(walk: Walk) -> None:
    work = boundary("b", "a", HIT) + user("aside") + '<endEvent id="b_end"/>' + chain("b", "aside", "b_end")
    case = walk(START + user("u") + user("a") + END + chain("start", "u", "a", "end") + work + event_sub(HIT)).start().complete("u")

    case.take(case.execution().change_variables(case.task("a").id, {"hit": True}, case.circumstances))

    assert case.open == ["handle"]
    assert open_visits(case) == ["handle", "x"]


def test_tasks_without_an_end_event_end_scopes_inside_one_another_once(walk: Walk) -> None:
    inner = sub("inner", user("a", "b"))
    case = walk(START + sub("outer", inner) + user("after") + END + chain("start", "outer", "after", "end")).start()

    case.complete("a").complete("b").complete("after")

    assert case.finished
    assert case.path == ["start", "outer", "inner", "a", "b", "after", "end"]


@pytest.mark.parametrize("inside", [event_sub(ASK), user("a", "b") + chain("a", "b", "a")], ids=["only an event", "a circle"])
def test_a_sub_process_in_which_nothing_begins_is_refused(inspect: Inspect, inside: str) -> None:
    body = START + sub("hollow", inside) + END + chain("start", "hollow", "end")

    assert inspect(body)["empty-scope"] == ["hollow"]


# --- several definitions


@pytest.mark.parametrize("first", [True, False])
def test_a_message_leaves_although_the_signal_thrown_with_it_ends_the_event(walk: Walk, first: bool) -> None:
    event = thrown("t", TELL + SIGNAL if first else SIGNAL + TELL)
    case = walk(START + user("a") + event + END + chain("start", "a", "t", "end") + event_sub(SIGNAL)).start().complete("a")

    assert [name for name, _ in case.messages] == ["answer"]
    assert [signal.name for signal in case.step.signals] == ["alarm"]
    assert case.open == ["handle"]


@pytest.mark.parametrize("other", [SIGNAL, TELL, UP])
@pytest.mark.parametrize("first", [True, False])
def test_what_is_thrown_with_an_error_is_thrown_before_it(walk: Walk, other: str, first: bool) -> None:
    inner = '<startEvent id="s"/>' + user("a") + thrown("t", ERROR + other if first else other + ERROR, True) + chain("s", "a", "t")
    body = START + sub("part", inner) + END + chain("start", "part", "end")
    for name, definition, interrupting in (("caught", ERROR, True), ("raised", UP, False)):
        body += boundary(name, "part", definition, interrupting) + user(f"{name}_work") + f'<endEvent id="{name}_end"/>'
        body += chain(name, f"{name}_work", f"{name}_end")

    case = walk(body).start().complete("a")

    thrown_too = [signal.name for signal in case.step.signals] + [name for name, _ in case.messages]
    assert case.open == ["caught_work"] + (["raised_work"] if other == UP else [])
    assert thrown_too == {SIGNAL: ["alarm"], TELL: ["answer"], UP: []}[other]


@pytest.mark.parametrize("pair", [(TERMINATE, TELL), (TELL, TERMINATE), (TERMINATE, ERROR), (COMPENSATE, ERROR), (ERROR, COMPENSATE)])
def test_definitions_that_would_swallow_one_another_are_refused(inspect: Inspect, pair: tuple[str, str]) -> None:
    body = START + done_and_undone("a") + thrown("t", "".join(pair), True) + chain("start", "a", "t")

    assert inspect(body)["event-not-allowed"] == ["t"]


# --- what follows a handler


def test_a_way_out_of_a_handler_to_a_join_of_others_is_refused(inspect: Inspect) -> None:
    body = START + done_and_undone("d") + boundary("fails", "und", ERROR) + gateway("parallel", "f", "j") + thrown("c", COMPENSATE)
    body += user("k") + END + chain("start", "d", "f", "c", "j", "end") + chain("f", "k", "j") + flow("fails", "k")

    assert inspect(body)["compensation-handler"] == ["fails"]


def test_a_way_out_of_a_handler_may_fork_and_join_by_itself(inspect: Inspect) -> None:
    body = START + done_and_undone("d") + boundary("fails", "und", ERROR) + gateway("parallel", "f", "j") + thrown("c", COMPENSATE, True)
    body += user("k", "l") + END + chain("start", "d", "c") + chain("fails", "f", "k", "j", "end") + chain("f", "l", "j")

    assert "compensation-handler" not in inspect(body)


# --- signals


def test_a_signal_waits_for_a_join_that_can_open(walk: Walk) -> None:
    body = START + gateway("parallel", "f") + gateway("inclusive", "i", "j") + '<task id="t1"/><task id="t2"/>' + catching("c", SIGNAL)
    body += user("heard") + END + thrown("t", SIGNAL, True) + chain("start", "f", "i", "t1", "j", "c", "heard", "end")
    body += chain("i", "t2", "j") + chain("f", "t")

    assert walk(body).start().open == ["heard"]


def test_a_handler_that_throws_the_signal_it_began_with_does_not_begin_again(walk: Walk) -> None:
    handler = f'<startEvent id="x_start">{SIGNAL}</startEvent>' + thrown("again", SIGNAL) + user("handle") + '<endEvent id="x_end"/>'
    body = START + user("a") + END + chain("start", "a", "end")
    body += sub("x", handler + chain("x_start", "again", "handle", "x_end"), attributes=EVENT)

    case = walk(body).start().deliver("x_start")

    assert case.open == ["handle"]
    assert case.complete("handle").finished


@pytest.mark.parametrize("definitions", [(SIGNAL, CALM), (HIT.replace("hit", "a"), HIT.replace("hit", "b"))])
def test_handlers_that_set_one_another_off_for_ever_fail_the_step(walk: Walk, definitions: tuple[str, str]) -> None:
    body = START + user("u") + END + chain("start", "u", "end")
    for name, other, definition, cause in (("a", "b", *definitions), ("b", "a", *reversed(definitions))):
        start = f'<startEvent id="{name}0" isInterrupting="false">{definition}</startEvent>'
        middle = script(f"{name}1", "false", name) + script(f"{name}2", "true", other)
        middle += thrown(f"{name}3", cause if "signal" in cause else "", True) + chain(f"{name}0", f"{name}1", f"{name}2", f"{name}3")
        body += sub(f"{name}x", start + middle, attributes=EVENT)
    case = walk(body).start()

    begin: Callable[[], Walker] = (lambda: case.deliver("a0")) if case.subscriptions else (lambda: case.complete("u", a=True))
    with pytest.raises(StepFailed) as failed:
        begin()

    assert failed.value.kind == "budget"


# --- events in what is repeated or called


def test_an_event_sub_process_in_an_iteration_of_a_called_process_ends_only_that_iteration(walk: Walk) -> None:
    many = (
        '<multiInstanceLoopCharacteristics camunda:collection="organs" camunda:elementVariable="organ"><loopDataOutputRef>out'
        "</loopDataOutputRef><outputDataItem name='res'/></multiInstanceLoopCharacteristics>"
    )
    handler = f'<startEvent id="x0">{ASK}</startEvent>' + script("keep", "organ", "res") + user("w") + '<endEvent id="x9"/>'
    inside = '<startEvent id="s"/>' + user("u") + '<endEvent id="e"/>' + chain("s", "u", "e")
    inside += sub("x", handler + chain("x0", "keep", "w", "x9"), attributes=EVENT)
    child = document(START + sub("each", inside, many) + END + chain("start", "each", "end"), "child")
    passed = '<camunda:in variables="all"/><camunda:out source="out" target="out"/>'
    call = f'<callActivity id="c" calledElement="child"><extensionElements>{passed}</extensionElements></callActivity>'
    law = FixedLaw(processes={"child": [child]})

    case = walk(START + call + END + chain("start", "c", "end"), law=law).start(organs=["court", "audit", "press"])
    case.deliver("x0", 1)
    assert case.open == ["u", "u", "w"]
    case.complete("u").complete("w").complete("u")

    assert case.finished
    assert case.variables["out"] == [None, "audit", None]


def test_an_error_out_of_an_event_sub_process_in_a_multi_instance_ends_all_iterations(walk: Walk) -> None:
    many = '<multiInstanceLoopCharacteristics camunda:collection="organs" camunda:elementVariable="organ"/>'
    handler = f'<startEvent id="x0">{ASK}</startEvent>' + thrown("x9", ERROR, True) + chain("x0", "x9")
    inside = '<startEvent id="s"/>' + user("u") + '<endEvent id="e"/>' + chain("s", "u", "e") + sub("x", handler, attributes=EVENT)
    body = START + sub("each", inside, many) + boundary("b", "each", ERROR) + user("after") + END
    body += chain("start", "each", "end") + chain("b", "after", "end")

    case = walk(body).start(organs=["court", "audit"]).deliver("x0", 1)

    assert case.open == ["after"]
    assert not case.subscriptions
    assert open_visits(case) == ["after"]


@pytest.mark.parametrize(
    ("marks", "attributes"),
    [
        ('<standardLoopCharacteristics loopMaximum="2"><loopCondition>${true}</loopCondition></standardLoopCharacteristics>', ""),
        ("", 'startQuantity="2"'),
    ],
)
def test_a_receive_task_that_is_more_or_less_than_one_visit_cannot_follow_an_event_based_gateway(
    inspect: Inspect, marks: str, attributes: str
) -> None:
    taker = f'<receiveTask id="r" messageRef="ask" {attributes}>{marks}</receiveTask>'
    body = START + gateway("eventBased", "g") + taker + catching("c", SIGNAL) + END + '<endEvent id="end2"/>'

    assert "g_r" in inspect(body + chain("start", "g", "r", "end") + chain("g", "c", "end2"))["not-an-event"]


def test_more_scopes_than_can_end_at_once_fail_the_step(walk: Walk) -> None:
    nested = '<callActivity id="c" calledElement="child"><extensionElements>'
    nested += '<camunda:in sourceExpression="${depth + 1}" target="depth"/></extensionElements></callActivity>'
    nested = (
        gateway("exclusive", "g").replace("/>", ' default="g_u"/>')
        + nested
        + user("u")
        + flow("g", "c", "${depth &lt; 19}")
        + flow("g", "u")
    )
    for level in range(80):
        nested = sub(f"s{level}", nested)
    child = document(START + nested + flow("start", "s79"), "child")
    call = '<callActivity id="c" calledElement="child"><extensionElements>'
    call += '<camunda:in sourceExpression="${1}" target="depth"/></extensionElements></callActivity>'
    body = START + call + boundary("b", "c", ASK) + END + chain("start", "c", "end") + flow("b", "end")
    case = walk(body, law=FixedLaw(processes={"child": [child]})).start(depth=Decimal(0))

    with pytest.raises(StepFailed) as failed:
        case.deliver("b")

    assert failed.value.kind == "budget"
    assert case.complete("u").finished


# --- the counters of a multi-instance or loop


@pytest.mark.parametrize("value", ["abc", None, Decimal(0), Decimal(1), Decimal(99)])
@pytest.mark.parametrize("name", ["nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances", "loopCounter"])
@pytest.mark.parametrize("sequential", ["true", "false"])
def test_nobody_ends_the_work_of_others_with_a_variable_by_the_name_of_a_counter(
    walk: Walk, sequential: str, name: str, value: Decimal | str | None
) -> None:
    many = f'<multiInstanceLoopCharacteristics isSequential="{sequential}" camunda:collection="organs">'
    many += "<completionCondition>${nrOfCompletedInstances == 3}</completionCondition></multiInstanceLoopCharacteristics>"
    case = walk(START + user("vote", marks=many) + END + chain("start", "vote", "end")).start(organs=["court", "audit", "press", "house"])

    for _ in range(2):
        case.take(case.execution().complete_task(case.task("vote").id, [((name,), value)], case.circumstances))
        assert case.open
    case.complete("vote")

    assert case.finished
    assert name not in case.variables


@pytest.mark.parametrize("value", ["abc", None, Decimal(0), Decimal(99)])
def test_nobody_changes_how_often_a_loop_runs_by_the_name_of_its_counter(walk: Walk, value: Decimal | str | None) -> None:
    loop = '<standardLoopCharacteristics loopMaximum="3"><loopCondition>${true}</loopCondition></standardLoopCharacteristics>'
    case = walk(START + user("u", marks=loop) + END + chain("start", "u", "end")).start()

    case.complete("u", loopCounter=value).complete("u")
    assert case.execution().task_variables(case.task("u").id)["loopCounter"] == 3

    assert case.complete("u").finished


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_calls_of_a_multi_instance_that_take_and_give_all_variables_end(walk: Walk, sequential: str) -> None:
    many = f'<multiInstanceLoopCharacteristics isSequential="{sequential}" camunda:collection="organs"/>'
    passed = '<extensionElements><camunda:in variables="all"/><camunda:out variables="all"/></extensionElements>'
    call = f'<callActivity id="c" calledElement="child">{passed}{many}</callActivity>'
    child = document(START + user("u") + END + chain("start", "u", "end"), "child")
    case = walk(START + call + END + chain("start", "c", "end"), law=FixedLaw(processes={"child": [child]})).start(organs=["a", "b", "c"])

    case.complete("u", answer="yes").complete("u").complete("u")

    assert case.finished
    assert case.variables == {"organs": ["a", "b", "c"]}


# --- numbers that are none


@pytest.mark.parametrize("number", ["\u00b2", "--5", "-", "", "1" * 4000, Decimal("1E+200000"), Decimal("0.5"), True, ["1"]])
@pytest.mark.parametrize(
    "element",
    [
        user("u", marks="<multiInstanceLoopCharacteristics><loopCardinality>${n}</loopCardinality></multiInstanceLoopCharacteristics>"),
        user("u", attributes='camunda:priority="${n}"'),
        '<serviceTask id="u" camunda:type="external" camunda:topic="t" camunda:taskPriority="${n}"/>',
    ],
    ids=["cardinality", "priority", "task priority"],
)
def test_what_is_no_whole_number_fails_the_step_naming_the_element(walk: Walk, element: str, number: Json) -> None:
    with pytest.raises(StepFailed) as failed:
        walk(START + element + END + chain("start", "u", "end")).start(n=number)

    assert (failed.value.element_id, failed.value.kind) == ("u", "expression")


@pytest.mark.parametrize("least", ["\u00b2", "--1", "+-1", "9" * 5000])
def test_a_number_of_participants_that_is_none_does_not_break_the_reading(engine: SpiffEngine, least: str) -> None:
    quantity = f'<participantMultiplicity minimum="{least}" maximum="2"/>'
    pool = f'<collaboration id="c"><participant id="pool">{quantity}</participant></collaboration>'
    xml = document(START + END + chain("start", "end")).decode().replace("<process", f"{pool}<process")

    assert "pool" in {finding.element_id for finding in engine.inspect("test.bpmn", xml.encode()).findings if finding.severity == "error"}
