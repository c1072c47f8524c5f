"""Tasks of systems outside."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Table

from service.store.tables.columns import TEXT, TIME, metadata

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
