"""The limits the README states: time, live elements, size of the state. Each is a failed step, and the state before stays.

(Elements of a step: test_flow.py and test_loops.py; depth of calls: test_call_activity.py; iterations: test_multi_instance.py; depth and
size of one value: test_storable.py.)
"""

from decimal import Decimal

import pytest

from service.actions.ports import Circumstances
from service.domain.errors import StepFailed
from service.engine import SpiffEngine
from service.engine.conftest import NOON, FixedLaw, Walk, document, source_of
from service.engine.instance import MAX_LIVE
from service.engine.test_flow import END, START, flow, line, user

SLOW = "count(for i in 1..20000 return i * i)"


def counting(rounds: int) -> str:
    """A task, then a loop that evaluates something long so many times."""
    script = f'<scriptTask id="slow" scriptFormat="feel" camunda:resultVariable="n"><script>n + {SLOW} / 20000</script></scriptTask>'
    return (
        line(START, user("a"), '<exclusiveGateway id="m"/>', script, '<exclusiveGateway id="x" default="out"/>')
        + flow("x", "m", f"${{n &lt; {rounds}}}")
        + flow("x", "end", None, "out")
        + END
    )


def test_a_step_that_takes_too_long_is_stopped_and_the_state_before_stays() -> None:
    source, law = source_of(document(counting(2_000)), "p"), FixedLaw()
    engine, moment = SpiffEngine(step_seconds=0.3), Circumstances(NOON, law, "li")
    begun = engine.start(source, "start", {"n": Decimal(0)}, moment)
    (task,) = begun.opened_tasks

    with pytest.raises(StepFailed, match=r"takes longer than 0\.3 seconds") as failed:
        engine.resume(source, begun.state_data, law).complete_task(task.id, [], moment)

    assert failed.value.kind == "budget"
    assert failed.value.element_id in {"slow", "m", "x", "x_m"}
    again = SpiffEngine().resume(source, begun.state_data, law)
    assert again.standing().tasks == {task.id: "a"}
    assert again.complete_task(task.id, [(("n",), Decimal(2_000))], moment).finished is not None


def test_the_time_of_a_step_begins_anew_with_each_step() -> None:
    source, law = source_of(document(line(START, user("a"), user("b"), END)), "p"), FixedLaw()
    engine = SpiffEngine(step_seconds=0.000001)
    with pytest.raises(StepFailed) as failed:
        engine.start(source, "start", {}, Circumstances(NOON, law, "li"))
    assert (failed.value.element_id, failed.value.kind) == ("start", "budget")


def test_too_many_live_elements_fail_the_step(walk: Walk) -> None:
    """As many iterations as there may be, each with ten boundary events."""
    many = "<multiInstanceLoopCharacteristics><loopCardinality>1000</loopCardinality></multiInstanceLoopCharacteristics>"
    events = "".join(
        f'<boundaryEvent id="b{number}" attachedToRef="work"><messageEventDefinition messageRef="ask"/></boundaryEvent>'
        + flow(f"b{number}", "e")
        for number in range(MAX_LIVE // 1_000)
    )
    inside = line('<startEvent id="s"/>', user("work"), '<endEvent id="e"/>') + events
    body = line(START, f'<subProcess id="each">{many}{inside}</subProcess>', END)

    with pytest.raises(StepFailed, match=f"more than {MAX_LIVE} live elements") as failed:
        walk(body).start()
    assert failed.value.kind == "budget"
    assert failed.value.element_id is not None


def test_a_state_that_grew_too_large_fails_the_step_and_the_one_before_stays(walk: Walk) -> None:
    case = walk(line(START, user("a"), user("b"), END)).start(first="x" * 3_000_000)
    with pytest.raises(StepFailed, match="state of the instance is larger") as failed:
        case.complete("a", second="y" * 3_000_000)
    assert failed.value.kind == "data"
    assert case.complete("a", second="small").open == ["b"]
