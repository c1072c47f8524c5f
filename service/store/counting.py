"""Counting the statements sent to the database, for tests and benchmarks."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from service.store.database import DatabaseStore


@contextmanager
def count_statements(store: DatabaseStore) -> Iterator[list[str]]:
    """The SQL texts sent while the block runs, in order (BEGIN and COMMIT not included; a multi-row INSERT is one)."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    # Where both share a pool, the one for reading is made from the other and tells its events to it.
    engines = {id(engine.pool): engine for engine in (store.reading, store.writing)}.values()
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
