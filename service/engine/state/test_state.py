"""The state: exact, compact, and nothing else is taken for one. (What becomes of instances on the way: test_random_walks.py.)"""

import json
from decimal import Decimal
from typing import Any, cast

import pytest
import zstandard
from hypothesis import given, settings, strategies

from service.actions.ports import Circumstances
from service.domain.errors import StepFailed
from service.engine import SpiffEngine
from service.engine.conftest import NOON, FixedLaw, Walk, document, source_of
from service.engine.test_call_activity import call, law, script
from service.engine.test_flow import END, START, flow, line, user
from service.engine.test_multi_instance import ORGANS, SEQUENTIAL

ENGINE = SpiffEngine()
NAMES = strategies.sampled_from(["typename", "__class__", "", "t", "v", "data", "é😀", "a.b", "a b", "null"]) | strategies.text(
    strategies.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8
)

STRANGE: dict[str, Any] = {
    "typename": {"__class__": "x", "v": [None, True, False, "", "é😀\u2028", Decimal("-0"), Decimal("0E-10"), Decimal("1E+400")]},
    "money": Decimal("12345678901234567890123456789012.34"),
    "one": Decimal("1.0"),
    "": {"": []},
    "t": "data",
}


def same(left: object, right: object) -> bool:
    """Equal, and equal in type and digits all the way down."""
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return isinstance(left, Decimal) and isinstance(right, Decimal) and left.as_tuple() == right.as_tuple()
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


def test_variables_of_any_name_keep_every_digit(walk: Walk) -> None:
    case = walk(line(START, user("a"), user("b"), END)).start(**STRANGE)

    assert same(dict(case.execution().variables()), STRANGE)
    case.complete("a")
    assert same(dict(case.variables), STRANGE)


def test_a_value_that_is_not_json_fails_the_step(walk: Walk) -> None:
    with pytest.raises(StepFailed) as failed:
        walk(line(START, user("a"), END)).start(x=cast(Any, object()))
    assert failed.value.kind == "data"
    with pytest.raises(StepFailed) as failed:
        walk(line(START, user("a"), END)).start(x=Decimal("NaN"))
    assert failed.value.kind == "data"


JSON = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.decimals(allow_nan=False, allow_infinity=False)
    | strategies.text(strategies.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: strategies.lists(inner, max_size=4) | strategies.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(strategies.dictionaries(NAMES, JSON, max_size=6))
@settings(max_examples=150, deadline=None)
def test_every_json_value_comes_back_as_it_was(variables: dict[str, Any]) -> None:
    source = source_of(document(line(START, user("a"), END)), "p")
    law = FixedLaw()

    step = ENGINE.start(source, "start", variables, Circumstances(NOON, law, "li"))

    assert same(dict(ENGINE.resume(source, step.state_data, law).variables()), variables)


def test_dates_are_kept_as_the_text_that_feel_reads_as_dates_again(walk: Walk) -> None:
    body = line(START, script("first", 'date("2026-02-28")', "day"), user("a"), script("then", 'date(day) + duration("P1D")', "next"), END)
    case = walk(body).start().complete("a")

    assert (case.variables["day"], case.variables["next"]) == ("2026-02-28", "2026-03-01")


BROKEN = {
    "nothing": b"",
    "a frame without content": b"\x28\xb5\x2f\xfd",
    "no frame": b"junk",
    "a frame that says it is huge": b"\x28\xb5\x2f\xfd\xe0\xff\xff\xff\xff\xff\xff\xff\x7f\x01\x00\x00",
    "a list": zstandard.compress(b"[]"),
    "no tasks": zstandard.compress(b'{"v": 1, "t": []}'),
    "a number that is none": zstandard.compress(b'{"v": 1, "t": NaN}'),
    "no end": zstandard.compress(b'{"v": 1, "t": ' + b"[" * 100_000),
}


@pytest.mark.parametrize("name", BROKEN)
def test_bytes_that_are_no_state_are_refused(walk: Walk, name: str) -> None:
    case = walk(line(START, user("a"), END))
    with pytest.raises(StepFailed, match="the stored state is not readable") as failed:
        case.engine.resume(case.source, BROKEN[name], case.law)
    assert failed.value.kind == "definition"


def test_a_state_of_a_newer_version_says_so(walk: Walk) -> None:
    case = walk(line(START, user("a"), END))
    with pytest.raises(StepFailed, match="has the format 2; this version of the program reads up to 1") as failed:
        case.engine.resume(case.source, zstandard.compress(b'{"v": 2, "t": [["x"]]}'), case.law)
    assert failed.value.kind == "definition"


def test_a_state_with_a_damaged_row_is_refused_and_nothing_is_guessed(walk: Walk) -> None:
    case = walk(line(START, call("call"), END), law=law(line(START, user("work"), END))).start()
    rows = json.loads(zstandard.decompress(case.step.state_data))["t"]
    last = len(rows) - 1
    damages: list[tuple[int, int, Any]] = [(0, 2, 0), (last, 2, last), (last, 2, -1), (last, 3, 7), (last, 3, "32"), (last, 1, None)]
    damages += [(last, 4, []), (last, 5, None), (last, 0, rows[0][0]), (last, 0, 1), (2, 4, {"called": {}}), (2, 4, {"called": 1})]
    for row, column, value in damages:
        damaged = [list(one) for one in rows]
        damaged[row][column] = value
        with pytest.raises(StepFailed) as failed:
            case.engine.resume(case.source, zstandard.compress(json.dumps({"v": 1, "t": damaged}).encode()), case.law)
        assert failed.value.kind == "definition"


def test_a_state_that_names_what_the_diagram_has_not_is_refused(walk: Walk) -> None:
    case = walk(line(START, user("a"), END)).start()
    other = walk(line(START, user("b"), END))
    with pytest.raises(StepFailed, match="'a'") as failed:
        case.engine.resume(other.source, case.step.state_data, case.law)
    assert (failed.value.element_id, failed.value.kind) == ("a", "definition")


def test_an_ordinary_state_is_small_and_a_large_one_takes_few_bytes_per_element(walk: Walk) -> None:
    case = walk(file="opinions.bpmn", key="opinions").start(organsAsked=list(ORGANS), opinion=None)
    assert len(case.step.state_data) < 1_500

    many = walk(SEQUENTIAL % "false").start(voters=["x"] * 1_000)
    assert len(many.step.state_data) < 25 * len(many.tasks)


def test_nested_values_are_nobody_elses(walk: Walk) -> None:
    """Two branches and two instances get the same nested value; what one writes into its own no other sees."""
    body = (
        line(START, script("copy", "box", "mine"), '<parallelGateway id="f"/>', user("a"), '<parallelGateway id="j"/>', user("c"), END)
        + flow("f", "b")
        + user("b")
        + flow("b", "j")
    )
    box: Any = {"inner": {"list": [Decimal(1)], "text": "as given"}}
    first, second = walk(body).start(box=box), walk(body).start(box=box)
    living = first.execution()
    given = living.task_variables(first.task("a").id)["box"]

    first.take(
        living.complete_task(first.task("a").id, [(("mine", "inner", "text"), "changed"), (("box", "more"), True)], first.circumstances)
    )

    assert given == box == {"inner": {"list": [Decimal(1)], "text": "as given"}}
    assert first.variables["mine"] == {"inner": {"list": [Decimal(1)], "text": "changed"}}
    assert first.variables["box"] == {**box, "more": True}
    assert living.task_variables(first.task("b").id) == first.execution().task_variables(first.task("b").id) == first.variables
    assert second.variables == {"box": box, "mine": box}
    assert second.complete("b").complete("a").variables == {"box": box, "mine": box}
