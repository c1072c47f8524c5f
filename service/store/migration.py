"""Bringing a database to this program's schema, and asking how far it is."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from sqlalchemy import Connection, Engine, text

from service.domain.errors import RongjiuError
from service.store.database import parse_url, postgres_engine, sqlite_engine
from service.store.failures import translated
from service.store.schema import FOREIGN, SchemaState, alembic_config, state_of

# An advisory lock is a number; this one is derived from what it guards.
MIGRATION_LOCK = int.from_bytes(hashlib.sha256(b"rongjiu schema").digest()[:8], "big", signed=True)


@contextmanager
def _connected(url: str, *, writing: bool) -> Iterator[Connection]:
    parsed = parse_url(url)
    engine: Engine = sqlite_engine(parsed, writing=writing) if parsed.get_backend_name() == "sqlite" else postgres_engine(parsed)
    try:
        with translated():
            connection = engine.connect()
        with connection:
            yield connection
    finally:
        engine.dispose()


def migrate(url: str) -> SchemaState:
    """Run all missing migrations in one transaction; other processes that migrate wait. Returns the state afterwards.

    Raises RongjiuError("foreign-schema") for a database that is not ours or is newer; it is left as it was.
    """
    with _connected(url, writing=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})
        before = state_of(connection)
        if before.state == FOREIGN:
            raise RongjiuError(str(before.problem), "foreign-schema")
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("ANALYZE")
        with translated():
            connection.commit()
    return schema_state(url)


def schema_state(url: str) -> SchemaState:
    """What the database holds, compared with what this program needs. Raises RongjiuError when it cannot be reached."""
    with _connected(url, writing=False) as connection:
        return state_of(connection)
