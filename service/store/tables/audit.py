"""The audit trail, the end of the service's own stream, and what is to leave the service."""

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, Table

from service.store.tables.columns import TEXT, TIME, metadata

audit_event = Table(
    "audit_event",
    metadata,
    Column("stream", TEXT, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("occurred_at", TIME, nullable=False),
    Column("actor", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("payload", TEXT, nullable=False),
    Column("previous_hash", TEXT, nullable=False),
    Column("hash", TEXT, nullable=False),
    PrimaryKeyConstraint("stream", "seq"),
    Index(None, "occurred_at", "stream", "seq"),
)

service_stream = Table(
    "service_stream",
    metadata,
    Column("stream", TEXT, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("head", TEXT, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("process_instance_id", TEXT, nullable=False),
    Column("type", TEXT, nullable=False),
    Column("payload", TEXT, nullable=False),
    Column("created_at", TIME, nullable=False),
)
