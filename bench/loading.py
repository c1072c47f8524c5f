"""Many rows at once, inserted directly: made by the database itself, so that loading takes seconds."""

from collections.abc import Sequence

from sqlalchemy import Engine, text

NUMBERS = "WITH RECURSIVE numbers(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < {count}) "
MINUTE = 60_000


def _insert(engine: Engine, count: int, statements: Sequence[str]) -> None:
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in statements:
            connection.execute(text(NUMBERS.format(count=count) + statement))
        connection.commit()
    if engine.dialect.name == "postgresql":
        # What autovacuum does in production some moments later; SQLite gets nothing, as in production.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def load_open_tasks(engine: Engine, count: int, now: int, officers: int, groups: int, regions: int) -> None:
    """Open tasks: every fourth has an assignee, every fifth no due date, each is offered to one of the groups."""
    _insert(
        engine,
        count,
        (
            "INSERT INTO task (id, process_instance_id, definition_key, task_definition_key, name, business_key, jurisdiction, "
            "jurisdiction_path, state, created_at, assignee, candidate_users, candidate_groups, due_at, due_basis, follow_up_at, priority, "
            "form_key, form_version, not_completed_by, version, completed_at, completed_by) "
            "SELECT 'task-' || CAST(1000000000 + i AS TEXT), 'instance-' || CAST(1000000000 + i AS TEXT), 'hubei_tolerance', 'accept', "
            "'受理', 'case-' || CAST(i AS TEXT), 'hubei', 'hubei', 'created', "
            # Spread over the past in an order that is not the order of insertion.
            f"{now} - (i * 7919) % 100003 * {MINUTE}, "
            f"CASE WHEN i % 4 = 0 THEN 'officer-' || CAST(i % {officers} AS TEXT) END, '[]', "
            f"'[\"group-' || CAST(i % {groups} AS TEXT) || '\"]', "
            f"CASE WHEN i % 5 <> 0 THEN {now} + ((i * 104729) % 100003 - 20000) * {MINUTE} END, "
            "'default', NULL, 50, 'hubei_accept', 1, '[]', 1, NULL, NULL FROM numbers",
            "INSERT INTO task_candidate (task_id, kind, name, task_state) SELECT 'task-' || CAST(1000000000 + i AS TEXT), 'group', "
            f"'group-' || CAST(i % {groups} AS TEXT), 'created' FROM numbers",
            "INSERT INTO variable (process_instance_id, path, type, search_key, text_value) "
            "SELECT 'instance-' || CAST(1000000000 + i AS TEXT), 'region', 'string', "
            f"'region-' || CAST((i * 31) % {regions} AS TEXT), 'region-' || CAST((i * 31) % {regions} AS TEXT) FROM numbers",
        ),
    )


def load_waiting_timers(engine: Engine, count: int, now: int) -> None:
    """Timers due from tomorrow on, one in a hundred long overdue but parked."""
    _insert(
        engine,
        count,
        (
            "INSERT INTO timer (id, process_instance_id, element_id, due_at, attempts, parked) "
            "SELECT 'timer-' || CAST(1000000000 + i AS TEXT), 'instance-' || CAST(1000000000 + i AS TEXT), 'reminder', "
            f"CASE WHEN i % 100 = 0 THEN {now} - i * {MINUTE} ELSE {now} + (1440 + (i * 7919) % 100003) * {MINUTE} END, "
            "0, i % 100 = 0 FROM numbers",
        ),
    )
