"""What callers see when the database fails: words of the domain, and a store that works again."""

import sqlite3
import threading
from pathlib import Path

import psycopg
import pytest
import structlog
from sqlalchemy.exc import IntegrityError, OperationalError
from structlog.testing import capture_logs

from service.actions.ports import Group
from service.domain.errors import Conflict, RongjiuError
from service.store import database, migrate, open_store
from service.store.conftest import an_instance, save, start
from service.store.database import DatabaseStore
from service.store.failures import domain_error


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_lost_connection_is_told_cleanly_and_survived(url: str, store: DatabaseStore) -> None:
    instance = start(store, an_instance())

    def interrupted() -> None:
        with store.begin() as transaction:
            transaction.load_instance(instance.id)
            with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            transaction.open_tasks(instance.id)

    with pytest.raises(RongjiuError) as told:
        interrupted()
    assert told.value.code == "store-unavailable"
    assert save(store, instance.id).version == 2


def test_a_second_writer_of_another_process_waits_and_then_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 10)
    store = open_store(url)
    other = sqlite3.connect(tmp_path / "rongjiu.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RongjiuError) as told:
        start(store, an_instance())
    assert told.value.code == "store-unavailable"
    other.execute("ROLLBACK")
    other.close()
    start(store, an_instance())
    store.close()


def test_a_writer_of_this_process_waits_its_turn_and_then_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    monkeypatch.setattr(database, "WRITER_TIMEOUT", 0.01)
    store = open_store(url)
    told: list[str] = []

    def write() -> None:
        try:
            start(store, an_instance())
        except RongjiuError as error:
            told.append(error.code)

    with store.begin():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join(30)
    assert told == ["store-unavailable"]
    start(store, an_instance())
    store.close()


def test_planner_statistics_are_renewed_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    monkeypatch.setattr(database, "ANALYZE_EVERY", 2)
    store = open_store(url)
    instance = start(store, an_instance())
    save(store, instance.id)
    with store.reading.connect() as connection:
        analysed = connection.exec_driver_sql("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'process_instance'").scalar_one()
    store.close()
    assert analysed > 0


def test_statistics_that_cannot_be_renewed_are_no_failure_of_what_was_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    monkeypatch.setattr(database, "ANALYZE_EVERY", 1)
    # Who waited for the lock here would wait for an hour.
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 3_600_000)
    store = open_store(url)
    monkeypatch.setattr(database, "log", structlog.get_logger())
    other = sqlite3.connect(tmp_path / "rongjiu.db", isolation_level=None)
    with capture_logs() as logged, store.begin() as transaction:
        transaction.put_group(Group("g", "G", None, 1))
        transaction.commit()
        other.execute("BEGIN IMMEDIATE")
    other.execute("ROLLBACK")
    other.close()

    assert [line["event"] for line in logged] == ["store.statistics_not_renewed"]
    with store.writing.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == database.BUSY_TIMEOUT_MS
    start(store, an_instance())
    store.close()


def test_only_what_was_committed_counts_towards_new_statistics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    monkeypatch.setattr(database, "ANALYZE_EVERY", 2)
    store = open_store(url)
    start(store, an_instance())
    with store.begin() as transaction:
        transaction.put_group(Group("g", "G", None, 1))
    start(store, an_instance())
    with store.reading.connect() as connection:
        analysed = connection.exec_driver_sql("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'process_instance'").scalar_one()
    store.close()
    assert analysed > 0, "the second committed one renews them"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:SECRET@PW@127.0.0.1:1/x",
        "postgresql://u@127.0.0.1:SECRETPW/x",
        "postgresql://u:pw@127.0.0.1:1/x?SECRETPW=SECRETPW",
        "mysql://u:SECRETPW@127.0.0.1/x",
        "SECRETPW",
    ],
)
def test_an_unusable_url_is_told_without_showing_any_of_it(url: str) -> None:
    with pytest.raises(ValueError) as told:
        migrate(url)
    assert "PW" not in str(told.value)
    assert told.value.__suppress_context__ or told.value.__context__ is None


def test_which_faults_are_the_callers() -> None:
    def told(error: sqlite3.Error) -> RongjiuError | None:
        wrapper = IntegrityError if isinstance(error, sqlite3.IntegrityError) else OperationalError
        return domain_error(wrapper("INSERT", {}, error))

    case = told(sqlite3.IntegrityError("UNIQUE constraint failed: open_case.definition_key, open_case.correlation"))
    assert isinstance(case, Conflict)
    assert case.code == "open-case"
    parent = told(sqlite3.IntegrityError("FOREIGN KEY constraint failed"))
    assert isinstance(parent, Conflict)
    assert parent.code == "stale"
    assert told(sqlite3.IntegrityError("NOT NULL constraint failed: task.name")) is None
    busy = told(sqlite3.OperationalError("database is locked"))
    assert busy is not None
    assert busy.code == "store-unavailable"
    assert domain_error(KeyError("x")) is None
