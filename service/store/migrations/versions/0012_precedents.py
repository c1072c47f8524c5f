"""Precedents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012_precedents"
down_revision = "0011_deadlines"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "precedent",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("jurisdiction", TEXT),
        sa.Column("jurisdiction_path", TEXT),
        sa.Column("situation", TEXT),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("origin", TEXT, nullable=False),
        sa.Column("process_instance_id", TEXT),
        sa.Column("withdrawn", TEXT),
        sa.Column("searched_text", TEXT, nullable=False),
        sa.Column("content", TEXT, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("recorded_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_precedent"),
    )
    op.create_index("ix_precedent_outcome_id", "precedent", ["outcome", "id"])
    op.create_index("ix_precedent_jurisdiction_path_id", "precedent", ["jurisdiction_path", "id"])
    op.create_index("ix_precedent_process_instance_id", "precedent", ["process_instance_id"])
    op.create_table(
        "precedent_rule",
        sa.Column("precedent_id", TEXT, nullable=False),
        sa.Column("rule", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["precedent_id"], ["precedent.id"], name="fk_precedent_rule_precedent_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("precedent_id", "rule", name="pk_precedent_rule"),
    )
    op.create_index("ix_precedent_rule_rule_precedent_id", "precedent_rule", ["rule", "precedent_id"])
