"""Questions about process instances and what happened in them."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Connection, func, literal_column, select

from service.domain.json_values import Json
from service.store.columns import AnyRow, read_object, rfc3339
from service.store.filters import (
    after,
    before,
    by_variables,
    equals,
    in_jurisdiction,
    is_null,
    one_of,
    path_of,
    visible_instances,
    within_any,
)
from service.store.keyset import Listing, SortKey
from service.store.tables import NEVER, activity, decision_evaluation, due_or_never, incident, process_instance

COLUMNS = process_instance.c


def _instances(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [
        {
            "id": row.id,
            "definitionId": row.definition_id,
            "definitionKey": row.definition_key,
            "version": row.definition_version,
            "businessKey": row.business_key,
            "jurisdiction": row.jurisdiction,
            "state": row.state,
            "startedAt": rfc3339(row.started_at),
            "startedBy": row.started_by,
            "endedAt": rfc3339(row.ended_at),
            "endReason": row.end_reason,
        }
        for row in rows
    ]


INSTANCES = Listing(
    what="process-instances",
    select=select(
        COLUMNS.id,
        COLUMNS.definition_id,
        COLUMNS.definition_key,
        COLUMNS.definition_version,
        COLUMNS.business_key,
        COLUMNS.jurisdiction,
        COLUMNS.state,
        COLUMNS.started_at,
        COLUMNS.started_by,
        COLUMNS.ended_at,
        COLUMNS.end_reason,
    ),
    filters={
        "state": one_of(COLUMNS.state),
        "definitionKey": equals(COLUMNS.definition_key),
        "definitionId": equals(COLUMNS.definition_id),
        "businessKey": equals(COLUMNS.business_key),
        "jurisdiction": in_jurisdiction(COLUMNS.jurisdiction_path),
        "startedBy": equals(COLUMNS.started_by),
        "startedAfter": after(COLUMNS.started_at),
        "startedBefore": before(COLUMNS.started_at),
        "variables": by_variables(COLUMNS.id),
    },
    sorts={
        "startedAt": SortKey(COLUMNS.started_at),
        "endedAt": SortKey(due_or_never(COLUMNS.ended_at), func.coalesce(COLUMNS.ended_at, literal_column(f"-{NEVER}", BigInteger()))),
    },
    default_sort=(("startedAt", True),),
    identity=(SortKey(COLUMNS.id),),
    present=_instances,
    visible=lambda paths: within_any(COLUMNS.jurisdiction_path, paths),
    one=COLUMNS.id,
)


def _activities(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [
        {
            "id": row.id,
            "elementId": row.element_id,
            "name": row.name,
            "type": row.type,
            "state": row.state,
            "startedAt": rfc3339(row.started_at),
            "endedAt": rfc3339(row.ended_at),
            "actor": row.actor,
        }
        for row in rows
    ]


ACTIVITIES = Listing(
    what="activities",
    select=select(activity),
    filters={
        "processInstanceId": equals(activity.c.process_instance_id),
        "state": one_of(activity.c.state),
        "elementId": equals(activity.c.element_id),
    },
    sorts={},
    default_sort=(),
    identity=(SortKey(activity.c.process_instance_id), SortKey(activity.c.seq)),
    present=_activities,
    visible=lambda paths: visible_instances(activity.c.process_instance_id, paths),
)


def _evaluations(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [
        {
            **read_object(row.record),
            "id": row.id,
            "processInstanceId": row.process_instance_id,
            "elementId": row.element_id,
            "version": row.version,
            "at": rfc3339(row.evaluated_at),
        }
        for row in rows
    ]


DECISION_EVALUATIONS = Listing(
    what="decision-evaluations",
    select=select(decision_evaluation),
    filters={
        "processInstanceId": equals(decision_evaluation.c.process_instance_id),
        "decisionKey": equals(decision_evaluation.c.decision_key),
        "elementId": equals(decision_evaluation.c.element_id),
    },
    sorts={},
    default_sort=(),
    identity=(SortKey(decision_evaluation.c.id),),
    present=_evaluations,
    visible=lambda paths: visible_instances(decision_evaluation.c.process_instance_id, paths),
    one=decision_evaluation.c.id,
)


INCIDENT_INSTANCE = incident.c.process_instance_id


def _incidents(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [
        {
            "id": row.id,
            "processInstanceId": row.process_instance_id,
            "elementId": row.element_id,
            "kind": row.kind,
            "message": row.message,
            "createdAt": rfc3339(row.created_at),
            "resolvedAt": rfc3339(row.resolved_at),
        }
        for row in rows
    ]


INCIDENTS = Listing(
    what="incidents",
    select=select(*(column for column in incident.c if column.name != "operation")),
    filters={
        "processInstanceId": equals(incident.c.process_instance_id),
        "elementId": equals(incident.c.element_id),
        "kind": equals(incident.c.kind),
        "definitionKey": lambda value, _asked: INCIDENT_INSTANCE.in_(select(COLUMNS.id).where(COLUMNS.definition_key == value)),
        "jurisdiction": lambda value, asked: visible_instances(INCIDENT_INSTANCE, [path_of(asked, value)]),
        "open": is_null(incident.c.resolved_at),
    },
    sorts={},
    default_sort=(),
    identity=(SortKey(incident.c.id),),
    present=_incidents,
    visible=lambda paths: visible_instances(incident.c.process_instance_id, paths),
    one=incident.c.id,
)
