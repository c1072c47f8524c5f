"""Tasks of people and who may take them."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, UniqueConstraint, false

from service.store.tables.columns import TEXT, TIME, due_or_never, metadata

# `due_limit`, here and of timers, is JSON; `counted_year` and `counted_version` belong to it: which tables of working days it knows.
task = Table(
    "task",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("process_instance_id", TEXT, nullable=False),
    Column("definition_key", TEXT, nullable=False),
    Column("task_definition_key", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("business_key", TEXT, index=True),
    Column("jurisdiction", TEXT),
    Column("jurisdiction_path", TEXT),
    Column("state", TEXT, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("assignee", TEXT),
    Column("candidate_users", TEXT, nullable=False),
    Column("candidate_groups", TEXT, nullable=False),
    Column("due_at", TIME),
    Column("due_basis", TEXT),
    Column("due_limit", TEXT),
    Column("counted_year", BigInteger),
    Column("counted_version", BigInteger),
    Column("follow_up_at", TIME),
    Column("priority", BigInteger, nullable=False),
    Column("form_key", TEXT),
    Column("form_version", BigInteger),
    Column("not_completed_by", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("completed_at", TIME),
    Column("completed_by", TEXT),
    Column("suspended", Boolean, nullable=False, server_default=false()),
    Column("recusal_exempt", Boolean, nullable=False, server_default=false()),
    Column("ballot_box", TEXT),
    Column("signature", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("id", "state"),
    Index(None, "process_instance_id", "state"),
    Index(None, "state", "created_at", "id"),
    Index(None, "state", "priority", "id"),
    Index(None, "state", "name", "id"),
    Index(None, "assignee", "state", "created_at", "id"),
    Index(None, "definition_key", "task_definition_key", "state"),
    Index(None, "jurisdiction_path", "state", "created_at", "id"),
    Index(None, "completed_by", "completed_at", "id"),
)
Index("ix_task_due", task.c.state, due_or_never(task.c.due_at), task.c.id)
Index("ix_task_assignee_due", task.c.assignee, task.c.state, due_or_never(task.c.due_at), task.c.id)

# The state is repeated here so that the open tasks of a group are found without reading its closed ones; the foreign key keeps it equal.
task_candidate = Table(
    "task_candidate",
    metadata,
    Column("task_id", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("task_state", TEXT, nullable=False),
    PrimaryKeyConstraint("task_id", "kind", "name"),
    ForeignKeyConstraint(["task_id", "task_state"], ["task.id", "task.state"], onupdate="CASCADE", ondelete="CASCADE"),
    Index(None, "kind", "name", "task_state", "task_id"),
)
