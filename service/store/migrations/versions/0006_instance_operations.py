"""A task says whether its instance is suspended; no instance was before."""

import sqlalchemy as sa
from alembic import op

revision = "0006_instance_operations"
down_revision = "0005_event_subscriptions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("suspended", sa.Boolean, nullable=False, server_default=sa.false()))
