"""Whether the rows of recusals say what the last event about each says in the service's stream."""

import json
from collections.abc import Mapping

from sqlalchemy import Connection, select

from service.domain.audit import SERVICE_STREAM
from service.domain.json_values import Json
from service.domain.recusal import STATES
from service.store.columns import AnyRow, rfc3339
from service.store.tables import audit_event, recusal

KINDS = tuple(f"recusal.{state.lower()}" for state in STATES)
EVENTS = select(audit_event.c.seq, audit_event.c.kind, audit_event.c.payload).where(
    audit_event.c.stream == SERVICE_STREAM, audit_event.c.kind.in_(KINDS)
)
BATCH = 200
NO_MOMENT_MS = 253_402_300_800_000
"""The end of the year 9999."""


def find_unlike_recusals(connection: Connection) -> tuple[int, list[str]]:
    """(rows read, what differs in words). Of the events only their numbers are kept, events and rows are read in batches."""
    last = _last_events(connection)
    seen, after, faults = 0, "", list[str]()
    while True:
        rows = connection.execute(select(recusal).where(recusal.c.id > after).order_by(recusal.c.id).limit(BATCH)).all()
        numbers = [last[row.id] for row in rows if row.id in last]
        events = {event.seq: event for event in connection.execute(EVENTS.where(audit_event.c.seq.in_(numbers)))}
        for row in rows:
            seen, after = seen + 1, row.id
            number = last.pop(row.id, None)
            if number is None:
                faults.append(f"the recusal {row.id} is {row.state}; the audit trail tells nothing of it")
            elif differing := _differing(row, events[number]):
                faults.append(f"the recusal {row.id} is not what its last audit event ({number}) says: {differing}")
        if len(rows) < BATCH:
            return seen, faults + [f"the recusal {one} of which the audit event {number} tells is missing" for one, number in last.items()]


def _last_events(connection: Connection) -> dict[str, int]:
    """Recusal id → the number of the last event about it."""
    last: dict[str, int] = {}
    for event in connection.execute(EVENTS.order_by(audit_event.c.seq).execution_options(yield_per=BATCH)):
        last[str(json.loads(event.payload).get("id"))] = event.seq
    return last


def _moment(milliseconds: int | None) -> Json:
    """As events tell it; a number that is no moment of the calendar stays one, which no event tells."""
    return rfc3339(milliseconds) if milliseconds is None or 0 <= milliseconds < NO_MOMENT_MS else milliseconds


def _differing(row: AnyRow, event: AnyRow) -> str:
    """Names of the members that differ. What the law calls a ground and who decides follow from the members: they are not compared."""
    said: Mapping[str, Json] = json.loads(event.payload)
    ours: dict[str, Json] = {
        "userId": row.user_id,
        "subjectId": row.subject_id,
        "matterId": row.matter_id,
        "processInstanceId": row.process_instance_id,
        "ground": row.ground,
        "note": row.note,
        "ofHead": row.of_head,
        "state": row.state,
        "from": row.begins_on,
        "to": row.ends_on,
        "declaredAt": _moment(row.declared_at),
        "declaredBy": row.declared_by,
        "decidedAt": _moment(row.decided_at),
        "decidedBy": row.decided_by,
        "reason": row.reason,
    }
    return ", ".join(member for member, value in ours.items() if said.get(member) != value)
