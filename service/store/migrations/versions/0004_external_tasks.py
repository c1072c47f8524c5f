"""External tasks: work that waits for a worker outside."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_external_tasks"
down_revision = "0003_decision_variables"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "external_task",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("process_instance_id", TEXT, nullable=False),
        sa.Column("element_id", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("available_at", sa.BigInteger(), nullable=False),
        sa.Column("worker_id", TEXT),
        sa.Column("retries", sa.BigInteger()),
        sa.Column("parked", sa.Boolean(), nullable=False),
        sa.Column("error_message", TEXT),
        sa.Column("error_details", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_external_task"),
    )
    op.create_index("ix_external_task_process_instance_id", "external_task", ["process_instance_id"])
    op.create_index("ix_external_task_topic_parked_available_at_id", "external_task", ["topic", "parked", "available_at", "id"])
    urgent: list[str | sa.TextClause] = ["topic", "parked", sa.text("priority DESC"), "available_at", "id"]
    op.create_index("ix_external_task_urgent", "external_task", urgent)
    op.create_index("ix_external_task_created_at_id", "external_task", ["created_at", "id"])
