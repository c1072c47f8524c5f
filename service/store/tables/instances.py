"""Process instances, their variables and history, decisions taken in them, and what went wrong."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, PrimaryKeyConstraint, Table, UniqueConstraint

from service.store.tables.columns import TEXT, TIME, metadata

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
