"""Signals, errors, escalations, conditions and event sub-processes: who is told, what ends, and before what."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from service.domain.errors import StepFailed
from service.engine.conftest import HEAD, Inspect, Walk, Walker
from service.engine.sketches import END, START, boundary, chain, flow, sub, thrown, timer, user

DEFINITIONS = (
    '<signal id="sig" name="alarm"/><signal id="other" name="calm"/><error id="err" errorCode="E1"/><error id="err2" errorCode="E2"/>'
    '<escalation id="esc" escalationCode="up"/>'
)


@pytest.fixture
def walk_events(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Walker]:
    """A walker whose file also has signals, errors and escalations."""
    monkeypatch.setattr("service.engine.conftest.HEAD", HEAD + DEFINITIONS)
    return walk


def event_sub(name: str, definition: str, inside: str = "", interrupting: bool = True) -> str:
    body = inside or user(f"{name}_work") + f'<endEvent id="{name}_e"/>' + chain(f"{name}_start", f"{name}_work", f"{name}_e")
    return (
        f'<subProcess id="{name}" triggeredByEvent="true"><startEvent id="{name}_start" isInterrupting="{str(interrupting).lower()}">'
        f"{definition}</startEvent>{body}</subProcess>"
    )


SIGNAL = '<signalEventDefinition signalRef="sig"/>'
CALM = '<signalEventDefinition signalRef="other"/>'
ERROR = '<errorEventDefinition errorRef="err"/>'
ANY_ERROR = "<errorEventDefinition/>"
UP = '<escalationEventDefinition escalationRef="esc"/>'
MESSAGE = '<messageEventDefinition messageRef="ask"/>'


def test_an_error_end_event_ends_the_sub_process_before_anything_in_it_runs_on(walk_events: Walk) -> None:
    inside = (
        '<startEvent id="s"/><parallelGateway id="fork"/>'
        + user("later", "open")
        + '<scriptTask id="ran" scriptFormat="feel" camunda:resultVariable="ran"><script>true</script></scriptTask>'
        + thrown("fails", ERROR, True)
        + '<endEvent id="e"/>'
        + chain("s", "fork", "fails")
        + chain("fork", "ran", "later", "e")
        + chain("fork", "open")
        + flow("open", "e")
    )
    body = (
        START
        + END
        + sub("part", inside)
        + boundary("caught", "part", ERROR)
        + user("after", "mend")
        + chain("start", "part", "after", "end")
        + chain("caught", "mend")
        + flow("mend", "end")
    )
    walker = walk_events(body).start()
    assert walker.open == ["mend"]
    assert "ran" not in walker.variables
    assert walker.complete("mend").finished


def test_a_specific_error_code_wins_over_any_and_code_and_text_are_told(walk_events: Walk) -> None:
    caught = ANY_ERROR.replace("/>", ' camunda:errorCodeVariable="code" camunda:errorMessageVariable="text"/>')
    body = START + sub(
        "part", '<startEvent id="s"/>' + thrown("fails", '<errorEventDefinition errorRef="err2"/>', True) + chain("s", "fails")
    )
    body += boundary("one", "part", ERROR) + boundary("any", "part", caught) + user("a", "b") + END
    body += chain("start", "part", "end") + chain("one", "a", "end") + chain("any", "b", "end")
    walker = walk_events(body).start()
    assert walker.open == ["b"]
    assert (walker.variables["code"], walker.variables["text"]) == ("E2", None)


def test_an_error_that_nothing_catches_stays_at_its_event_and_what_led_there_has_happened(walk_events: Walk) -> None:
    body = START + '<parallelGateway id="fork"/>' + user("a", "b") + thrown("fails", ERROR, True) + END
    body += chain("start", "fork", "a", "fails") + chain("fork", "b", "end")
    walker = walk_events(body).start().complete("a", why="x")
    (error,) = walker.step.uncaught
    assert (error.element_id, error.code) == ("fails", "E1")
    assert walker.open == ["b"]
    assert walker.variables == {"why": "x"}
    assert walker.visits[error.id].state == "active"
    with pytest.raises(StepFailed) as failure:
        walker.execution().throw_again(error.id, walker.circumstances)
    assert (failure.value.element_id, failure.value.kind) == ("fails", "error-event")
    assert "'E1'" in failure.value.message
    assert not walker.complete("b").finished


def test_an_error_that_nothing_caught_ends_with_its_scope(walk_events: Walk) -> None:
    inside = '<startEvent id="s"/>' + thrown("fails", ERROR, True) + chain("s", "fails")
    body = START + sub("part", inside) + boundary("stop", "part", SIGNAL) + user("after") + END
    walker = walk_events(body + chain("start", "part", "end") + chain("stop", "after", "end")).start()
    (error,) = walker.step.uncaught
    assert walker.deliver("stop").open == ["after"]
    assert walker.step.settled_errors == (error.id,)


def test_an_error_reaches_the_event_sub_process_of_its_own_scope_first(walk_events: Walk) -> None:
    inside = '<startEvent id="s"/>' + thrown("fails", ERROR, True) + chain("s", "fails") + event_sub("handler", ERROR)
    body = START + sub("part", inside) + boundary("caught", "part", ERROR) + user("mend", "after") + END
    body += chain("start", "part", "after", "end") + chain("caught", "mend", "end")
    walker = walk_events(body).start()
    assert walker.open == ["handler_work"]
    assert walker.complete("handler_work").open == ["after"]


def test_an_event_sub_process_that_takes_any_error_comes_before_a_boundary_event_that_names_the_code(walk_events: Walk) -> None:
    inside = '<startEvent id="s"/>' + thrown("fails", ERROR, True) + chain("s", "fails") + event_sub("handler", ANY_ERROR)
    body = START + sub("part", inside) + boundary("caught", "part", ERROR) + user("mend", "after") + END
    body += chain("start", "part", "after", "end") + chain("caught", "mend", "end")
    assert walk_events(body).start().open == ["handler_work"]


def test_an_error_inside_an_event_sub_process_leaves_its_scope(walk_events: Walk) -> None:
    again = thrown("again", ERROR, True) + chain("handler_start", "again")
    inside = '<startEvent id="s"/>' + thrown("fails", ERROR, True) + chain("s", "fails") + event_sub("handler", ERROR, again)
    body = START + sub("part", inside) + boundary("caught", "part", ERROR) + user("mend", "after") + END
    body += chain("start", "part", "after", "end") + chain("caught", "mend", "end")
    assert walk_events(body).start().open == ["mend"]


def test_an_escalation_may_leave_its_thrower_running(walk_events: Walk) -> None:
    inside = '<startEvent id="s"/>' + thrown("escalate", UP) + user("go_on") + '<endEvent id="e"/>'
    inside += chain("s", "escalate", "go_on", "e")
    body = START + sub("part", inside) + boundary("up", "part", UP, interrupting=False) + user("look") + END + '<endEvent id="end2"/>'
    body += chain("start", "part", "end") + chain("up", "look", "end2")
    walker = walk_events(body).start()
    assert walker.open == ["go_on", "look"]
    assert walker.complete("go_on").complete("look").finished


def test_an_interrupting_escalation_ends_its_thrower(walk_events: Walk) -> None:
    inside = '<startEvent id="s"/>' + thrown("escalate", UP) + user("go_on") + '<endEvent id="e"/>'
    inside += chain("s", "escalate", "go_on", "e")
    body = START + sub("part", inside) + boundary("up", "part", UP) + user("look") + END + chain("start", "part", "end")
    walker = walk_events(body + chain("up", "look", "end")).start()
    assert walker.open == ["look"]


def test_an_escalation_nobody_catches_changes_nothing(walk_events: Walk) -> None:
    body = START + thrown("escalate", UP) + user("a") + thrown("done", UP, True) + chain("start", "escalate", "a", "done")
    assert walk_events(body).start().complete("a").finished


def parallel_signal(order: tuple[str, str], tail: str = "") -> str:
    branches = {
        "wait": chain("fork", "wait", "got", "e1"),
        "throw": chain("fork", "throw", "e2"),
    }
    return (
        START
        + '<parallelGateway id="fork"/>'
        + f'<intermediateCatchEvent id="wait">{SIGNAL}</intermediateCatchEvent>'
        + thrown("throw", SIGNAL)
        + user("got")
        + '<endEvent id="e1"/><endEvent id="e2"/>'
        + flow("start", "fork")
        + "".join(branches[name] for name in order)
        + tail
    )


@pytest.mark.parametrize("order", [("wait", "throw"), ("throw", "wait")])
def test_a_signal_reaches_a_branch_of_its_own_instance_whatever_is_drawn_first(walk_events: Walk, order: tuple[str, str]) -> None:
    walker = walk_events(parallel_signal(order)).start()
    assert walker.open == ["got"]
    assert [(signal.element_id, signal.name) for signal in walker.step.signals] == [("throw", "alarm")]
    assert not walker.subscriptions


def test_a_signal_end_event_ends_its_own_scope_by_an_interrupting_boundary_event(walk_events: Walk) -> None:
    inside = '<startEvent id="s"/>' + thrown("alarm", SIGNAL, True) + user("open") + '<endEvent id="e"/>'
    inside += '<parallelGateway id="fork"/>' + chain("s", "fork", "alarm") + chain("fork", "open", "e")
    body = START + sub("part", inside) + boundary("heard", "part", SIGNAL) + user("act", "after") + END
    body += chain("start", "part", "after", "end") + chain("heard", "act", "end")
    assert walk_events(body).start().open == ["act"]


def test_a_non_interrupting_signal_boundary_event_fires_every_time(walk_events: Walk) -> None:
    body = START + user("a", "look") + boundary("heard", "a", SIGNAL, interrupting=False) + END + '<endEvent id="e2"/>'
    walker = walk_events(body + chain("start", "a", "end") + chain("heard", "look", "e2")).start()
    for times in (1, 2, 3):
        walker.deliver("heard", level=times)
        assert walker.open == ["a", *["look"] * times]
    assert walker.subscriptions
    assert walker.complete("a").subscriptions == {}


def test_a_signal_subscription_says_that_it_is_one(walk_events: Walk) -> None:
    body = START + user("a") + boundary("heard", "a", SIGNAL) + boundary("told", "a", MESSAGE) + END
    walker = walk_events(body + chain("start", "a", "end") + chain("heard", "end") + flow("told", "end")).start()
    assert sorted((one.name, one.kind) for one in walker.subscriptions.values()) == [("alarm", "signal"), ("question", "message")]


def test_a_thrown_signal_carries_what_camunda_in_names(walk_events: Walk) -> None:
    definition = (
        '<signalEventDefinition signalRef="sig"><extensionElements><camunda:in source="a" target="b"/>'
        "</extensionElements></signalEventDefinition>"
    )
    body = parallel_signal(("wait", "throw")).replace(thrown("throw", SIGNAL), thrown("throw", definition))
    walker = walk_events(body).start(a="x")
    assert walker.step.signals[0].payload == {"b": "x"}
    assert walker.variables["b"] == "x"


@pytest.mark.parametrize("definition", [SIGNAL, MESSAGE])
def test_an_interrupting_event_sub_process_ends_everything_else(walk_events: Walk, definition: str) -> None:
    body = START + '<parallelGateway id="fork"/>' + user("a", "b") + END + chain("start", "fork", "a", "end") + chain("fork", "b", "end")
    walker = walk_events(body + event_sub("stop", definition) + event_sub("note", CALM, interrupting=False)).start()
    walker.deliver("stop_start", why="x")
    assert walker.open == ["stop_work"]
    assert walker.variables == {"why": "x"}
    assert not walker.subscriptions
    assert walker.complete("stop_work").finished


def test_a_non_interrupting_event_sub_process_runs_beside_and_again(walk_events: Walk) -> None:
    walker = walk_events(START + user("a") + END + chain("start", "a", "end") + event_sub("note", CALM, interrupting=False)).start()
    walker.deliver("note_start").deliver("note_start")
    assert walker.open == ["a", "note_work", "note_work"]
    walker.complete("a")
    assert not walker.finished
    assert walker.complete("note_work").complete("note_work").finished


def test_a_timer_of_an_event_sub_process_does_not_keep_the_instance_open(walk_events: Walk) -> None:
    timer = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    walker = walk_events(START + user("a") + END + chain("start", "a", "end") + event_sub("late", timer)).start()
    assert [armed.element_id for armed in walker.timers.values()] == ["late_start"]
    assert walker.complete("a").finished
    walker = walk_events(START + user("a") + END + chain("start", "a", "end") + event_sub("late", timer)).start()
    assert walker.fire("late_start").open == ["late_work"]


def test_an_event_sub_process_inside_a_sub_process_ends_only_that(walk_events: Walk) -> None:
    inside = '<startEvent id="s"/>' + user("in") + '<endEvent id="e"/>' + chain("s", "in", "e") + event_sub("stop", SIGNAL)
    body = START + '<parallelGateway id="fork"/>' + sub("part", inside) + user("beside", "after") + END
    body += chain("start", "fork", "part", "after", "end") + chain("fork", "beside", "end")
    walker = walk_events(body).start().deliver("stop_start")
    assert walker.open == ["beside", "stop_work"]
    assert walker.complete("stop_work").open == ["after", "beside"]


CONDITION = "<conditionalEventDefinition><condition>${amount &gt; 5}</condition></conditionalEventDefinition>"


def test_a_conditional_event_happens_when_the_condition_becomes_true(walk_events: Walk) -> None:
    body = START + user("a", "b") + f'<intermediateCatchEvent id="wait">{CONDITION}</intermediateCatchEvent>' + END
    body += '<parallelGateway id="fork"/>' + user("c") + chain("start", "fork", "wait", "b", "end") + chain("fork", "a", "c", "end")
    walker = walk_events(body).start()
    assert walker.open == ["a"]
    assert walker.complete("a", amount=Decimal(3)).open == ["c"]
    walker = walk_events(body).start().complete("a", amount=Decimal(7))
    assert walker.open == ["b", "c"]


def test_a_conditional_boundary_event_ends_its_activity_and_a_non_interrupting_one_needs_a_change(walk_events: Walk) -> None:
    body = START + '<parallelGateway id="fork"/>' + user("host", "set", "set2", "look") + END + '<endEvent id="e2"/>'
    body += chain("start", "fork", "host", "end") + chain("fork", "set", "set2", "end")
    once = body + boundary("much", "host", CONDITION) + chain("much", "look", "e2")
    assert walk_events(once).start().complete("set", amount=Decimal(9)).open == ["look", "set2"]
    often = body + boundary("much", "host", CONDITION, interrupting=False) + chain("much", "look", "e2")
    walker = walk_events(often).start().complete("set", amount=Decimal(9))
    assert walker.open == ["host", "look", "set2"]
    assert walker.complete("set2", amount=Decimal(10)).open == ["host", "look"]


def test_an_interrupting_conditional_event_sub_process_stops_the_scope_at_once(walk_events: Walk) -> None:
    script = '<scriptTask id="{0}" scriptFormat="feel" camunda:resultVariable="{1}"><script>{2}</script></scriptTask>'
    inside = '<startEvent id="s"/>' + script.format("set", "amount", "9") + script.format("not_this", "ran", "true") + '<endEvent id="e"/>'
    inside += chain("s", "set", "not_this", "e") + event_sub("stop", CONDITION)
    walker = walk_events(START + sub("part", inside) + END + chain("start", "part", "end")).start()
    assert walker.open == ["stop_work"]
    assert "ran" not in walker.variables


SEVERAL = '<intermediateCatchEvent id="wait" parallelMultiple="{}">' + SIGNAL + MESSAGE + "</intermediateCatchEvent>"


def test_an_event_with_several_definitions_takes_the_first_that_happens(walk_events: Walk) -> None:
    body = START + SEVERAL.format("false") + user("a") + END + chain("start", "wait", "a", "end")
    walker = walk_events(body).start()
    assert len(walker.subscriptions) == 2
    assert walker.deliver("wait", 1, x=1).open == ["a"]
    assert not walker.subscriptions
    assert walker.variables == {"x": 1}


def test_a_parallel_event_with_several_definitions_takes_all_of_them(walk_events: Walk) -> None:
    body = START + SEVERAL.format("true") + user("a") + END + chain("start", "wait", "a", "end")
    walker = walk_events(body).start().deliver("wait", 1, x=1)
    assert walker.open == []
    assert [one.kind for one in walker.subscriptions.values()] == ["signal"]
    assert walker.deliver("wait", 0).open == ["a"]


def test_a_throwing_event_with_several_definitions_throws_them_all(walk_events: Walk) -> None:
    body = START + thrown("out", SIGNAL + MESSAGE + CALM, True) + flow("start", "out")
    walker = walk_events(body).start(a=1)
    assert walker.finished
    assert [signal.name for signal in walker.step.signals] == ["alarm", "calm"]
    assert [name for name, _ in walker.messages] == ["question"]


def test_an_event_definition_may_stand_at_the_top_of_the_file(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = '<signalEventDefinition id="def" signalRef="sig"/>'
    monkeypatch.setattr("service.engine.conftest.HEAD", HEAD + DEFINITIONS + shared)
    body = START + thrown("out", "<eventDefinitionRef>def</eventDefinitionRef>", True) + flow("start", "out")
    assert [signal.name for signal in walk(body).start().step.signals] == ["alarm"]


def test_an_error_from_outside_ends_the_task_at_its_boundary_event(walk_events: Walk) -> None:
    body = START + user("a", "mend") + boundary("caught", "a", ERROR) + END + chain("start", "a", "end") + chain("caught", "mend", "end")
    walker = walk_events(body).start()
    step = walker.execution().throw_error(walker.task("a").id, "E1", "no", {"why": "x"}, walker.circumstances)
    assert walker.take(step).open == ["mend"]
    assert walker.variables == {"why": "x"}


@pytest.mark.parametrize(
    ("body", "code", "element"),
    [
        (f'<startEvent id="x">{ERROR}</startEvent><endEvent id="e"/>' + chain("x", "e"), "event-not-allowed", "x"),
        (
            START + END + chain("start", "end") + event_sub("es", ERROR, interrupting=False),
            "not-interrupting",
            "es_start",
        ),
        (START + END + chain("start", "end") + event_sub("es", ""), "missing-event-definition", "es_start"),
        (START + END + chain("start", "es", "end") + event_sub("es", SIGNAL), "event-sub-process", "es"),
        (START + thrown("t", '<signalEventDefinition signalRef="no"/>', True) + chain("start", "t"), "missing-signal", "t"),
        (START + thrown("t", "<errorEventDefinition/>", True) + chain("start", "t"), "missing-error", "t"),
        (START + thrown("t", "<eventDefinitionRef>no</eventDefinitionRef>", True) + chain("start", "t"), "dangling-reference", "t"),
    ],
)
def test_what_events_may_not_be(inspect: Inspect, monkeypatch: pytest.MonkeyPatch, body: str, code: str, element: str) -> None:
    monkeypatch.setattr("service.engine.conftest.HEAD", HEAD + DEFINITIONS)
    assert element in inspect(body).get(code, [])


def several_on_task(*definitions: str) -> str:
    body = START + user("a", "look") + boundary("b", "a", "".join(definitions), interrupting=False) + END + '<endEvent id="e2"/>'
    return body + chain("start", "a", "end") + chain("b", "look", "e2")


def test_only_the_definition_that_happened_waits_again(walk_events: Walk) -> None:
    walker = walk_events(several_on_task(MESSAGE, timer("PT1H"))).start()
    (deadline,) = walker.timers
    walker.now += 1_000
    walker.deliver("b").deliver("b")
    assert list(walker.timers) == [deadline]
    assert walker.open == ["a", "look", "look"]
    walker.fire("b")
    assert (walker.open, walker.timers) == (["a", "look", "look", "look"], {})
    assert walker.deliver("b").open == ["a", *["look"] * 4]
    walker.complete("a")
    assert not walker.subscriptions


def test_a_cycle_beside_another_definition_keeps_its_count(walk_events: Walk) -> None:
    walker = walk_events(several_on_task(MESSAGE, timer("R2/PT1H"))).start().deliver("b").fire("b").deliver("b").fire("b")
    assert (walker.open, walker.timers) == (["a", *["look"] * 4], {})


def test_a_condition_beside_another_definition_needs_a_change(walk_events: Walk) -> None:
    body = several_on_task(MESSAGE, CONDITION).replace(chain("start", "a", "end"), "")
    body += '<parallelGateway id="fork"/>' + user("set", "set2") + chain("start", "fork", "a", "end") + chain("fork", "set", "set2", "end")
    walker = walk_events(body).start().complete("set", amount=Decimal(9))
    assert walker.open == ["a", "look", "set2"]
    assert walker.deliver("b").open == ["a", "look", "look", "set2"]


def test_several_definitions_at_an_event_sub_process_wait_on_by_themselves(walk_events: Walk) -> None:
    body = START + user("a") + END + chain("start", "a", "end") + event_sub("note", MESSAGE + timer("R1/PT1H"), interrupting=False)
    walker = walk_events(body).start().deliver("note_start").fire("note_start").deliver("note_start")
    assert (walker.open, walker.timers) == (["a", *["note_work"] * 3], {})


def test_a_signal_that_ends_its_thrower_keeps_no_other_signal_from_being_told(walk_events: Walk) -> None:
    inside = '<startEvent id="s"/>' + thrown("both", SIGNAL + CALM, True) + chain("s", "both")
    body = START + sub("part", inside) + boundary("heard", "part", SIGNAL) + user("after") + END
    walker = walk_events(body + chain("start", "part", "end") + chain("heard", "after", "end")).start()
    assert walker.open == ["after"]
    assert [signal.name for signal in walker.step.signals] == ["alarm", "calm"]
