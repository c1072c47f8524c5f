"""Instances kept alive between two steps: used once, by one, and only for the state they were written as."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from service.actions.ports import Circumstances
from service.domain.errors import StepFailed
from service.domain.step import Step
from service.engine import RestingInstances, SpiffEngine
from service.engine.conftest import NOON, FixedLaw, document, source_of
from service.engine.test_multi_instance import SEQUENTIAL

SOURCE = source_of(document(SEQUENTIAL % "false"), "p")
LAW = FixedLaw()
MOMENT = Circumstances(NOON, LAW, "li")


def begin(resting: RestingInstances, voters: int = 60) -> tuple[SpiffEngine, Step]:
    """An instance with that many open tasks, and the engine that keeps it."""
    engine = SpiffEngine(resting=resting)
    return engine, engine.start(SOURCE, "start", {"voters": ["x"] * voters}, MOMENT)


def is_kept(resting: RestingInstances, step: Step) -> bool:
    """Whether the instance with that state is here. It is put back."""
    key = (SOURCE.digest, SOURCE.key, step.state_data)
    instance = resting.take(key)
    if instance is None:
        return False
    resting.put(key, instance)
    return True


def test_a_large_instance_is_kept_for_its_next_step_and_for_no_other() -> None:
    resting = RestingInstances()
    engine, first = begin(resting)
    assert is_kept(resting, first)

    second = engine.resume(SOURCE, first.state_data, LAW).complete_task(first.opened_tasks[0].id, [], MOMENT)
    assert (is_kept(resting, first), is_kept(resting, second)) == (False, True)

    # The second step was never committed: the first state is asked for again, and goes another way.
    other = engine.resume(SOURCE, first.state_data, LAW).complete_task(first.opened_tasks[1].id, [], MOMENT)
    assert other.closed_tasks == (first.opened_tasks[1].id,)
    assert is_kept(resting, second)
    assert is_kept(resting, other)


def test_a_failed_step_keeps_nothing() -> None:
    resting = RestingInstances()
    engine, first = begin(resting)

    with pytest.raises(StepFailed):
        engine.resume(SOURCE, first.state_data, LAW).complete_task("nothing", [], MOMENT)

    assert not is_kept(resting, first)
    assert engine.resume(SOURCE, first.state_data, LAW).complete_task(first.opened_tasks[0].id, [], MOMENT).finished is None


def test_two_threads_never_share_an_instance() -> None:
    resting = RestingInstances()
    engine, step = begin(resting)
    for number in range(20):
        ready = Barrier(2)

        def move(task_id: str, engine: SpiffEngine = engine, before: Step = step, ready: Barrier = ready) -> Step:
            ready.wait(10)
            return engine.resume(SOURCE, before.state_data, LAW).complete_task(task_id, [(("vote",), task_id)], MOMENT)

        with ThreadPoolExecutor(2) as threads:
            one, other = threads.map(move, [step.opened_tasks[0].id, step.opened_tasks[1].id])
        assert (one.closed_tasks, other.closed_tasks) == ((step.opened_tasks[0].id,), (step.opened_tasks[1].id,))
        assert engine.resume(SOURCE, one.state_data, LAW).standing().tasks.keys() == {task.id for task in step.opened_tasks[1:]}
        engine, step = begin(resting, 60 + number)


def test_small_and_ended_instances_are_not_kept_and_the_oldest_make_room() -> None:
    resting = RestingInstances(least=10, most=150)
    assert not is_kept(resting, begin(resting, 3)[1])
    first, second, third = (begin(resting)[1] for _ in range(3))

    assert [is_kept(resting, step) for step in (first, second, third)] == [False, True, True]
    assert not is_kept(resting, begin(resting, 200)[1])
    everything = RestingInstances(least=1)
    ended = begin(everything, 0)[1]
    assert ended.finished is not None
    assert not is_kept(everything, ended)
