"""Questions about tasks: lists, counts, statistics. Filters and sort names stand in TASKS."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, case, func, literal_column, or_, select
from sqlalchemy.sql.elements import ColumnElement

from service.domain.errors import Malformed
from service.domain.json_values import Json
from service.domain.task import CREATED, form_kind
from service.store.columns import AnyRow, read_names, read_object, rfc3339
from service.store.filters import after, before, by_variables, equals, in_jurisdiction, is_null, one_of, within_any
from service.store.keyset import Asked, Condition, Listing, SortKey, restrictions
from service.store.tables import NEVER, due_or_never, task, task_candidate
from service.store.tasks import GROUP, USER

COLUMNS = task.c


def task_row(row: AnyRow, now: int) -> dict[str, Json]:
    """The Task of the API."""
    return {
        "id": row.id,
        "name": row.name,
        "taskDefinitionKey": row.task_definition_key,
        "processInstanceId": row.process_instance_id,
        "definitionKey": row.definition_key,
        "businessKey": row.business_key,
        "jurisdiction": row.jurisdiction,
        "state": row.state,
        "suspended": row.suspended,
        "assignee": row.assignee,
        "candidateUsers": list(read_names(row.candidate_users)),
        "candidateGroups": list(read_names(row.candidate_groups)),
        "createdAt": rfc3339(row.created_at),
        "dueDate": rfc3339(row.due_at),
        "dueBasis": row.due_basis,
        "dueLimit": None if row.due_limit is None else read_object(row.due_limit),
        "overdue": row.state == CREATED and row.due_at is not None and row.due_at < now,
        "followUpDate": rfc3339(row.follow_up_at),
        "priority": row.priority,
        "formKey": row.form_key,
        "formKind": form_kind(row.form_key, row.form_version),
        "version": row.version,
        "completedAt": rfc3339(row.completed_at),
        "completedBy": row.completed_by,
        "secretBallot": row.ballot_box is not None,
        "signature": row.signature,
    }


def _present(_connection: Connection, rows: Sequence[AnyRow], now: int) -> list[dict[str, Json]]:
    return [task_row(row, now) for row in rows]


def _named(kind: str, names: Sequence[str], asked: Asked) -> Condition:
    conditions = [task_candidate.c.kind == kind, task_candidate.c.name.in_(list(names))]
    state = asked.filters.get("state")
    if isinstance(state, str):
        conditions.append(task_candidate.c.task_state == state)
    return COLUMNS.id.in_(select(task_candidate.c.task_id).where(*conditions))


def _candidate_user(value: str, asked: Asked) -> Condition:
    groups = asked.filters.get("candidateGroups")
    named = _named(USER, [value], asked)
    if not isinstance(groups, Sequence) or isinstance(groups, str):
        return named
    return or_(named, _named(GROUP, groups, asked))


def _candidate_groups(value: Sequence[str], asked: Asked) -> Condition:
    # With candidateUser the groups are that person's: the one filter above says "the person or one of the groups".
    if "candidateUser" in asked.filters:
        return _candidate_user(str(asked.filters["candidateUser"]), asked)
    return _named(GROUP, value, asked)


def _overdue(value: bool, asked: Asked) -> Condition:
    late = and_(COLUMNS.state == CREATED, COLUMNS.due_at < asked.now)
    return late if value else or_(COLUMNS.state != CREATED, COLUMNS.due_at.is_(None), COLUMNS.due_at >= asked.now)


TASKS = Listing(
    what="tasks",
    select=select(*(column for column in COLUMNS if column.name not in ("jurisdiction_path", "not_completed_by", "recusal_exempt"))),
    filters={
        "state": one_of(COLUMNS.state),
        "suspended": equals(COLUMNS.suspended),
        "assignee": equals(COLUMNS.assignee),
        "unassigned": is_null(COLUMNS.assignee),
        "candidateUser": _candidate_user,
        "candidateGroup": lambda value, asked: _named(GROUP, [value], asked),
        "candidateGroups": _candidate_groups,
        "completedBy": equals(COLUMNS.completed_by),
        "definitionKey": equals(COLUMNS.definition_key),
        "taskDefinitionKey": equals(COLUMNS.task_definition_key),
        "jurisdiction": in_jurisdiction(COLUMNS.jurisdiction_path),
        "businessKey": equals(COLUMNS.business_key),
        "processInstanceId": equals(COLUMNS.process_instance_id),
        "variables": by_variables(COLUMNS.process_instance_id),
        "dueBefore": before(COLUMNS.due_at),
        "dueAfter": after(COLUMNS.due_at),
        "overdue": _overdue,
        "createdBefore": before(COLUMNS.created_at),
        "createdAfter": after(COLUMNS.created_at),
    },
    sorts={
        "dueDate": SortKey(due_or_never(COLUMNS.due_at), func.coalesce(COLUMNS.due_at, literal_column(f"-{NEVER}", BigInteger()))),
        "createdAt": SortKey(COLUMNS.created_at),
        "priority": SortKey(COLUMNS.priority),
        "name": SortKey(COLUMNS.name),
    },
    default_sort=(("createdAt", False),),
    identity=(SortKey(COLUMNS.id),),
    present=_present,
    visible=lambda paths: within_any(COLUMNS.jurisdiction_path, paths),
    one=COLUMNS.id,
)

GROUPINGS: Mapping[str, ColumnElement[Any]] = {
    "jurisdiction": COLUMNS.jurisdiction,
    "definitionKey": COLUMNS.definition_key,
    "taskDefinitionKey": COLUMNS.task_definition_key,
    "candidateGroup": task_candidate.c.name,
    "assignee": COLUMNS.assignee,
}

OPEN_OF_INSTANCE = TASKS.select.where(COLUMNS.state == CREATED).order_by(COLUMNS.created_at, COLUMNS.id)


def find_open_tasks(connection: Connection, process_instance_id: str, now: int) -> list[dict[str, Json]]:
    """The open tasks of one instance, oldest first."""
    rows = connection.execute(OPEN_OF_INSTANCE.where(COLUMNS.process_instance_id == process_instance_id)).all()
    return _present(connection, rows, now)


def count_tasks(connection: Connection, filters: Mapping[str, object], now: int, jurisdictions: Sequence[str] | None) -> int:
    """How many tasks the list with these filters has."""
    conditions = restrictions(TASKS, connection, filters, now, jurisdictions)
    counted: int = connection.execute(select(func.count()).select_from(task).where(*conditions)).scalar_one()
    return counted


def task_statistics(
    connection: Connection, group_by: str, filters: Mapping[str, object], now: int, jurisdictions: Sequence[str] | None
) -> list[dict[str, Json]]:
    """Open tasks by group: {<group_by>: value, open, overdue, oldest}; most open first. A task of two candidate groups counts in both."""
    if group_by not in GROUPINGS:
        raise Malformed(f"tasks cannot be grouped by {group_by!r} ({', '.join(GROUPINGS)})", "unknown-grouping")
    column = GROUPINGS[group_by]
    opened = func.count().label("open")
    statement = select(
        column.label("value"),
        opened,
        func.sum(case((COLUMNS.due_at < now, 1), else_=0)).label("overdue"),
        func.min(COLUMNS.created_at).label("oldest"),
    )
    if group_by == "candidateGroup":
        named = and_(task_candidate.c.task_id == COLUMNS.id, task_candidate.c.kind == GROUP)
        statement = statement.select_from(task.outerjoin(task_candidate, named))
    conditions = restrictions(TASKS, connection, filters, now, jurisdictions)
    rows = connection.execute(statement.where(COLUMNS.state == CREATED, *conditions).group_by(column)).all()
    ordered = sorted(rows, key=lambda row: (-row.open, row.value is None, row.value or ""))
    return [{group_by: row.value, "open": row.open, "overdue": int(row.overdue), "oldest": rfc3339(row.oldest)} for row in ordered]
