"""Errors of the database, told in the words of the domain. No SQLAlchemy or driver error leaves this room as such."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.domain.errors import Conflict, Malformed, RongjiuError, Unavailable

LOST_RACE = {
    "40001",  # serialization_failure
    "40P01",  # deadlock_detected
    "55P03",  # lock_not_available
}
CANCELLED = "57014"
LIMIT_EXCEEDED = "54"
"""SQLSTATE class 54, program limit exceeded: an index entry too large, for example."""

DUPLICATES = {
    "open_case": ("an open case with the same correlation exists", "open-case"),
    "idempotency_answer": ("the same request is being answered at this moment", "repeated-concurrently"),
}

UNIQUE_VIOLATION = "23505"
FOREIGN_KEY_VIOLATION = "23503"


def _lost_race(error: BaseException) -> RongjiuError | None:
    """A row that is there already, or whose parent is gone: another request was first. Any other broken constraint is our fault."""
    if isinstance(error, psycopg.Error):
        if error.sqlstate not in (UNIQUE_VIOLATION, FOREIGN_KEY_VIOLATION):
            return None
        table = error.diag.table_name or ""
    else:
        # UNIQUE constraint failed: open_case.definition_key, open_case.correlation
        kind, _, columns = str(error).partition(" constraint failed")
        if kind not in ("UNIQUE", "FOREIGN KEY"):
            return None
        table = columns.removeprefix(": ").partition(".")[0]
    message, code = DUPLICATES.get(table, ("another request changed the same thing at the same moment", "stale"))
    return Conflict(message, code)


def domain_error(error: BaseException, *, disconnected: bool = False) -> RongjiuError | None:
    """The domain's word for an error of the driver or of SQLAlchemy; None when it is a fault of this program."""
    original = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    state = original.sqlstate if isinstance(original, psycopg.Error) else None
    if isinstance(original, UnicodeEncodeError | OverflowError) or isinstance(error, DataError):
        return Malformed("a value is outside what can be stored (a number too large, or a character that is not text)")
    if isinstance(error, PoolTimeout):
        return Unavailable("all database connections are in use")
    if disconnected or isinstance(error, InterfaceError):
        return Unavailable("the connection to the database was lost")
    if isinstance(error, IntegrityError):
        return _lost_race(original)
    if state in LOST_RACE:
        return Conflict("another request is changing the same thing; try again", "stale")
    if state == CANCELLED:
        return Unavailable("the database took too long to answer")
    if state is not None and state.startswith(LIMIT_EXCEEDED):
        return Malformed("a value is longer than the database can store")
    if isinstance(error, OperationalError):
        return Unavailable(f"the database does not answer: {_first_line(original)}")
    return None


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


def translate(context: ExceptionContext) -> RongjiuError | None:
    """Listener for SQLAlchemy's handle_error: the returned error is raised in the place of the driver's."""
    return domain_error(context.sqlalchemy_exception or context.original_exception, disconnected=context.is_disconnect)


@contextmanager
def translated() -> Iterator[None]:
    """Translate what is raised outside a statement: connecting, waiting for the pool, committing."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        known = domain_error(error, disconnected=isinstance(error, DBAPIError) and error.connection_invalidated)
        if known is None:
            raise
        raise known from error
