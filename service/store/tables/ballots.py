"""The ballots of secret votes: what was chosen, with nothing that leads to who chose it or when."""

from sqlalchemy import Column, Index, Table

from service.store.tables.columns import TEXT, metadata

# No number that counts up, no moment, no task: SQLite keeps the rows in the order of their random ids (WITHOUT ROWID).
ballot = Table(
    "ballot",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("box_id", TEXT, nullable=False),
    Column("choice", TEXT, nullable=False),
    Index(None, "box_id"),
    sqlite_with_rowid=False,
)
