"""Why a timer is postponed, which published days were adopted last, and counting all cases again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015_deadlines_whole"
down_revision = "0014_ballots"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("timer", sa.Column("problem", TEXT))
    op.add_column("working_year", sa.Column("recount_all", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "published_year",
        sa.Column("year", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("adopted_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_published_year"),
    )
