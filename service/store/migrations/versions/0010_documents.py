"""Documents and attachments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010_documents"
down_revision = "0009_subjects"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    contents()
    attachments()
    documents()


def contents() -> None:
    op.create_table(
        "content",
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("chunks", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_content"),
    )
    op.create_table(
        "content_chunk",
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["content.digest"], name="fk_content_chunk_digest"),
        sa.PrimaryKeyConstraint("digest", "seq", name="pk_content_chunk"),
    )


def attachments() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("process_instance_id", TEXT, nullable=False),
        sa.Column("task_id", TEXT),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("media_type", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("description", TEXT),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("audit_seq", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger()),
        sa.Column("removed_by", TEXT),
        sa.Column("removal_reason", TEXT),
        sa.ForeignKeyConstraint(["digest"], ["content.digest"], name="fk_attachment_digest"),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
        sa.UniqueConstraint("process_instance_id", "name", "version", name="uq_attachment_process_instance_id_name_version"),
    )
    op.create_index("ix_attachment_process_instance_id_id", "attachment", ["process_instance_id", "id"])


def documents() -> None:
    op.create_table(
        "document",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("process_instance_id", TEXT, nullable=False),
        sa.Column("task_id", TEXT),
        sa.Column("template", TEXT, nullable=False),
        sa.Column("template_version", sa.BigInteger(), nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("number", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("audit_seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["content.digest"], name="fk_document_digest"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
        sa.UniqueConstraint("process_instance_id", "template", "version", name="uq_document_process_instance_id_template_version"),
    )
    op.create_index("ix_document_process_instance_id_id", "document", ["process_instance_id", "id"])
    op.create_table(
        "document_number",
        sa.Column("place", TEXT, nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place", "year", name="pk_document_number"),
    )
