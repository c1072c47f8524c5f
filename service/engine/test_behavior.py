"""What multi-instances throw as their iterations end, and who catches it (BPMN 2.0.2, tables 10.29 and 10.31)."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from service.domain.errors import StepFailed
from service.engine import SpiffEngine
from service.engine.conftest import HEAD, Inspect, Walk, Walker, document
from service.engine.sketches import END, START, boundary, chain, script, timer, user

DEFINITIONS = (
    '<signal id="sig" name="alarm"/><error id="err" errorCode="E1"/><escalation id="esc" escalationCode="up"/>'
    '<signalEventDefinition id="theSignal" signalRef="sig"/><errorEventDefinition id="theError" errorRef="err"/>'
    '<escalationEventDefinition id="theEscalation" escalationRef="esc"/><messageEventDefinition id="theMessage" messageRef="tell"/>'
    '<timerEventDefinition id="theTimer"><timeDuration>PT1H</timeDuration></timerEventDefinition>'
)
SIGNAL = '<signalEventDefinition signalRef="sig"/>'
CAUGHT = user("caught") + '<endEvent id="e2"/>' + chain("event", "caught", "e2")


@pytest.fixture
def walk_events(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Walker]:
    """A walker whose file also has the definitions above."""
    monkeypatch.setattr("service.engine.conftest.HEAD", HEAD + DEFINITIONS)
    return walk


def marks(attributes: str, inside: str = "") -> str:
    cardinality = "<loopCardinality>3</loopCardinality>"
    return f"<multiInstanceLoopCharacteristics {attributes}>{cardinality}{inside}</multiInstanceLoopCharacteristics>"


def three(attributes: str, inside: str = "", event: str = SIGNAL, interrupting: bool = True) -> str:
    """Three user tasks `a`, a boundary event `event` that leads to `caught`, and `after` when all is done."""
    body = START + user("a", marks=marks(attributes, inside)) + user("after") + END + chain("start", "a", "after", "end")
    return body + boundary("event", "a", event, interrupting) + CAUGHT


@pytest.mark.parametrize("sequential", ["true", "false"])
@pytest.mark.parametrize("interrupting", [True, False])
def test_none_throws_for_each_iteration_and_one_for_the_first(walk_events: Walk, sequential: str, interrupting: bool) -> None:
    each = walk_events(three(f'isSequential="{sequential}" behavior="None" noneBehaviorEventRef="theSignal"', interrupting=interrupting))
    first = walk_events(three(f'isSequential="{sequential}" behavior="One" oneBehaviorEventRef="theSignal"', interrupting=interrupting))

    opened = []
    for case in (each.start(), first.start()):
        for _ in range(3):
            case.complete("a")
        opened.append(case.open)

    assert opened == [["after", "caught", "caught", "caught"], ["after", "caught"]]
    assert not any(visit.state == "cancelled" for visit in each.visits.values())
    assert each.complete("caught").complete("caught").complete("caught").complete("after").finished


def complex_behavior(condition: str, event: str = SIGNAL) -> str:
    inside = f"<event>{event}</event>" if event else ""
    return f"<complexBehaviorDefinition><condition>{condition}</condition>{inside}</complexBehaviorDefinition>"


def test_a_true_complex_condition_throws_ends_the_other_iterations_and_lets_the_token_go_on(walk_events: Walk) -> None:
    case = walk_events(three('behavior="Complex"', complex_behavior("${nrOfCompletedInstances >= 2}"))).start()
    assert case.complete("a").open == ["a", "a"]

    assert case.complete("a").open == ["after", "caught"]
    assert [visit.state for visit in case.visits.values() if visit.element_id == "a"].count("cancelled") == 1


def test_complex_conditions_see_what_the_iteration_answered_and_need_no_event(walk_events: Walk) -> None:
    inside = '<loopDataOutputRef>votes</loopDataOutputRef><outputDataItem name="vote"/>' + complex_behavior("${vote == 'no'}", "")
    case = walk_events(three('behavior="Complex"', inside)).start()

    assert case.complete("a", vote="yes").open == ["a", "a"]
    assert case.complete("a", vote="no").open == ["after"]
    assert case.variables["votes"] == ["yes", "no"]


def test_all_throws_nothing(walk_events: Walk) -> None:
    case = walk_events(three('behavior="All" oneBehaviorEventRef="theSignal"')).start().complete("a").complete("a")
    assert case.open == ["a"]
    assert case.complete("a").open == ["after"]


def test_the_signal_also_goes_to_all_others_that_wait_for_it(walk_events: Walk) -> None:
    body = START + '<parallelGateway id="f"/>' + user("a", marks=marks('behavior="One" oneBehaviorEventRef="theSignal"')) + END
    body += f'<intermediateCatchEvent id="wait">{SIGNAL}</intermediateCatchEvent>' + user("heard")
    body += boundary("event", "a", SIGNAL) + CAUGHT + chain("start", "f", "a", "end") + chain("f", "wait", "heard", "end")
    case = walk_events(body).start().complete("a")

    assert case.open == ["a", "a", "caught", "heard"]
    assert [signal.name for signal in case.step.signals] == ["alarm"]


def test_a_signal_from_elsewhere_still_interrupts(walk_events: Walk) -> None:
    case = walk_events(three('behavior="One" oneBehaviorEventRef="theSignal"')).start().complete("a")
    assert case.open == ["a", "a", "caught"]

    assert case.deliver("event").open == ["caught", "caught"]


def test_an_escalation_is_caught_once_and_by_the_event_that_names_it(walk_events: Walk) -> None:
    body = three('behavior="None" noneBehaviorEventRef="theEscalation"', event="<escalationEventDefinition/>", interrupting=False)
    body += boundary("named", "a", '<escalationEventDefinition escalationRef="esc"/>', False) + user("n") + chain("named", "n", "e2")

    assert walk_events(body).start().complete("a").open == ["a", "a", "n"]


def test_an_escalation_that_the_activity_does_not_catch_goes_outwards(walk_events: Walk) -> None:
    inside = '<startEvent id="s0"/>' + user("a", marks=marks('behavior="One" oneBehaviorEventRef="theEscalation"')) + '<endEvent id="s1"/>'
    body = START + f'<subProcess id="s">{inside + chain("s0", "a", "s1")}</subProcess>' + END + chain("start", "s", "end")
    body += boundary("event", "s", '<escalationEventDefinition escalationRef="esc"/>', False) + CAUGHT

    assert walk_events(body).start().complete("a").open == ["a", "a", "caught"]


def test_a_message_leaves_and_is_caught_at_the_activity(walk_events: Walk) -> None:
    event = '<messageEventDefinition messageRef="tell"/>'
    case = walk_events(three('behavior="One" oneBehaviorEventRef="theMessage"', event=event, interrupting=False)).start().complete("a")

    assert case.open == ["a", "a", "caught"]
    assert [name for name, _ in case.messages] == ["answer"]


def test_an_error_ends_the_activity_and_without_a_catcher_the_step(walk_events: Walk) -> None:
    caught = walk_events(three('behavior="One" oneBehaviorEventRef="theError"', event='<errorEventDefinition errorRef="err"/>')).start()
    assert caught.complete("a").open == ["caught"]

    uncaught = walk_events(three('behavior="One" oneBehaviorEventRef="theError"')).start()
    with pytest.raises(StepFailed) as failed:
        uncaught.complete("a")
    assert failed.value.kind == "error-event"


def test_iterations_that_pass_at_once_throw_in_their_turn(walk_events: Walk) -> None:
    body = START + script("a", "n + 1", "n", marks('isSequential="true" behavior="None" noneBehaviorEventRef="theSignal"')) + END
    case = walk_events(body + chain("start", "a", "end") + boundary("event", "a", SIGNAL) + CAUGHT).start(n=Decimal(0))

    assert case.open == ["caught", "caught", "caught"]
    assert case.variables["n"] == Decimal(3)


@pytest.mark.parametrize(
    "characteristics",
    [
        marks('behavior="None"'),
        marks('behavior="One"'),
        marks('behavior="Complex"'),
        marks('behavior="Some"'),
        marks('behavior="One" oneBehaviorEventRef="nobody"'),
        marks('behavior="One" oneBehaviorEventRef="theTimer"'),
        marks('behavior="Complex"', complex_behavior("")),
        marks('behavior="Complex"', complex_behavior("${1 +}")),
        marks('behavior="Complex"', complex_behavior("${true}", SIGNAL + SIGNAL)),
        marks('behavior="Complex"', complex_behavior("${true}", timer("PT1H"))),
    ],
)
def test_a_behavior_that_cannot_be_run_is_refused_naming_the_activity(
    inspect: Inspect, monkeypatch: pytest.MonkeyPatch, characteristics: str
) -> None:
    monkeypatch.setattr("service.engine.conftest.HEAD", HEAD + DEFINITIONS)
    named = {
        found
        for elements in inspect(START + user("a", marks=characteristics) + END + chain("start", "a", "end")).values()
        for found in elements
    }
    assert "a" in named


def test_an_interrupting_event_that_the_behavior_does_not_interrupt_is_pointed_out(
    engine: SpiffEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.engine.conftest.HEAD", HEAD + DEFINITIONS)
    found = engine.inspect("test.bpmn", document(three('behavior="One" oneBehaviorEventRef="theSignal"'))).findings
    assert [(one.element_id, one.severity) for one in found if one.code == "behavior-not-interrupting"] == [("event", "warning")]
