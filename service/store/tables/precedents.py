"""Precedents (典型案例) and the rules they name."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, PrimaryKeyConstraint, Table

from service.store.tables.columns import TEXT, TIME, metadata

# `content` is JSON: what is not searched by; the rules stand there too, in their order.
precedent = Table(
    "precedent",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("title", TEXT, nullable=False),
    Column("jurisdiction", TEXT),
    Column("jurisdiction_path", TEXT),
    Column("situation", TEXT),
    Column("outcome", TEXT, nullable=False),
    Column("scope", TEXT, nullable=False),
    Column("origin", TEXT, nullable=False),
    Column("process_instance_id", TEXT, index=True),
    Column("withdrawn", TEXT),
    Column("searched_text", TEXT, nullable=False),
    Column("content", TEXT, nullable=False),
    Column("recorded_at", TIME, nullable=False),
    Column("recorded_by", TEXT, nullable=False),
    Index(None, "outcome", "id"),
    Index(None, "jurisdiction_path", "id"),
)

precedent_rule = Table(
    "precedent_rule",
    metadata,
    Column("precedent_id", TEXT, ForeignKey("precedent.id", ondelete="CASCADE"), nullable=False),
    Column("rule", TEXT, nullable=False),
    PrimaryKeyConstraint("precedent_id", "rule"),
    Index(None, "rule", "precedent_id"),
)
