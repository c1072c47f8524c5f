"""The rows that say what stands open in instances, read for comparing them with the states, and what in them contradicts itself."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, Table, bindparam, func, select

from service.actions.ports import StoredInstance
from service.domain.incident import STALLED
from service.domain.instance import INCIDENT, ProcessInstance
from service.domain.json_values import Json
from service.domain.standing import Standing
from service.domain.task import CREATED
from service.store.activities import ACTIVE
from service.store.columns import AnyRow, read_names, read_object
from service.store.limit_faults import limit_faults
from service.store.locking import FIELDS
from service.store.tables import (
    activity,
    attachment,
    document,
    event_subscription,
    external_task,
    incident,
    open_case,
    process_instance,
    task,
    task_candidate,
    timer,
    variable,
)
from service.store.tasks import GROUP, USER
from service.store.variables import searchable
from service.store.working_days import find_working_years

IDS: BindParameter[Sequence[str]] = bindparam("ids", expanding=True)
INSTANCES = select(*FIELDS, process_instance.c.activity_seq, process_instance.c.variables).order_by(process_instance.c.id)
TASKS = select(
    task.c.process_instance_id,
    task.c.id,
    task.c.task_definition_key,
    task.c.candidate_users,
    task.c.candidate_groups,
    task.c.suspended,
    task.c.due_at,
    task.c.due_limit,
    task.c.counted_year,
    task.c.counted_version,
).where(task.c.process_instance_id.in_(IDS), task.c.state == CREATED)
CANDIDATES = (
    select(task_candidate.c.task_id, task_candidate.c.kind, task_candidate.c.name)
    .join(task, task.c.id == task_candidate.c.task_id)
    .where(task.c.process_instance_id.in_(IDS), task.c.state == CREATED)
)
TIMERS = select(
    timer.c.process_instance_id,
    timer.c.id,
    timer.c.element_id,
    timer.c.due_at,
    timer.c.parked,
    timer.c.due_limit,
    timer.c.counted_year,
    timer.c.counted_version,
).where(timer.c.process_instance_id.in_(IDS))
SUBSCRIPTIONS = select(
    event_subscription.c.process_instance_id,
    event_subscription.c.id,
    event_subscription.c.element_id,
    event_subscription.c.kind,
    event_subscription.c.name,
).where(event_subscription.c.process_instance_id.in_(IDS))
EXTERNAL_TASKS = select(
    external_task.c.process_instance_id, external_task.c.id, external_task.c.element_id, external_task.c.topic, external_task.c.priority
).where(external_task.c.process_instance_id.in_(IDS))
ACTIVITIES = select(activity.c.process_instance_id, activity.c.id, activity.c.element_id).where(
    activity.c.process_instance_id.in_(IDS), activity.c.state == ACTIVE
)
NUMBERED = (
    select(activity.c.process_instance_id, func.count().label("visits"), func.max(activity.c.seq).label("last"))
    .where(activity.c.process_instance_id.in_(IDS))
    .group_by(activity.c.process_instance_id)
)
VARIABLES = select(variable.c.process_instance_id, variable.c.path, variable.c.type, variable.c.search_key, variable.c.text_value).where(
    variable.c.process_instance_id.in_(IDS)
)
CASES = select(open_case.c.process_instance_id, open_case.c.definition_key, open_case.c.correlation).where(
    open_case.c.process_instance_id.in_(IDS)
)
INCIDENTS = select(incident.c.process_instance_id, incident.c.id, incident.c.kind, incident.c.element_id).where(
    incident.c.process_instance_id.in_(IDS), incident.c.resolved_at.is_(None)
)
OWNED: Mapping[str, Table] = {
    "task": task,
    "timer": timer,
    "subscription": event_subscription,
    "external task": external_task,
    "activity": activity,
    "variable": variable,
    "open case": open_case,
    "incident": incident,
    "attachment": attachment,
    "document": document,
}
"""Tables whose rows belong to instances."""
SOME = 20
"""Rows without an instance that are told, per table."""


def find_stored_instances(connection: Connection, after: str, limit: int, only: str | None) -> list[StoredInstance]:
    """The next instances by id, or only one of them, with what their rows say."""
    wanted = INSTANCES.where(process_instance.c.id > after) if only is None else INSTANCES.where(process_instance.c.id == only)
    rows = connection.execute(wanted.limit(limit)).all()
    ids = [row.id for row in rows]
    if not ids:
        return []

    def of_each(statement: Select[Any]) -> dict[str, list[AnyRow]]:
        found: dict[str, list[AnyRow]] = defaultdict(list)
        for row in connection.execute(statement, {"ids": ids}):
            found[row[0]].append(row)
        return found

    tasks, timers, subscriptions, externals = of_each(TASKS), of_each(TIMERS), of_each(SUBSCRIPTIONS), of_each(EXTERNAL_TASKS)
    active, numbered, searched = of_each(ACTIVITIES), of_each(NUMBERED), of_each(VARIABLES)
    cases, incidents, candidates = of_each(CASES), of_each(INCIDENTS), of_each(CANDIDATES)
    years = cache(lambda: find_working_years(connection))
    stored: list[StoredInstance] = []
    for *fields, activity_seq, text in rows:
        instance = ProcessInstance(*fields)
        key = instance.id
        variables, faults = _variables(text)
        stands = Standing(
            tasks={row.id: row.task_definition_key for row in tasks[key]},
            timers={row.id: row.element_id for row in timers[key]},
            subscriptions={row.id: (row.element_id, row.kind, row.name) for row in subscriptions[key]},
            external_tasks={row.id: (row.element_id, row.topic, row.priority) for row in externals[key]},
            activities={row.id: row.element_id for row in active[key]},
            due_at={row.id: row.due_at for row in timers[key]},
            variables=variables,
            stalled_at=next((row.element_id for row in incidents[key] if row.kind == STALLED), None),
        )
        faults += _search_faults(variables, searched[key])
        faults += [fault for row in tasks[key] for fault in _candidate_faults(row, candidates[row.id])]
        faults += [*limit_faults("task", tasks[key], years), *limit_faults("timer", timers[key], years)]
        faults += _history_faults(activity_seq, numbered[key])
        faults += _case_faults(instance, cases[key])
        faults += _incident_faults(instance, incidents[key])
        faults += _suspension_faults(instance, tasks[key], timers[key])
        stored.append(StoredInstance(instance, stands, tuple(faults)))
    return stored


def find_orphans(connection: Connection) -> list[str]:
    """Rows that belong to no instance, in words; of each table some."""
    found: list[str] = []
    for what, table in OWNED.items():
        owner = table.c.process_instance_id
        identity = table.c.get("id", owner)
        statement = (
            select(owner, identity)
            .join(process_instance, process_instance.c.id == owner, isouter=True)
            .where(process_instance.c.id.is_(None))
            .order_by(owner)
            .limit(SOME)
        )
        found.extend(f"the {what} {row[1]} belongs to the instance {row[0]}, which does not exist" for row in connection.execute(statement))
    return found


def _variables(text: str) -> tuple[dict[str, Json], list[str]]:
    try:
        return read_object(text), []
    except ValueError as error:
        return {}, [f"the variables of the instance are not readable: {error}"]


def _search_faults(variables: Mapping[str, Json], rows: Sequence[AnyRow]) -> list[str]:
    expected = searchable(variables)
    found = {row.path: {"type": row.type, "search_key": row.search_key, "text_value": row.text_value} for row in rows}
    unlike = sorted(path for path in expected.keys() | found.keys() if expected.get(path) != found.get(path))
    return [f"the row for searching the variable {path!r} is not what the variable is" for path in unlike]


def _candidate_faults(row: AnyRow, named: Iterable[AnyRow]) -> list[str]:
    expected = {(USER, name) for name in read_names(row.candidate_users)} | {(GROUP, name) for name in read_names(row.candidate_groups)}
    unlike = sorted(expected ^ {(one.kind, one.name) for one in named})
    return [f"the {kind} {name!r} is not a candidate of the task {row.id} in both of its places" for kind, name in unlike]


def _history_faults(last: int, numbered: Sequence[AnyRow]) -> list[str]:
    visits, highest = (numbered[0].visits, numbered[0].last) if numbered else (0, 0)
    if visits == highest == last:
        return []
    return [f"the history has {visits} visits numbered up to {highest}, the instance counts {last}"]


def _case_faults(instance: ProcessInstance, rows: Sequence[AnyRow]) -> list[str]:
    expected = [(instance.definition_key, instance.correlation)] if instance.is_open and instance.correlation is not None else []
    if [(row.definition_key, row.correlation) for row in rows] == expected:
        return []
    return ["the row that keeps its case from being opened twice is " + ("missing or another one" if expected else "there without need")]


def _incident_faults(instance: ProcessInstance, rows: Sequence[AnyRow]) -> list[str]:
    if rows and not instance.is_open:
        return [f"the incident {row.id} is open though the instance has ended" for row in rows]
    if instance.state == INCIDENT and not rows:
        return ["the instance is in the state incident without an open one"]
    return []


def _suspension_faults(instance: ProcessInstance, tasks: Sequence[AnyRow], timers: Sequence[AnyRow]) -> list[str]:
    held = "suspended" if instance.is_suspended else "not suspended"
    faults = [f"the instance is {held}, its task {row.id} says otherwise" for row in tasks if row.suspended != instance.is_suspended]
    waiting = [row for row in timers if instance.is_suspended and not row.parked]
    return faults + [f"the instance is suspended and its timer {row.id} would fire" for row in waiting]
