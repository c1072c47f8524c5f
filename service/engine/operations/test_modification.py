"""Moving tokens by hand: between the wait states of one scope, and refused with the reason everywhere else."""

from collections.abc import Sequence

import pytest

from service.domain.errors import OperationRefused, StepFailed
from service.domain.json_values import Json
from service.domain.operations import Instruction, Modified
from service.engine.conftest import Walk, Walker
from service.engine.sketches import END, START, boundary, chain, flow, sub, timer, user


def gateway(kind: str, *names: str) -> str:
    return "".join(f'<{kind}Gateway id="{name}"/>' for name in names)


def part(name: str, inside: str, marks: str = "") -> str:
    return sub(name, f'<startEvent id="{name}_s"/>{inside}', marks)


def each(collection: str) -> str:
    return f'<multiInstanceLoopCharacteristics camunda:collection="{collection}" camunda:elementVariable="one"/>'


def reminder(name: str, host: str) -> str:
    return boundary(name, host, timer("PT1H"), interrupting=False)


LINE = START + user("a", attributes='name="A"') + user("b", "c") + END + chain("start", "a", "b", "c", "end")
FORK = (
    START + gateway("parallel", "split", "join") + user("first", "a", "b", "last") + END
    + chain("start", "first", "split", "a", "join", "last", "end") + chain("split", "b", "join")
)  # fmt: skip
PART = START + part("part", user("x", "y") + '<endEvent id="part_e"/>' + chain("part_s", "x", "y", "part_e")) + user("a") + END
PART += chain("start", "part", "a", "end")
ALL = START + f'<userTask id="opinion" name="OPINION" camunda:assignee="${{one}}">{each("people")}</userTask>' + user("close") + END
ALL += chain("start", "opinion", "close", "end")


def before(activity_id: str) -> Instruction:
    return Instruction("startBeforeActivity", activity_id)


def after(activity_id: str) -> Instruction:
    return Instruction("startAfterActivity", activity_id)


def cancel(activity_id: str) -> Instruction:
    return Instruction("cancel", activity_id)


def cancel_visit(visit_id: str) -> Instruction:
    return Instruction("cancel", None, visit_id)


def modify(walker: Walker, *instructions: Instruction, **variables: Json) -> Modified:
    done = walker.execution().modify(instructions, variables, walker.circumstances)
    walker.take(done.step)
    agrees(walker)
    assert {task.id for task in walker.tasks.values()} <= {visit.id for visit in done.open}
    return done


def agrees(walker: Walker) -> None:
    """What the steps have told adds up to what the state says."""
    if not walker.finished:
        standing = walker.execution().standing()
        assert standing.tasks == {task.id: task.element_id for task in walker.tasks.values()}
        assert standing.timers == {one.id: one.element_id for one in walker.timers.values()}
        assert set(standing.subscriptions) == set(walker.subscriptions)
        assert standing.activities == {one.id: one.element_id for one in walker.visits.values() if one.state == "active"}


def objections(walker: Walker, *instructions: Instruction) -> list[tuple[str, str | None, str]]:
    with pytest.raises(OperationRefused) as refused:
        walker.execution().modify(instructions, {}, walker.circumstances)
    return [(one.code, one.element_id, one.pointer) for one in refused.value.objections]


def at(walker: Walker, elements: Sequence[str]) -> bool:
    return walker.open == sorted(elements)


def test_a_token_goes_from_one_task_to_another(walk: Walk) -> None:
    walker = walk(LINE).start(amount="1")
    old = walker.task("a").id

    done = modify(walker, cancel("a"), before("c"), amount="2")

    assert at(walker, ["c"])
    assert [(one.id, one.element_id, one.name, one.kind) for one in done.cancelled] == [(old, "a", "A", "userTask")]
    assert [one.element_id for one in done.open] == ["c"]
    assert walker.variables["amount"] == "2"
    assert walker.visits[old].state == "cancelled"
    assert walker.complete("c").finished


def test_the_order_of_instructions_does_not_matter(walk: Walk) -> None:
    walker = walk(LINE).start()

    modify(walker, before("a"), cancel("a"))

    assert at(walker, ["a"])


def test_one_visit_is_cancelled_by_its_id(walk: Walk) -> None:
    walker = walk(LINE).start()
    modify(walker, before("a"))
    first, second = (walker.task("a", number).id for number in (0, 1))

    modify(walker, cancel_visit(first))

    assert list(walker.tasks) == [second]


def test_starting_after_an_element_feeds_the_join_behind_it(walk: Walk) -> None:
    walker = walk(FORK).start().complete("first")
    assert at(walker, ["a", "b"])

    modify(walker, cancel("a"), after("a"))
    assert at(walker, ["b"])

    assert walker.complete("b").open == ["last"]
    assert "join" in walker.path


def test_tokens_that_wait_in_a_join_can_be_cancelled(walk: Walk) -> None:
    walker = walk(FORK).start().complete("first").complete("a")

    modify(walker, cancel("join"), cancel("b"), before("first"))
    assert at(walker, ["first"])

    assert walker.complete("first").complete("b").complete("a").complete("last").finished


@pytest.mark.parametrize(
    "instructions",
    [
        (cancel("a"),),
        (cancel("a"), before("last")),
        (before("a"),),
        (cancel("b"), before("first")),
    ],
)
def test_what_leaves_a_join_waiting_for_ever_is_refused(walk: Walk, instructions: tuple[Instruction, ...]) -> None:
    walker = walk(FORK).start().complete("first")

    assert objections(walker, *instructions) == [("waits-forever", "p", "")]
    assert at(walker, ["a", "b"])


def test_both_branches_can_be_left_together(walk: Walk) -> None:
    walker = walk(FORK).start().complete("first")

    modify(walker, cancel("a"), cancel("b"), before("last"))

    assert walker.complete("last").finished


def test_a_diagram_that_may_get_stuck_anyway_does_not_stop_a_modification(walk: Walk) -> None:
    fork = START + '<exclusiveGateway id="split" default="split_end"/>' + gateway("parallel", "join") + user("z", "a", "b", "last") + END
    fork += chain("start", "z", "a", "join", "last", "end") + chain("z", "split", "end") + flow("split", "b", "${x}") + chain("b", "join")
    walker = walk(fork).start(x=True)

    modify(walker, cancel("z"), before("a"), before("b"))

    assert walker.complete("a").complete("b").open == ["last"]


def test_a_task_in_a_sub_process_moves_inside_it(walk: Walk) -> None:
    walker = walk(PART).start()

    modify(walker, cancel("x"), before("y"))
    assert at(walker, ["y"])

    assert walker.complete("y").complete("a").finished


def test_a_sub_process_is_taken_as_a_whole(walk: Walk) -> None:
    walker = walk(PART).start()

    done = modify(walker, cancel("part"), before("a"))

    assert sorted(one.element_id for one in done.cancelled) == ["part", "x"]
    assert at(walker, ["a"])


def test_all_instructions_are_about_one_scope(walk: Walk) -> None:
    walker = walk(PART).start()

    assert objections(walker, cancel("x"), before("a")) == [("other-scope", "a", "/instructions/1/activityId")]
    assert objections(walker.complete("x").complete("y"), before("x")) == [("other-scope", "x", "/instructions/0/activityId")]


def test_a_multi_instance_is_touched_as_a_whole(walk: Walk) -> None:
    walker = walk(ALL).start(people=["li", "wang"])
    one = walker.task("opinion").id

    assert objections(walker, cancel_visit(one)) == [("multi-instance-part", "opinion", "/instructions/0/activityInstanceId")]
    walker.complete("opinion")
    modify(walker, cancel("opinion"), before("opinion"))

    assert at(walker, ["opinion", "opinion"])
    assert walker.complete("opinion").complete("opinion").complete("close").finished


def test_nothing_inside_a_multi_instance_sub_process_is_touched(walk: Walk) -> None:
    inside = user("x") + '<endEvent id="part_e"/>' + chain("part_s", "x", "part_e")
    walker = walk(START + part("part", inside, each("people")) + END + chain("start", "part", "end")).start(people=[1, 2])

    assert objections(walker, before("x")) == [("multi-instance-part", "part", "/instructions/0/activityId")]
    assert objections(walker, cancel("x")) == [("multi-instance-part", "part", "/instructions/0/activityId")]


def test_an_event_sub_process_is_not_touched(walk: Walk) -> None:
    event = '<subProcess id="ask_more" triggeredByEvent="true"><startEvent id="asked" isInterrupting="{}">'
    event += (
        '<messageEventDefinition messageRef="ask"/></startEvent><userTask id="look" camunda:assignee="li"/><endEvent id="looked"/>'
        + chain("asked", "look", "looked")
        + "</subProcess>"
    )
    walker = walk(event.format("false") + LINE).start().deliver("asked")
    assert at(walker, ["a", "look"])

    assert objections(walker, cancel("look")) == [("event-sub-process", "ask_more", "/instructions/0/activityId")]
    assert objections(walker, cancel("ask_more")) == [("event-sub-process", "ask_more", "/instructions/0/activityId")]
    assert objections(walker, before("ask_more"))[0][0] == "not-startable"
    modify(walker, cancel("a"), before("b"))
    assert at(walker, ["b", "look"])

    interrupted = walk(event.format("true") + LINE).start().deliver("asked")
    assert objections(interrupted, before("b")) == [("event-sub-process", "ask_more", "")]


@pytest.mark.parametrize(
    ("instruction", "code"),
    [
        (before("nothing"), "unknown-activity"),
        (cancel("b"), "not-open"),
        (cancel_visit("nothing"), "not-open"),
        (before("late"), "not-startable"),
        (after("end"), "not-startable"),
        (cancel("late"), "not-open"),
    ],
)
def test_what_cannot_be_meant_is_refused(walk: Walk, instruction: Instruction, code: str) -> None:
    walker = walk(LINE + reminder("late", "a") + user("hurry") + '<endEvent id="e2"/>' + chain("late", "hurry", "e2")).start()

    assert objections(walker, instruction)[0][0] == code


def test_all_objections_are_told_at_once(walk: Walk) -> None:
    walker = walk(LINE).start()

    told = objections(walker, before("x"), cancel("y"), cancel("a"))

    assert told == [("unknown-activity", "x", "/instructions/0/activityId"), ("unknown-activity", "y", "/instructions/1/activityId")]


def test_an_instance_is_never_left_without_a_token(walk: Walk) -> None:
    assert objections(walk(LINE).start(), cancel("a")) == [("nothing-left", "p", "")]


def test_starting_after_the_last_task_ends_the_instance(walk: Walk) -> None:
    walker = walk(LINE).start()

    modify(walker, cancel("a"), after("c"))

    assert walker.finished


def test_timers_go_and_come_with_their_activity(walk: Walk) -> None:
    walker = walk(LINE + reminder("late", "a") + user("hurry") + '<endEvent id="e2"/>' + chain("late", "hurry", "e2")).start()
    old = next(iter(walker.timers))

    modify(walker, cancel("a"), before("b"))
    assert not walker.timers
    modify(walker, cancel("b"), before("a"))

    assert [timer.element_id for timer in walker.timers.values()] == ["late"]
    assert old not in walker.timers


def test_one_event_of_several_after_a_gateway_is_not_started_alone(walk: Walk) -> None:
    body = START + user("a") + '<eventBasedGateway id="wait"/><intermediateCatchEvent id="told"><messageEventDefinition messageRef="tell"/>'
    body += (
        '</intermediateCatchEvent><intermediateCatchEvent id="asked"><messageEventDefinition messageRef="ask"/></intermediateCatchEvent>'
    )
    walker = walk(body + END + chain("start", "a", "wait", "told", "end") + chain("wait", "asked", "end")).start()

    assert objections(walker, before("told"))[0][:2] == ("not-startable", "told")
    modify(walker, cancel("a"), before("wait"))
    assert len(walker.subscriptions) == 2
    waiting = next(iter(walker.subscriptions))
    assert objections(walker, cancel_visit(waiting))[0][0] == "not-open"
    modify(walker, cancel("wait"), before("a"))

    assert not walker.subscriptions


def test_what_fails_while_it_runs_fails_as_a_whole(walk: Walk) -> None:
    body = START + user("a") + gateway("exclusive", "g") + user("b", "c") + END + chain("start", "a", "g") + chain("b", "end")
    body += flow("g", "b", "${x == 'two'}") + flow("g", "c", "${x == 'one'}") + chain("c", "end")
    walker = walk(body).start(x=True)

    with pytest.raises(StepFailed, match="cannot be compared"):
        walker.execution().modify((cancel("a"), before("g")), {}, walker.circumstances)
    modify(walker, cancel("a"), before("g"), x="one")

    assert at(walker, ["c"])


def test_a_sub_process_that_is_open_twice_is_touched_by_visit(walk: Walk) -> None:
    inside = user("x", "y") + '<endEvent id="part_e"/>' + chain("part_s", "x", "y", "part_e")
    body = START + gateway("parallel", "split") + part("part", inside) + user("one") + END
    walker = walk(body + chain("start", "split", "part", "end") + chain("split", "one", "part")).start().complete("one")
    assert at(walker, ["x", "x"])

    assert objections(walker, cancel("x"), before("y")) == [
        ("ambiguous", "x", "/instructions/0/activityId"),
        ("ambiguous", "y", "/instructions/1/activityId"),
    ]
    assert objections(walker, cancel_visit(walker.task("x").id)) == [("nothing-left", "part", "")]


def test_many_parallel_branches_are_still_decided(walk: Walk) -> None:
    names = [f"t{number}" for number in range(40)]
    body = (
        START + gateway("parallel", "split", "join") + user(*names, "last") + END + chain("start", "split") + chain("join", "last", "end")
    )
    walker = walk(body + "".join(chain("split", name, "join") for name in names)).start()

    assert objections(walker, cancel("t7")) == [("waits-forever", "p", "")]
    modify(walker, cancel("t7"), after("t7"))

    assert len(walker.open) == 39


def test_what_data_decides_is_not_guessed(walk: Walk) -> None:
    body = START + gateway("parallel", "split") + user("a", "b", "last") + END + chain("start", "split", "a", "join", "last", "end")
    body += '<complexGateway id="join"><activationCondition>${activationCount == 1}</activationCondition></complexGateway>'
    walker = walk(body + chain("split", "b", "join")).start()

    assert objections(walker, cancel("a")) == [("undecided", "join", "")]
