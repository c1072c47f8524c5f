"""Accounts, groups and keys."""

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Table

from service.store.tables.columns import TEXT, TIME, metadata

user_account = Table(
    "user_account",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("email", TEXT),
    Column("created_at", TIME, nullable=False),
)

user_group = Table(
    "user_group",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("source", TEXT),
    Column("created_at", TIME, nullable=False),
)

group_membership = Table(
    "group_membership",
    metadata,
    Column("user_id", TEXT, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False),
    Column("group_id", TEXT, ForeignKey("user_group.id", ondelete="CASCADE"), nullable=False, index=True),
    PrimaryKeyConstraint("user_id", "group_id"),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("secret_hash", TEXT, nullable=False, unique=True),
    Column("scopes", TEXT, nullable=False),
    Column("user_id", TEXT, index=True),
    Column("created_at", TIME, nullable=False),
    Column("expires_at", TIME),
    Column("revoked_at", TIME),
)
