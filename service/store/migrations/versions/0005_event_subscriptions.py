"""Subscriptions to signals, starts by signals and timers, and events on their way to those they are meant for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_event_subscriptions"
down_revision = "0004_external_tasks"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    subscriptions()
    starts()
    start_timers()
    events_under_way()


def subscriptions() -> None:
    op.create_table(
        "event_subscription",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("process_instance_id", TEXT, nullable=False),
        sa.Column("element_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event_subscription"),
    )
    op.execute(
        "INSERT INTO event_subscription (id, process_instance_id, element_id, kind, name) "
        "SELECT id, process_instance_id, element_id, 'message', message_name FROM message_subscription"
    )
    op.drop_table("message_subscription")
    op.create_index("ix_event_subscription_kind_name_process_instance_id", "event_subscription", ["kind", "name", "process_instance_id"])
    op.create_index("ix_event_subscription_process_instance_id", "event_subscription", ["process_instance_id"])


def starts() -> None:
    connection = op.get_bind()
    before = [
        {"kind": "message", "name": name, "key": key, "version": version}
        for name, key, version in connection.execute(sa.text("SELECT message_name, key, version FROM definition_start"))
    ]
    op.drop_table("definition_start")
    made = op.create_table(
        "definition_start",
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", "key", "version", name="pk_definition_start"),
    )
    op.bulk_insert(made, before)


def start_timers() -> None:
    op.create_table(
        "start_timer",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("definition_key", TEXT, nullable=False),
        sa.Column("definition_id", TEXT, nullable=False),
        sa.Column("element_id", TEXT, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("schedule", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_start_timer"),
    )
    op.create_index("ix_start_timer_definition_key", "start_timer", ["definition_key"])
    op.create_index("ix_start_timer_due_at_id", "start_timer", ["due_at", "id"])


def events_under_way() -> None:
    op.create_table(
        "thrown_event",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("variables", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("thrown_at", sa.BigInteger(), nullable=False),
        sa.Column("process_instance_id", TEXT),
        sa.Column("element_id", TEXT),
        sa.Column("business_key", TEXT),
        sa.Column("hops", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_thrown_event"),
    )
    op.create_table(
        "event_delivery",
        sa.Column("event_id", TEXT, nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("process_instance_id", TEXT),
        sa.Column("detail", TEXT),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "target", name="pk_event_delivery"),
        sa.ForeignKeyConstraint(["event_id"], ["thrown_event.id"], name="fk_event_delivery_event_id"),
    )
    op.create_index("ix_event_delivery_process_instance_id", "event_delivery", ["process_instance_id"])
    op.create_index("ix_event_delivery_due_at_event_id_target", "event_delivery", ["due_at", "event_id", "target"])
