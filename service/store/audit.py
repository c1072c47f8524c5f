"""Writing audit events: those of an instance come with its step, those of no instance are chained here."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, insert, select, update

from service.domain.audit import SERVICE_STREAM, AuditChain, AuditEvent
from service.domain.json_values import Json
from service.store.columns import object_text
from service.store.tables import audit_event, service_stream
from service.store.writing import TransactionPart

APPEND = insert(audit_event)
LOCK_STREAM = select(service_stream.c.seq, service_stream.c.head).where(service_stream.c.stream == bindparam("wanted")).with_for_update()
MOVE_HEAD = update(service_stream).where(service_stream.c.stream == bindparam("wanted"))


def append_events(connection: Connection, events: Sequence[AuditEvent]) -> None:
    """Insert the events of one or more streams, in one statement."""
    if events:
        connection.execute(
            APPEND,
            [
                {
                    "stream": event.stream,
                    "seq": event.seq,
                    "occurred_at": event.at,
                    "actor": event.actor,
                    "kind": event.kind,
                    "payload": object_text(event.payload),
                    "previous_hash": event.previous,
                    "hash": event.hash,
                }
                for event in events
            ],
        )


def lock_service_stream(connection: Connection) -> AuditChain:
    """The end of the service's own stream; no other transaction moves it until this one ends."""
    row = connection.execute(LOCK_STREAM, {"wanted": SERVICE_STREAM}).one()
    return AuditChain(SERVICE_STREAM, row.seq, row.head)


class Audit(TransactionPart):
    """Events that belong to no process instance."""

    def hold_service_stream(self) -> None:
        """Wait for other writers of the stream "service", and keep them waiting until the end."""
        lock_service_stream(self._connection)

    def append_service_event(self, at: int, actor: str, kind: str, payload: Mapping[str, Json]) -> AuditEvent:
        """Chain one event to the stream "service"; writers of that stream wait for one another."""
        chain = lock_service_stream(self._connection)
        event = chain.append(at, actor, kind, payload)
        append_events(self._connection, [event])
        self._connection.execute(MOVE_HEAD, {"wanted": SERVICE_STREAM, "seq": chain.seq, "head": chain.head})
        return event
