"""A second look at what a step rests on beyond its own case, before the step counts.

The lock of its instance orders everything that happens in a case. What a step asks about other cases has no such lock: two steps that ask
at the same moment do not see one another's writes, and each would decide as if it were alone. So on PostgreSQL (READ COMMITTED) every
such question is asked again, all of them in one statement and therefore of one moment, while a lock keeps away the others who ask; when
an answer is another one by now the transaction is Overtaken and its caller runs it again, then asking under the lock from the first
question on: those who ask too cannot overtake it twice. On SQLite a transaction writes alone from its beginning: there is nothing to look
at twice.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, literal_column, select
from sqlalchemy.dialects import postgresql

from service.domain.errors import Overtaken

Rows = Sequence[Mapping[str, Any]]

FACTS = 7_212_026_001
"""Key of the advisory lock of steps that ask about facts. They also are what the facts are made of, so they exclude one another, whatever
they ask for: which questions touch which steps cannot be told from their keys (a person's cases are those of the unit too)."""
RECUSALS = 7_212_026_002
"""The same of recusals: shared by the steps that make a case be about somebody, exclusive for who declares or decides."""

TOGETHER = 200
"""Questions in one statement; PostgreSQL gives at most 1 664 columns."""

_thread = threading.local()


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answer: `read` makes the answer of the rows. Number and text columns only, each with a name of its own."""

    statement: Select[Any]
    read: Callable[[Rows], object]
    answer: object


def ask(connection: Connection, statement: Select[Any], read: Callable[[Rows], Any]) -> Any:
    """The answer that `read` makes of the rows."""
    return read([dict(row._mapping) for row in connection.execute(statement)])


def is_needed(connection: Connection) -> bool:
    """Whether other transactions write while this one does."""
    return connection.dialect.name == postgresql.dialect.name


def was_overtaken() -> bool:
    """Whether the transaction of this thread that ended last was Overtaken; the one that begins now is told, and no later one."""
    overtaken = getattr(_thread, "overtaken", False)
    _thread.overtaken = False
    return bool(overtaken)


def take_turn(connection: Connection, lock: int) -> None:
    """Wait for the lock, kept until the end of the transaction."""
    connection.execute(select(func.pg_advisory_xact_lock(lock)))


def look_again(connection: Connection, lock: int, questions: Sequence[Question], *, shared: bool = False) -> None:
    """Wait for the lock, kept until the end of the transaction, and ask again. Raises Overtaken when an answer is another one now."""
    taking = func.pg_advisory_xact_lock_shared(lock) if shared else func.pg_advisory_xact_lock(lock)
    # A statement of its own: the next one sees what was committed while this one waited.
    connection.execute(select(taking))
    for first in range(0, len(questions), TOGETHER):
        some = questions[first : first + TOGETHER]
        again = connection.execute(select(*(_as_one_value(number, one.statement) for number, one in enumerate(some)))).one()
        if any(one.read(rows or []) != one.answer for one, rows in zip(some, again, strict=True)):
            _thread.overtaken = True
            raise Overtaken


def _as_one_value(number: int, statement: Select[Any]) -> Any:
    name = f"asked_{number}"
    return select(func.json_agg(literal_column(name))).select_from(statement.subquery(name)).scalar_subquery()
