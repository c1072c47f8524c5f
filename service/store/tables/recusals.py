"""Recusals: who stays out of which cases."""

from sqlalchemy import Boolean, Column, Index, Table

from service.store.tables.columns import TEXT, TIME, metadata

# About a subject, a matter or both, else about one process instance; `begins_on` and `ends_on` are ISO dates.
recusal = Table(
    "recusal",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("user_id", TEXT, nullable=False),
    Column("subject_id", TEXT),
    Column("matter_id", TEXT),
    Column("process_instance_id", TEXT),
    Column("ground", TEXT, nullable=False),
    Column("note", TEXT),
    Column("of_head", Boolean, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("begins_on", TEXT, nullable=False),
    Column("ends_on", TEXT),
    Column("declared_at", TIME, nullable=False),
    Column("declared_by", TEXT, nullable=False),
    Column("decided_at", TIME),
    Column("decided_by", TEXT),
    Column("reason", TEXT),
    Index(None, "user_id", "id"),
    Index(None, "subject_id", "id"),
    Index(None, "matter_id", "id"),
    Index(None, "process_instance_id", "id"),
)
