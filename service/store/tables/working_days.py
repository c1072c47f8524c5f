"""Tables of working days set here."""

from sqlalchemy import BigInteger, Boolean, Column, Table, false

from service.store.tables.columns import TEXT, TIME, metadata

# The table of a year that no published calendar has. `recount_at`: when due dates are to be looked at because of it (None: they have
# been), `recount_after`: the last case of which that is done; `recount_all`: at all of them, not only those that count days by a table.
working_year = Table(
    "working_year",
    metadata,
    Column("year", BigInteger, primary_key=True, autoincrement=False),
    Column("holidays", TEXT, nullable=False),
    Column("workdays", TEXT, nullable=False),
    Column("source", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("set_at", TIME, nullable=False),
    Column("set_by", TEXT, nullable=False),
    Column("recount_at", TIME),
    Column("recount_after", TEXT, nullable=False),
    Column("recount_all", Boolean, nullable=False, server_default=false()),
)

# The days of the years that the published calendar knows, as they were adopted last: SHA-256 of them.
published_year = Table(
    "published_year",
    metadata,
    Column("year", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", TEXT, nullable=False),
    Column("adopted_at", TIME, nullable=False),
)
