"""Questions about external tasks. Filters and sort names stand in EXTERNAL_TASKS."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, false, or_, true

from service.actions.presentation import external_task_json
from service.domain.errors import Malformed
from service.domain.external_task import INCIDENT, LOCKED, WAITING
from service.domain.json_values import Json
from service.store.columns import AnyRow
from service.store.external_tasks import COLUMNS, INSTANCE, READ, read_external_task
from service.store.filters import by_variables, equals, in_jurisdiction, within_any
from service.store.keyset import Asked, Condition, Listing, SortKey


def _present(_connection: Connection, rows: Sequence[AnyRow], now: int) -> list[dict[str, Json]]:
    return [external_task_json(read_external_task(row), now) for row in rows]


def _state(value: str, asked: Asked) -> Condition:
    running = and_(COLUMNS.worker_id.is_not(None), COLUMNS.available_at > asked.now)
    if value == INCIDENT:
        return COLUMNS.parked == true()
    if value == LOCKED:
        return and_(COLUMNS.parked == false(), running)
    if value == WAITING:
        return and_(COLUMNS.parked == false(), or_(COLUMNS.worker_id.is_(None), COLUMNS.available_at <= asked.now))
    raise Malformed(f"external tasks have no state {value!r}", "unknown-filter")


EXTERNAL_TASKS = Listing(
    what="external-tasks",
    select=READ,
    filters={
        "topicName": equals(COLUMNS.topic),
        "workerId": equals(COLUMNS.worker_id),
        "state": _state,
        "elementId": equals(COLUMNS.element_id),
        "processInstanceId": equals(COLUMNS.process_instance_id),
        "definitionKey": equals(INSTANCE.definition_key),
        "businessKey": equals(INSTANCE.business_key),
        "jurisdiction": in_jurisdiction(INSTANCE.jurisdiction_path),
        "variables": by_variables(COLUMNS.process_instance_id),
    },
    sorts={
        "createdAt": SortKey(COLUMNS.created_at),
        "priority": SortKey(COLUMNS.priority),
        "availableAt": SortKey(COLUMNS.available_at),
    },
    default_sort=(("createdAt", False),),
    identity=(SortKey(COLUMNS.id),),
    present=_present,
    visible=lambda paths: within_any(INSTANCE.jurisdiction_path, paths),
    one=COLUMNS.id,
)
