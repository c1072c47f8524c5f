"""Single tasks: claims, races, and who completed what."""

import pytest

from service.actions.ports import FEW_TASKS
from service.domain.errors import Conflict
from service.domain.task import person_mark
from service.store.conftest import NOW, a_task, an_instance, save, start
from service.store.database import DatabaseStore


def test_a_claim_is_written_once_per_version(store: DatabaseStore) -> None:
    instance = an_instance()
    task = a_task(instance)
    start(store, instance, opened_tasks=[task])

    with store.begin() as transaction:
        claimed = transaction.load_task(task.id)
        assert claimed is not None
        claimed.assignee, claimed.due_at, claimed.version = "li", NOW + 5, 2
        transaction.save_task(claimed, 1)
        assert transaction.load_task(task.id) == claimed
        transaction.commit()
    with pytest.raises(Conflict) as refused, store.begin() as transaction:
        transaction.save_task(claimed, 1)
    assert refused.value.code == "stale"
    with store.read() as questions:
        assert questions.task(task.id) == claimed
        assert questions.task("none") is None
        assert questions.instance(instance.id) == instance
        assert questions.instance("none") is None


def test_what_a_caller_changes_is_not_written_by_itself(store: DatabaseStore) -> None:
    instance = an_instance()
    task = a_task(instance)
    start(store, instance, opened_tasks=[task])
    with store.begin() as transaction:
        seen, loaded = transaction.load_task(task.id), transaction.load_instance(instance.id)
        assert seen is not None
        assert loaded is not None
        seen.assignee, loaded.business_key = "x", "x"
        assert transaction.load_task(task.id) == task
        assert transaction.load_instance(instance.id) == instance


def test_open_tasks_and_completers(store: DatabaseStore) -> None:
    instance = an_instance()
    first, second, third = (a_task(instance, task_definition_key=key) for key in ("accept", "verify", "decide"))
    start(store, instance, opened_tasks=[first, second, third])
    save(store, instance.id, closed_tasks={first.id: ("completed", NOW, "li"), second.id: ("completed", NOW, "wang")})

    with store.begin() as transaction:
        assert transaction.open_tasks(instance.id) == [third]
        assert transaction.open_tasks("none") == []
        assert transaction.completers(instance.id, ["accept", "verify", "decide"]) == {"li", "wang"}
        assert transaction.completers(instance.id, ["verify"]) == {"wang"}
        assert transaction.completers(instance.id, []) == frozenset()
        assert transaction.completers(instance.id, ["verify", person_mark("zhao")]) == {"wang", "zhao"}
        done = transaction.load_task(first.id)
        assert done is not None
        assert (done.state, done.completed_by, done.version) == ("completed", "li", 2)
        assert transaction.load_task("none") is None


def test_of_many_open_tasks_the_oldest_are_given_with_their_number_and_all_when_asked_for(store: DatabaseStore) -> None:
    instance = an_instance()
    opened = [a_task(instance, created_at=NOW + number) for number in range(FEW_TASKS + 10)]
    start(store, instance, opened_tasks=opened)
    save(store, instance.id, closed_tasks={opened[0].id: ("completed", NOW, "li")})
    waiting = opened[1:]

    with store.begin() as transaction:
        assert transaction.load_task(waiting[-1].id) == waiting[-1]
        few = transaction.few_open_tasks(instance.id)
        assert few.number == len(waiting)
        assert all(task in waiting for task in few.tasks)
        assert len(few.tasks) == FEW_TASKS
        assert transaction.open_tasks(instance.id) == waiting
        assert transaction.few_open_tasks(instance.id).tasks == waiting[:FEW_TASKS]
        assert transaction.few_open_tasks("none").number == 0
    with store.begin() as transaction:
        assert transaction.load_task(opened[0].id) is not None
        assert transaction.few_open_tasks(instance.id).tasks == waiting[:FEW_TASKS]
