"""Questions for replaying decisions: how they were taken, and the example files deployed beside them."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from service.actions.ports import TakenDecision
from service.domain.definition import KIND_CASES, Resource
from service.store.columns import read_object
from service.store.filters import visible_instances
from service.store.lookups import RESOURCE, read_resource
from service.store.tables import decision_evaluation, deployment, resource

COLUMNS = decision_evaluation.c


def find_taken(
    connection: Connection, decision_key: str, since: int | None, before: int | None, limit: int, jurisdictions: Sequence[str] | None
) -> list[TakenDecision]:
    """The evaluations of the decision in the window (from `since`, before `before`), newest first."""
    statement = select(decision_evaluation).where(COLUMNS.decision_key == decision_key)
    if since is not None:
        statement = statement.where(COLUMNS.evaluated_at >= since)
    if before is not None:
        statement = statement.where(COLUMNS.evaluated_at < before)
    if jurisdictions is not None:
        statement = statement.where(visible_instances(COLUMNS.process_instance_id, jurisdictions))
    newest_first = (COLUMNS.decision_key.desc(), COLUMNS.evaluated_at.desc(), COLUMNS.id.desc())
    return [
        TakenDecision(
            row.id,
            row.process_instance_id,
            row.element_id,
            row.version,
            row.evaluated_at,
            read_object(row.record),
            None if row.variables is None else read_object(row.variables),
        )
        for row in connection.execute(statement.order_by(*newest_first).limit(limit))
    ]


def find_case_files(connection: Connection, jurisdiction: str | None, since_seq: int) -> list[Resource]:
    """The cases files of the jurisdiction's deployments from that number on, of each file name the newest."""
    statement = (
        RESOURCE.join(deployment, deployment.c.id == resource.c.deployment_id)
        .where(resource.c.kind == KIND_CASES, deployment.c.jurisdiction.is_not_distinct_from(jurisdiction), deployment.c.seq >= since_seq)
        .order_by(deployment.c.seq)
    )
    newest = {file.file_name: file for file in map(read_resource, connection.execute(statement))}
    return sorted(newest.values(), key=lambda file: file.file_name)
