"""Limits of tasks that ended and that the case came back to after a step that stops their clock."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from service.domain.law import TimeLimit
from service.domain.task import CREATED
from service.store.columns import limit_in
from service.store.tables import task

OF_ELEMENT = task.c.task_definition_key == bindparam("element")
LAST = (
    select(task.c.due_limit, task.c.counted_year, task.c.counted_version, task.c.completed_at)
    .where(task.c.process_instance_id == bindparam("instance"), OF_ELEMENT, task.c.state != CREATED)
    .order_by(task.c.completed_at.desc(), task.c.created_at.desc(), task.c.id.desc())
    .limit(1)
)
STOPPED = (
    select(task.c.created_at, task.c.task_definition_key)
    .where(
        task.c.process_instance_id == bindparam("instance"),
        task.c.task_definition_key.in_(bindparam("stoppers", expanding=True)),
        task.c.created_at >= bindparam("ended_at"),
    )
    .order_by(task.c.created_at, task.c.id)
    .limit(1)
)


def find_stopped_limit(
    connection: Connection, process_instance_id: str, element_id: str, stoppers: Sequence[str]
) -> tuple[TimeLimit, int, str] | None:
    """The limit of the last task at the element that has ended, when one of the tasks `stoppers` was opened and which that was."""
    last = connection.execute(LAST, {"instance": process_instance_id, "element": element_id}).first()
    limit = None if last is None else limit_in(last.due_limit, last.counted_year, last.counted_version)
    if last is None or limit is None:
        return None
    values = {"instance": process_instance_id, "stoppers": list(stoppers), "ended_at": last.completed_at}
    stopped = connection.execute(STOPPED, values).first()
    return None if stopped is None else (limit, int(stopped.created_at), str(stopped.task_definition_key))
