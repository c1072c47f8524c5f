"""Sequence flows, gateways, events and tasks, walked through small diagrams."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from service.domain.errors import StepFailed
from service.domain.step import ArmedTimer
from service.engine.conftest import Walk

HOUR = 3_600_000


def line(*parts: str) -> str:
    """Elements in a row: (element text …) joined by sequence flows between their ids."""
    ids = [part.split('id="', 1)[1].split('"', 1)[0] for part in parts]
    flows = "".join(f'<sequenceFlow sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids))
    return "".join(parts) + flows


def flow(source: str, target: str, condition: str | None = None, flow_id: str | None = None) -> str:
    name = flow_id or f"{source}_{target}"
    inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


START, END = '<startEvent id="start"/>', '<endEvent id="end"/>'


def user(name: str, attributes: str = "") -> str:
    return f'<userTask id="{name}" {attributes}/>'


def test_ids_that_spiff_reserves_are_ordinary_ids_here(walk: Walk) -> None:
    case = walk(line('<startEvent id="Start"/>', user("Root"), user("End"), '<endEvent id="e"/>')).start("Start")

    case.complete("Root")
    assert case.open == ["End"]
    assert case.complete("End").finished


def test_activities_come_in_the_order_they_happened_with_the_person_who_acted(walk: Walk) -> None:
    case = walk(line(START, user("a", 'name="Ask"'), '<task id="t"/>', '<manualTask id="m"/>', END)).start()

    case.actor = "wang"
    case.complete("a")

    assert [(visit.element_id, visit.type, visit.state, visit.actor) for visit in case.visits.values()] == [
        ("start", "startEvent", "completed", None),
        ("a", "userTask", "completed", "wang"),
        ("t", "task", "completed", None),
        ("m", "manualTask", "completed", None),
        ("end", "endEvent", "completed", None),
    ]


def exclusive(condition: str = "${n > 1}") -> str:
    return (
        line(START, '<exclusiveGateway id="x" default="d"/>')
        + flow("x", "a", condition, "c")
        + flow("x", "b", None, "d")
        + line(user("a"), '<endEvent id="ea"/>')
        + line(user("b"), '<endEvent id="eb"/>')
    )


def test_an_exclusive_gateway_takes_the_first_true_condition_or_the_default(walk: Walk) -> None:
    assert walk(exclusive()).start(n=Decimal("1.01")).open == ["a"]
    assert walk(exclusive()).start(n=Decimal("1.00")).open == ["b"]


@pytest.mark.parametrize(
    ("condition", "variables"), [("${n > 1}", {}), ("${n > 1}", {"n": None}), ("${n}", {"n": "yes"}), ("= missing.x", {})]
)
def test_a_condition_that_is_neither_true_nor_false_fails_the_step_naming_the_flow(walk: Walk, condition: Any, variables: Any) -> None:
    with pytest.raises(StepFailed, match=r"must be true or false|fails: (there is no variable|Null)") as failed:
        walk(exclusive(condition)).start(**variables)
    assert (failed.value.element_id, failed.value.kind) == ("c", "expression")


def test_no_true_condition_and_no_default_fails_the_step(walk: Walk) -> None:
    body = line(START, '<exclusiveGateway id="x"/>') + flow("x", "a", "${n = 1}".replace("=", "==")) + flow("x", "end", "${n == 2}")
    with pytest.raises(StepFailed) as failed:
        walk(body + user("a") + flow("a", "end") + END).start(n=Decimal(3))
    assert failed.value.element_id == "x"


FORK = (
    line(START, '<parallelGateway id="f"/>')
    + "".join(flow("f", name) + user(name) + flow(name, "j") for name in "abc")
    + line('<parallelGateway id="j"/>', user("after"), END)
)


def test_parallel_branches_share_their_variables_and_join(walk: Walk) -> None:
    case = walk(FORK).start(box={"x": "0"})
    assert case.open == ["a", "b", "c"]

    case.complete("b", box__b="1").complete("a", box__a=["2"])
    assert case.open == ["c"]
    case.complete("c", box__x="3")

    assert case.open == ["after"]
    assert case.variables == {"box": {"x": "3", "b": "1", "a": ["2"]}}


def test_a_join_inside_a_loop_joins_each_time_and_the_state_does_not_grow(walk: Walk) -> None:
    body = (
        line(START, '<exclusiveGateway id="m"/>', '<parallelGateway id="f"/>')
        + "".join(flow("f", name) + user(name) + flow(name, "j") for name in "ab")
        + line('<parallelGateway id="j"/>', '<exclusiveGateway id="x" default="d"/>')
        + flow("x", "m", "${again}")
        + flow("x", "end", None, "d")
        + END
    )
    case = walk(body).start(again=True)
    size = len(case.step.state_data)
    for _ in range(60):
        case.complete("b").complete("a")
        assert case.open == ["a", "b"]

    assert len(case.step.state_data) < size + 30
    assert case.complete("a", again=False).complete("b").finished


INCLUSIVE = (
    line(START, '<inclusiveGateway id="f" default="fd"/>')
    + flow("f", "a", "${n >= 1}")
    + flow("f", "b", "${n >= 2}")
    + flow("f", "d", None, "fd")
    + "".join(user(name) + flow(name, "j") for name in "abd")
    + line('<inclusiveGateway id="j"/>', user("after"), END)
)


@pytest.mark.parametrize(("n", "opened"), [(0, ["d"]), (1, ["a"]), (2, ["a", "b"])])
def test_an_inclusive_join_waits_for_what_can_still_come(walk: Walk, n: Any, opened: Any) -> None:
    case = walk(INCLUSIVE).start(n=Decimal(n))
    assert case.open == opened

    for element in opened[:-1]:
        case.complete(element)
        assert "after" not in case.open
    case.complete(opened[-1])

    assert case.open == ["after"]


def test_several_flows_out_of_an_activity_are_all_taken_and_conditions_choose_among_them(walk: Walk) -> None:
    body = (
        line(START, user("a"))
        + flow("a", "b")
        + flow("a", "c", "${n == 1}")
        + flow("a", "d", "${n == 2}")
        + "".join(user(name) for name in "bcd")
        + "".join(flow(name, "end") for name in "bcd")
        + END
    )
    assert walk(body).start(n=Decimal(2)).complete("a").open == ["b", "d"]


def test_a_terminate_end_event_ends_its_own_scope_only(walk: Walk) -> None:
    inner = (
        '<subProcess id="s">'
        + line('<startEvent id="s0"/>', '<parallelGateway id="sf"/>')
        + flow("sf", "w")
        + flow("sf", "stop")
        + line(user("w"), '<endEvent id="s1"/>')
        + line(user("stop"), '<endEvent id="s2"><terminateEventDefinition/></endEvent>')
        + "</subProcess>"
    )
    case = walk(line(START, inner, user("next"), END)).start()

    case.complete("stop")

    assert case.open == ["next"]
    assert {visit.element_id: visit.state for visit in case.visits.values()}["w"] == "cancelled"


def test_only_the_start_event_that_was_asked_for_starts(walk: Walk) -> None:
    body = (
        '<startEvent id="s1" name="One"><extensionElements><camunda:properties><camunda:property name="correlationKeys" value="a, b"/>'
        '</camunda:properties></extensionElements><messageEventDefinition messageRef="ask"/></startEvent>'
        '<startEvent id="s2"><messageEventDefinition messageRef="tell"/></startEvent>' + flow("s1", "a") + flow("s2", "b")
    )
    body += user("a") + user("b") + flow("a", "end") + flow("b", "end") + END

    assert walk(body).start("s2").open == ["b"]
    with pytest.raises(StepFailed) as failed:
        walk(body).start("s3")
    assert failed.value.kind == "definition"


def timer_on(host: str, name: str, text: str, interrupting: bool = True, kind: str = "timeDuration") -> str:
    return (
        f'<boundaryEvent id="{name}" attachedToRef="{host}" cancelActivity="{str(interrupting).lower()}">'
        f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition></boundaryEvent>"
    )


def test_an_interrupting_timer_takes_the_task_away_and_a_finished_task_takes_the_timer_away(walk: Walk) -> None:
    body = line(START, user("a"), END) + timer_on("a", "late", "PT5M") + flow("late", "b") + line(user("b"), '<endEvent id="e2"/>')
    case = walk(body).start()
    (timer,) = case.timers.values()
    assert timer == ArmedTimer(timer.id, "late", case.now + 300_000)

    fired = case.fire("late")
    assert fired.open == ["b"]
    assert not fired.timers
    assert {visit.element_id: visit.state for visit in fired.visits.values()}["a"] == "cancelled"

    other = walk(body).start().complete("a")
    assert other.finished


def test_a_non_interrupting_message_can_come_again_and_its_variables_are_the_cases(walk: Walk) -> None:
    body = (
        line(START, user("a"), END)
        + '<boundaryEvent id="note" attachedToRef="a" cancelActivity="false"><messageEventDefinition messageRef="tell"/></boundaryEvent>'
        + line(user("b"), '<endEvent id="e2"/>')
        + flow("note", "b")
    )
    case = walk(body).start()

    case.deliver("note", text="1").deliver("note", text="2")

    assert case.open == ["a", "b", "b"]
    assert case.variables == {"text": "2"}
    assert len(case.subscriptions) == 1
    assert case.complete("a").complete("b").complete("b").finished


def test_the_first_event_after_an_event_based_gateway_takes_the_others_back(walk: Walk) -> None:
    body = line(START, '<eventBasedGateway id="g"/>') + flow("g", "m") + flow("g", "t") + flow("g", "r")
    body += line(
        '<intermediateCatchEvent id="m"><messageEventDefinition messageRef="tell"/></intermediateCatchEvent>',
        user("a"),
        '<endEvent id="e1"/>',
    )
    body += line(
        '<intermediateCatchEvent id="t"><timerEventDefinition><timeDuration>${wait}</timeDuration></timerEventDefinition>'
        "</intermediateCatchEvent>",
        user("b"),
        '<endEvent id="e2"/>',
    )
    asked = '<intermediateCatchEvent id="r"><messageEventDefinition messageRef="ask"/></intermediateCatchEvent>'
    body += line(asked, '<endEvent id="e3"/>')
    by_message = walk(body).start(wait="PT1H").deliver("m", answer="yes")
    assert (by_message.open, by_message.timers, by_message.subscriptions) == (["a"], {}, {})
    assert by_message.variables["answer"] == "yes"
    assert by_message.path == ["start", "g", "m"]

    by_timer = walk(body).start(wait="PT1H")
    assert [timer.due_at - by_timer.now for timer in by_timer.timers.values()] == [HOUR]
    assert by_timer.fire("t").open == ["b"]

    assert walk(body).start(wait="PT1H").deliver("r").finished


def test_messages_leave_with_all_variables_or_with_those_that_are_named(walk: Walk) -> None:
    named = (
        '<intermediateThrowEvent id="n"><extensionElements><camunda:inputOutput>'
        '<camunda:inputParameter name="what">${a.b}</camunda:inputParameter>'
        '<camunda:inputParameter name="fixed">text</camunda:inputParameter></camunda:inputOutput></extensionElements>'
        '<messageEventDefinition messageRef="ask"/></intermediateThrowEvent>'
    )
    everything = '<endEvent id="end"><messageEventDefinition messageRef="tell"/></endEvent>'

    case = walk(line(START, named, everything)).start(a={"b": Decimal("1.10")})

    assert case.messages == [("question", {"what": Decimal("1.10"), "fixed": "text"}), ("answer", {"a": {"b": Decimal("1.10")}})]


def test_a_script_is_feel_with_exact_numbers(walk: Walk) -> None:
    text = '{total: 0.1 + 0.2, day: date("2026-01-02")}'
    script = f'<scriptTask id="s" scriptFormat="feel" camunda:resultVariable="sum"><script>{text}</script></scriptTask>'

    case = walk(line(START, script, END)).start()

    assert case.variables == {"sum": {"total": Decimal("0.3"), "day": "2026-01-02"}}


def test_an_endless_loop_is_stopped_and_named(walk: Walk) -> None:
    body = START + flow("start", "x") + '<exclusiveGateway id="x"/><task id="t"/>' + flow("x", "t") + flow("t", "y")
    body += '<exclusiveGateway id="y" default="back"/>' + flow("y", "x", None, "back") + flow("y", "end", "${false}") + END

    with pytest.raises(StepFailed, match="endless loop") as failed:
        walk(body).start()
    assert failed.value.kind == "budget"


def test_a_failed_completion_leaves_the_stored_state_usable(walk: Walk) -> None:
    body = (
        line(START, user("a"), '<exclusiveGateway id="x" default="d"/>')
        + flow("x", "b", "${n > 1}")
        + flow("x", "end", None, "d")
        + line(user("b"), '<endEvent id="eb"/>')
        + END
    )
    case = walk(body).start()
    with pytest.raises(StepFailed):
        case.complete("a", n=None)

    retry = case.execution()
    retry.set_variables({"n": Decimal(5)}, case.task("a").id)
    case.take(retry.complete_task(case.task("a").id, [], case.circumstances))

    assert case.open == ["b"]


def test_task_variables_hold_what_the_task_sees(walk: Walk) -> None:
    case = walk(line(START, user("a"), END)).start(n=Decimal(1))
    execution = case.execution()

    assert execution.task_variables(case.task("a").id) == execution.variables() == {"n": Decimal(1)}
    with pytest.raises(StepFailed):
        execution.task_variables("nobody")
    assert case.complete("a").finished
    with pytest.raises(StepFailed):
        case.execution().complete_task("a", [], case.circumstances)


def link(name: str, kind: str) -> str:
    return f'<intermediate{kind}Event id="{name}"><linkEventDefinition name="over"/></intermediate{kind}Event>'


def test_a_pair_of_link_events_is_one_sequence_flow(walk: Walk) -> None:
    body = line(START, user("a"), link("away", "Throw")) + line(link("here", "Catch"), user("b"), END)

    case = walk(body).start().complete("a")

    assert case.open == ["b"]
    assert case.path == ["start", "a", "away", "here"]


@pytest.mark.parametrize("script", ['1 + "a"', "missing + 1", 'date("yesterday")', "1 / 0"])
def test_a_script_that_fails_is_a_failed_step_with_its_cause(walk: Walk, script: str) -> None:
    body = f'<scriptTask id="s" scriptFormat="feel" camunda:resultVariable="r"><script>{script}</script></scriptTask>'
    with pytest.raises(StepFailed, match="fails") as failed:
        walk(line(START, body, END)).start()
    assert (failed.value.element_id, failed.value.kind) == ("s", "expression")


def test_a_script_may_give_null_where_something_is_not_there(walk: Walk) -> None:
    body = '<scriptTask id="s" scriptFormat="feel" camunda:resultVariable="r"><script>facts.intent</script></scriptTask>'
    assert walk(line(START, body, END)).start(facts={}).variables == {"facts": {}, "r": None}


@pytest.mark.parametrize(("yes", "opened"), [(True, ["a", "b"]), (False, ["b", "c"])])
def test_a_flow_without_condition_does_not_keep_the_default_one_from_being_taken(walk: Walk, yes: bool, opened: list[str]) -> None:
    body = START + flow("start", "t") + '<task id="t" default="d"/>' + flow("t", "a", "${yes}") + flow("t", "b") + flow("t", "c", None, "d")
    body += "".join(user(name) + flow(name, "end") for name in "abc") + END
    assert walk(body).start(yes=yes).open == opened


def test_an_instance_that_nothing_can_move_on_says_where_it_is_stuck(walk: Walk) -> None:
    body = START + user("a") + '<exclusiveGateway id="x" default="no"/><parallelGateway id="j"/>' + END
    body += flow("start", "a") + flow("a", "x") + flow("x", "j", "${yes}", "y") + flow("x", "j", None, "no") + flow("j", "end")
    case = walk(body).start(yes=True)
    assert case.step.stalled_at is None
    assert case.complete("a").step.stalled_at == "j"
    assert not case.finished
