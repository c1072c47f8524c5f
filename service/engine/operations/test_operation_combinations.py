"""Operations that meet what is open: joins, loops, compensation, uncaught errors, conditions; and states that were damaged."""

from decimal import Decimal

import pytest

from service.actions.ports import Circumstances
from service.domain.errors import OperationRefused, StepFailed
from service.domain.json_values import Json
from service.engine import SpiffEngine
from service.engine.conftest import HEAD, NOON, FixedLaw, Walk, Walker, document, source_of
from service.engine.operations.test_migration import migrate
from service.engine.operations.test_migration import objections as refused_migration
from service.engine.operations.test_modification import agrees, before, cancel, cancel_visit, each, gateway, modify, part
from service.engine.operations.test_modification import objections as refused_modification
from service.engine.operations.test_moving_back import been_through, go_back, refusal
from service.engine.sketches import (
    COMPENSATE,
    END,
    START,
    UNDOES,
    boundary,
    chain,
    done_and_undone,
    flow,
    noted,
    sub,
    thrown,
    timer,
    undone_by,
    user,
)

ERROR = '<errorEventDefinition errorRef="err"/>'
TERMINATE = "<terminateEventDefinition/>"
HIT = "<conditionalEventDefinition><condition>${hit}</condition></conditionalEventDefinition>"
LOOP = '<standardLoopCharacteristics loopMaximum="3"><loopCondition>${true}</loopCondition></standardLoopCharacteristics>'
JOINED = (
    START + gateway("parallel", "f", "j") + user("a", "b", "z") + END + chain("start", "f", "a", "j", "z", "end") + chain("f", "b", "j")
)
ROUNDS = START + part("s", user("x", "y") + '<endEvent id="e"/>' + chain("s_s", "x", "y", "e"), LOOP) + END + chain("start", "s", "end")


@pytest.fixture(autouse=True)
def _definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.engine.conftest.HEAD", HEAD + '<error id="err" errorCode="E1"/>')


def event_sub(definition: str, interrupting: str = "true") -> str:
    start = f'<startEvent id="x_start" isInterrupting="{interrupting}">{definition}</startEvent>'
    inside = start + user("handle") + '<endEvent id="x_end"/>' + chain("x_start", "handle", "x_end")
    return sub("x", inside, attributes='triggeredByEvent="true"')


def back_from(walker: Walker, element: str, target: str) -> None:
    """Move back from whatever stands at the element."""
    done = walker.execution().move_back(None, element, target, been_through(walker), walker.circumstances)
    walker.take(done.step)
    agrees(walker)


# --- joins and loops


@pytest.mark.parametrize("by_visit", [True, False])
def test_back_from_a_join_takes_what_waits_in_it_once(walk: Walk, by_visit: bool) -> None:
    walker = walk(JOINED).start().complete("a")
    visit = next(visit.id for visit in walker.visits.values() if visit.element_id == "j")

    task_id, activity_id = (visit, None) if by_visit else (None, "j")
    done = walker.execution().move_back(task_id, activity_id, "a", been_through(walker), walker.circumstances)
    walker.take(done.step)

    agrees(walker)
    assert [one.element_id for one in done.cancelled] == ["j"]
    assert walker.open == ["a", "b"]
    assert walker.complete("a").complete("b").complete("z").finished


def test_nothing_inside_a_round_of_a_loop_is_moved(walk: Walk) -> None:
    walker = walk(ROUNDS).start().complete("x").complete("y").complete("x")

    assert refused_modification(walker, before("x"))[0][0] == "multi-instance-part"
    assert refused_modification(walker, cancel("y"), before("x"))[0][0] == "multi-instance-part"
    assert refusal(walker, "y", "x")[0] == "multi-instance-part"
    assert walker.complete("y").complete("x").complete("y").finished


def test_of_a_multi_instance_everything_goes_with_it(walk: Walk) -> None:
    many = each("organs")
    aside = boundary("late", "vote", timer("R3/PT1H"), interrupting=False) + user("hurry") + '<endEvent id="late_end"/>'
    body = START + user("plan", "z") + user("vote", marks=many) + END + chain("start", "plan", "vote", "z", "end")
    walker = walk(body + aside + chain("late", "hurry", "late_end")).start(organs=["court", "audit"]).complete("plan").fire("late")

    go_back(walker.complete("vote"), "vote", "plan")
    assert (walker.open, walker.timers) == (["plan"], {})
    walker.complete("plan").complete("vote")
    modify(walker, cancel("vote"), before("z"))
    assert (walker.open, walker.timers) == (["z"], {})
    assert walker.complete("z").finished


def test_a_process_that_calls_itself_is_touched_outside_only(walk: Walk) -> None:
    call = '<callActivity id="c" calledElement="p"><extensionElements>'
    call += '<camunda:in sourceExpression="${d + 1}" target="d"/></extensionElements></callActivity>'
    body = START + '<exclusiveGateway id="x" default="x_u"/>' + user("u", "w") + call + gateway("exclusive", "m") + END
    body += chain("start", "x") + flow("x", "c", "${d &lt; 1}") + flow("x", "u") + chain("u", "m") + chain("c", "m", "w", "end")
    walker = walk(body, law=FixedLaw(processes={"p": [document(body)]})).start(d=Decimal(0))

    assert refused_modification(walker, cancel("u"))[0][0] == "not-open"
    modify(walker, before("u"))
    modify(walker, cancel("u"))
    newer = body.replace('"w"', '"w2"')
    migrate(walker, newer)
    assert walker.complete("u").complete("w").complete("w2").finished


# --- events


def test_a_condition_that_the_operation_makes_true_happens_once(walk: Walk) -> None:
    body = START + user("a", "b") + END + chain("start", "a", "b", "end") + event_sub(HIT, "false")
    walker = walk(body).start()

    modify(walker, cancel("a"), before("b"), hit=True)
    assert walker.open == ["b", "handle"]
    migrate(walker, body.replace('id="b"', 'id="b" name="B"'))
    assert walker.open == ["b", "handle"]
    modify(walker, cancel("b"), before("a"), hit=False)
    modify(walker, cancel("a"), before("b"), hit=True)
    assert walker.open == ["b", "handle", "handle"]


def test_a_condition_at_what_was_cancelled_does_not_happen(walk: Walk) -> None:
    aside = boundary("c", "a", HIT) + user("aside") + '<endEvent id="ce"/>' + chain("c", "aside", "ce")
    walker = walk(START + user("a", "b") + END + chain("start", "a", "b", "end") + aside).start()

    modify(walker, cancel("a"), before("b"), hit=True)

    assert walker.open == ["b"]


def test_an_error_that_nothing_caught_can_be_taken_back(walk: Walk) -> None:
    body = START + user("u") + '<exclusiveGateway id="x" default="x_end"/>' + END + thrown("bad", ERROR, True)
    body += chain("start", "u", "x", "end") + flow("x", "bad", "${wrong}")
    walker = walk(body).start().complete("u", wrong=True)
    error = walker.step.uncaught[0].id

    migrate(walker, body.replace('id="u"', 'id="u" name="U"'))
    back_from(walker, "bad", "u")

    assert walker.step.settled_errors == (error,)
    assert walker.complete("u", wrong=False).finished


def test_a_transaction_that_is_being_undone_is_only_touched_as_a_whole(walk: Walk) -> None:
    inside = user("sign", "agree") + user("unsign", attributes=UNDOES) + undone_by("sign", "unsign") + '<endEvent id="ok"/>'
    inside += '<exclusiveGateway id="x" default="x_ok"/>' + thrown("no", "<cancelEventDefinition/>", True)
    inside += chain("deal_s", "sign", "agree", "x", "ok") + flow("x", "no", "${off}")
    deal = sub("deal", '<startEvent id="deal_s"/>' + inside, kind="transaction") + boundary("off", "deal", "<cancelEventDefinition/>")
    body = START + deal + user("z") + END + '<endEvent id="off_end"/>' + chain("start", "deal", "z", "end") + chain("off", "off_end")
    walker = walk(body).start().complete("sign").complete("agree", off=True)

    assert walker.open == ["unsign"]
    assert refused_modification(walker, before("sign"))[0][0] == "compensation"
    assert refused_modification(walker, cancel_visit(walker.task("unsign").id))[0][0] == "not-open"
    assert refused_migration(walker, body)[0][0] == "compensation"
    modify(walker, cancel("deal"), before("z"))
    assert walker.complete("z").finished


# --- going over to another diagram


def undoing(*inside: str, handler: bool = False) -> str:
    """A sub-process `s` that can be undone, a task, then compensation."""
    body = START + sub("s", '<startEvent id="ss"/>' + user("x") + '<endEvent id="se"/>' + chain("ss", "x", "se") + "".join(inside))
    body += noted("uns", "uns", UNDOES) + undone_by("s", "uns") if handler else ""
    return body + done_and_undone("q") + user("a") + thrown("t", COMPENSATE) + END + chain("start", "s", "a", "q", "t", "end")


UNDONE_INSIDE = sub(
    "es",
    f'<startEvent id="es0">{COMPENSATE}</startEvent>' + noted("und", "und") + '<endEvent id="es9"/>' + chain("es0", "und", "es9"),
    attributes='triggeredByEvent="true"',
)


@pytest.mark.parametrize("old", ["handler", "event sub-process"])
@pytest.mark.parametrize("new", ["handler", "event sub-process", "nothing"])
def test_what_was_done_is_undone_in_the_way_it_can_be_or_the_migration_is_refused(walk: Walk, old: str, new: str) -> None:
    bodies = {"handler": undoing(handler=True), "event sub-process": undoing(UNDONE_INSIDE), "nothing": undoing()}
    walker = walk(bodies[old]).start(log=[]).complete("x")

    if old != new:
        assert refused_migration(walker, bodies[new]) == [("compensation", "s")]
    else:
        migrate(walker, bodies[new])
    walker.complete("a")
    assert walker.variables["log"] == ["q", "unq", "uns" if old == "handler" else "und"]


def ending(definition: str) -> str:
    body = START + gateway("parallel", "f", "j") + user("a", "b", "z") + '<exclusiveGateway id="x" default="x_stop"/>' + END
    body += thrown("stop", definition, end=True) + chain("start", "f", "a", "j", "z", "end") + chain("f", "b", "x", "stop")
    return body + flow("x", "j", "${go}")


def test_an_end_that_no_longer_ends_the_others_is_another_course(walk: Walk) -> None:
    walker = walk(ending(TERMINATE)).start(go=False)

    assert refused_migration(walker.complete("a"), ending("")) == [("waits-forever", "p")]
    assert walker.complete("b").finished


def test_conditions_that_are_gone_are_another_course(walk: Walk) -> None:
    def body(*conditions: str) -> str:
        split = gateway("inclusive", "f") + gateway("parallel", "j") + user("a", "b", "c")
        ways = flow("f", "b", conditions[0]) + flow("f", "c", conditions[1])
        return START + split + END + chain("start", "a", "f") + ways + chain("b", "j", "end") + chain("c", "j")

    walker = walk(body("", "")).start()

    assert refused_migration(walker, body("${one}", "${two}")) == [("waits-forever", "p")]


@pytest.mark.parametrize(("old", "new"), [("", "given"), ("given", ""), ("given", "other")])
def test_an_open_element_cannot_get_or_lose_inputs(walk: Walk, old: str, new: str) -> None:
    def body(name: str) -> str:
        mapped = f'<camunda:inputParameter name="{name}">${{base}}</camunda:inputParameter>'
        marks = f"<extensionElements><camunda:inputOutput>{mapped}</camunda:inputOutput></extensionElements>" if name else ""
        return START + user("a", marks=marks) + END + chain("start", "a", "end")

    walker = walk(body(old)).start(base="B")

    assert refused_migration(walker, body(new)) == [("inputs-changed", "a")]
    migrate(walker, body(old).replace("${base}", "${base + 1}"))
    assert walker.complete("a").finished


def test_two_open_elements_do_not_become_one_though_one_only_keeps_its_id(walk: Walk) -> None:
    body = START + gateway("parallel", "f") + user("a", "b") + END + '<endEvent id="e2"/>' + chain("start", "f", "a", "end")
    walker = walk(body + chain("f", "b", "e2")).start()

    assert refused_migration(walker, body + chain("f", "b", "e2"), {"a": "b"}) == [("mapped-twice", "b")]
    migrate(walker, body + chain("f", "b", "e2"), {"a": "b", "b": "a"})
    assert walker.complete("a").complete("b").finished


@pytest.mark.parametrize("name", ["vote:multiInstanceBody", ":compensation", "p"])
def test_what_is_no_element_of_the_drawing_is_unknown(walk: Walk, name: str) -> None:
    body = START + user("vote", marks=each("organs")) + END + chain("start", "vote", "end")
    walker = walk(body).start(organs=["court", "audit"])

    assert ("unknown-activity", name) in refused_migration(walker, body, {name: "vote"})
    assert ("unknown-activity", name) in refused_migration(walker, body, {"vote": name})
    assert refused_modification(walker, before(name))[0][:2] == ("unknown-activity", name)
    with pytest.raises(OperationRefused, match="no element"):
        walker.execution().move_back(None, name, "vote", [], walker.circumstances)


# --- damage


def test_no_flipped_bit_of_a_state_becomes_another_value(engine: SpiffEngine) -> None:
    law, source = FixedLaw(), source_of(document(START + user("a") + END + chain("start", "a", "end")), "p")
    variables: dict[str, Json] = {"amount": Decimal("123456.78"), "who": "Li Wei", "organs": ["court" * 6]}
    step = engine.start(source, "start", variables, Circumstances(NOON, law, "li"))
    standing = engine.resume(source, step.state_data, law).standing()

    outcomes = set()
    for place in range(len(step.state_data) * 8):
        damaged = bytearray(step.state_data)
        damaged[place // 8] ^= 1 << place % 8
        try:
            outcome = "as it was" if engine.resume(source, bytes(damaged), law).standing() == standing else "something else"
        except StepFailed as failed:
            outcome = failed.kind
        outcomes.add(outcome)
    # A bit of the header that means nothing may turn without harm.
    assert outcomes == {"definition", "as it was"}


def test_a_state_with_something_behind_it_is_refused(walk: Walk) -> None:
    walker = walk(START + user("a") + END + chain("start", "a", "end")).start()

    with pytest.raises(StepFailed, match="not readable"):
        walker.engine.resume(walker.source, walker.step.state_data + walker.step.state_data, walker.law)
