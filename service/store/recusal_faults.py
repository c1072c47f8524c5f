"""What the rows of recusals and the events about them tell, for laying them beside one another."""

from collections.abc import Mapping

from sqlalchemy import select

from service.domain.json_values import Json
from service.domain.recusal import STATES
from service.store.columns import AnyRow, rfc3339
from service.store.stream_faults import Members, Register, payload_of
from service.store.tables import recusal

NO_MOMENT_MS = 253_402_300_800_000
"""The end of the year 9999."""
COMPARED = {
    "userId": "user_id",
    "subjectId": "subject_id",
    "matterId": "matter_id",
    "processInstanceId": "process_instance_id",
    "ground": "ground",
    "note": "note",
    "ofHead": "of_head",
    "state": "state",
    "from": "begins_on",
    "to": "ends_on",
    "declaredAt": "declared_at",
    "declaredBy": "declared_by",
    "decidedAt": "decided_at",
    "decidedBy": "decided_by",
    "reason": "reason",
}
"""Member of the event → column. What the law calls a ground and who decides follow from these: they are not compared."""


def _moment(milliseconds: int | None) -> Json:
    """As events tell it; a number that is no moment of the calendar stays one, which no event tells."""
    return rfc3339(milliseconds) if milliseconds is None or 0 <= milliseconds < NO_MOMENT_MS else milliseconds


def _said(event: AnyRow) -> Mapping[str, Members]:
    payload = payload_of(event)
    return {str(payload.get("id")): {member: payload.get(member) for member in COMPARED}}


def _told(row: AnyRow) -> Members:
    values = row._mapping
    return {member: _moment(values[column]) if column.endswith("_at") else values[column] for member, column in COMPARED.items()}


RECUSALS = Register("recusal", select(recusal), recusal.c.id, tuple(f"recusal.{state.lower()}" for state in STATES), _said, _told)
