"""All tables. The same Core statements run on SQLite and PostgreSQL.

Times are epoch milliseconds (BIGINT), JSON is canonical text, the engine's state is bytes. On PostgreSQL every text column has the
collation "C", so that text is compared by code point as in SQLite and a page has the same order on both.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    literal_column,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)

TEXT = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
TIME = BigInteger()

NEVER = "9000000000000000"
"""Later than every moment that can be stored: stands in for "no due date" where rows are ordered, so that such rows come last."""


def due_or_never(column: Column[int]) -> ColumnElement[int]:
    """The due date for ascending order. A literal, not a parameter: only so does it match the expression index."""
    return func.coalesce(column, literal_column(NEVER, BigInteger()))


deployment = Table(
    "deployment",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("seq", BigInteger, nullable=False, unique=True),
    Column("name", TEXT, nullable=False),
    Column("jurisdiction", TEXT),
    Column("deployed_at", TIME, nullable=False),
    Column("deployed_by", TEXT, nullable=False),
    Column("warnings", TEXT, nullable=False),
)

resource = Table(
    "resource",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("deployment_id", TEXT, ForeignKey("deployment.id"), nullable=False, index=True),
    Column("file_name", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("digest", TEXT, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("namespace", TEXT, index=True),
    Column("imports", TEXT),
)

definition = Table(
    "definition",
    metadata,
    Column("kind", TEXT, nullable=False),
    Column("key", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("id", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("jurisdiction", TEXT),
    Column("deployment_id", TEXT, ForeignKey("deployment.id"), nullable=False, index=True),
    Column("deployment_seq", BigInteger, nullable=False),
    Column("resource_id", TEXT, ForeignKey("resource.id"), nullable=False, index=True),
    Column("file_name", TEXT, nullable=False),
    Column("digest", TEXT, nullable=False),
    Column("deployed_at", TIME, nullable=False),
    Column("detail", TEXT, nullable=False),
    PrimaryKeyConstraint("kind", "key", "version"),
    UniqueConstraint("kind", "id"),
)

definition_start = Table(
    "definition_start",
    metadata,
    Column("kind", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("key", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("kind", "name", "key", "version"),
)

# Only the latest version of a process is started by its timers. `schedule` is JSON: what the engine needs to know the next time.
start_timer = Table(
    "start_timer",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("definition_key", TEXT, nullable=False, index=True),
    Column("definition_id", TEXT, nullable=False),
    Column("element_id", TEXT, nullable=False),
    Column("due_at", TIME, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("schedule", TEXT, nullable=False),
    Column("problem", TEXT),
    Index(None, "due_at", "id"),
)

jurisdiction = Table(
    "jurisdiction",
    metadata,
    Column("id", TEXT, nullable=False),
    Column("deployment_seq", BigInteger, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("path", TEXT, nullable=False),
    Column("parent", TEXT),
    Column("document", TEXT, nullable=False),
    PrimaryKeyConstraint("id", "deployment_seq"),
)

process_instance = Table(
    "process_instance",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("definition_id", TEXT, nullable=False),
    Column("definition_key", TEXT, nullable=False),
    Column("definition_version", BigInteger, nullable=False),
    Column("business_key", TEXT, index=True),
    Column("jurisdiction", TEXT),
    Column("jurisdiction_path", TEXT),
    Column("state", TEXT, nullable=False),
    Column("started_at", TIME, nullable=False),
    Column("started_by", TEXT, nullable=False),
    Column("law", BigInteger, nullable=False),
    Column("ended_at", TIME),
    Column("end_reason", TEXT),
    Column("correlation", TEXT),
    Column("state_data", LargeBinary),
    Column("version", BigInteger, nullable=False),
    Column("audit_seq", BigInteger, nullable=False),
    Column("audit_head", TEXT, nullable=False),
    Column("activity_seq", BigInteger, nullable=False),
    Column("variables", TEXT, nullable=False),
    Index(None, "started_at", "id"),
    Index(None, "state", "started_at", "id"),
    Index(None, "definition_key", "started_at", "id"),
    Index(None, "jurisdiction_path", "started_at", "id"),
    Index(None, "started_by", "started_at", "id"),
)

open_case = Table(
    "open_case",
    metadata,
    Column("definition_key", TEXT, nullable=False),
    Column("correlation", TEXT, nullable=False),
    Column("process_instance_id", TEXT, nullable=False, index=True),
    PrimaryKeyConstraint("definition_key", "correlation"),
)

variable = Table(
    "variable",
    metadata,
    Column("process_instance_id", TEXT, nullable=False),
    Column("path", TEXT, nullable=False),
    Column("type", TEXT, nullable=False),
    Column("search_key", TEXT, nullable=False),
    Column("text_value", TEXT),
    PrimaryKeyConstraint("process_instance_id", "path"),
    Index(None, "path", "type", "search_key", "process_instance_id"),
)

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

# `try_at`: not before then, since it could neither be fired nor parked; `due_at` stays the moment that people see.
timer = Table(
    "timer",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("process_instance_id", TEXT, nullable=False, index=True),
    Column("element_id", TEXT, nullable=False),
    Column("due_at", TIME, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("parked", Boolean, nullable=False),
    Column("try_at", TIME),
    Column("due_limit", TEXT),
    Column("counted_year", BigInteger),
    Column("counted_version", BigInteger),
    Index(None, "parked", "due_at", "id"),
)

# The table of a year that no published calendar has. `recount_at`: when due dates are to be looked at because of it (None: they have
# been), `recount_after`: the last case of which that is done.
working_year = Table(
    "working_year",
    metadata,
    Column("year", BigInteger, primary_key=True, autoincrement=False),
    Column("holidays", TEXT, nullable=False),
    Column("workdays", TEXT, nullable=False),
    Column("source", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("set_at", TIME, nullable=False),
    Column("set_by", TEXT, nullable=False),
    Column("recount_at", TIME),
    Column("recount_after", TEXT, nullable=False),
)

# `follows`: the first of the subscriptions of which this one took the place, each armed in the step in which the one before it ended.
event_subscription = Table(
    "event_subscription",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("process_instance_id", TEXT, nullable=False, index=True),
    Column("element_id", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("follows", TEXT),
    Index(None, "kind", "name", "process_instance_id"),
)

# A signal or message on its way to others than who threw it, and below it each of those it has not reached yet.
thrown_event = Table(
    "thrown_event",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("variables", TEXT, nullable=False),
    Column("actor", TEXT, nullable=False),
    Column("thrown_at", TIME, nullable=False),
    Column("process_instance_id", TEXT),
    Column("element_id", TEXT),
    Column("business_key", TEXT),
    Column("hops", BigInteger, nullable=False),
)

# `problem`, here and of start timers: why the last attempt failed, in words for people.
event_delivery = Table(
    "event_delivery",
    metadata,
    Column("event_id", TEXT, ForeignKey("thrown_event.id"), nullable=False),
    Column("target", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("process_instance_id", TEXT, index=True),
    Column("detail", TEXT),
    Column("due_at", TIME, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("problem", TEXT),
    PrimaryKeyConstraint("event_id", "target"),
    Index(None, "due_at", "event_id", "target"),
)

external_task = Table(
    "external_task",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("process_instance_id", TEXT, nullable=False, index=True),
    Column("element_id", TEXT, nullable=False),
    Column("topic", TEXT, nullable=False),
    Column("priority", BigInteger, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("available_at", TIME, nullable=False),
    Column("worker_id", TEXT),
    Column("retries", BigInteger),
    Column("parked", Boolean, nullable=False),
    Column("error_message", TEXT),
    Column("error_details", TEXT),
    Index(None, "topic", "parked", "available_at", "id"),
    Index(None, "created_at", "id"),
)
Index(
    "ix_external_task_urgent",
    external_task.c.topic,
    external_task.c.parked,
    external_task.c.priority.desc(),
    external_task.c.available_at,
    external_task.c.id,
)

activity = Table(
    "activity",
    metadata,
    Column("process_instance_id", TEXT, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("id", TEXT, nullable=False),
    Column("element_id", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("type", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("started_at", TIME, nullable=False),
    Column("ended_at", TIME),
    Column("actor", TEXT),
    PrimaryKeyConstraint("process_instance_id", "seq"),
    UniqueConstraint("process_instance_id", "id"),
)

decision_evaluation = Table(
    "decision_evaluation",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("process_instance_id", TEXT, nullable=False),
    Column("element_id", TEXT, nullable=False),
    Column("decision_key", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("evaluated_at", TIME, nullable=False),
    Column("record", TEXT, nullable=False),
    Column("variables", TEXT),
    Index(None, "process_instance_id", "id"),
    Index(None, "decision_key", "id"),
    Index(None, "decision_key", "evaluated_at", "id"),
)

incident = Table(
    "incident",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("process_instance_id", TEXT, nullable=False),
    Column("element_id", TEXT),
    Column("kind", TEXT, nullable=False),
    Column("message", TEXT, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("operation", TEXT, nullable=False),
    Column("resolved_at", TIME),
    Index(None, "process_instance_id", "id"),
    Index(None, "resolved_at", "id"),
)

audit_event = Table(
    "audit_event",
    metadata,
    Column("stream", TEXT, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("occurred_at", TIME, nullable=False),
    Column("actor", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("payload", TEXT, nullable=False),
    Column("previous_hash", TEXT, nullable=False),
    Column("hash", TEXT, nullable=False),
    PrimaryKeyConstraint("stream", "seq"),
    Index(None, "occurred_at", "stream", "seq"),
)

# Bytes of attachments and documents, each kept once, in pieces.
content = Table(
    "content",
    metadata,
    Column("digest", TEXT, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("chunks", BigInteger, nullable=False),
)

content_chunk = Table(
    "content_chunk",
    metadata,
    Column("digest", TEXT, ForeignKey("content.digest"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("digest", "seq"),
)

# `audit_seq`, here and of documents: the event of the instance's stream that holds the digest.
attachment = Table(
    "attachment",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("process_instance_id", TEXT, nullable=False),
    Column("task_id", TEXT),
    Column("name", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("media_type", TEXT, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", TEXT, ForeignKey("content.digest"), nullable=False),
    Column("description", TEXT),
    Column("created_at", TIME, nullable=False),
    Column("created_by", TEXT, nullable=False),
    Column("audit_seq", BigInteger, nullable=False),
    Column("removed_at", TIME),
    Column("removed_by", TEXT),
    Column("removal_reason", TEXT),
    UniqueConstraint("process_instance_id", "name", "version"),
    Index(None, "process_instance_id", "id"),
)

document = Table(
    "document",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("process_instance_id", TEXT, nullable=False),
    Column("task_id", TEXT),
    Column("template", TEXT, nullable=False),
    Column("template_version", BigInteger, nullable=False),
    Column("title", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("number", TEXT, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", TEXT, ForeignKey("content.digest"), nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("created_by", TEXT, nullable=False),
    Column("audit_seq", BigInteger, nullable=False),
    UniqueConstraint("process_instance_id", "template", "version"),
    Index(None, "process_instance_id", "id"),
)

# The last number given to a document of the place ("" = of none) in the year.
document_number = Table(
    "document_number",
    metadata,
    Column("place", TEXT, nullable=False),
    Column("year", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    PrimaryKeyConstraint("place", "year"),
)

service_stream = Table(
    "service_stream",
    metadata,
    Column("stream", TEXT, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("head", TEXT, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("process_instance_id", TEXT, nullable=False),
    Column("type", TEXT, nullable=False),
    Column("payload", TEXT, nullable=False),
    Column("created_at", TIME, nullable=False),
)

idempotency_answer = Table(
    "idempotency_answer",
    metadata,
    Column("key", TEXT, primary_key=True),
    Column("fingerprint", TEXT, nullable=False),
    Column("status", BigInteger, nullable=False),
    Column("body", TEXT, nullable=False),
    Column("created_at", TIME, nullable=False, index=True),
)

# `posts` is JSON: a list of the dated posts of a person, in the order of their begin.
subject = Table(
    "subject",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("unit_id", TEXT),
    Column("posts", TEXT, nullable=False),
    Column("created_at", TIME, nullable=False),
    Index(None, "unit_id", "id"),
    Index(None, "kind", "id"),
)

# About a subject, a matter or both, else about one process instance; `begins_on` and `ends_on` are ISO dates.
recusal = Table(
    "recusal",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("user_id", TEXT, nullable=False),
    Column("subject_id", TEXT),
    Column("matter_id", TEXT),
    Column("process_instance_id", TEXT),
    Column("ground", TEXT, nullable=False),
    Column("note", TEXT),
    Column("of_head", Boolean, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("begins_on", TEXT, nullable=False),
    Column("ends_on", TEXT),
    Column("declared_at", TIME, nullable=False),
    Column("declared_by", TEXT, nullable=False),
    Column("decided_at", TIME),
    Column("decided_by", TEXT),
    Column("reason", TEXT),
    Index(None, "user_id", "id"),
    Index(None, "subject_id", "id"),
    Index(None, "matter_id", "id"),
    Index(None, "process_instance_id", "id"),
)

# `content` is JSON: what is not searched by; the rules stand there too, in their order.
precedent = Table(
    "precedent",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("title", TEXT, nullable=False),
    Column("jurisdiction", TEXT),
    Column("jurisdiction_path", TEXT),
    Column("situation", TEXT),
    Column("outcome", TEXT, nullable=False),
    Column("scope", TEXT, nullable=False),
    Column("origin", TEXT, nullable=False),
    Column("process_instance_id", TEXT, index=True),
    Column("withdrawn", TEXT),
    Column("searched_text", TEXT, nullable=False),
    Column("content", TEXT, nullable=False),
    Column("recorded_at", TIME, nullable=False),
    Column("recorded_by", TEXT, nullable=False),
    Index(None, "outcome", "id"),
    Index(None, "jurisdiction_path", "id"),
)

precedent_rule = Table(
    "precedent_rule",
    metadata,
    Column("precedent_id", TEXT, ForeignKey("precedent.id", ondelete="CASCADE"), nullable=False),
    Column("rule", TEXT, nullable=False),
    PrimaryKeyConstraint("precedent_id", "rule"),
    Index(None, "rule", "precedent_id"),
)

user_account = Table(
    "user_account",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("email", TEXT),
    Column("created_at", TIME, nullable=False),
)

user_group = Table(
    "user_group",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("source", TEXT),
    Column("created_at", TIME, nullable=False),
)

group_membership = Table(
    "group_membership",
    metadata,
    Column("user_id", TEXT, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False),
    Column("group_id", TEXT, ForeignKey("user_group.id", ondelete="CASCADE"), nullable=False, index=True),
    PrimaryKeyConstraint("user_id", "group_id"),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("secret_hash", TEXT, nullable=False, unique=True),
    Column("scopes", TEXT, nullable=False),
    Column("user_id", TEXT, index=True),
    Column("created_at", TIME, nullable=False),
    Column("expires_at", TIME),
    Column("revoked_at", TIME),
)
