"""Which time limit a due date comes from, and the working days of years that no published calendar has."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_deadlines"
down_revision = "0010_documents"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    for table in ("task", "timer"):
        op.add_column(table, sa.Column("due_limit", TEXT))
        op.add_column(table, sa.Column("counted_year", sa.BigInteger))
        op.add_column(table, sa.Column("counted_version", sa.BigInteger))
    op.create_table(
        "working_year",
        sa.Column("year", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("holidays", TEXT, nullable=False),
        sa.Column("workdays", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("set_at", sa.BigInteger, nullable=False),
        sa.Column("set_by", TEXT, nullable=False),
        sa.Column("recount_at", sa.BigInteger),
        sa.Column("recount_after", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_working_year"),
    )
