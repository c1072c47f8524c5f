"""Writing a deployment: resources, definitions and jurisdictions, once and for ever."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, func, insert, literal, select, update

from service.domain.definition import KIND_PROCESS, Definition, Deployment, Jurisdiction, Resource
from service.domain.step import MESSAGE, SIGNAL
from service.store.audit import lock_service_stream
from service.store.columns import object_text
from service.store.filters import path_within
from service.store.lookups import LATEST_SEQ
from service.store.tables import definition, definition_start, deployment, jurisdiction, precedent, process_instance, resource, task
from service.store.writing import TransactionPart


def event_starts(detail: object) -> list[tuple[str, str]]:
    """Kind (message or signal) and name of the events that start a process, from detail["starts"].

    Each is a JSON object with `eventKind` and `eventName`, or of an older version with `messageName`.
    """
    starts = detail.get("starts") if isinstance(detail, dict) else None
    if not isinstance(starts, list):
        return []
    named = [
        (start.get("eventKind", MESSAGE), start.get("eventName", start.get("messageName"))) for start in starts if isinstance(start, dict)
    ]
    return list(dict.fromkeys((kind, name) for kind, name in named if kind in (MESSAGE, SIGNAL) and isinstance(name, str)))


class Deployments(TransactionPart):
    """What was deployed."""

    def lock_deployments(self) -> int:
        """Serialise deployments (each appends to the service's audit stream, whose end is locked here); the number of the next one."""
        lock_service_stream(self._connection)
        latest: int = self._connection.execute(LATEST_SEQ).scalar_one()
        return latest + 1

    def insert_deployment(
        self,
        deployment: Deployment,
        resources: Sequence[Resource],
        definitions: Sequence[Definition],
        jurisdictions: Sequence[Jurisdiction],
    ) -> None:
        """Insert a deployment with all that came in it. `definitions[].detail["starts"]` tells what starts a process."""
        _insert_deployment(self._connection, deployment)
        _insert_resources(self._connection, deployment.id, resources)
        _insert_definitions(self._connection, definitions)
        if jurisdictions:
            self._connection.execute(
                insert(jurisdiction),
                [
                    {
                        "id": one.id,
                        "deployment_seq": one.deployment_seq,
                        "name": one.name,
                        "path": one.path,
                        "parent": one.parent,
                        "document": object_text(one.document),
                    }
                    for one in jurisdictions
                ],
            )

    def move_jurisdiction(self, old_path: str, new_path: str, deployment_seq: int) -> None:
        """A place has moved in the hierarchy: those below it, and the instances, tasks and precedents of all of them, follow it."""
        latest = select(jurisdiction.c.id, func.max(jurisdiction.c.deployment_seq).label("seq")).group_by(jurisdiction.c.id).subquery()
        below = select(jurisdiction).join(latest, and_(latest.c.id == jurisdiction.c.id, latest.c.seq == jurisdiction.c.deployment_seq))
        moved = [
            {**row._mapping, "deployment_seq": deployment_seq, "path": new_path + row.path[len(old_path) :]}
            for row in self._connection.execute(below.where(path_within(jurisdiction.c.path, old_path)))
            if row.path != old_path
        ]
        if moved:
            self._connection.execute(insert(jurisdiction), moved)
        for table in (process_instance, task, precedent):
            path = table.c.jurisdiction_path
            rest = func.substr(path, len(old_path) + 1)
            self._connection.execute(update(table).where(path_within(path, old_path)).values(jurisdiction_path=literal(new_path) + rest))


def _insert_deployment(connection: Connection, one: Deployment) -> None:
    connection.execute(
        insert(deployment),
        {
            "id": one.id,
            "seq": one.seq,
            "name": one.name,
            "jurisdiction": one.jurisdiction,
            "deployed_at": one.deployed_at,
            "deployed_by": one.deployed_by,
            "warnings": object_text({"warnings": [dict(warning) for warning in one.warnings]}),
        },
    )


def _insert_resources(connection: Connection, deployment_id: str, resources: Sequence[Resource]) -> None:
    if resources:
        connection.execute(
            insert(resource),
            [
                {
                    "id": one.id,
                    "deployment_id": deployment_id,
                    "file_name": one.file_name,
                    "kind": one.kind,
                    "digest": one.digest,
                    "content": one.content,
                    "namespace": one.namespace,
                    "imports": object_text(one.imports) if one.imports else None,
                }
                for one in resources
            ],
        )


def _insert_definitions(connection: Connection, definitions: Sequence[Definition]) -> None:
    if not definitions:
        return
    connection.execute(
        insert(definition),
        [
            {
                "id": one.id,
                "kind": one.kind,
                "key": one.key,
                "version": one.version,
                "name": one.name,
                "jurisdiction": one.jurisdiction,
                "deployment_id": one.deployment_id,
                "deployment_seq": one.deployment_seq,
                "resource_id": one.resource_id,
                "file_name": one.file_name,
                "digest": one.digest,
                "deployed_at": one.deployed_at,
                "detail": object_text(one.detail),
            }
            for one in definitions
        ],
    )
    starts = [
        {"kind": kind, "name": name, "key": one.key, "version": one.version}
        for one in definitions
        if one.kind == KIND_PROCESS
        for kind, name in event_starts(one.detail)
    ]
    if starts:
        connection.execute(insert(definition_start), starts)
