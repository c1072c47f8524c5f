"""The complex gateway: when it opens, when it resets, and what it lets out in each of the two phases."""

from decimal import Decimal
from typing import Any

import pytest

from service.domain.errors import StepFailed
from service.engine.conftest import Inspect, Walk
from service.engine.sketches import END, START, chain, flow, sub, user


def complex_gateway(name: str, condition: str = "", attributes: str = "") -> str:
    inside = f"<activationCondition>{condition}</activationCondition>" if condition else ""
    return f'<complexGateway id="{name}" {attributes}>{inside}</complexGateway>'


def fork(*names: str, condition: str = "${activationCount >= 1}", attributes: str = "") -> str:
    """A parallel fork to user tasks that meet at the complex gateway `g`."""
    ways = "".join(flow("f", name) + flow(name, "g") for name in names)
    return START + '<parallelGateway id="f"/>' + flow("start", "f") + user(*names) + ways + complex_gateway("g", condition, attributes)


def test_a_discriminator_goes_on_with_the_first_token_and_swallows_the_others(walk: Walk) -> None:
    case = walk(fork("a", "b", "c") + user("w") + END + chain("g", "w", "end")).start()
    assert case.complete("b").open == ["a", "c", "w"]

    case.complete("a").complete("w")
    assert case.open == ["c"]
    assert not case.finished
    case.complete("c")

    assert case.finished
    assert case.path.count("w") == 1


def test_two_of_three(walk: Walk) -> None:
    case = walk(fork("a", "b", "c", condition="${activationCount >= 2}") + user("w") + END + chain("g", "w", "end")).start()

    assert case.complete("c").open == ["a", "b"]
    assert case.complete("a").open == ["b", "w"]
    assert case.complete("b").complete("w").finished


def test_it_resets_and_opens_again_in_a_loop(walk: Walk) -> None:
    body = START + '<exclusiveGateway id="m"/><parallelGateway id="f"/>' + user("a", "b") + complex_gateway("g", "${activationCount >= 1}")
    body += user("w") + '<exclusiveGateway id="x" default="x_end"/>' + END + chain("start", "m", "f") + chain("g", "w", "x", "end")
    body += "".join(flow("f", name) + flow(name, "g") for name in "ab") + flow("x", "m", "${again}")
    case = walk(body).start(again=True)

    for _ in range(3):
        assert case.open == ["a", "b"]
        assert case.complete("a").open == ["b", "w"]
        assert case.complete("b").open == ["w"]
        case.complete("w")
    assert case.complete("b").complete("a").complete("w", again=False).finished


def test_a_token_that_comes_early_for_the_next_round_is_kept_for_it(walk: Walk) -> None:
    body = START + '<parallelGateway id="f"/>' + user("a", "b", "c") + '<exclusiveGateway id="m"/>' + user("w") + END
    body += complex_gateway("g", "${activationCount >= 1}") + flow("start", "f") + "".join(flow("f", name) for name in "abc")
    body += flow("a", "m") + flow("c", "m") + flow("m", "g") + flow("b", "g") + chain("g", "w", "end")
    case = walk(body).start().complete("a")
    assert case.open == ["b", "c", "w"]

    case.complete("c")
    assert case.open == ["b", "w"]
    case.complete("b")
    assert case.open == ["w", "w"]
    assert case.complete("w").complete("w").finished


def test_it_does_not_wait_for_a_token_that_cannot_come(walk: Walk) -> None:
    body = START + '<inclusiveGateway id="f" default="f_b"/>' + user("a", "b", "c") + complex_gateway("g", "${activationCount >= 1}")
    body += flow("start", "f") + flow("f", "a", "${true}") + flow("f", "b") + flow("f", "c", "${both}")
    body += "".join(flow(name, "g") for name in "abc") + user("w") + END + chain("g", "w", "end")

    assert walk(body).start(both=False).complete("a").complete("w").finished
    assert not walk(body).start(both=True).complete("a").complete("w").finished


def test_the_condition_may_speak_of_variables_and_is_looked_at_again_when_they_change(walk: Walk) -> None:
    body = fork("a", "b", "c", condition="= activationCount >= 1 and ready") + user("w") + END + chain("g", "w", "end")
    case = walk(body).start(ready=False)

    assert case.complete("a").open == ["b", "c"]
    assert case.complete("b", ready=True).open == ["c", "w"]
    assert case.complete("c").complete("w").finished


def test_the_conditions_of_its_flows_may_tell_the_two_phases_apart(walk: Walk) -> None:
    body = fork("a", "b") + user("first", "then") + END
    body += flow("g", "first", "${waitingForStart}") + flow("g", "then", "${not waitingForStart}")
    case = walk(body + flow("first", "end") + flow("then", "end")).start()

    assert case.complete("a").open == ["b", "first"]
    assert case.complete("b").open == ["first", "then"]
    assert case.complete("first").complete("then").finished


def test_at_reset_the_default_flow_is_taken_when_no_condition_is_true(walk: Walk) -> None:
    body = fork("a", "b", attributes='default="g_then"') + user("first", "then") + END + flow("g", "then")
    body += flow("g", "first", "${waitingForStart}") + flow("first", "end") + flow("then", "end")

    assert walk(body).start().complete("a").complete("b").open == ["first", "then"]


def test_with_one_way_in_it_splits_as_an_inclusive_gateway_does(walk: Walk) -> None:
    body = START + complex_gateway("g", attributes='default="g_c"') + user("a", "b", "c") + END + flow("start", "g") + flow("g", "c")
    body += flow("g", "a", "${n >= 1}") + flow("g", "b", "${n >= 2}") + "".join(flow(name, "end") for name in "abc")

    assert [walk(body).start(n=Decimal(n)).open for n in (0, 1, 2)] == [["c"], ["a"], ["a", "b"]]


def test_opening_with_no_true_condition_and_no_default_fails_the_step(walk: Walk) -> None:
    body = fork("a", "b") + user("first") + END + flow("g", "first", "${waitingForStart and no}") + flow("first", "end")
    with pytest.raises(StepFailed) as failed:
        walk(body).start(no=False).complete("a")
    assert (failed.value.element_id, failed.value.kind) == ("g", "expression")


def test_each_scope_has_a_gateway_of_its_own(walk: Walk) -> None:
    marks = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    inside = fork("a", "b").replace('"start"', '"s0"') + user("w") + '<endEvent id="s1"/>' + chain("g", "w", "s1")
    case = walk(START + sub("s", inside, marks) + END + chain("start", "s", "end")).start()

    case.complete("a", 0).complete("a", 0)
    assert case.open == ["b", "b", "w", "w"]
    for name in ("w", "b", "b", "w"):
        assert not case.finished
        case.complete(name)
    assert case.finished


def test_history_tells_of_the_opening_and_not_of_the_silent_reset(walk: Walk) -> None:
    case = walk(fork("a", "b") + END + flow("g", "end")).start().complete("a").complete("b")

    assert case.finished
    assert case.path.count("g") == 1
    assert not any(visit.state == "active" for visit in case.visits.values())


@pytest.mark.parametrize(
    ("gateway", "code", "element"),
    [
        (complex_gateway("g"), "complex-gateway", "g"),
        (complex_gateway("g", "${1 +}"), "invalid-expression", "g"),
        (complex_gateway("g", "two of three"), "invalid-expression", "g"),
    ],
)
def test_a_join_that_cannot_be_told_when_it_opens_is_refused(inspect: Inspect, gateway: str, code: str, element: str) -> None:
    body = fork("a", "b").replace(complex_gateway("g", "${activationCount >= 1}"), gateway) + END + flow("g", "end")
    assert element in inspect(body).get(code, [])


def test_a_condition_out_of_a_join_that_does_not_say_its_phase_is_refused(inspect: Inspect) -> None:
    body: Any = (
        fork("a", "b", attributes='default="g_c"') + user("c", "d") + END + flow("g", "d", "${n}") + flow("g", "c") + flow("c", "end")
    )
    assert inspect(body + flow("d", "end")).get("complex-gateway") == ["g_d"]
