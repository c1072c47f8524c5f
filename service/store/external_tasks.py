"""Rows of external tasks: written with a step, and taken by workers.

Fetching locks rows of this table only; everything else locks the instance first and then the row, so the two never wait for each other
in a circle. Where the database knows SKIP LOCKED, workers that fetch at once do not wait for one another; SQLite has one writer anyway.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, false, insert, select, update

from service.actions.ports import InstanceChange
from service.domain.errors import Conflict
from service.domain.external_task import ExternalTask, TopicRequest
from service.domain.instance import SUSPENDED
from service.store.columns import AnyRow
from service.store.locking import lock_instance
from service.store.tables import external_task, process_instance
from service.store.writing import TransactionPart

COLUMNS = external_task.c
INSTANCE = process_instance.c
READ = select(
    COLUMNS.id,
    COLUMNS.process_instance_id,
    COLUMNS.element_id,
    COLUMNS.topic,
    COLUMNS.priority,
    COLUMNS.created_at,
    COLUMNS.available_at,
    COLUMNS.worker_id,
    COLUMNS.retries,
    COLUMNS.parked,
    COLUMNS.error_message,
    COLUMNS.error_details,
    INSTANCE.definition_id,
    INSTANCE.definition_key,
    INSTANCE.definition_version,
    INSTANCE.business_key,
    INSTANCE.jurisdiction,
    INSTANCE.state.label("instance_state"),
).join_from(external_task, process_instance, INSTANCE.id == COLUMNS.process_instance_id)
FIELDS = tuple(column.name for column in READ.selected_columns if column.name != "instance_state")
INSTANCE_OF = select(COLUMNS.process_instance_id).where(COLUMNS.id == bindparam("wanted"))
LOCK_ONE = READ.where(COLUMNS.id == bindparam("wanted")).with_for_update(of=external_task)
FETCHABLE = READ.where(
    COLUMNS.topic == bindparam("topic"),
    COLUMNS.parked == false(),
    COLUMNS.available_at <= bindparam("now"),
    INSTANCE.state != SUSPENDED,
)
OPEN = insert(external_task)
CLOSE = delete(external_task).where(COLUMNS.id.in_(bindparam("ids", expanding=True)))
CLOSE_ALL = delete(external_task).where(COLUMNS.process_instance_id == bindparam("instance"))
TAKE = update(external_task).where(COLUMNS.id.in_(bindparam("ids", expanding=True)))
SAVE = update(external_task).where(COLUMNS.id == bindparam("wanted"))


def read_external_task(row: AnyRow) -> ExternalTask:
    """The external task of a row of READ."""
    values = {name: row._mapping[name] for name in FIELDS}
    return ExternalTask(**values, suspended=row.instance_state == SUSPENDED)


def write_external_tasks(connection: Connection, change: InstanceChange) -> None:
    """What a step did to the external tasks of its instance."""
    if change.closed_external:
        connection.execute(CLOSE, {"ids": list(change.closed_external)})
    if change.opened_external:
        connection.execute(OPEN, [_row(one) for one in change.opened_external])


def drop_external_tasks(connection: Connection, process_instance_id: str) -> None:
    """An ended instance waits for no worker."""
    connection.execute(CLOSE_ALL, {"instance": process_instance_id})


class ExternalTasks(TransactionPart):
    """External tasks, one at a time and by topic."""

    def load_external_task(self, task_id: str) -> ExternalTask | None:
        """The task as it is now, locked, and its instance before it."""
        instance_id = self._connection.execute(INSTANCE_OF, {"wanted": task_id}).scalar()
        if instance_id is None or lock_instance(self._writing, instance_id) is None:
            return None
        row = self._connection.execute(LOCK_ONE, {"wanted": task_id}).first()
        return None if row is None else read_external_task(row)

    def save_external_task(self, task: ExternalTask) -> None:
        """Write lock, retries and error of a task that load_external_task gave; Conflict("stale") when it is gone."""
        values = {name: value for name, value in _row(task).items() if name in CHANGING}
        if self._connection.execute(SAVE, {"wanted": task.id, **values}).rowcount != 1:
            raise Conflict("the external task was closed by another request", "stale")

    def park_external_task(self, task_id: str) -> None:
        """Take a task out of the queue, because an incident stands for it."""
        self._connection.execute(SAVE, {"wanted": task_id, "parked": True})

    def take_external_tasks(
        self, worker_id: str, topics: Sequence[TopicRequest], limit: int, by_priority: bool, now: int
    ) -> Sequence[ExternalTask]:
        """Lock up to `limit` tasks for the worker and give them back as they are then.

        The longest available come first, with `by_priority` the most urgent; tasks that another transaction holds are left out.
        """
        found: dict[str, tuple[ExternalTask, int]] = {}
        for request in topics:
            for row in self._connection.execute(_fetchable(request, by_priority), {"topic": request.topic, "now": now, "most": limit}):
                found.setdefault(row.id, (read_external_task(row), now + request.lock_duration))
        ordered = sorted(found.values(), key=lambda one: (-one[0].priority if by_priority else 0, one[0].available_at, one[0].id))
        ends: dict[int, list[str]] = defaultdict(list)
        for task, end in ordered[:limit]:
            ends[end].append(task.id)
        for end, ids in ends.items():
            taken = self._connection.execute(TAKE, {"ids": ids, "worker_id": worker_id, "available_at": end})
            if taken.rowcount != len(ids):
                raise Conflict("an external task was taken by another request", "stale")
        return [replace(task, worker_id=worker_id, available_at=end) for task, end in ordered[:limit]]


CHANGING = ("available_at", "worker_id", "retries", "parked", "error_message", "error_details")
"""The columns that change while the work waits."""


def _fetchable(request: TopicRequest, by_priority: bool) -> Select[*tuple[Any, ...]]:
    statement = FETCHABLE
    if request.business_key is not None:
        statement = statement.where(INSTANCE.business_key == request.business_key)
    if request.definition_key is not None:
        statement = statement.where(INSTANCE.definition_key == request.definition_key)
    if request.definition_id is not None:
        statement = statement.where(INSTANCE.definition_id == request.definition_id)
    if request.process_instance_id is not None:
        statement = statement.where(INSTANCE.id == request.process_instance_id)
    order = (COLUMNS.available_at, COLUMNS.id)
    ordered = statement.order_by(COLUMNS.priority.desc(), *order) if by_priority else statement.order_by(*order)
    return ordered.limit(bindparam("most")).with_for_update(of=external_task, skip_locked=True)


def _row(one: ExternalTask) -> dict[str, object]:
    return {
        "id": one.id,
        "process_instance_id": one.process_instance_id,
        "element_id": one.element_id,
        "topic": one.topic,
        "priority": one.priority,
        "created_at": one.created_at,
        "available_at": one.available_at,
        "worker_id": one.worker_id,
        "retries": one.retries,
        "parked": one.parked,
        "error_message": one.error_message,
        "error_details": one.error_details,
    }
