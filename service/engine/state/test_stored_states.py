"""States as earlier versions wrote them (fixtures/states, one folder per format): each loads, says what it said then, and goes on."""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from service.actions.ports import Circumstances
from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.standing import Standing
from service.domain.step import ArmedTimer, OpenedTask, Step, Subscription
from service.engine import InstanceExecution, SpiffEngine
from service.engine.conftest import FIXTURES, FixedLaw, Walker, source_of

MAY_FAIL = {"expression", "error-event"}
"""What a step from such a state may end in for want of variables or of somebody who catches what is thrown."""

STATES = sorted(path for path in (FIXTURES / "states").glob("*/*") if path.is_dir())


def value(written: Any) -> Json:
    """A JSON value as the fixtures write it: what is no text, boolean or null says its type."""
    if isinstance(written, dict):
        ((kind, content),) = written.items()
        if kind == "number":
            return Decimal(content)
        return [value(item) for item in content] if kind == "list" else {name: value(item) for name, item in content.items()}
    read: Json = written
    return read


def restored(folder: Path, engine: SpiffEngine) -> tuple[Walker, dict[str, Any]]:
    """The case of a fixture, standing where it stood."""
    expected = json.loads((folder / "expected.json").read_text())
    called = {key: ((folder / f"{key}.called.bpmn").read_bytes(),) for key in expected["called"]}
    law = FixedLaw(days={"T_OPINION": 10, "T_OPINION_CLOSE": 15}, settings={"joint": True}, processes=called)
    walker = Walker(engine, source_of((folder / "process.bpmn").read_bytes(), expected["key"]), law)
    standing: Any = expected["standing"]
    variables: Any = value(standing["variables"])
    walker.last = Step((folder / "state.bin").read_bytes(), None, variables)
    walker.tasks = {name: OpenedTask(name, element, element) for name, element in standing["tasks"]}
    walker.timers = {name: ArmedTimer(name, element, due) for name, element, due in standing["timers"]}
    walker.subscriptions = {name: Subscription(name, element, message) for name, element, message in standing["subscriptions"]}
    return walker, expected


def test_there_are_states_of_every_format() -> None:
    assert {path.parent.name for path in STATES} == {"v1"}
    assert len(STATES) >= 16


@pytest.mark.parametrize("folder", STATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_an_earlier_state_says_what_it_said_and_goes_on(folder: Path, engine: SpiffEngine) -> None:
    case, expected = restored(folder, engine)
    standing, told = case.execution().standing(), expected["standing"]

    assert sorted(map(list, standing.tasks.items())) == told["tasks"]
    assert sorted(map(list, standing.timers.items())) == [[name, element] for name, element, _ in told["timers"]]
    assert sorted([name, element, message] for name, (element, _, message) in standing.subscriptions.items()) == told["subscriptions"]
    assert sorted(map(list, standing.activities.items())) == told["active"]
    known = {name: due for name, _, due in told["timers"] if name in standing.due_at}
    assert dict(standing.due_at) == known
    assert dict(standing.variables) == value(told["variables"])

    assert sorted([name, *row] for name, row in standing.external_tasks.items()) == told.get("externalTasks", [])
    _each_goes_on(case, standing)
    if not expected["moves"]:
        return
    for kind, element, number, written in expected["moves"]:
        values: Any = value(written)
        if kind == "complete":
            case.complete(element, number, **values)
        elif kind == "fire":
            case.fire(element, number)
        else:
            case.deliver(element, number, **values)
    assert (case.finished, case.open) == (expected["finished"], expected["open"])
    assert dict(case.variables) == value(expected["end"])


def _each_goes_on(case: Walker, standing: Standing) -> None:
    """From the state everything that waits can happen: nothing of it is unknown to the engine of today."""
    moves: list[Callable[[InstanceExecution], Step]] = []
    moves += [partial(_completed, name, case.circumstances) for name in standing.tasks]
    moves += [partial(_fired, name, case.circumstances) for name in standing.timers]
    moves += [partial(_delivered, name, case.circumstances) for name in standing.subscriptions]
    moves += [partial(_worked, name, case.circumstances) for name in standing.external_tasks]
    for move in moves:
        step = _outcome(move, case.execution())
        if isinstance(step, StepFailed):
            assert step.kind in MAY_FAIL, step
        elif step.finished is None:
            assert case.engine.resume(case.source, step.state_data, case.law).standing().activities


def _outcome(move: Callable[[InstanceExecution], Step], execution: InstanceExecution) -> Step | StepFailed:
    try:
        return move(execution)
    except StepFailed as failure:
        return failure


def _completed(name: str, moment: Circumstances, execution: InstanceExecution) -> Step:
    return execution.complete_task(name, [], moment)


def _fired(name: str, moment: Circumstances, execution: InstanceExecution) -> Step:
    return execution.fire_timer(name, moment)


def _delivered(name: str, moment: Circumstances, execution: InstanceExecution) -> Step:
    return execution.deliver_message(name, {}, moment)


def _worked(name: str, moment: Circumstances, execution: InstanceExecution) -> Step:
    return execution.complete_external(name, {}, {}, {}, moment)
