"""A subscription to a signal says whose place it took; those of before took nobody's."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007_followed_signals"
down_revision = "0006_instance_operations"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("event_subscription", sa.Column("follows", TEXT))
