"""Task rows and their candidates, as a step or a claim writes them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, false, func, insert, or_, select, update

from service.actions.ports import FEW_TASKS, FewTasks
from service.domain.errors import Conflict
from service.domain.task import CANCELLED, COMPLETED, CREATED, Task, marked_persons
from service.store.columns import AnyRow, limit_columns, limit_in, names_text, read_names
from service.store.locking import lock_instance, lock_instance_of_task
from service.store.recusals import IS_IN_FORCE, concerns_instance
from service.store.tables import recusal, task, task_candidate
from service.store.writing import KnownTasks, TransactionPart

GROUP = "group"
USER = "user"

COLUMNS = task.c
IS_OPEN = (COLUMNS.process_instance_id == bindparam("instance")) & (COLUMNS.state == CREATED)
ALL_OF_INSTANCE = select(task).where(IS_OPEN).order_by(COLUMNS.created_at, COLUMNS.id)
HELD = ALL_OF_INSTANCE.where(COLUMNS.assignee.is_not(None))
# The one that is asked for comes first, whatever its state; the others are open.
FEW_OF_INSTANCE = (
    select(
        task,
        select(func.count()).where(IS_OPEN).scalar_subquery().label("number"),
        select(func.count()).where(IS_IN_FORCE, concerns_instance(bindparam("instance"))).scalar_subquery().label("recusals"),
    )
    .where(COLUMNS.process_instance_id == bindparam("instance"), or_(COLUMNS.state == CREATED, COLUMNS.id == bindparam("wanted")))
    .order_by(COLUMNS.id != bindparam("wanted"), COLUMNS.created_at, COLUMNS.id)
    .limit(FEW_TASKS + 1)
)
HELD_BY_RECUSED = (
    select(COLUMNS.id, COLUMNS.process_instance_id, COLUMNS.assignee, recusal.c.id.label("recusal_id"))
    .join(recusal, recusal.c.user_id == COLUMNS.assignee)
    .where(
        COLUMNS.state == CREATED,
        COLUMNS.recusal_exempt == false(),
        IS_IN_FORCE,
        recusal.c.begins_on <= bindparam("day"),
        or_(recusal.c.ends_on.is_(None), recusal.c.ends_on >= bindparam("day")),
        concerns_instance(COLUMNS.process_instance_id),
    )
    .order_by(COLUMNS.id, recusal.c.id)
)
OF_ID = select(task).where(COLUMNS.id == bindparam("wanted"))
OPEN = insert(task)
NAME_CANDIDATES = insert(task_candidate)
CLOSE = (
    update(task)
    .where(
        COLUMNS.id.in_(bindparam("ids", expanding=True)),
        COLUMNS.process_instance_id == bindparam("instance"),
        COLUMNS.state == CREATED,
    )
    .values(version=COLUMNS.version + 1, suspended=false())
)
# The usual case: SQLAlchemy need not unfold a list of ids at every call.
CLOSE_ONE = (
    update(task)
    .where(COLUMNS.id == bindparam("one"), COLUMNS.process_instance_id == bindparam("instance"), COLUMNS.state == CREATED)
    .values(version=COLUMNS.version + 1, suspended=false())
)
CANCEL_OPEN = (
    update(task)
    .where(COLUMNS.process_instance_id == bindparam("instance"), COLUMNS.state == CREATED)
    .values(state=CANCELLED, version=COLUMNS.version + 1, suspended=false())
)
SAVE = update(task).where(COLUMNS.id == bindparam("wanted"), COLUMNS.version == bindparam("expected"), COLUMNS.state == CREATED)
RELEASE = SAVE.values(assignee=None, version=COLUMNS.version + 1)
COMPLETERS = (
    select(COLUMNS.completed_by)
    .where(
        COLUMNS.process_instance_id == bindparam("instance"),
        COLUMNS.state == COMPLETED,
        COLUMNS.task_definition_key.in_(bindparam("keys", expanding=True)),
        COLUMNS.completed_by.is_not(None),
    )
    .distinct()
)


def read_task(row: AnyRow) -> Task:
    """The task of a row that has all columns of the table (and `number` and `recusals`, which are none of the task's)."""
    values = dict(row._mapping)
    for name in ("number", "recusals"):
        values.pop(name, None)
    for name in ("candidate_users", "candidate_groups", "not_completed_by"):
        values[name] = read_names(values[name])
    values["due_limit"] = limit_in(values["due_limit"], values.pop("counted_year"), values.pop("counted_version"))
    return Task(**values)


def _open(known: KnownTasks) -> list[Task]:
    return sorted((one for one in known.tasks.values() if one.state == CREATED), key=lambda one: (one.created_at, one.id))


def find_task(connection: Connection, task_id: str) -> Task | None:
    """The task, without any lock."""
    row = connection.execute(OF_ID, {"wanted": task_id}).first()
    return None if row is None else read_task(row)


def find_held_tasks(connection: Connection, process_instance_id: str) -> list[Task]:
    """The open tasks of the instance that somebody has, oldest first."""
    return [read_task(row) for row in connection.execute(HELD, {"instance": process_instance_id})]


def find_held_by_recused(connection: Connection, day: str) -> list[str]:
    """In words, the open tasks that a person has who is recused from their case on that day (ISO)."""
    return [
        f"the task {row.id} of the instance {row.process_instance_id} is held by {row.assignee!r}, who is recused by {row.recusal_id}"
        for row in connection.execute(HELD_BY_RECUSED, {"day": day})
    ]


def open_tasks(connection: Connection, opened: Sequence[Task]) -> None:
    """Insert tasks with their candidates, in at most two statements."""
    if not opened:
        return
    connection.execute(OPEN, [_values(one) for one in opened])
    candidates = [
        {"task_id": one.id, "task_state": one.state, "kind": kind, "name": name}
        for one in opened
        for kind, names in ((USER, one.candidate_users), (GROUP, one.candidate_groups))
        for name in dict.fromkeys(names)
    ]
    if candidates:
        connection.execute(NAME_CANDIDATES, candidates)


def close_tasks(connection: Connection, process_instance_id: str, closed: Mapping[str, tuple[str, int, str | None]]) -> None:
    """Close open tasks; Conflict("stale") when one is not open any more."""
    alike: dict[tuple[str, int, str | None], list[str]] = defaultdict(list)
    for task_id, end in closed.items():
        alike[end].append(task_id)
    for (state, completed_at, completed_by), ids in alike.items():
        values = {"instance": process_instance_id, "state": state, "completed_at": completed_at, "completed_by": completed_by}
        if len(ids) == 1:
            result = connection.execute(CLOSE_ONE, {**values, "one": ids[0]})
        else:
            result = connection.execute(CLOSE, {**values, "ids": ids})
        if result.rowcount != len(ids):
            raise Conflict("a task was closed by another request", "stale")


def release_tasks(connection: Connection, released: Sequence[Task]) -> None:
    """Take open tasks from who has them; Conflict("stale") when one was changed by another request."""
    for one in released:
        if connection.execute(RELEASE, {"wanted": one.id, "expected": one.version}).rowcount != 1:
            raise Conflict("the task was changed by another request", "stale")


def cancel_open_tasks(connection: Connection, process_instance_id: str, now: int) -> None:
    """Cancel whatever is still open in an instance."""
    connection.execute(CANCEL_OPEN, {"instance": process_instance_id, "completed_at": now})


class Tasks(TransactionPart):
    """Single tasks."""

    def load_task(self, task_id: str) -> Task | None:
        """The task as it is now. Its instance is locked first, so that nobody closes the task between this look and the commit."""
        for known in self._writing.tasks.values():
            if task_id in known.tasks:
                return replace(known.tasks[task_id])
        loaded = lock_instance_of_task(self._writing, task_id)
        return None if loaded is None else replace(self._few_of(loaded.instance.id, task_id).tasks[task_id])

    def open_tasks(self, process_instance_id: str) -> Sequence[Task]:
        """The tasks that wait in the instance, in the order they were opened. The instance is locked first."""
        known = self._known(process_instance_id)
        if known is None:
            return []
        waiting = _open(known)
        if len(waiting) < known.number:
            rows = self._connection.execute(ALL_OF_INSTANCE, {"instance": process_instance_id})
            waiting = [read_task(row) for row in rows]
            self._writing.tasks[process_instance_id] = KnownTasks(
                known.tasks | {one.id: one for one in waiting}, known.number, known.recusals
            )
        return [replace(one) for one in waiting]

    def few_open_tasks(self, process_instance_id: str) -> FewTasks:
        """The oldest of the tasks that wait in the instance, and how many wait in all. The instance is locked first."""
        known = self._known(process_instance_id)
        if known is None:
            return FewTasks((), 0)
        return FewTasks([replace(one) for one in _open(known)[:FEW_TASKS]], known.number)

    def _known(self, process_instance_id: str) -> KnownTasks | None:
        known = self._writing.tasks.get(process_instance_id)
        if known is None and lock_instance(self._writing, process_instance_id) is not None:
            known = self._few_of(process_instance_id, "")
        return known

    def _few_of(self, process_instance_id: str, task_id: str) -> KnownTasks:
        """The task asked for and some of the instance's open ones, in one statement: a completion needs both, and rarely needs more.

        It also tells whether there are recusals to ask for, which a completion must know.
        """
        rows = self._connection.execute(FEW_OF_INSTANCE, {"instance": process_instance_id, "wanted": task_id}).all()
        first = rows[0] if rows else None
        known = KnownTasks(
            {row.id: read_task(row) for row in rows}, 0 if first is None else first.number, None if first is None else first.recusals
        )
        self._writing.tasks[process_instance_id] = known
        return known

    def save_task(self, task: Task, expected_version: int) -> None:
        """Write assignee, follow-up, priority and due date of an open task; row count checked → Conflict("stale")."""
        values = {
            "wanted": task.id,
            "expected": expected_version,
            "assignee": task.assignee,
            "follow_up_at": task.follow_up_at,
            "priority": task.priority,
            "due_at": task.due_at,
            "due_basis": task.due_basis,
            **limit_columns(task.due_limit),
            "version": task.version,
        }
        self._writing.tasks.pop(task.process_instance_id, None)
        if self._connection.execute(SAVE, values).rowcount != 1:
            raise Conflict("the task was changed by another request", "stale")

    def completers(self, process_instance_id: str, task_definition_keys: Sequence[str]) -> frozenset[str]:
        """The persons who completed tasks of these keys in the instance, and those named among the keys."""
        rows = self._connection.execute(COMPLETERS, {"instance": process_instance_id, "keys": list(task_definition_keys)})
        return frozenset(row.completed_by for row in rows) | marked_persons(task_definition_keys)


def _values(one: Task) -> dict[str, object]:
    return {
        "id": one.id,
        "process_instance_id": one.process_instance_id,
        "definition_key": one.definition_key,
        "task_definition_key": one.task_definition_key,
        "name": one.name,
        "business_key": one.business_key,
        "jurisdiction": one.jurisdiction,
        "jurisdiction_path": one.jurisdiction_path,
        "state": one.state,
        "created_at": one.created_at,
        "assignee": one.assignee,
        "candidate_users": names_text(one.candidate_users),
        "candidate_groups": names_text(one.candidate_groups),
        "due_at": one.due_at,
        "due_basis": one.due_basis,
        **limit_columns(one.due_limit),
        "follow_up_at": one.follow_up_at,
        "priority": one.priority,
        "form_key": one.form_key,
        "form_version": one.form_version,
        "not_completed_by": names_text(one.not_completed_by),
        "version": one.version,
        "completed_at": one.completed_at,
        "completed_by": one.completed_by,
        "suspended": one.suspended,
        "recusal_exempt": one.recusal_exempt,
        "ballot_box": one.ballot_box,
        "signature": one.signature,
    }
