"""Attachments and documents of instances, their bytes and numbers."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, PrimaryKeyConstraint, Table, UniqueConstraint

from service.store.tables.columns import TEXT, TIME, metadata

# Bytes of attachments and documents, each kept once, in pieces.
content = Table(
    "content",
    metadata,
    Column("digest", TEXT, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("chunks", BigInteger, nullable=False),
)

content_chunk = Table(
    "content_chunk",
    metadata,
    Column("digest", TEXT, ForeignKey("content.digest"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("digest", "seq"),
)

# `audit_seq`, here and of documents: the event of the instance's stream that holds the digest.
attachment = Table(
    "attachment",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("process_instance_id", TEXT, nullable=False),
    Column("task_id", TEXT),
    Column("name", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("media_type", TEXT, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", TEXT, ForeignKey("content.digest"), nullable=False),
    Column("description", TEXT),
    Column("created_at", TIME, nullable=False),
    Column("created_by", TEXT, nullable=False),
    Column("audit_seq", BigInteger, nullable=False),
    Column("removed_at", TIME),
    Column("removed_by", TEXT),
    Column("removal_reason", TEXT),
    UniqueConstraint("process_instance_id", "name", "version"),
    Index(None, "process_instance_id", "id"),
)

document = Table(
    "document",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("process_instance_id", TEXT, nullable=False),
    Column("task_id", TEXT),
    Column("template", TEXT, nullable=False),
    Column("template_version", BigInteger, nullable=False),
    Column("title", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("number", TEXT, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", TEXT, ForeignKey("content.digest"), nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("created_by", TEXT, nullable=False),
    Column("audit_seq", BigInteger, nullable=False),
    Column("occurrence", BigInteger, nullable=False, server_default="1"),
    UniqueConstraint("process_instance_id", "template", "occurrence", "version"),
    Index(None, "process_instance_id", "id"),
)

# The last number given to a document of the place ("" = of none) in the year.
document_number = Table(
    "document_number",
    metadata,
    Column("place", TEXT, nullable=False),
    Column("year", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    PrimaryKeyConstraint("place", "year"),
)
