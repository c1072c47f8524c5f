"""What operations on instances write beside a step: what is held back, what gets another element, what was been through."""

from service.domain.instance import SUSPENDED
from service.domain.step import ActivityChange, ArmedTimer, Subscription
from service.store.conftest import NOW, a_change, a_task, an_instance, save, start
from service.store.database import DatabaseStore


def due(store: DatabaseStore) -> list[str]:
    with store.begin() as transaction:
        return sorted(timer.id for timer in transaction.claim_due_timers(NOW + 10, 10))


def suspended(store: DatabaseStore, task_id: str) -> bool:
    with store.read() as questions:
        found = questions.task(task_id)
        assert found is not None
        return found.suspended


def test_what_waits_is_held_back_and_let_go(store: DatabaseStore) -> None:
    held, other = an_instance(), an_instance()
    task, free = a_task(held), a_task(other)
    start(store, held, opened_tasks=[task], armed_timers=[ArmedTimer("failed", "e", NOW), ArmedTimer("late", "e", NOW)])
    start(store, other, opened_tasks=[free], armed_timers=[ArmedTimer("theirs", "e", NOW)])

    save(store, held.id, state=SUSPENDED)
    with store.begin() as transaction:
        transaction.suspend_waiting(held.id)
        assert [one.suspended for one in transaction.open_tasks(held.id)] == [True]
        transaction.commit()
    assert (due(store), suspended(store, task.id), suspended(store, free.id)) == (["theirs"], True, False)

    save(store, held.id, state="active")
    with store.begin() as transaction:
        transaction.resume_waiting(held.id, ["failed"])
        transaction.commit()
    assert (due(store), suspended(store, task.id)) == (["late", "theirs"], False)


def test_a_task_that_ends_is_suspended_no_more(store: DatabaseStore) -> None:
    instance = an_instance()
    one, other = a_task(instance), a_task(instance)
    start(store, instance, opened_tasks=[one, other])
    with store.begin() as transaction:
        transaction.suspend_waiting(instance.id)
        transaction.commit()

    save(store, instance.id, closed_tasks={one.id: ("cancelled", NOW, None)})
    assert (suspended(store, one.id), suspended(store, other.id)) == (False, True)
    save(store, instance.id, state="cancelled", ended_at=NOW)
    assert not suspended(store, other.id)


def test_what_is_open_gets_another_element(store: DatabaseStore) -> None:
    instance = an_instance()
    task, same = a_task(instance), a_task(instance)
    visits = [
        ActivityChange(task.id, "accept", "受理", "userTask", "active"),
        ActivityChange(same.id, "accept", "受理", "userTask", "active"),
    ]
    start(
        store,
        instance,
        opened_tasks=[task, same],
        armed_timers=[ArmedTimer("timer", "old", NOW)],
        subscribed=[Subscription("subscription", "old", "answer")],
        activities=visits,
    )

    save(store, instance.id, renamed={task.id: ("examine", "审查"), "timer": ("new", "新"), "subscription": ("new", "新")})

    with store.begin() as transaction:
        assert {one.id: one.task_definition_key for one in transaction.open_tasks(instance.id)} == {task.id: "examine", same.id: "accept"}
        assert [timer.element_id for timer in transaction.claim_due_timers(NOW + 10, 10)] == ["new"]
        assert [place.element_id for place in transaction.waiting_messages("answer", instance.id, None, {})] == ["new"]
    with store.read() as questions:
        rows = questions.page("activities", {"processInstanceId": instance.id}, [], 10, None, NOW, None).items
        assert [(row["elementId"], row["name"]) for row in rows] == [("examine", "审查"), ("accept", "受理")]


def test_what_was_been_through_is_told_latest_first(store: DatabaseStore) -> None:
    instance = an_instance()
    visits = [ActivityChange(f"v{number}", element, element, "userTask", "completed") for number, element in enumerate("abab")]
    start(store, instance, activities=[*visits, ActivityChange("open", "c", "c", "userTask", "active")])
    with store.begin() as transaction:
        transaction.save_instance(a_change(instance, "step", activities=[ActivityChange("x", "d", "d", "userTask", "cancelled")]))
        assert transaction.been_through(instance.id) == ["b", "a"]
        transaction.commit()
    with store.read() as questions:
        assert questions.been_through(instance.id) == ["b", "a"]
        assert questions.been_through("nothing") == []
