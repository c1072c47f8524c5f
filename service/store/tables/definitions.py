"""What was deployed: files, what they declare, the places, and the starts by the clock of the latest versions."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, PrimaryKeyConstraint, Table, UniqueConstraint

from service.store.tables.columns import TEXT, TIME, metadata

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
