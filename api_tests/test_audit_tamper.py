"""The audit trail: the database refuses to change it, and whoever gets round that is found."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from api_tests.api_client import ApiClient
from api_tests.conftest import Server, running_server
from api_tests.crash_fixtures import client_of, items

Row = tuple[Any, ...]


class Backdoor:
    """Plain SQL past the service, in the database that the server uses."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, *statements: str) -> list[Row]:
        """Run the statements in one transaction; the rows of the last one."""
        rows: list[Row] = []
        if self._server.database_url is None:
            with closing(sqlite3.connect(self._server.folder / "rongjiu.db", timeout=20)) as embedded, embedded:
                for statement in statements:
                    rows = embedded.execute(statement).fetchall()
            return rows
        with psycopg.connect(self._server.database_url) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
                rows = cursor.fetchall() if cursor.description is not None else []
        return rows

    def unlock(self) -> list[str]:
        """Drop the triggers of the audit table; returns what makes them again."""
        if self._server.database_url is None:
            found = self.run("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_event'")
            self.run(*(f"DROP TRIGGER {name}" for name, _ in found))
        else:
            found = self.run(
                "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'audit_event'::regclass AND NOT tgisinternal"
            )
            self.run(*(f"DROP TRIGGER {name} ON audit_event" for name, _ in found))
        assert found, "the audit table has no triggers"
        return [text for _, text in found]


@pytest.fixture(scope="module")
def tampered(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose database these tests may spoil."""
    with running_server(database, tmp_path_factory.mktemp(f"tampered_{database}")) as started:
        with client_of(started) as api:
            assert api.deploy("one_task.bpmn", "review.form").status_code == 201
        yield started


@pytest.fixture
def client(tampered: Server) -> Iterator[ApiClient]:
    with client_of(tampered) as made:
        yield made


def finished_case(api: ApiClient) -> str:
    """The stream of a case with several events."""
    instance = api.start("one_task", {"subjectId": "P-1"})
    assert api.complete(instance["openTasks"][0]["id"], {"review.decision": "AGREE"}, "clerk").status_code == 200
    assert len(items(api, f"/process-instances/{instance['id']}/audit-events")) >= 4
    stream: str = instance["id"]
    return stream


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'nobody'",
        "UPDATE audit_event SET actor = actor WHERE seq = 1",
        "DELETE FROM audit_event",
        "DELETE FROM audit_event WHERE seq = 1",
    ],
)
def test_the_database_refuses_to_change_audit_events(tampered: Server, client: ApiClient, statement: str) -> None:
    stream = finished_case(client)
    before = items(client, f"/process-instances/{stream}/audit-events")

    with pytest.raises((sqlite3.DatabaseError, psycopg.DatabaseError), match="append-only"):
        Backdoor(tampered).run(statement)

    assert items(client, f"/process-instances/{stream}/audit-events") == before


def test_the_database_refuses_to_replace_or_empty_audit_events(tampered: Server, client: ApiClient) -> None:
    finished_case(client)
    if tampered.database_url is None:
        statement = "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event WHERE seq = 1"
    else:
        statement = "TRUNCATE audit_event"

    with pytest.raises((sqlite3.DatabaseError, psycopg.DatabaseError)):
        Backdoor(tampered).run(statement)

    assert client.get("/audit/verification")["ok"] is True


def changed_event(stream: str) -> list[str]:
    return [f"UPDATE audit_event SET actor = 'nobody' WHERE stream = '{stream}' AND seq = 2"]


def changed_payload(stream: str) -> list[str]:
    return [f"UPDATE audit_event SET payload = replace(payload, 'P-1', 'P-2') WHERE stream = '{stream}' AND seq = 1"]


def changed_time(stream: str) -> list[str]:
    return [f"UPDATE audit_event SET occurred_at = occurred_at + 1 WHERE stream = '{stream}' AND seq = 3"]


def removed_middle(stream: str) -> list[str]:
    return [f"DELETE FROM audit_event WHERE stream = '{stream}' AND seq = 2"]


def removed_middle_and_renumbered(stream: str) -> list[str]:
    return [*removed_middle(stream), f"UPDATE audit_event SET seq = 2 WHERE stream = '{stream}' AND seq = 3"]


def truncated_end(stream: str) -> list[str]:
    return [f"DELETE FROM audit_event WHERE stream = '{stream}' AND seq >= 4"]


def removed_all(stream: str) -> list[str]:
    return [f"DELETE FROM audit_event WHERE stream = '{stream}'"]


def swapped_order(stream: str) -> list[str]:
    where = f"UPDATE audit_event SET seq = {{}} WHERE stream = '{stream}' AND seq = {{}}"
    return [where.format(-1, 2), where.format(2, 3), where.format(3, -1)]


def changed_head(stream: str) -> list[str]:
    return [f"UPDATE process_instance SET audit_head = '{'f' * 64}' WHERE id = '{stream}'"]


def shortened_with_its_count(stream: str) -> list[str]:
    return [*truncated_end(stream), f"UPDATE process_instance SET audit_seq = 3 WHERE id = '{stream}'"]


@pytest.mark.parametrize(
    ("tamper", "seq"),
    [
        (changed_event, 2),
        (changed_payload, 1),
        (changed_time, 3),
        (removed_middle, 2),
        (removed_middle_and_renumbered, 2),
        (truncated_end, 4),
        (removed_all, 1),
        (swapped_order, 2),
        (changed_head, None),
        (shortened_with_its_count, 3),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_was_tampered_with_is_found(tampered: Server, client: ApiClient, tamper: Callable[[str], list[str]], seq: int | None) -> None:
    stream, other = finished_case(client), finished_case(client)
    expected = seq if seq is not None else len(items(client, f"/process-instances/{stream}/audit-events"))
    backdoor = Backdoor(tampered)
    triggers = backdoor.unlock()
    columns = "stream, seq, occurred_at, actor, kind, payload, previous_hash, hash"
    backdoor.run(f"CREATE TABLE kept_events AS SELECT {columns} FROM audit_event WHERE stream = '{stream}'")
    backdoor.run(f"CREATE TABLE kept_head AS SELECT audit_seq, audit_head FROM process_instance WHERE id = '{stream}'")
    try:
        backdoor.run(*tamper(stream))

        told = client.get("/audit/verification")
        verified = tampered.run("verify")
        alone = client.get("/audit/verification", stream=stream)
        untouched = client.get("/audit/verification", stream=other)
    finally:
        backdoor.run(
            f"DELETE FROM audit_event WHERE stream = '{stream}'",
            f"INSERT INTO audit_event ({columns}) SELECT {columns} FROM kept_events",
            "UPDATE process_instance SET audit_seq = (SELECT audit_seq FROM kept_head), "
            f"audit_head = (SELECT audit_head FROM kept_head) WHERE id = '{stream}'",
            "DROP TABLE kept_events",
            "DROP TABLE kept_head",
            *triggers,
        )

    assert told["ok"] is False
    assert (told["firstBroken"]["stream"], told["firstBroken"]["seq"]) == (stream, expected)
    assert (alone["ok"], alone["firstBroken"]) == (False, told["firstBroken"])
    assert untouched["ok"] is True
    assert verified.returncode == 1
    assert f"event {expected} of stream {stream}" in verified.stdout + verified.stderr
    assert client.get("/audit/verification")["ok"] is True


def test_events_without_their_instance_are_found(tampered: Server, client: ApiClient) -> None:
    stream = finished_case(client)
    backdoor = Backdoor(tampered)
    backdoor.run(
        "INSERT INTO audit_event (stream, seq, occurred_at, actor, kind, payload, previous_hash, hash) "
        f"SELECT 'nowhere', seq, occurred_at, actor, kind, payload, previous_hash, hash FROM audit_event WHERE stream = '{stream}'"
    )
    try:
        told = client.get("/audit/verification")
    finally:
        triggers = backdoor.unlock()
        backdoor.run("DELETE FROM audit_event WHERE stream = 'nowhere'", *triggers)

    assert told["ok"] is False
    assert told["firstBroken"]["stream"] == "nowhere"
    assert client.get("/audit/verification")["ok"] is True
