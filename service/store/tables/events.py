"""What an instance waits for (timers, messages, signals), and events on their way."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, PrimaryKeyConstraint, Table

from service.store.tables.columns import TEXT, TIME, metadata

# `try_at`: not before then, since it could neither be fired nor parked, because of `problem`; `due_at` stays the moment that people see.
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
    Column("problem", TEXT),
    Column("due_limit", TEXT),
    Column("counted_year", BigInteger),
    Column("counted_version", BigInteger),
    Index(None, "parked", "due_at", "id"),
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
