"""Events on their way, and processes started by the clock: written once, claimed by one, crossed out once."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Select, create_engine, text

from service.domain.event import CONTINUE, CORRELATE, START, EventTarget, StartTimer, ThrownEvent
from service.domain.instance import ACTIVE, SUSPENDED
from service.domain.json_values import Json
from service.domain.step import SIGNAL, ArmedTimer, Subscription
from service.store import migrate, open_store
from service.store.conftest import NOW, an_instance, deploy, save, start
from service.store.database import DatabaseStore, parse_url
from service.store.events import CLAIM_DUE, CLAIM_OF_EVENT
from service.store.schema import alembic_config


def a_signal(event_id: str = "e1", thrower: str | None = None, targets: tuple[EventTarget, ...] = ()) -> ThrownEvent:
    return ThrownEvent(event_id, SIGNAL, "go", {"amount": 1}, "zhang", NOW, thrower, targets=targets)


def waiting_for_signal(store: DatabaseStore, *names: str) -> list[str]:
    return [start(store, an_instance(), subscribed=[Subscription(name, "wait", "go", SIGNAL)]).id for name in names]


def throw(store: DatabaseStore, event: ThrownEvent, only: str | None = None) -> int:
    with store.begin() as transaction:
        made = transaction.throw_event(event, NOW, only)
        transaction.commit()
    return made


def claimed(store: DatabaseStore, now: int = NOW) -> list[str]:
    """Claim and cross out all that is due."""
    found = []
    with store.begin() as transaction:
        while (delivery := transaction.claim_delivery(now)) is not None:
            found.append(delivery.target)
            assert transaction.settle_delivery(delivery.event.id, delivery.target)
            assert not transaction.settle_delivery(delivery.event.id, delivery.target)
        transaction.commit()
    return found


def test_a_signal_is_meant_for_all_that_wait_but_its_thrower(store: DatabaseStore) -> None:
    thrower, *others = waiting_for_signal(store, "s1", "s2", "s3")
    start(store, an_instance(), subscribed=[Subscription("m", "wait", "go"), Subscription("x", "wait", "other", SIGNAL)])

    made = throw(store, a_signal(thrower=thrower, targets=(EventTarget("p:1 begin", START, {"definitionId": "p:1"}),)))

    assert made == 3
    with store.begin() as transaction:
        assert sorted(transaction.reached_instances("e1", 10)) == sorted(others)
        delivery = transaction.claim_delivery(NOW)
        assert delivery is not None
        assert (delivery.event.name, delivery.event.variables, delivery.event.actor) == ("go", {"amount": 1}, "zhang")
    assert sorted(claimed(store)) == ["p:1 begin", "s2", "s3"]
    assert claimed(store) == []


def test_a_signal_for_one_instance_or_for_nobody(store: DatabaseStore) -> None:
    first, _ = waiting_for_signal(store, "s1", "s2")

    assert throw(store, a_signal(), only=first) == 1
    assert throw(store, ThrownEvent("e2", SIGNAL, "unheard", {}, "zhang", NOW)) == 0
    assert claimed(store) == ["s1"]
    with store.begin() as transaction:
        assert transaction.forget_events() == 0, "an event leaves with its last delivery"


def test_deliveries_wait_for_their_time_and_for_suspended_instances(store: DatabaseStore) -> None:
    first, _ = waiting_for_signal(store, "s1", "s2")
    throw(store, a_signal())
    save(store, first, state=SUSPENDED)
    with store.begin() as transaction:
        transaction.postpone_delivery("e1", "s2", NOW + 500, "somebody was faster")
        transaction.commit()

    assert claimed(store) == []
    with store.read(snapshot=False) as questions:
        assert not questions.anything_due(NOW)
        assert questions.anything_due(NOW + 500)
    assert claimed(store, NOW + 500) == ["s2"]
    save(store, first, state=ACTIVE)
    assert claimed(store) == ["s1"]


def test_what_failed_says_why_until_it_is_tried_again(store: DatabaseStore) -> None:
    first, _ = waiting_for_signal(store, "s1", "s2")
    throw(store, a_signal(targets=(EventTarget("p:1 begin", START, {"definitionId": "p:1", "startElementId": "begin"}),)))

    def listed(**filters: object) -> list[tuple[object, ...]]:
        with store.read() as questions:
            rows = questions.page("pending-events", filters, (), 10, None, NOW, None).items
        return [(row["target"], row["definitionId"], row["attempts"], row["problem"]) for row in rows]

    for _ in range(2):
        with store.begin() as transaction:
            transaction.postpone_delivery("e1", "s1", NOW + 500, "somebody was faster")
            transaction.commit()
    failed = ("s1", "hubei_tolerance:1", 2, "somebody was faster")
    assert listed() == [("p:1 begin", "p:1", 0, None), failed, ("s2", "hubei_tolerance:1", 0, None)]
    assert listed(failing=True) == listed(processInstanceId=first) == [failed]
    assert listed(failing=False, processInstanceId=first) == []
    with store.read() as questions:
        assert questions.gauges(NOW)["failingEvents"] == 1
        seen = questions.page("pending-events", {}, (), 10, None, NOW, ["hubei"])
        assert [row["target"] for row in seen.items] == ["s1", "s2"]
        assert questions.page("pending-events", {}, (), 10, None, NOW, ["jiangsu"]).items == []

    with store.begin() as transaction:
        assert transaction.load_delivery("e1", "none") is None
        delivery = transaction.load_delivery("e1", "s1")
        assert delivery is not None
        assert (delivery.process_instance_id, delivery.attempts, delivery.event.variables) == (first, 2, {"amount": 1})
        assert transaction.try_deliveries_again("e1", "none", NOW) == 0
        assert transaction.try_deliveries_again("e1", "s1", NOW) == 1
        assert transaction.try_deliveries_again("e1", None, NOW) == 3
        transaction.commit()
    assert listed(failing=True) == []
    assert sorted(claimed(store)) == ["p:1 begin", "s1", "s2"]


def test_a_start_that_was_armed_again_meanwhile_is_not_brought_forward(store: DatabaseStore) -> None:
    deploy(store, "p", jurisdiction="hubei")
    with store.begin() as transaction:
        transaction.arm_starts("p", "p:1", [StartTimer("clock", NOW)])
        transaction.commit()
    with store.begin() as transaction:
        due = transaction.claim_due_start(NOW)
        assert due is not None
    with store.begin() as transaction:
        transaction.rearm_start(due.id, StartTimer("clock", NOW + 900))
        transaction.commit()

    with store.begin() as transaction:
        transaction.postpone_start(due.id, NOW, NOW + 500, "no such process")
        transaction.commit()

    with store.begin() as transaction:
        assert transaction.claim_due_start(NOW + 899) is None
        again = transaction.claim_due_start(NOW + 900)
        assert again is not None
        assert again.attempts == 0


def test_a_start_that_failed_says_why_until_it_is_tried_again(store: DatabaseStore) -> None:
    deploy(store, "p", jurisdiction="hubei")
    with store.begin() as transaction:
        transaction.arm_starts("p", "p:1", [StartTimer("clock", NOW)])
        transaction.arm_starts("q", "q:1", [StartTimer("later", NOW + 9)])
        due = transaction.claim_due_start(NOW)
        assert due is not None
        assert transaction.try_start_again(due.id, NOW) is None, "it has not failed"
        transaction.postpone_start(due.id, NOW, NOW + 500, "no such process")
        transaction.commit()

    def listed(jurisdictions: Sequence[str] | None = None, **filters: object) -> list[tuple[object, ...]]:
        with store.read() as questions:
            rows = questions.page("start-timers", filters, (), 10, None, NOW, jurisdictions).items
        return [(row["elementId"], row["attempts"], row["problem"]) for row in rows]

    failed = ("clock", 1, "no such process")
    assert listed() == [("later", 0, None), failed]
    assert listed(failing=True) == listed(definitionKey="p") == listed(["hubei"]) == [failed]
    with store.read() as questions:
        assert questions.gauges(NOW)["failingStarts"] == 1
    with store.begin() as transaction:
        again = transaction.try_start_again(due.id, NOW)
        assert again is not None
        assert (again.definition_id, again.attempts) == ("p:1", 1)
        transaction.commit()
    assert listed() == [("clock", 0, None), ("later", 0, None)]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_workers_claim_different_deliveries(store: DatabaseStore) -> None:
    waiting_for_signal(store, "s1", "s2")
    throw(store, a_signal())

    with store.begin() as one, store.begin() as other:
        deliveries = [one.claim_delivery(NOW), other.claim_delivery(NOW)]

        assert [delivery.target for delivery in deliveries if delivery is not None] == ["s1", "s2"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_workers_claim_timers_of_different_instances(store: DatabaseStore) -> None:
    for name in ("t1", "t2", "t3"):
        start(store, an_instance(), armed_timers=[ArmedTimer(name, "x", NOW)])

    with store.begin() as one, store.begin() as other:
        assert [timer.id for timer in one.claim_due_timers(NOW, 2)] == ["t1", "t2"]
        assert [timer.id for timer in other.claim_due_timers(NOW, 2)] == ["t3"]


def test_a_message_keeps_what_its_receiver_is_found_by(store: DatabaseStore) -> None:
    detail: dict[str, Json] = {"definitionKey": "p", "receivers": ["wait"]}
    event = ThrownEvent("e1", "message", "note", {}, "message", NOW, "i1", "send", "K", 3, (EventTarget("0", CORRELATE, detail),))
    throw(store, event)

    with store.begin() as transaction:
        delivery = transaction.claim_delivery(NOW)

    assert delivery is not None
    assert (delivery.kind, delivery.detail, delivery.event.business_key, delivery.event.hops) == (CORRELATE, detail, "K", 3)
    assert (delivery.event.process_instance_id, delivery.event.element_id) == ("i1", "send")


def test_who_waits_for_a_message_of_a_diagram(store: DatabaseStore) -> None:
    def waiting(key: str | None, matter: str, name: str) -> None:
        one = an_instance(business_key=key)
        start(store, one, subscribed=[Subscription(name, "wait", "note")], variables={"matter": matter})

    waiting("A", "M1", "s1")
    waiting(None, "M1", "s2")
    waiting("A", "M2", "s3")
    definition_key = an_instance().definition_key

    def found(elements: Sequence[str], business_key: str | None, **keys: str) -> list[str]:
        with store.begin() as transaction:
            places = transaction.waiting_receivers("note", definition_key, elements, business_key, keys)
            return sorted(place.id for place in places)

    assert found(["wait"], "A") == ["s1", "s3"]
    assert found(["wait"], None) == ["s2"]
    assert found(["wait"], "B", matter="M2") == ["s3"]
    assert found(["elsewhere"], "A") == []


def test_the_timers_of_a_new_version_take_the_place_of_the_old_ones(store: DatabaseStore) -> None:
    with store.begin() as transaction:
        transaction.arm_starts("p", "p:1", [StartTimer("old", NOW - 5), StartTimer("older", NOW - 9)])
        transaction.arm_starts("q", "q:1", [StartTimer("other", NOW + 1)])
        transaction.arm_starts("p", "p:2", [StartTimer("clock", NOW, 2, 1, 500)])
        transaction.commit()

    with store.begin() as transaction:
        due = transaction.claim_due_start(NOW)
        assert due is not None
        assert (due.definition_id, due.timer) == ("p:2", StartTimer("clock", NOW, 2, 1, 500))
        transaction.postpone_start(due.id, NOW, NOW + 1, "no such process")
        assert transaction.claim_due_start(NOW) is None
        again = transaction.claim_due_start(NOW + 1)
        assert again is not None
        assert (again.timer.due_at, again.attempts) in ((NOW, 1), (NOW + 1, 0))
        transaction.move_start(due.id, StartTimer("clock", NOW + 50, 1, 1, 500))
        transaction.arm_starts("q", "q:2", [])
        assert transaction.claim_due_start(NOW + 49) is None
        transaction.move_start(due.id, None)
        assert transaction.claim_due_start(NOW + 50) is None


def test_processes_that_start_with_a_signal(store: DatabaseStore) -> None:
    deploy(store, "plain", starts=("go",))

    with store.read() as questions:
        assert questions.start_definitions(SIGNAL, "go") == []
        assert [one.id for one in questions.start_definitions("message", "go")] == ["plain:1"]


def test_what_waited_before_the_migration_still_waits(empty_url: str) -> None:
    engine = create_engine(parse_url(empty_url))
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0004_external_tasks")
        connection.execute(text("INSERT INTO message_subscription VALUES ('s', 'i', 'wait', 'note')"))
        connection.execute(text("INSERT INTO definition_start VALUES ('note', 'p', 1)"))
    engine.dispose()

    migrate(empty_url)

    store = open_store(empty_url)
    with store.begin() as transaction:
        found = transaction.waiting_event("s")
        assert found is not None
        assert (found.process_instance_id, found.element_id, found.kind, found.name) == ("i", "wait", "message", "note")
    with store.reading.connect() as connection:
        rows = connection.execute(text("SELECT kind, name, key, version FROM definition_start")).all()
    store.close()
    assert [tuple(row) for row in rows] == [("message", "note", "p", 1)]
    assert CONTINUE == "continue", "stored in rows: never renamed"


@pytest.mark.parametrize("claim", [CLAIM_DUE, CLAIM_OF_EVENT])
def test_a_claim_does_not_sort_all_that_are_left(tmp_path: Path, claim: Select[Any]) -> None:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    engine = create_engine(parse_url(url))
    with engine.connect() as connection:
        statement = str(claim.compile(engine))
        plan = [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (None,) * statement.count("?"))]
    engine.dispose()
    assert any("event_delivery" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan
