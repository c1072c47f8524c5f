"""A migrated instance: what is open in it keeps its id and stands for another element."""

from collections.abc import Mapping

from sqlalchemy import Connection, Table, Update, bindparam, update

from service.store.tables import activity, event_subscription, external_task, task, timer

ELEMENTS = {
    task: task.c.task_definition_key,
    timer: timer.c.element_id,
    event_subscription: event_subscription.c.element_id,
    external_task: external_task.c.element_id,
}


def _of_one(table: Table) -> Update:
    return update(table).where(table.c.process_instance_id == bindparam("instance"), table.c.id == bindparam("wanted"))


RENAME = [_of_one(table).values({column: bindparam("element")}) for table, column in ELEMENTS.items()]
RENAME_VISIT = _of_one(activity).values(element_id=bindparam("element"), name=bindparam("called"))


def rename_open(connection: Connection, process_instance_id: str, renamed: Mapping[str, tuple[str, str]]) -> None:
    """Give the rows of these ids (tasks, timers, subscriptions, external tasks, visits) their new element; a visit its name too."""
    rows = [
        {"instance": process_instance_id, "wanted": identifier, "element": element_id, "called": name}
        for identifier, (element_id, name) in renamed.items()
    ]
    if not rows:
        return
    for statement in RENAME:
        connection.execute(statement, [{name: row[name] for name in ("instance", "wanted", "element")} for row in rows])
    connection.execute(RENAME_VISIT, rows)
