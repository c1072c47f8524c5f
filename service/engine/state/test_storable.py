"""Nothing gets into an instance that the store could not keep or nobody could read back: the step fails, the state before stays."""

from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from service.domain.errors import StepFailed
from service.domain.json_values import MAX_DEPTH as DOOR_DEPTH
from service.domain.json_values import Json, canonical_json, read_json
from service.engine.conftest import FixedLaw, Walk
from service.engine.state.storable import MAX_DEPTH, MAX_RECORD_DEPTH, MAX_SIZE, printable, require_storable
from service.engine.test_flow import END, START, flow, line, user
from service.engine.test_multi_instance import SEQUENTIAL

PLAIN: list[Json] = ["", "汉字", "😀", "line\nbreak\ttab", "\u2028\x7f\x01\ue000", r"\u0000", None, True, Decimal("1E+400"), [], {}]

NUL = r'"a\u0000b"'
"""FEEL for a text with a NUL inside."""


def script(name: str, text: str, result: str) -> str:
    return f'<scriptTask id="{name}" scriptFormat="feel" camunda:resultVariable="{result}"><script><![CDATA[{text}]]></script></scriptTask>'


def nested(levels: int) -> Json:
    value: Json = Decimal(1)
    for level in range(levels):
        value = [value] if level % 2 else {"k": value}
    return value


def refused(value: Json, max_depth: int = MAX_DEPTH) -> StepFailed:
    with pytest.raises(StepFailed) as failed:
        require_storable("e", "it", value, max_depth)
    assert (failed.value.element_id, failed.value.kind) == ("e", "data")
    return failed.value


@pytest.mark.parametrize("text", ["a\x00b", "\x00", "\ud800", "tail \udfff", "\n\udc00"])
def test_texts_that_no_database_stores_are_refused_as_value_and_as_key(text: str) -> None:
    places: list[Json] = [text, {"deep": ["fine", text]}, {text: None}]
    for value in places:
        assert "NUL or a lone surrogate" in refused(value).message
    require_storable("e", "the message", printable(f"({text})"))


@pytest.mark.parametrize("value", PLAIN)
def test_what_can_be_kept_is_let_through(value: Json) -> None:
    assert require_storable("e", "it", value) >= len(canonical_json(value).encode()) // 8


def test_depth_is_bounded_below_what_the_door_reads_back() -> None:
    require_storable("e", "it", nested(MAX_DEPTH))
    assert f"deeper than {MAX_DEPTH} levels" in refused(nested(MAX_DEPTH + 1)).message
    refused(nested(100_000))
    assert MAX_DEPTH < MAX_RECORD_DEPTH < DOOR_DEPTH - 10


def test_size_is_bounded() -> None:
    require_storable("e", "it", ["x" * 1_000_000] * 4)
    assert "larger than" in refused("x" * (MAX_SIZE + 1)).message
    refused({"k" * (MAX_SIZE + 1): None})
    shared: Json = []
    for _ in range(40):
        # A small value in memory, a huge one as text.
        shared = [shared, shared]
    assert "larger than" in refused(shared).message


def test_a_number_that_is_not_finite_is_refused() -> None:
    assert "not finite" in refused([Decimal("NaN")]).message


def test_a_nul_from_a_script_fails_the_step_and_the_instance_goes_on_from_before(walk: Walk) -> None:
    text = f'if n = 1 then {NUL} else "fine"'
    case = walk(line(START, user("a"), script("s", text, "v"), user("b"), END)).start(n=Decimal(0))

    with pytest.raises(StepFailed) as failed:
        case.complete("a", n=Decimal(1))
    assert (failed.value.element_id, failed.value.kind) == ("s", "data")

    assert case.complete("a", n=Decimal(2)).open == ["b"]
    assert case.variables["v"] == "fine"


@pytest.mark.parametrize(
    ("body", "element"),
    [
        (line(START, user("a", f"camunda:assignee='={NUL}'"), END), "a"),
        (line(START, user("a", 'camunda:candidateGroups=\'=["g", "a\\u0000"]\''), END), "a"),
        (
            line(
                START,
                '<endEvent id="thrown"><extensionElements><camunda:inputOutput>'
                f'<camunda:inputParameter name="x">={NUL}</camunda:inputParameter>'
                '</camunda:inputOutput></extensionElements><messageEventDefinition messageRef="tell"/></endEvent>',
            ),
            "thrown",
        ),
    ],
)
def test_a_nul_in_what_goes_to_people_and_correspondents_fails_the_step(walk: Walk, body: str, element: str) -> None:
    with pytest.raises(StepFailed) as failed:
        walk(body).start()
    assert (failed.value.element_id, failed.value.kind) == (element, "data")


def test_a_message_of_failure_that_quotes_a_nul_can_be_kept_itself(walk: Walk) -> None:
    with pytest.raises(StepFailed) as failed:
        walk(line(START, script("s", f"date({NUL})", "v"), END)).start()
    assert failed.value.kind == "expression"
    assert "\x00" not in failed.value.message


def loop(grow: str) -> str:
    return (
        line(START, '<exclusiveGateway id="m"/>', user("again"), grow, '<exclusiveGateway id="x" default="d"/>')
        + flow("x", "m", "${n == 0}")
        + flow("x", "end", None, "d")
        + END
    )


def test_a_loop_that_nests_ends_in_a_failed_step_before_the_state_is_unreadable(walk: Walk) -> None:
    case = walk(loop(script("grow", "{previous: h}", "h"))).start(n=Decimal(0), h=None)

    for _ in range(MAX_DEPTH):
        case.complete("again")
    with pytest.raises(StepFailed) as failed:
        case.complete("again")
    assert (failed.value.element_id, failed.value.kind) == ("grow", "data")
    assert read_json(canonical_json(case.variables)) == case.variables
    assert case.complete("again", n=Decimal(1), h=None).finished


def test_one_expression_that_nests_beyond_what_feel_hands_out_fails_the_step(walk: Walk) -> None:
    deeper = "{k: " * 50 + "h" + "}" * 50
    with pytest.raises(StepFailed) as failed:
        walk(line(START, script("s", deeper, "v"), END)).start(h=nested(MAX_DEPTH))
    assert (failed.value.element_id, failed.value.kind) == ("s", "expression")


def test_gathered_results_nest_one_level_deeper_and_are_looked_at_too(walk: Walk) -> None:
    case = walk(SEQUENTIAL % "true").start(voters=["a"])

    with pytest.raises(StepFailed, match="'votes'") as failed:
        case.complete("vote", vote=nested(MAX_DEPTH))
    assert (failed.value.element_id, failed.value.kind) == ("vote", "data")
    assert case.complete("vote", vote=nested(MAX_DEPTH - 1)).finished


ECHO = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="test">
  <inputData id="h_input" name="h"><variable name="h"/></inputData>
  <decision id="echo" name="echo"><variable name="echo"/>
    <informationRequirement><requiredInput href="#h_input"/></informationRequirement>
    <literalExpression><text>%s</text></literalExpression>
  </decision>
</definitions>"""


@pytest.mark.parametrize(("text", "kind"), [("{k: h}", "data"), (NUL, "data"), ("{k: " * 50 + "h" + "}" * 50, "decision")])
def test_what_a_decision_gives_is_looked_at(walk: Walk, tmp_path: Path, text: str, kind: str) -> None:
    file = tmp_path / "echo.dmn"
    file.write_text(ECHO % text)
    task = '<businessRuleTask id="r" camunda:decisionRef="echo" camunda:mapDecisionResult="singleEntry" camunda:resultVariable="found"/>'
    with pytest.raises(StepFailed) as failed:
        walk(line(START, task, END), law=FixedLaw(model_file=str(file))).start(h=nested(MAX_DEPTH))
    assert (failed.value.element_id, failed.value.kind) == ("r", kind)


def test_the_record_of_a_decision_may_hold_the_deepest_variable(walk: Walk, tmp_path: Path) -> None:
    file = tmp_path / "echo.dmn"
    file.write_text(ECHO % "h")
    task = '<businessRuleTask id="r" camunda:decisionRef="echo" camunda:mapDecisionResult="singleEntry" camunda:resultVariable="found"/>'
    deepest = nested(MAX_DEPTH)
    assert walk(line(START, task, END), law=FixedLaw(model_file=str(file))).start(h=deepest).variables["found"] == deepest


def test_a_completion_value_too_deep_fails_the_step_wherever_it_is_put(walk: Walk) -> None:
    case = walk(line(START, user("a"), END)).start(box={})

    with pytest.raises(StepFailed, match="the variable 'v'") as failed:
        case.complete("a", v=nested(MAX_DEPTH + 1))
    assert (failed.value.element_id, failed.value.kind) == ("a", "data")
    with pytest.raises(StepFailed, match="the variable 'box'"):
        case.complete("a", box__inner=nested(MAX_DEPTH))

    assert case.complete("a", box__inner=nested(MAX_DEPTH - 1)).finished


def test_values_from_outside_are_looked_at_at_every_door(walk: Walk) -> None:
    deep = nested(MAX_DEPTH + 1)
    body = line(START, '<receiveTask id="r" messageRef="tell"/>', END)
    with pytest.raises(StepFailed) as failed:
        walk(body).start(v=deep)
    assert (failed.value.element_id, failed.value.kind) == ("start", "data")

    case = walk(body).start()
    with pytest.raises(StepFailed) as failed:
        case.deliver("r", v=deep)
    assert (failed.value.element_id, failed.value.kind) == ("r", "data")
    waiting = next(iter(case.subscriptions))
    with pytest.raises(StepFailed) as failed:
        case.execution().set_variables({"v\x00": None}, waiting)
    assert (failed.value.element_id, failed.value.kind) == ("r", "data")


def test_messages_of_one_step_are_bounded_together(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.engine.state.recorder.MAX_SIZE", 1_000)
    throw = '<intermediateThrowEvent id="{}"><messageEventDefinition messageRef="tell"/></intermediateThrowEvent>'
    body = line(START, throw.format("one"), throw.format("two"), END)

    assert walk(body).start(text="x" * 400).finished
    with pytest.raises(StepFailed) as failed:
        walk(body).start(text="x" * 600)
    assert (failed.value.element_id, failed.value.kind) == ("two", "data")


def test_the_state_as_a_whole_is_bounded(walk: Walk) -> None:
    million = "x" * 1_000_000
    case = walk(line(START, user("a"), user("b"), END)).start(**{f"v{number}": million for number in range(4)})
    with pytest.raises(StepFailed, match="state of the instance is larger") as failed:
        case.complete("a", **cast(Any, {"v4": million, "v5": million}))
    assert failed.value.kind == "data"
    assert case.complete("a").open == ["b"]
