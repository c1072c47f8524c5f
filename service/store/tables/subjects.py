"""Registered subjects: persons and units that cases are about."""

from sqlalchemy import Column, Index, Table

from service.store.tables.columns import TEXT, TIME, metadata

# `posts` is JSON: a list of the dated posts of a person, in the order of their begin.
subject = Table(
    "subject",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("unit_id", TEXT),
    Column("posts", TEXT, nullable=False),
    Column("created_at", TIME, nullable=False),
    Index(None, "unit_id", "id"),
    Index(None, "kind", "id"),
)
