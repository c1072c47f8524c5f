"""Timers and message subscriptions."""

from dataclasses import replace
from decimal import Decimal

import pytest

from service.domain.errors import Malformed
from service.domain.identifiers import new_id
from service.domain.incident import Incident
from service.domain.step import ArmedTimer, Subscription
from service.store.conftest import NOW, an_instance, save, start
from service.store.database import DatabaseStore


def due(store: DatabaseStore, now: int = NOW, limit: int = 10) -> list[str]:
    with store.begin() as transaction:
        return [timer.id for timer in transaction.claim_due_timers(now, limit)]


def test_due_timers_come_oldest_first(store: DatabaseStore) -> None:
    instance = start(
        store,
        an_instance(),
        armed_timers=[ArmedTimer("late", "x", NOW + 1), ArmedTimer("second", "x", NOW), ArmedTimer("first", "x", NOW - 5)],
    )
    assert due(store) == ["first", "second"]
    assert due(store, limit=1) == ["first"]

    save(store, instance.id, cancelled_timers=["first"], armed_timers=[ArmedTimer("second", "x", NOW + 10)])
    assert due(store) == []
    assert due(store, NOW + 10) == ["late", "second"]
    with store.begin() as transaction:
        timer = transaction.waiting_timer("second")
        assert timer is not None
        assert (timer.process_instance_id, timer.due_at, timer.attempts) == (instance.id, NOW + 10, 0)
        assert transaction.waiting_timer("first") is None


def test_a_parked_timer_waits_for_the_retry(store: DatabaseStore) -> None:
    instance = start(store, an_instance(), armed_timers=[ArmedTimer("t", "x", NOW)])
    incident = Incident(new_id(), instance.id, "x", "expression", "no such variable", NOW, "{}")
    with store.begin() as transaction:
        transaction.park_timer("t")
        transaction.commit()
    assert due(store) == []

    save(store, instance.id, opened_incidents=[incident])
    reworded = replace(incident, message="still no such variable")
    save(store, instance.id, opened_incidents=[reworded])
    assert due(store) == [], "a further failure mends nothing"
    with store.begin() as transaction:
        assert transaction.load_incident(incident.id) == reworded
        assert transaction.open_incidents(instance.id) == [reworded]
        assert transaction.load_incident("none") is None
        assert transaction.waiting_timer("t") is None

    save(store, instance.id, now=NOW + 7, resolved_incidents=[incident.id], armed_timers=[ArmedTimer("t", "x", NOW + 7)])
    assert due(store, NOW + 7) == ["t"]
    with store.begin() as transaction:
        resolved = transaction.load_incident(incident.id)
        assert transaction.open_incidents(instance.id) == []
    assert resolved is not None
    assert resolved.resolved_at == NOW + 7


def test_a_postponed_timer_is_tried_later_and_keeps_its_moment(store: DatabaseStore) -> None:
    instance = start(store, an_instance(), armed_timers=[ArmedTimer("t", "x", NOW), ArmedTimer("other", "x", NOW + 1)])
    with store.begin() as transaction:
        transaction.postpone_timer("t", NOW + 500, "it cannot be written")
        transaction.commit()

    assert due(store, NOW + 499) == ["other"]
    assert due(store, NOW + 500) == ["t", "other"]
    with store.begin() as transaction:
        timer = transaction.waiting_timer("t")
        assert timer is not None
        assert (timer.due_at, timer.attempts) == (NOW, 1)
    save(store, instance.id, cancelled_timers=["other"])
    with store.read() as questions:
        assert not questions.anything_due(NOW + 499)
        assert questions.anything_due(NOW + 500)
        assert questions.gauges(NOW)["dueTimers"] == 1

    save(store, instance.id, armed_timers=[ArmedTimer("t", "x", NOW + 2)])
    assert due(store, NOW + 2) == ["t"], "armed anew it has never failed"


def test_messages_find_who_waits_for_them(store: DatabaseStore) -> None:
    first = start(
        store,
        an_instance(business_key="A"),
        subscribed=[Subscription("s1", "wait", "opinion")],
        variables={"organ": "纪委", "facts": {"loss": Decimal("1.50"), "urgent": True, "none": None}},
    )
    start(store, an_instance(business_key="B"), subscribed=[Subscription("s2", "wait", "opinion")], variables={"organ": "组织部"})

    def waiting(name: str = "opinion", instance: str | None = None, business: str | None = None, **keys: object) -> list[str]:
        with store.begin() as transaction:
            found = transaction.waiting_messages(name, instance, business, {k.replace("__", "."): v for k, v in keys.items()})  # type: ignore[misc]
            return [one.id for one in found]

    assert waiting() == ["s1", "s2"]
    assert waiting("other") == []
    assert waiting(instance=first.id) == ["s1"]
    assert waiting(business="B") == ["s2"]
    assert waiting(organ="纪委") == ["s1"]
    assert waiting(facts__loss=Decimal("1.5"), facts__urgent=True, facts__none=None) == ["s1"]
    assert waiting(facts__loss="1.5") == []
    with pytest.raises(Malformed):
        waiting(organ=[])

    save(store, first.id, unsubscribed=["s1"])
    assert waiting() == ["s2"]
