"""What all tables share: the collection they are in, the types of their columns, and the order of due dates.

Times are epoch milliseconds (BIGINT), JSON is canonical text, the engine's state is bytes. On PostgreSQL every text column has the
collation "C", so that text is compared by code point as in SQLite and a page has the same order on both.
"""

from sqlalchemy import BigInteger, Column, MetaData, Text, func, literal_column
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)

TEXT = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
TIME = BigInteger()

NEVER = "9000000000000000"
"""Later than every moment that can be stored: stands in for "no due date" where rows are ordered, so that such rows come last."""


def due_or_never(column: Column[int]) -> ColumnElement[int]:
    """The due date for ascending order. A literal, not a parameter: only so does it match the expression index."""
    return func.coalesce(column, literal_column(NEVER, BigInteger()))
