"""Answers kept for repeated requests."""

from sqlalchemy import BigInteger, Column, Table

from service.store.tables.columns import TEXT, TIME, metadata

idempotency_answer = Table(
    "idempotency_answer",
    metadata,
    Column("key", TEXT, primary_key=True),
    Column("fingerprint", TEXT, nullable=False),
    Column("status", BigInteger, nullable=False),
    Column("body", TEXT, nullable=False),
    Column("created_at", TIME, nullable=False, index=True),
)
