"""startQuantity and completionQuantity: how many tokens an activity takes and gives."""

import pytest

from service.engine.conftest import Inspect, Walk
from service.engine.sketches import END, START, boundary, chain, flow, timer, user


def test_tokens_given_run_one_by_one_and_are_gathered_again(walk: Walk) -> None:
    body = START + user("give", attributes='completionQuantity="3"') + user("each") + user("take", attributes='startQuantity="3"') + END
    case = walk(body + chain("start", "give", "each", "take", "end")).start().complete("give")
    assert case.open == ["each", "each", "each"]

    case.complete("each").complete("each")
    assert case.open == ["each"]
    case.complete("each")

    assert case.open == ["take"]
    assert case.complete("take").finished
    assert case.path == ["start", "give", "each", "each", "each", "take", "end"]


def test_an_activity_whose_tokens_never_come_waits_and_the_instance_does_not_end(walk: Walk) -> None:
    body = START + user("a") + user("b", attributes='startQuantity="2"') + END + chain("start", "a", "b", "end")
    case = walk(body).start().complete("a")

    assert not case.finished
    assert case.open == []
    assert "b" not in {visit.element_id for visit in case.visits.values()}


def test_tokens_are_counted_over_all_incoming_flows_and_what_is_left_waits_for_the_next_time(walk: Walk) -> None:
    body = START + '<parallelGateway id="f"/>' + user("a", "b", "c", "d") + user("both", attributes='startQuantity="2"') + END
    body += flow("start", "f") + "".join(flow("f", name) + flow(name, "both") for name in "abcd") + flow("both", "end")
    case = walk(body).start().complete("a").complete("b").complete("c")

    assert case.open == ["both", "d"]
    case.complete("both").complete("d")
    assert case.open == ["both"]
    assert case.complete("both").finished


def test_each_flow_out_gets_the_quantity_and_conditions_are_looked_at_once(walk: Walk) -> None:
    body = START + user("a", attributes='completionQuantity="2"') + user("b", "c", "d") + END + flow("start", "a")
    body += flow("a", "b") + flow("a", "c", "${yes}") + flow("a", "d", "${not yes}") + "".join(flow(name, "end") for name in "bcd")
    case = walk(body).start(yes=True).complete("a")

    assert case.open == ["b", "b", "c", "c"]


def test_a_join_uses_one_token_of_each_flow_at_a_time(walk: Walk) -> None:
    body = START + '<parallelGateway id="f"/>' + user("a", "b", attributes='completionQuantity="2"') + user("w") + END
    body += '<parallelGateway id="j"/>' + flow("start", "f") + "".join(flow("f", name) + flow(name, "j") for name in "ab")
    case = walk(body + chain("j", "w", "end")).start().complete("a").complete("b")

    assert case.open == ["w", "w"]
    assert case.complete("w").complete("w").finished


def test_a_boundary_event_is_there_only_once_the_activity_has_begun(walk: Walk) -> None:
    body = START + '<parallelGateway id="f"/>' + user("a", "b") + user("both", attributes='startQuantity="2"') + END
    body += flow("start", "f") + "".join(flow("f", name) + flow(name, "both") for name in "ab") + flow("both", "end")
    body += boundary("late", "both", timer("PT1H")) + '<endEvent id="e2"/>' + flow("late", "e2")
    case = walk(body).start().complete("a")
    assert not case.timers

    case.complete("b")
    assert case.fire("late").finished


@pytest.mark.parametrize(
    ("attributes", "code"),
    [('startQuantity="0"', "invalid-quantity"), ('completionQuantity="-1"', "invalid-quantity"), ('startQuantity="x"', "invalid-quantity")],
)
def test_a_quantity_is_a_whole_number_from_one(inspect: Inspect, attributes: str, code: str) -> None:
    assert "a" in inspect(START + user("a", attributes=attributes) + END + chain("start", "a", "end")).get(code, [])


def test_a_quantity_that_can_never_come_is_refused(inspect: Inspect) -> None:
    inside = '<subProcess id="s">' + user("a", attributes='startQuantity="2"') + "</subProcess>"
    assert inspect(START + inside + END + chain("start", "s", "end")) == {"start-quantity": ["a"]}
