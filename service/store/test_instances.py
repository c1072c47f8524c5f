"""Writing a step: what is stored, who wins a race, what an ended instance leaves behind."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from service.actions.ports import StoredAnswer
from service.domain.errors import Conflict
from service.domain.identifiers import new_id
from service.domain.instance import COMPLETED, ProcessInstance
from service.domain.json_values import Json
from service.domain.step import ActivityChange, ArmedTimer, DecisionTaken, Subscription
from service.store.conftest import NOW, a_change, a_task, an_instance, save, start
from service.store.counting import count_statements
from service.store.database import DatabaseStore


def test_an_instance_comes_back_as_it_was_written(store: DatabaseStore) -> None:
    instance = start(store, an_instance(correlation="张三|案1"))

    with store.begin() as transaction:
        assert transaction.load_instance(instance.id) == instance
        assert transaction.load_instance("nobody") is None
        assert transaction.open_case("hubei_tolerance", "张三|案1") == instance.id


def test_leaving_without_commit_rolls_back(store: DatabaseStore) -> None:
    instance = an_instance()
    with store.begin() as transaction:
        transaction.insert_instance(a_change(instance))

    with store.begin() as transaction:
        assert transaction.load_instance(instance.id) is None


def test_an_exception_rolls_back(store: DatabaseStore) -> None:
    instance = an_instance()

    def interrupted() -> None:
        with store.begin() as transaction:
            transaction.insert_instance(a_change(instance))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()

    with store.begin() as transaction:
        assert transaction.load_instance(instance.id) is None


def test_a_save_of_an_old_version_is_refused_and_leaves_nothing(store: DatabaseStore) -> None:
    instance = start(store, an_instance())
    save(store, instance.id)

    stale = a_change(instance, opened_tasks=[a_task(instance)])
    with pytest.raises(Conflict) as refused, store.begin() as transaction:
        transaction.save_instance(stale)
    assert refused.value.code == "stale"
    with store.read() as questions:
        assert questions.open_tasks(instance.id, NOW) == []


def test_two_writers_on_one_instance_lose_no_step(store: DatabaseStore) -> None:
    instance = start(store, an_instance())
    barrier = threading.Barrier(2)

    def write() -> None:
        barrier.wait(10)
        for _ in range(10):
            save(store, instance.id)

    with ThreadPoolExecutor(2) as pool:
        for writer in [pool.submit(write) for _ in range(2)]:
            writer.result(60)

    with store.begin() as transaction:
        loaded = transaction.load_instance(instance.id)
    assert loaded is not None
    assert (loaded.version, loaded.audit_seq) == (21, 21)
    with store.read() as questions:
        assert questions.verify_audit(None) == (21, None)


def test_one_open_case_per_correlation(store: DatabaseStore) -> None:
    first = start(store, an_instance(correlation="s|m"))

    with store.begin() as transaction:
        with pytest.raises(Conflict) as refused:
            transaction.insert_instance(a_change(an_instance(correlation="s|m")))
        # The transaction goes on: the second start is delivered to the open case.
        assert transaction.open_case("hubei_tolerance", "s|m") == first.id
        transaction.insert_instance(a_change(an_instance(correlation="s|other")))
        transaction.commit()
    assert refused.value.code == "open-case"

    save(store, first.id, state=COMPLETED, ended_at=NOW)
    start(store, an_instance(correlation="s|m"))


def test_a_race_for_one_open_case_has_one_winner(store: DatabaseStore) -> None:
    barrier = threading.Barrier(4)
    won: list[ProcessInstance] = []
    lost: list[str] = []

    def compete() -> None:
        instance = an_instance(correlation="s|m")
        barrier.wait(10)
        try:
            won.append(start(store, instance))
        except Conflict as error:
            lost.append(error.code)

    threads = [threading.Thread(target=compete) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(won) == 1
    assert lost == ["open-case"] * 3


def test_a_closed_task_cannot_be_closed_again(store: DatabaseStore) -> None:
    instance = an_instance()
    task = a_task(instance)
    start(store, instance, opened_tasks=[task])
    save(store, instance.id, closed_tasks={task.id: ("completed", NOW, "li")})

    with pytest.raises(Conflict) as refused:
        save(store, instance.id, closed_tasks={task.id: ("completed", NOW, "wang")})
    assert refused.value.code == "stale"
    with store.begin() as transaction:
        stored = transaction.load_task(task.id)
    assert stored is not None
    assert (stored.state, stored.completed_by, stored.completed_at) == ("completed", "li", NOW)


def test_an_ended_instance_leaves_nothing_waiting(store: DatabaseStore) -> None:
    instance = an_instance(correlation="s|m")
    task = a_task(instance)
    start(
        store,
        instance,
        opened_tasks=[task],
        armed_timers=[ArmedTimer(new_id(), "reminder", NOW)],
        subscribed=[Subscription(new_id(), "wait", "note")],
        activities=[ActivityChange("v1", "accept", "受理", "userTask", "active")],
    )
    save(store, instance.id, state="cancelled", ended_at=NOW + 1_000)

    with store.begin() as transaction:
        stored = transaction.load_task(task.id)
        assert stored is not None
        assert stored.state == "cancelled"
        assert transaction.claim_due_timers(NOW * 2, 10) == []
        assert transaction.waiting_messages("note", None, None, {}) == []
        assert transaction.open_case("hubei_tolerance", "s|m") is None
    with store.read() as questions:
        activities = questions.page("activities", {"processInstanceId": instance.id}, (), 10, None, NOW, None).items
        assert [row["state"] for row in activities] == ["cancelled"]


def test_activities_are_entered_and_left_in_order(store: DatabaseStore) -> None:
    instance = an_instance()
    start(
        store,
        instance,
        activities=[
            ActivityChange("a", "start", "开始", "startEvent", "completed"),
            ActivityChange("b", "accept", "受理", "userTask", "active"),
            ActivityChange("c", "reminder", "提醒", "boundaryEvent", "active"),
        ],
    )
    save(
        store,
        instance.id,
        now=NOW + 5,
        activities=[
            ActivityChange("b", "accept", "受理", "userTask", "completed", "li"),
            ActivityChange("c", "reminder", "提醒", "boundaryEvent", "cancelled"),
            ActivityChange("d", "choice", "?", "exclusiveGateway", "completed"),
            ActivityChange("e", "verify", "核实", "userTask", "active"),
        ],
    )

    with store.read() as questions:
        rows = questions.page("activities", {"processInstanceId": instance.id}, (), 10, None, NOW, None).items
    assert [(row["elementId"], row["state"], row["actor"]) for row in rows] == [
        ("start", "completed", None),
        ("accept", "completed", "li"),
        ("reminder", "cancelled", None),
        ("choice", "completed", None),
        ("verify", "active", None),
    ]
    assert rows[1] == {
        "id": "b",
        "elementId": "accept",
        "name": "受理",
        "type": "userTask",
        "state": "completed",
        "startedAt": "2026-11-20T05:00:00.000Z",
        "endedAt": "2026-11-20T05:00:00.005Z",
        "actor": "li",
    }


def test_numbers_in_variables_are_exact(store: DatabaseStore) -> None:
    number = Decimal("12345678901234567890.123456789012345678900")
    instance = start(store, an_instance(), variables={"facts": {"loss": number}})

    with store.read() as questions:
        found = questions.variables(instance.id)
    assert found is not None
    assert str(found["facts"]["loss"]) == str(number)  # type: ignore[index, call-overload]


def test_a_completion_needs_at_most_twelve_statements(store: DatabaseStore) -> None:
    instance = an_instance()
    task = a_task(instance)
    start(
        store,
        instance,
        opened_tasks=[task],
        variables={"facts": {"nature": "x"}},
        activities=[ActivityChange("b", "accept", "受理", "userTask", "active")],
    )

    with count_statements(store) as counted, store.begin() as transaction:
        assert transaction.load_task(task.id) == task
        loaded = transaction.load_instance(instance.id)
        assert loaded is not None
        assert transaction.open_tasks(instance.id) == [task]
        change = a_change(
            loaded,
            "task-completed",
            variables={"facts": {"nature": "x"}, "acceptance": {"decision": "ACCEPT"}},
            closed_tasks={task.id: ("completed", NOW, "li")},
            opened_tasks=[a_task(loaded, task_definition_key="verify")],
            activities=[
                ActivityChange("b", "accept", "受理", "userTask", "completed", "li"),
                ActivityChange("e", "verify", "核实", "userTask", "active"),
            ],
        )
        loaded.version += 1
        transaction.save_instance(change)
        transaction.remember_answer(StoredAnswer(f"completion:{task.id}", "f", 200, "{}", NOW))
        transaction.commit()
    assert len(counted) <= 12, counted


def test_decisions_are_kept_as_they_were_taken(store: DatabaseStore) -> None:
    record: dict[str, Json] = {"decisionKey": "hubei_outcome", "result": Decimal("1.50"), "matchedRules": [{"index": Decimal(1)}]}
    instance = start(store, an_instance(), decisions=[DecisionTaken("decide", "hubei_outcome", 3, record, None)])

    with store.read() as questions:
        rows = questions.page("decision-evaluations", {"processInstanceId": instance.id}, (), 10, None, NOW, None).items
    assert len(rows) == 1
    assert {
        **record,
        "processInstanceId": instance.id,
        "elementId": "decide",
        "version": 3,
        "at": "2026-11-20T05:00:00.000Z",
    }.items() <= rows[0].items()
