"""The lists people look at all day are read from an index in the order shown, whatever the number of open tasks."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from service.store import migrate, open_store
from service.store.conftest import NOW
from service.store.counting import count_statements

FIRST = 50


@pytest.mark.parametrize(
    ("what", "filters", "sort", "index"),
    [
        ("tasks", {"state": "created"}, (), "ix_task_state_created_at_id"),
        ("tasks", {"state": "created"}, (("dueDate", False),), "ix_task_due"),
        ("tasks", {"state": "created"}, (("createdAt", True),), "ix_task_state_created_at_id"),
        ("tasks", {"state": "created", "overdue": True}, (("dueDate", False),), "ix_task_due"),
        ("tasks", {"state": "created", "assignee": "li"}, (("dueDate", False),), "ix_task_assignee_due"),
        ("process-instances", {}, (), "ix_process_instance_started_at_id"),
        ("process-instances", {"definitionKey": "hubei_tolerance"}, (), "ix_process_instance_definition_key_started_at_id"),
        ("audit-events", {}, (), "ix_audit_event_occurred_at_stream_seq"),
        ("pending-events", {}, (), "event_delivery"),
        ("start-timers", {}, (), "ix_start_timer_due_at_id"),
    ],
)
def test_a_page_is_read_in_index_order(
    tmp_path: Path, what: str, filters: dict[str, object], sort: Sequence[tuple[str, bool]], index: str
) -> None:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    store = open_store(url)
    with count_statements(store) as sent, store.read() as questions:
        questions.page(what, filters, sort, FIRST, None, NOW, None)
    (statement,) = sent
    with store.reading.connect() as connection:
        unbound = (None,) * statement.count("?")
        plan = [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", unbound)]
    store.close()
    assert any(index in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan
