"""Opening the database: URLs, engines, connection settings, and the two doors begin() and read().

SQLite: WAL, synchronous=FULL, foreign keys on; one writer at a time in this process (a lock, then BEGIN IMMEDIATE), readers on
connections of their own. PostgreSQL: psycopg, READ COMMITTED for writing; a read sees one snapshot (REPEATABLE READ).
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import structlog
from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from service.domain.errors import Unavailable
from service.store.failures import translate, translated
from service.store.questions import StoreQuestions
from service.store.transaction import StoreTransaction

log = structlog.get_logger(__name__)

POOL_SIZE = 16
POOL_TIMEOUT = 10
BUSY_TIMEOUT_MS = 10_000
WRITER_TIMEOUT = 30
ANALYZE_EVERY = 1_000
"""Committed transactions on SQLite after which its planner statistics are renewed (10 ms with 100 000 tasks)."""
POSTGRES_OPTIONS = "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s -c timezone=UTC"


def parse_url(url: str) -> URL:
    """The URL of a supported database, with its driver. Raises ValueError with a readable text (never the URL's own) for any other."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number, which may be the end of a password
        raise ValueError("the database URL is not readable; expected sqlite:///path or postgresql://user@host/name") from None
    name = parsed.get_backend_name()
    if name == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise ValueError("SQLite needs a file: sqlite:///path")
        return parsed.set(drivername="sqlite+pysqlite")
    if name == "postgresql":
        if "@" in (parsed.host or ""):
            # Everything after the first @ was taken for the host, and a failure to resolve it would print it.
            raise ValueError("the database URL has more than one @; in a password it is written %40")
        try:
            make_conninfo(**dict.fromkeys(parsed.query, ""))
        except ProgrammingError:
            raise ValueError("the database URL has an option that PostgreSQL does not know") from None
        return parsed.set(drivername="postgresql+psycopg")
    raise ValueError(f"the database {name!r} is not supported; use sqlite:///path or postgresql://…")


def _prepare_sqlite(engine: Engine, begin: str) -> None:
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        # SQLAlchemy's own BEGIN is replaced by ours below; sqlite3 must not open transactions by itself.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "case_sensitive_like=ON",
            "temp_store=MEMORY",
            "cache_size=-32000",
            "analysis_limit=400",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begun(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        try:
            driver.execute(begin)
        except sqlite3.OperationalError as error:
            # Sent past SQLAlchemy, so its error handling does not see it.
            raise Unavailable(f"the database does not answer: {error}") from error

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)


def sqlite_engine(url: URL, *, writing: bool) -> Engine:
    """An engine for one SQLite file: a single writing connection, or a pool of reading ones."""
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1 if writing else POOL_SIZE,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT,
        connect_args={"check_same_thread": False},
        hide_parameters=True,
    )
    _prepare_sqlite(engine, "BEGIN IMMEDIATE" if writing else "BEGIN")
    event.listen(engine, "handle_error", translate, retval=True)
    return engine


def postgres_engine(url: URL) -> Engine:
    """An engine for PostgreSQL; it connects when first used. What is written never stands in an error, and so in no log."""
    engine = create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        connect_args={"options": POSTGRES_OPTIONS, "connect_timeout": 10},
        hide_parameters=True,
    )
    event.listen(engine, "handle_error", translate, retval=True)
    return engine


class DatabaseStore:
    """Implements the port Store on one database. Thread-safe; close() gives the connections back."""

    def __init__(self, url: str) -> None:
        parsed = parse_url(url)
        self.after_throwing: Callable[[Sequence[str]], None] = lambda _events: None
        self._lock: threading.Lock | None = None
        self._writes = 0
        if parsed.get_backend_name() == "sqlite":
            self.writing = sqlite_engine(parsed, writing=True)
            self.reading = self.glancing = sqlite_engine(parsed, writing=False)
            self._lock = threading.Lock()
        else:
            self.writing = postgres_engine(parsed)
            self.reading = self.writing.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self.glancing = self.writing.execution_options(isolation_level="AUTOCOMMIT", postgresql_readonly=True)

    @contextmanager
    def begin(self) -> Iterator[StoreTransaction]:
        """One write transaction; rolled back unless commit() was called. Must not be nested.

        When it has committed signals or messages for others, `after_throwing` is called with their ids before this returns.
        """
        with self._turn(), self._connection(self.writing) as connection:
            transaction = StoreTransaction(connection)
            yield transaction
            committed = not connection.in_transaction()
            if self._lock is not None and committed:
                self._renew_statistics(connection)
        if committed and transaction.thrown:
            self.after_throwing(transaction.thrown)

    @contextmanager
    def read(self, snapshot: bool = True) -> Iterator[StoreQuestions]:
        """Questions on one snapshot of what is committed now; without `snapshot` each sees its own, which saves BEGIN and ROLLBACK."""
        with self._connection(self.reading if snapshot else self.glancing) as connection:
            yield StoreQuestions(connection)

    def close(self) -> None:
        """Close all connections that are not in use."""
        self.writing.dispose()
        self.reading.dispose()

    def _turn(self) -> AbstractContextManager[object]:
        return nullcontext() if self._lock is None else self._wait_for(self._lock)

    def _renew_statistics(self, connection: Connection) -> None:
        # PostgreSQL does this by itself. Without statistics SQLite reads all open tasks to find the few of a case or a small group.
        self._writes += 1
        if self._writes % ANALYZE_EVERY != 0:
            return
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        # The caller's work is durable already: it neither fails nor waits for another process because of this.
        driver.execute("PRAGMA busy_timeout=0")
        try:
            driver.execute("ANALYZE")
        except sqlite3.Error as error:
            log.warning("store.statistics_not_renewed", error=str(error))
        finally:
            driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    @staticmethod
    @contextmanager
    def _wait_for(lock: threading.Lock) -> Iterator[None]:
        if not lock.acquire(timeout=WRITER_TIMEOUT):
            raise Unavailable("the database is busy with other writes")
        try:
            yield
        finally:
            lock.release()

    @staticmethod
    @contextmanager
    def _connection(engine: Engine) -> Iterator[Connection]:
        with translated():
            connection = engine.connect()
        try:
            yield connection
        finally:
            connection.close()


def open_store(url: str) -> DatabaseStore:
    """Open the store at `url` (sqlite:///path or postgresql://…). The schema is not touched: see migrate() and schema_state()."""
    return DatabaseStore(url)
