"""The first schema: deployments, instances, tasks, history, audit trail, people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_first"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
DUE_OR_NEVER: sa.ColumnElement[int] = sa.literal_column("coalesce(due_at, 9000000000000000)")

SQLITE_APPEND_ONLY = (
    """
    CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
    BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END
    """,
    """
    CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
    BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END
    """,
    # INSERT OR REPLACE deletes without firing the trigger above.
    """
    CREATE TRIGGER audit_event_no_replace BEFORE INSERT ON audit_event
    WHEN EXISTS (SELECT 1 FROM audit_event WHERE stream = NEW.stream AND seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: audit_event.stream, audit_event.seq'); END
    """,
)
POSTGRES_APPEND_ONLY = (
    """
    CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$
    """,
    """
    CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE PROCEDURE refuse_audit_change()
    """,
    """
    CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE PROCEDURE refuse_audit_change()
    """,
)


def upgrade() -> None:
    create_tables()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_APPEND_ONLY if sqlite else POSTGRES_APPEND_ONLY:
        op.execute(statement)
    genesis = "0" * 64
    op.execute(sa.text("INSERT INTO service_stream (stream, seq, head) VALUES ('service', 0, :head)").bindparams(head=genesis))


def create_tables() -> None:
    op.create_table(
        "activity",
        sa.Column("process_instance_id", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("element_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("actor", TEXT),
        sa.PrimaryKeyConstraint("process_instance_id", "seq", name="pk_activity"),
        sa.UniqueConstraint("process_instance_id", "id", name="uq_activity_process_instance_id_id"),
    )
    op.create_table(
        "api_key",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("secret_hash", TEXT, nullable=False),
        sa.Column("scopes", TEXT, nullable=False),
        sa.Column("user_id", TEXT),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
        sa.UniqueConstraint("secret_hash", name="uq_api_key_secret_hash"),
    )
    op.create_index("ix_api_key_user_id", "api_key", ["user_id"])
    op.create_table(
        "audit_event",
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.Column("previous_hash", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("stream", "seq", name="pk_audit_event"),
    )
    op.create_index("ix_audit_event_occurred_at_stream_seq", "audit_event", ["occurred_at", "stream", "seq"])
    op.create_table(
        "decision_evaluation",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("process_instance_id", TEXT, nullable=False),
        sa.Column("element_id", TEXT, nullable=False),
        sa.Column("decision_key", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("evaluated_at", sa.BigInteger(), nullable=False),
        sa.Column("record", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decision_evaluation"),
    )
    op.create_index("ix_decision_evaluation_decision_key_id", "decision_evaluation", ["decision_key", "id"])
    op.create_index("ix_decision_evaluation_process_instance_id_id", "decision_evaluation", ["process_instance_id", "id"])
    op.create_table(
        "definition_start",
        sa.Column("message_name", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("message_name", "key", "version", name="pk_definition_start"),
    )
    op.create_table(
        "deployment",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("jurisdiction", TEXT),
        sa.Column("deployed_at", sa.BigInteger(), nullable=False),
        sa.Column("deployed_by", TEXT, nullable=False),
        sa.Column("warnings", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deployment"),
        sa.UniqueConstraint("seq", name="uq_deployment_seq"),
    )
    op.create_table(
        "idempotency_answer",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_idempotency_answer"),
    )
    op.create_index("ix_idempotency_answer_created_at", "idempotency_answer", ["created_at"])
    op.create_table(
        "incident",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("process_instance_id", TEXT, nullable=False),
        sa.Column("element_id", TEXT),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("message", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("operation", TEXT, nullable=False),
        sa.Column("resolved_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index("ix_incident_process_instance_id_id", "incident", ["process_instance_id", "id"])
    op.create_index("ix_incident_resolved_at_id", "incident", ["resolved_at", "id"])
    op.create_table(
        "jurisdiction",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("deployment_seq", sa.BigInteger(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("parent", TEXT),
        sa.Column("document", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", "deployment_seq", name="pk_jurisdiction"),
    )
    op.create_table(
        "message_subscription",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("process_instance_id", TEXT, nullable=False),
        sa.Column("element_id", TEXT, nullable=False),
        sa.Column("message_name", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_message_subscription"),
    )
    op.create_index(
        "ix_message_subscription_message_name_process_instance_id", "message_subscription", ["message_name", "process_instance_id"]
    )
    op.create_index("ix_message_subscription_process_instance_id", "message_subscription", ["process_instance_id"])
    op.create_table(
        "open_case",
        sa.Column("definition_key", TEXT, nullable=False),
        sa.Column("correlation", TEXT, nullable=False),
        sa.Column("process_instance_id", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("definition_key", "correlation", name="pk_open_case"),
    )
    op.create_index("ix_open_case_process_instance_id", "open_case", ["process_instance_id"])
    op.create_table(
        "outbox",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("process_instance_id", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_table(
        "process_instance",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("definition_id", TEXT, nullable=False),
        sa.Column("definition_key", TEXT, nullable=False),
        sa.Column("definition_version", sa.BigInteger(), nullable=False),
        sa.Column("business_key", TEXT),
        sa.Column("jurisdiction", TEXT),
        sa.Column("jurisdiction_path", TEXT),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("started_by", TEXT, nullable=False),
        sa.Column("law", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("end_reason", TEXT),
        sa.Column("correlation", TEXT),
        sa.Column("state_data", sa.LargeBinary()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("audit_seq", sa.BigInteger(), nullable=False),
        sa.Column("audit_head", TEXT, nullable=False),
        sa.Column("activity_seq", sa.BigInteger(), nullable=False),
        sa.Column("variables", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_process_instance"),
    )
    op.create_index("ix_process_instance_business_key", "process_instance", ["business_key"])
    op.create_index("ix_process_instance_definition_key_started_at_id", "process_instance", ["definition_key", "started_at", "id"])
    op.create_index("ix_process_instance_jurisdiction_path_started_at_id", "process_instance", ["jurisdiction_path", "started_at", "id"])
    op.create_index("ix_process_instance_started_at_id", "process_instance", ["started_at", "id"])
    op.create_index("ix_process_instance_started_by_started_at_id", "process_instance", ["started_by", "started_at", "id"])
    op.create_index("ix_process_instance_state_started_at_id", "process_instance", ["state", "started_at", "id"])
    op.create_table(
        "service_stream",
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("head", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("stream", name="pk_service_stream"),
    )
    op.create_table(
        "task",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("process_instance_id", TEXT, nullable=False),
        sa.Column("definition_key", TEXT, nullable=False),
        sa.Column("task_definition_key", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("business_key", TEXT),
        sa.Column("jurisdiction", TEXT),
        sa.Column("jurisdiction_path", TEXT),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("assignee", TEXT),
        sa.Column("candidate_users", TEXT, nullable=False),
        sa.Column("candidate_groups", TEXT, nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("due_basis", TEXT),
        sa.Column("follow_up_at", sa.BigInteger()),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("form_key", TEXT),
        sa.Column("form_version", sa.BigInteger()),
        sa.Column("not_completed_by", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("completed_at", sa.BigInteger()),
        sa.Column("completed_by", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
        sa.UniqueConstraint("id", "state", name="uq_task_id_state"),
    )
    op.create_index("ix_task_assignee_due", "task", ["assignee", "state", DUE_OR_NEVER, "id"])
    op.create_index("ix_task_assignee_state_created_at_id", "task", ["assignee", "state", "created_at", "id"])
    op.create_index("ix_task_business_key", "task", ["business_key"])
    op.create_index("ix_task_completed_by_completed_at_id", "task", ["completed_by", "completed_at", "id"])
    op.create_index("ix_task_definition_key_task_definition_key_state", "task", ["definition_key", "task_definition_key", "state"])
    op.create_index("ix_task_due", "task", ["state", DUE_OR_NEVER, "id"])
    op.create_index("ix_task_jurisdiction_path_state_created_at_id", "task", ["jurisdiction_path", "state", "created_at", "id"])
    op.create_index("ix_task_process_instance_id_state", "task", ["process_instance_id", "state"])
    op.create_index("ix_task_state_created_at_id", "task", ["state", "created_at", "id"])
    op.create_index("ix_task_state_name_id", "task", ["state", "name", "id"])
    op.create_index("ix_task_state_priority_id", "task", ["state", "priority", "id"])
    op.create_table(
        "timer",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("process_instance_id", TEXT, nullable=False),
        sa.Column("element_id", TEXT, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("parked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_timer"),
    )
    op.create_index("ix_timer_parked_due_at_id", "timer", ["parked", "due_at", "id"])
    op.create_index("ix_timer_process_instance_id", "timer", ["process_instance_id"])
    op.create_table(
        "user_account",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("email", TEXT),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user_account"),
    )
    op.create_table(
        "user_group",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("source", TEXT),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user_group"),
    )
    op.create_table(
        "variable",
        sa.Column("process_instance_id", TEXT, nullable=False),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("search_key", TEXT, nullable=False),
        sa.Column("text_value", TEXT),
        sa.PrimaryKeyConstraint("process_instance_id", "path", name="pk_variable"),
    )
    op.create_index(
        "ix_variable_path_type_search_key_process_instance_id", "variable", ["path", "type", "search_key", "process_instance_id"]
    )
    op.create_table(
        "group_membership",
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("group_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["user_group.id"], name="fk_group_membership_group_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_group_membership_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "group_id", name="pk_group_membership"),
    )
    op.create_index("ix_group_membership_group_id", "group_membership", ["group_id"])
    op.create_table(
        "resource",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("deployment_id", TEXT, nullable=False),
        sa.Column("file_name", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name="fk_resource_deployment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_resource"),
    )
    op.create_index("ix_resource_deployment_id", "resource", ["deployment_id"])
    op.create_table(
        "task_candidate",
        sa.Column("task_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("task_state", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id", "task_state"],
            ["task.id", "task.state"],
            name="fk_task_candidate_task_id_task_state",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("task_id", "kind", "name", name="pk_task_candidate"),
    )
    op.create_index("ix_task_candidate_kind_name_task_state_task_id", "task_candidate", ["kind", "name", "task_state", "task_id"])
    op.create_table(
        "definition",
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("jurisdiction", TEXT),
        sa.Column("deployment_id", TEXT, nullable=False),
        sa.Column("deployment_seq", sa.BigInteger(), nullable=False),
        sa.Column("resource_id", TEXT, nullable=False),
        sa.Column("file_name", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("deployed_at", sa.BigInteger(), nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name="fk_definition_deployment_id"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name="fk_definition_resource_id"),
        sa.PrimaryKeyConstraint("kind", "key", "version", name="pk_definition"),
        sa.UniqueConstraint("kind", "id", name="uq_definition_kind_id"),
    )
    op.create_index("ix_definition_deployment_id", "definition", ["deployment_id"])
    op.create_index("ix_definition_resource_id", "definition", ["resource_id"])
