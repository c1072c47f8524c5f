"""Recusals of persons, and tasks that they do not bar from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013_recusals"
down_revision = "0012_precedents"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "recusal",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("subject_id", TEXT),
        sa.Column("matter_id", TEXT),
        sa.Column("process_instance_id", TEXT),
        sa.Column("ground", TEXT, nullable=False),
        sa.Column("note", TEXT),
        sa.Column("of_head", sa.Boolean, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("begins_on", TEXT, nullable=False),
        sa.Column("ends_on", TEXT),
        sa.Column("declared_at", sa.BigInteger, nullable=False),
        sa.Column("declared_by", TEXT, nullable=False),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("decided_by", TEXT),
        sa.Column("reason", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_recusal"),
    )
    op.create_index("ix_recusal_user_id_id", "recusal", ["user_id", "id"])
    op.create_index("ix_recusal_subject_id_id", "recusal", ["subject_id", "id"])
    op.create_index("ix_recusal_matter_id_id", "recusal", ["matter_id", "id"])
    op.create_index("ix_recusal_process_instance_id_id", "recusal", ["process_instance_id", "id"])
    op.add_column("task", sa.Column("recusal_exempt", sa.Boolean, nullable=False, server_default=sa.false()))
