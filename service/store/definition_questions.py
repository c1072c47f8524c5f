"""Questions about what was deployed: deployments, definitions, jurisdictions, and the files themselves."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.sql.elements import ColumnElement

from service.domain.definition import KIND_DECISION, KIND_DOCUMENT, KIND_PROCESS, TYPE_DECISION
from service.domain.json_values import Json
from service.store.columns import AnyRow, read_object, rfc3339
from service.store.filters import equals, in_jurisdiction, path_of, path_within, within_any
from service.store.keyset import Asked, Condition, Listing, SortKey
from service.store.tables import definition, deployment, jurisdiction, resource

COLUMNS = definition.c
Present = Callable[[Connection, Sequence[AnyRow], int], list[dict[str, Json]]]
_newest = definition.alias("newest")
IS_LATEST: Condition = COLUMNS.version == (
    select(func.max(_newest.c.version)).where(_newest.c.kind == COLUMNS.kind, _newest.c.key == COLUMNS.key).scalar_subquery()
)
_later = jurisdiction.alias("later")
IS_IN_FORCE: Condition = jurisdiction.c.deployment_seq == (
    select(func.max(_later.c.deployment_seq)).where(_later.c.id == jurisdiction.c.id).scalar_subquery()
)


def _definitions(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [
        {
            **read_object(row.detail),
            "id": row.id,
            "key": row.key,
            "version": row.version,
            "name": row.name,
            "jurisdiction": row.jurisdiction,
            "deploymentId": row.deployment_id,
            "fileName": row.file_name,
            "digest": row.digest,
            "deployedAt": rfc3339(row.deployed_at),
        }
        for row in rows
    ]


def _decision_definitions(connection: Connection, rows: Sequence[AnyRow], now: int) -> list[dict[str, Json]]:
    return [{"type": TYPE_DECISION, **shown} for shown in _definitions(connection, rows, now)]


def _places_within(paths: Sequence[str]) -> Select[Any]:
    return select(jurisdiction.c.id).where(within_any(jurisdiction.c.path, paths))


def _in_jurisdiction(value: str, asked: Asked) -> Condition:
    return COLUMNS.jurisdiction.in_(_places_within([path_of(asked, value)])) | (COLUMNS.jurisdiction == value)


def _is_latest(value: bool, _asked: Asked) -> Condition:
    return IS_LATEST if value else ~IS_LATEST


def _definition_listing(what: str, kind: str, one: ColumnElement[str], present: Present) -> Listing:
    return Listing(
        what=what,
        select=select(definition).where(COLUMNS.kind == kind),
        filters={
            "key": equals(COLUMNS.key),
            "jurisdiction": _in_jurisdiction,
            "latest": _is_latest,
            "version": equals(COLUMNS.version),
            "deploymentId": equals(COLUMNS.deployment_id),
        },
        sorts={
            "key": SortKey(COLUMNS.key),
            "name": SortKey(COLUMNS.name),
            "version": SortKey(COLUMNS.version),
            "deployedAt": SortKey(COLUMNS.deployed_at),
        },
        default_sort=(("key", False), ("version", True)),
        identity=(SortKey(COLUMNS.id),),
        present=present,
        visible=lambda paths: COLUMNS.jurisdiction.in_(_places_within(paths)),
        one=one,
        one_sort=(COLUMNS.version.desc(),),
    )


PROCESS_DEFINITIONS = _definition_listing("process-definitions", KIND_PROCESS, COLUMNS.id, _definitions)
DOCUMENT_TEMPLATES = _definition_listing("document-templates", KIND_DOCUMENT, COLUMNS.id, _definitions)
DECISION_DEFINITIONS = _definition_listing("decision-definitions", KIND_DECISION, COLUMNS.key, _decision_definitions)


def _jurisdictions(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [{"id": row.id, "name": row.name, "path": row.path, "parent": row.parent, "document": read_object(row.document)} for row in rows]


JURISDICTIONS = Listing(
    what="jurisdictions",
    select=select(jurisdiction).where(IS_IN_FORCE),
    filters={"parent": equals(jurisdiction.c.parent), "jurisdiction": in_jurisdiction(jurisdiction.c.path)},
    sorts={"name": SortKey(jurisdiction.c.name), "path": SortKey(jurisdiction.c.path)},
    default_sort=(("path", False),),
    identity=(SortKey(jurisdiction.c.id),),
    present=_jurisdictions,
    visible=lambda paths: within_any(jurisdiction.c.path, paths),
    one=jurisdiction.c.id,
)


def _deployments(connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    ids = [row.id for row in rows]
    inside: dict[str, list[Json]] = defaultdict(list)
    for one in connection.execute(
        select(COLUMNS.resource_id, COLUMNS.id, COLUMNS.key, COLUMNS.version)
        .where(COLUMNS.deployment_id.in_(ids))
        .order_by(COLUMNS.key, COLUMNS.version)
    ):
        inside[one.resource_id].append({"id": one.id, "key": one.key, "version": one.version})
    files: dict[str, list[Json]] = defaultdict(list)
    for one in connection.execute(
        select(resource.c.id, resource.c.deployment_id, resource.c.file_name, resource.c.kind)
        .where(resource.c.deployment_id.in_(ids))
        .order_by(resource.c.file_name, resource.c.id)
    ):
        files[one.deployment_id].append({"fileName": one.file_name, "kind": one.kind, "definitions": inside[one.id]})
    return [
        {
            "id": row.id,
            "name": row.name,
            "jurisdiction": row.jurisdiction,
            "deployedAt": rfc3339(row.deployed_at),
            "deployedBy": row.deployed_by,
            "resources": files[row.id],
            "warnings": read_object(row.warnings)["warnings"],
        }
        for row in rows
    ]


DEPLOYMENTS = Listing(
    what="deployments",
    select=select(deployment),
    filters={
        "name": equals(deployment.c.name),
        "jurisdiction": lambda value, asked: (
            deployment.c.jurisdiction.in_(select(jurisdiction.c.id).where(path_within(jurisdiction.c.path, path_of(asked, value))))
            | (deployment.c.jurisdiction == value)
        ),
    },
    sorts={"deployedAt": SortKey(deployment.c.deployed_at)},
    default_sort=(("deployedAt", True),),
    identity=(SortKey(deployment.c.seq),),
    present=_deployments,
    visible=lambda paths: deployment.c.jurisdiction.in_(_places_within(paths)),
    one=deployment.c.id,
)
