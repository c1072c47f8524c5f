"""Secret ballots, and tasks that are votes or are signed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014_ballots"
down_revision = "0013_recusals"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "ballot",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("box_id", TEXT, nullable=False),
        sa.Column("choice", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ballot"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ballot_box_id", "ballot", ["box_id"])
    op.add_column("task", sa.Column("ballot_box", TEXT))
    op.add_column("task", sa.Column("signature", sa.Boolean, nullable=False, server_default=sa.false()))
