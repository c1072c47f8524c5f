"""What is tried again says why it failed; a timer that can neither fire nor be parked, when it is tried again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008_problems_of_attempts"
down_revision = "0007_followed_signals"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("event_delivery", sa.Column("problem", TEXT))
    op.add_column("start_timer", sa.Column("problem", TEXT))
    op.add_column("timer", sa.Column("try_at", sa.BigInteger))
