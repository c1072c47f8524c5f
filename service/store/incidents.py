"""Incident rows."""

from sqlalchemy import Connection, bindparam, insert, select, update

from service.domain.incident import Incident
from service.store.tables import incident
from service.store.writing import TransactionPart

COLUMNS = incident.c
LOAD = select(
    COLUMNS.id,
    COLUMNS.process_instance_id,
    COLUMNS.element_id,
    COLUMNS.kind,
    COLUMNS.message,
    COLUMNS.created_at,
    COLUMNS.operation,
    COLUMNS.resolved_at,
).where(COLUMNS.id == bindparam("wanted"))
OPEN = insert(incident)
RESOLVE = update(incident).where(COLUMNS.process_instance_id == bindparam("instance"), COLUMNS.resolved_at.is_(None))


def open_incident(connection: Connection, opened: Incident) -> None:
    """Insert an incident."""
    connection.execute(
        OPEN,
        {
            "id": opened.id,
            "process_instance_id": opened.process_instance_id,
            "element_id": opened.element_id,
            "kind": opened.kind,
            "message": opened.message,
            "created_at": opened.created_at,
            "operation": opened.operation,
            "resolved_at": opened.resolved_at,
        },
    )


def resolve_incidents(connection: Connection, process_instance_id: str, now: int) -> None:
    """Mark all open incidents of an instance as resolved."""
    connection.execute(RESOLVE, {"instance": process_instance_id, "resolved_at": now})


class Incidents(TransactionPart):
    """Incidents, read for a retry."""

    def load_incident(self, incident_id: str) -> Incident | None:
        """The incident, open or resolved."""
        row = self._connection.execute(LOAD, {"wanted": incident_id}).first()
        return None if row is None else Incident(*row)
