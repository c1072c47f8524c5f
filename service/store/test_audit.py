"""The audit trail: append-only in the database, and what verification finds when somebody gets past that."""

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from service.domain.audit import SERVICE_STREAM, BrokenEvent
from service.domain.instance import ProcessInstance
from service.store import audit_questions
from service.store.conftest import NOW, an_instance, save, start
from service.store.database import DatabaseStore, parse_url


def outside(url: str, *statements: str, without_triggers: bool = False, **values: object) -> None:
    """What somebody with the database's own tools does."""
    engine = create_engine(parse_url(url))
    try:
        with engine.begin() as connection:
            if without_triggers:
                disarm(connection)
            for statement in statements:
                connection.execute(text(statement), values)
            if without_triggers and engine.dialect.name == "postgresql":
                connection.execute(text("ALTER TABLE audit_event ENABLE TRIGGER USER"))
    finally:
        engine.dispose()


def disarm(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
        return
    for name in ("audit_event_no_update", "audit_event_no_delete", "audit_event_no_replace"):
        connection.execute(text(f"DROP TRIGGER {name}"))


def verify(store: DatabaseStore, stream: str | None = None) -> tuple[int, BrokenEvent | None]:
    with store.read() as questions:
        return questions.verify_audit(stream)


@pytest.fixture
def cases(store: DatabaseStore) -> list[ProcessInstance]:
    """Three instances with three events each, and two events of the service."""
    instances = [start(store, an_instance()) for _ in range(3)]
    for instance in instances:
        save(store, instance.id)
        save(store, instance.id)
    with store.begin() as transaction:
        transaction.append_service_event(NOW, "zhang", "user-created", {"id": "li"})
        event = transaction.append_service_event(NOW, "zhang", "user-created", {"id": "wang"})
        assert (event.stream, event.seq) == (SERVICE_STREAM, 2)
        transaction.commit()
    return instances


def test_a_whole_trail_verifies(store: DatabaseStore, cases: list[ProcessInstance]) -> None:
    assert verify(store) == (11, None)
    assert verify(store, cases[0].id) == (3, None)
    assert verify(store, SERVICE_STREAM) == (2, None)
    assert verify(store, "nothing") == (0, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'nobody'",
        "DELETE FROM audit_event",
        "INSERT INTO audit_event SELECT * FROM audit_event",
    ],
)
@pytest.mark.usefixtures("cases")
def test_the_database_refuses_to_change_events(url: str, store: DatabaseStore, statement: str) -> None:
    with pytest.raises(DBAPIError):
        outside(url, statement)
    assert verify(store) == (11, None)


@pytest.mark.usefixtures("cases")
def test_sqlite_refuses_replacing_and_postgres_truncating(url: str, store: DatabaseStore) -> None:
    statement = "TRUNCATE audit_event"
    if url.startswith("sqlite"):
        statement = "INSERT OR REPLACE INTO audit_event SELECT stream, seq, 0, actor, kind, payload, previous_hash, hash FROM audit_event"
    with pytest.raises(DBAPIError):
        outside(url, statement)
    assert verify(store) == (11, None)


def test_an_altered_event_is_found(url: str, store: DatabaseStore, cases: list[ProcessInstance]) -> None:
    wanted = cases[1].id
    outside(url, "UPDATE audit_event SET payload = '{}' WHERE stream = :id AND seq = 2", without_triggers=True, id=wanted)
    assert verify(store)[1] == BrokenEvent(wanted, 2, "altered")


@pytest.mark.parametrize("payload", ["x", "null", '[["n",2]]'])
def test_an_event_that_is_no_json_object_any_more_is_found(
    url: str, store: DatabaseStore, cases: list[ProcessInstance], payload: str
) -> None:
    wanted = cases[1].id
    change = "UPDATE audit_event SET payload = :payload WHERE stream = :id AND seq = 2"
    outside(url, change, without_triggers=True, id=wanted, payload=payload)
    assert verify(store)[1] == BrokenEvent(wanted, 2, "altered")
    with store.read() as questions:
        rows = questions.page("audit-events", {"processInstanceId": wanted}, (), 10, None, NOW, None).items
    assert rows[1]["payload"] == {"unreadable": payload}


def test_a_missing_event_is_found(url: str, store: DatabaseStore, cases: list[ProcessInstance]) -> None:
    wanted = cases[2].id
    outside(url, "DELETE FROM audit_event WHERE stream = :id AND seq = 2", without_triggers=True, id=wanted)
    assert verify(store)[1] == BrokenEvent(wanted, 2, "missing")


def test_a_truncated_stream_is_found(url: str, store: DatabaseStore, cases: list[ProcessInstance]) -> None:
    wanted = cases[0].id
    outside(url, "DELETE FROM audit_event WHERE stream = :id AND seq = 3", without_triggers=True, id=wanted)
    assert verify(store)[1] == BrokenEvent(wanted, 3, "truncated")


def test_a_truncated_service_stream_is_found(url: str, store: DatabaseStore, cases: list[ProcessInstance]) -> None:
    assert len(cases) == 3
    outside(url, "DELETE FROM audit_event WHERE stream = 'service' AND seq = 2", without_triggers=True)
    assert verify(store)[1] == BrokenEvent(SERVICE_STREAM, 2, "truncated")


def test_an_instance_without_any_event_is_found(url: str, store: DatabaseStore, cases: list[ProcessInstance]) -> None:
    wanted = cases[1].id
    outside(
        url,
        "DELETE FROM audit_event WHERE stream = :id",
        f"UPDATE process_instance SET audit_seq = 0, audit_head = '{'0' * 64}' WHERE id = :id",
        without_triggers=True,
        id=wanted,
    )
    assert verify(store)[1] == BrokenEvent(wanted, 1, "truncated")


def test_events_without_an_instance_are_found(url: str, store: DatabaseStore, cases: list[ProcessInstance]) -> None:
    wanted = cases[0].id
    outside(url, "DELETE FROM process_instance WHERE id = :id", id=wanted)
    assert verify(store)[1] == BrokenEvent(wanted, 1, "head-mismatch")


def test_events_after_the_last_stream_are_found(url: str, store: DatabaseStore) -> None:
    instance = start(store, an_instance(id="zzz"))
    outside(url, "DELETE FROM process_instance WHERE id = :id", id=instance.id)
    assert verify(store)[1] == BrokenEvent("zzz", 1, "head-mismatch")


def test_more_events_than_one_batch_verify(store: DatabaseStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_questions, "BATCH", 10)
    with store.begin() as transaction:
        for number in range(25):
            transaction.append_service_event(NOW + number, "zhang", "tick", {"n": number})
        transaction.commit()
    assert verify(store) == (25, None)


def test_events_are_listed_with_their_chain(store: DatabaseStore, cases: list[ProcessInstance]) -> None:
    with store.read() as questions:
        own = questions.page("audit-events", {"processInstanceId": cases[0].id}, (), 10, None, NOW, None).items
        service = questions.page("audit-events", {"stream": "service"}, (), 10, None, NOW, None).items
    assert [row["seq"] for row in own] == [1, 2, 3]
    assert [row["previousHash"] for row in own[1:]] == [row["hash"] for row in own[:-1]]
    assert own[0]["at"] == "2026-11-20T05:00:00.000Z"
    assert own[0]["processInstanceId"] == cases[0].id
    assert [(row["kind"], row["processInstanceId"]) for row in service] == [("user-created", None)] * 2
