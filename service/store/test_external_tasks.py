"""External tasks in the store: no task for two workers, whatever the moment and the database."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from service.domain.errors import Conflict
from service.domain.external_task import ExternalTask, TopicRequest
from service.domain.identifiers import new_id
from service.domain.instance import SUSPENDED, ProcessInstance
from service.store.conftest import NOW, an_instance, save, start
from service.store.database import DatabaseStore

MINUTE = 60_000


def work(instance: ProcessInstance, **values: object) -> ExternalTask:
    task = ExternalTask(new_id(), instance.id, "notify", "mail", 0, NOW, NOW)
    return replace(task, **values)  # type: ignore[arg-type]


def opened(store: DatabaseStore, *tasks: ExternalTask, instance: ProcessInstance) -> ProcessInstance:
    return start(store, instance, opened_external=list(tasks))


def take(
    store: DatabaseStore,
    worker: str = "w",
    *,
    topics: Sequence[TopicRequest] = (TopicRequest("mail", MINUTE),),
    limit: int = 10,
    by_priority: bool = False,
    now: int = NOW,
) -> list[ExternalTask]:
    with store.begin() as transaction:
        taken = list(transaction.take_external_tasks(worker, topics, limit, by_priority, now))
        transaction.commit()
    return taken


def test_a_task_comes_back_as_it_was_written_and_belongs_to_its_instance(store: DatabaseStore) -> None:
    instance = an_instance()
    task = work(instance, priority=7, retries=2)
    opened(store, task, instance=instance)

    with store.begin() as transaction:
        loaded = transaction.load_external_task(task.id)
        assert transaction.load_external_task("nothing") is None

    assert loaded is not None
    assert (loaded.topic, loaded.priority, loaded.retries, loaded.parked, loaded.worker_id) == ("mail", 7, 2, False, None)
    assert (loaded.definition_key, loaded.business_key, loaded.jurisdiction) == (
        instance.definition_key,
        instance.business_key,
        instance.jurisdiction,
    )


def test_a_lock_keeps_others_away_until_it_ends(store: DatabaseStore) -> None:
    instance = an_instance()
    task = work(instance)
    opened(store, task, instance=instance)

    (taken,) = take(store, "one")
    assert (taken.worker_id, taken.available_at, taken.state(NOW)) == ("one", NOW + MINUTE, "locked")
    assert take(store, "two", now=NOW + MINUTE - 1) == []

    (again,) = take(store, "two", now=NOW + MINUTE)
    assert (again.id, again.worker_id) == (task.id, "two")


def test_what_waits_parked_or_suspended_is_not_handed_out(store: DatabaseStore) -> None:
    instance = an_instance()
    later, parked = work(instance, available_at=NOW + 5), work(instance, parked=True)
    opened(store, later, parked, instance=instance)
    resting = an_instance(state=SUSPENDED)
    opened(store, work(resting), instance=resting)

    assert take(store, now=NOW) == []
    assert [task.id for task in take(store, now=NOW + 5)] == [later.id]


def test_the_longest_available_come_first_or_the_most_urgent(store: DatabaseStore) -> None:
    instance = an_instance()
    tasks = [work(instance, priority=priority, available_at=NOW - age) for priority, age in ((1, 3), (9, 1), (5, 2))]
    opened(store, *tasks, instance=instance)

    assert [task.priority for task in take(store, limit=2)] == [1, 5]
    assert [task.priority for task in take(store, limit=3, by_priority=True, now=NOW + MINUTE)] == [9, 5, 1]


def test_topics_are_narrowed_and_locked_each_for_its_time(store: DatabaseStore) -> None:
    mine, other = an_instance(business_key="A"), an_instance(business_key="B")
    opened(store, work(mine), work(mine, topic="call"), work(mine, topic="fax"), instance=mine)
    opened(store, work(other), instance=other)

    topics = (TopicRequest("mail", 10, business_key="A"), TopicRequest("call", 20, definition_key=mine.definition_key))
    taken = {task.topic: task.available_at - NOW for task in take(store, topics=topics)}

    assert taken == {"mail": 10, "call": 20}
    assert take(store, topics=(TopicRequest("fax", 10, definition_id="none"), TopicRequest("fax", 10, process_instance_id="none"))) == []


def test_workers_that_fetch_at_once_share_the_work(store: DatabaseStore) -> None:
    instance = an_instance()
    tasks = [work(instance) for _ in range(40)]
    opened(store, *tasks, instance=instance)
    barrier = threading.Barrier(4)

    def worker(name: str) -> list[str]:
        barrier.wait(10)
        found: list[str] = []
        while taken := take(store, name, limit=3):
            found.extend(task.id for task in taken)
        return found

    with ThreadPoolExecutor(4) as pool:
        shares = [one.result(60) for one in [pool.submit(worker, f"w{number}") for number in range(4)]]

    got = [task_id for share in shares for task_id in share]
    assert sorted(got) == sorted(task.id for task in tasks)


def test_closing_and_ending_leave_nothing_behind(store: DatabaseStore) -> None:
    instance = an_instance()
    first, second = work(instance), work(instance)
    opened(store, first, second, instance=instance)

    save(store, instance.id, closed_external=[first.id])
    with store.begin() as transaction:
        assert transaction.load_external_task(first.id) is None
        held = transaction.load_external_task(second.id)
    assert held is not None

    save(store, instance.id, state="completed")
    with store.begin() as transaction:
        assert transaction.load_external_task(second.id) is None
        with pytest.raises(Conflict) as refused:
            transaction.save_external_task(held)
    assert refused.value.code == "stale"


def test_the_list_shows_what_waits(store: DatabaseStore) -> None:
    instance = an_instance()
    tasks = {
        "waiting": work(instance),
        "locked": work(instance, worker_id="w", available_at=NOW + 1),
        "incident": work(instance, parked=True, retries=0),
    }
    opened(store, *tasks.values(), instance=instance)

    def ids(**filters: object) -> set[object]:
        with store.read() as questions:
            return {row["id"] for row in questions.page("external-tasks", filters, (), 50, None, NOW, None).items}

    for state, task in tasks.items():
        assert ids(state=state) == {task.id}
    assert ids(workerId="w") == {tasks["locked"].id}
    assert ids(topicName="mail", jurisdiction="hubei/xianning", processInstanceId=instance.id) == {task.id for task in tasks.values()}
    assert ids(topicName="fax") == set()
    with store.read() as questions:
        row = questions.one("external-tasks", tasks["locked"].id, NOW + 1)
        assert questions.gauges(NOW)["externalTasks"] == 3
    assert row is not None
    assert (row["state"], row["workerId"], row["definitionKey"]) == ("waiting", "w", instance.definition_key)
