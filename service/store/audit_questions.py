"""Questions about the audit trail, and its verification."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select, union_all

from service.domain.audit import SERVICE_STREAM, AuditEvent, BrokenEvent, verify_stream
from service.domain.json_values import Json, read_canonical
from service.store.columns import AnyRow, rfc3339
from service.store.filters import after, before, equals, visible_instances
from service.store.keyset import Listing, SortKey
from service.store.tables import audit_event, process_instance, service_stream

COLUMNS = audit_event.c
BATCH = 1_000


def _payload(text: str) -> dict[str, Json]:
    """The payload; what is no JSON object any more was tampered with: it is shown as it stands, and its hash cannot be the recorded one."""
    try:
        payload = read_canonical(text)
    except ValueError:
        payload = None
    return payload if isinstance(payload, dict) else {"unreadable": text}


def _events(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [
        {
            "seq": row.seq,
            "stream": row.stream,
            "processInstanceId": None if row.stream == SERVICE_STREAM else row.stream,
            "at": rfc3339(row.occurred_at),
            "actor": row.actor,
            "kind": row.kind,
            "payload": _payload(row.payload),
            "previousHash": row.previous_hash,
            "hash": row.hash,
        }
        for row in rows
    ]


AUDIT_EVENTS = Listing(
    what="audit-events",
    select=select(audit_event),
    filters={
        "processInstanceId": equals(COLUMNS.stream),
        "stream": equals(COLUMNS.stream),
        "actor": equals(COLUMNS.actor),
        "kind": equals(COLUMNS.kind),
        "after": after(COLUMNS.occurred_at),
        "before": before(COLUMNS.occurred_at),
    },
    sorts={"at": SortKey(COLUMNS.occurred_at), "seq": SortKey(COLUMNS.seq)},
    default_sort=(("at", False),),
    identity=(SortKey(COLUMNS.stream), SortKey(COLUMNS.seq)),
    present=_events,
    own_order=frozenset({"processInstanceId", "stream"}),
    visible=lambda paths: visible_instances(COLUMNS.stream, paths),
)


def _event(row: AnyRow) -> AuditEvent:
    return AuditEvent(row.stream, row.seq, row.occurred_at, row.actor, row.kind, _payload(row.payload), row.previous_hash, row.hash)


class _Trail:
    """All events in (stream, seq) order, read once, handed out stream by stream."""

    def __init__(self, events: Iterator[AuditEvent]) -> None:
        self._events = events
        self.next = next(events, None)
        self.count = 0

    def of(self, stream: str) -> Iterator[AuditEvent]:
        while self.next is not None and self.next.stream == stream:
            event = self.next
            self.next = next(self._events, None)
            self.count += 1
            yield event


def _verify(trail: _Trail, end: AnyRow) -> BrokenEvent | None:
    if trail.next is not None and trail.next.stream < end.stream:
        return BrokenEvent(trail.next.stream, trail.next.seq, "head-mismatch")
    before = trail.count
    broken = verify_stream(end.stream, trail.of(end.stream), end.seq, end.head)
    if broken is None and trail.count == before and end.stream != SERVICE_STREAM:
        # Every instance has at least the event of its start, whatever its row says.
        return BrokenEvent(end.stream, 1, "truncated")
    return broken


def verify_trail(connection: Connection, stream: str | None) -> tuple[int, BrokenEvent | None]:
    """Recompute every stream (or one) against its recorded end, up to the first that does not hold: (events read, broken one or None).

    Events without an instance are head-mismatch, an instance without events is truncated. Reads in batches: memory stays constant.
    """
    heads = union_all(
        select(
            process_instance.c.id.label("stream"), process_instance.c.audit_seq.label("seq"), process_instance.c.audit_head.label("head")
        ),
        select(service_stream.c.stream, service_stream.c.seq, service_stream.c.head),
    ).subquery("heads")
    ends = select(heads).order_by(heads.c.stream)
    events = select(audit_event).order_by(COLUMNS.stream, COLUMNS.seq)
    if stream is not None:
        ends, events = ends.where(heads.c.stream == stream), events.where(COLUMNS.stream == stream)
    streaming = connection.execution_options(yield_per=BATCH)
    with streaming.execute(events) as event_rows, streaming.execute(ends) as end_rows:
        trail = _Trail(_event(row) for row in event_rows)
        for end in end_rows:
            broken = _verify(trail, end)
            if broken is not None:
                return trail.count, broken
        if trail.next is not None:
            return trail.count, BrokenEvent(trail.next.stream, trail.next.seq, "head-mismatch")
    return trail.count, None
