"""Incident rows."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select, update

from service.domain.incident import Incident
from service.store.tables import incident
from service.store.writing import TransactionPart

COLUMNS = incident.c
READ = select(
    COLUMNS.id,
    COLUMNS.process_instance_id,
    COLUMNS.element_id,
    COLUMNS.kind,
    COLUMNS.message,
    COLUMNS.created_at,
    COLUMNS.operation,
    COLUMNS.resolved_at,
)
LOAD = READ.where(COLUMNS.id == bindparam("wanted"))
OPEN_OF = READ.where(COLUMNS.process_instance_id == bindparam("instance"), COLUMNS.resolved_at.is_(None)).order_by(COLUMNS.id)
OPEN = insert(incident)
REWORD = update(incident).where(COLUMNS.id == bindparam("wanted"))
RESOLVE = update(incident).where(COLUMNS.id.in_(bindparam("ids", expanding=True)), COLUMNS.resolved_at.is_(None))


def put_incident(connection: Connection, opened: Incident) -> None:
    """Insert an incident, or give the one of the same id its new words."""
    words = {"element_id": opened.element_id, "kind": opened.kind, "message": opened.message, "operation": opened.operation}
    if connection.execute(REWORD, {"wanted": opened.id, **words}).rowcount == 0:
        fixed = {"id": opened.id, "process_instance_id": opened.process_instance_id, "created_at": opened.created_at}
        connection.execute(OPEN, {**fixed, **words, "resolved_at": opened.resolved_at})


def resolve_incidents(connection: Connection, ids: Sequence[str], now: int) -> None:
    """Mark these incidents as resolved."""
    connection.execute(RESOLVE, {"ids": list(ids), "resolved_at": now})


class Incidents(TransactionPart):
    """Incidents, read for a retry."""

    def open_incidents(self, process_instance_id: str) -> Sequence[Incident]:
        """The open incidents of an instance, oldest first."""
        return [Incident(*row) for row in self._connection.execute(OPEN_OF, {"instance": process_instance_id})]

    def load_incident(self, incident_id: str) -> Incident | None:
        """The incident, open or resolved."""
        row = self._connection.execute(LOAD, {"wanted": incident_id}).first()
        return None if row is None else Incident(*row)
