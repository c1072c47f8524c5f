"""The state: exact, compact, and as good as an instance that was never put away."""

import random
from decimal import Decimal
from typing import Any, cast

import pytest
import zstandard

from service.actions.ports import Circumstances
from service.domain.errors import StepFailed
from service.engine.conftest import NOON, Walk
from service.engine.test_call_activity import GATHER, call, law
from service.engine.test_flow import END, INCLUSIVE, START, flow, line, timer_on, user
from service.engine.test_multi_instance import ORGANS, SEQUENTIAL

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


@pytest.mark.parametrize(
    "state", [b"", b"\x28\xb5\x2f\xfd", b"junk", zstandard.compress(b"[]"), zstandard.compress(b'{"v": 99, "t": [1]}')]
)
def test_bytes_that_are_no_state_are_refused(walk: Walk, state: Any) -> None:
    case = walk(line(START, user("a"), END))
    with pytest.raises(StepFailed) as failed:
        case.engine.resume(case.source, state, case.law)
    assert failed.value.kind == "definition"


def test_an_ordinary_state_is_small(walk: Walk) -> None:
    case = walk(file="opinions.bpmn", key="opinions").start(organsAsked=list(ORGANS), opinion=None)

    assert len(case.step.state_data) < 1_500


OUT = '<camunda:out source="box" target="opinion"/>'
LOOP = (
    line(START, '<exclusiveGateway id="m"/>', '<parallelGateway id="f"/>')
    + flow("f", "a")
    + user("a")
    + flow("a", "j")
    + flow("f", "b")
    + line(user("b"), '<exclusiveGateway id="mb"/>')
    + flow("mb", "j")
    + line('<parallelGateway id="j"/>', '<exclusiveGateway id="x" default="d"/>')
    + flow("x", "m", "${round != 3}")
    + flow("x", "end", None, "d")
    + END
    + timer_on("a", "nudge", "R3/PT1H", interrupting=False, kind="timeCycle")
    + flow("nudge", "n")
    + line(user("n"), '<endEvent id="en"/>')
    + timer_on("b", "late", "PT3H")
    + flow("late", "mb")
)

INNERMOST = (
    line(START, user("deep"), END) + timer_on("deep", "again", "R2/PT1H", interrupting=False, kind="timeCycle") + flow("again", "en")
)
CALLED_LAW = law(
    LOOP,
    middle=line(
        START,
        call("down", '<camunda:in variables="all"/><camunda:out source="box" target="box"/>', 'calledElement="innermost"'),
        call("round", '<camunda:in source="round" target="round"/><camunda:out variables="all"/>'),
        END,
    ),
    innermost=INNERMOST + '<endEvent id="en"/>',
)
CALLS = (
    line(START, call("outer", '<camunda:in source="organ" target="organ"/>' + OUT, 'calledElement="middle"', GATHER.format("false")), END)
    + timer_on("outer", "late", "PT9H")
    + flow("late", "b")
    + line(user("b"), '<endEvent id="e2"/>')
)

FAMILIES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "opinions": ({"file": "opinions.bpmn", "key": "opinions"}, {"organsAsked": list(ORGANS), "opinion": "outside"}),
    "loop": ({"body": LOOP}, {"round": Decimal(0)}),
    "inclusive": ({"body": INCLUSIVE}, {"n": Decimal(2)}),
    "sequential": ({"body": SEQUENTIAL % "true"}, {"voters": ["a", "b", "c"]}),
    "parallel": ({"body": SEQUENTIAL % "false"}, {"voters": ["a", "b", "c"]}),
    "calls": ({"body": CALLS, "law": CALLED_LAW}, {"organs": ["a", "b"], "round": Decimal(0)}),
}


def tokens(task: Any) -> Any:
    """The task and all inside it, in tree order."""
    return [task, *(inner for child in task.children for inner in tokens(child))]


def plain(value: Any) -> Any:
    """Whole numbers of the engine's own come back as Decimal; for comparing, all numbers are."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def snapshot(instance: Any) -> Any:
    """The live tree without its ids: element, state, inner data, variables, number of children."""
    return [
        (
            task.task_spec.name,
            int(task.state),
            plain(task.internal_data),
            plain(task.data),
            len(task.children),
        )
        for task in tokens(instance.task_tree)
    ]


def make(execution: Any, kind: Any, identifier: Any, paths: Any, circumstances: Any) -> Any:
    """One move."""
    if kind == "task":
        return execution.complete_task(identifier, paths, circumstances)
    if kind == "timer":
        return execution.fire_timer(identifier, circumstances)
    return execution.deliver_message(identifier, {"note": Decimal(1)}, circumstances)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", range(8))
def test_random_walks_with_and_without_putting_away_are_the_same(walk: Walk, family: Any, seed: Any) -> None:
    """One instance is dumped and restored before every move, the other lives on; the same moves are made in both."""
    how, variables = FAMILIES[family]
    dice = random.Random(f"{family} {seed}")
    stored = walk(**how).start(**variables)
    living = stored.execution()
    moves = 0
    while not stored.finished and moves < 60:
        moves += 1
        circumstances = Circumstances(NOON + moves, stored.law, "li")
        restored = stored.execution()
        assert snapshot(restored._instance) == snapshot(living._instance)
        twins = zip(tokens(restored._instance.task_tree), tokens(living._instance.task_tree), strict=True)
        twin = {one.id: other.id for one, other in twins}
        possible = [("task", name) for name in stored.tasks] + [("timer", name) for name in stored.timers]
        possible += [("message", name) for name in stored.subscriptions]
        possible.sort(key=lambda move: list(twin).index(move[1]))
        kind, identifier = dice.choices(possible, [1 if kind == "message" else 10 for kind, _ in possible])[0]
        paths = [
            (("opinion",), {"position": str(moves)}),
            (("round",), Decimal(dice.randint(0, 3))),
            (("box", f"k{moves}"), [Decimal(moves)]),
        ]

        there = make(living, kind, twin[identifier], paths, circumstances)
        stored.take(make(restored, kind, identifier, paths, circumstances))

        assert same(dict(there.variables), dict(stored.variables))
        assert there.finished == stored.step.finished
    assert moves > 1
    assert stored.finished or moves == 60


def test_a_shared_definition_is_not_changed_by_its_instances(walk: Walk) -> None:
    case = walk(file="opinions.bpmn", key="opinions")
    spec = case.engine._process(case.source).spec

    def shape() -> Any:
        return {name: (node._inputs[:], node._outputs[:], dict(node.data), len(node.boundaries)) for name, node in spec.task_specs.items()}

    before = shape()
    case.start(organsAsked=list(ORGANS)).fire("close").fire("remind").complete("give_opinion").deliver("withdrawn")

    assert case.finished
    assert shape() == before
