"""Whether ballots are those that were counted, and signatures are over what was submitted, as the audit trail tells it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from service.domain.ballot import BALLOT_CAST, BALLOT_CLOSED, BALLOT_OPENED, BALLOT_VOIDED
from service.domain.ballot import digest_of as ballots_digest
from service.domain.json_values import Json, read_canonical
from service.domain.signature import TASK_SIGNED
from service.domain.signature import digest_of as signed_digest
from service.store.ballots import find_ballots
from service.store.tables import audit_event, ballot

Fault = tuple[str | None, str]
"""Process instance id (None: of none), and what is wrong in words."""

KINDS = (BALLOT_OPENED, BALLOT_CAST, BALLOT_CLOSED, BALLOT_VOIDED)
COLUMNS = audit_event.c
TOLD = select(COLUMNS.stream, COLUMNS.seq, COLUMNS.kind, COLUMNS.payload)
VOTED = TOLD.where(COLUMNS.kind == "task.completed", COLUMNS.payload.like('%"boxId":%'))
BATCH = 500


@dataclass(slots=True)
class _Box:
    """What the trail tells of a box. `voted`: ids of the tasks by which persons voted."""

    stream: str
    state: str = BALLOT_OPENED
    end: Mapping[str, Json] = field(default_factory=dict)
    voted: set[str] = field(default_factory=set)


def find_unlike_votes(connection: Connection, only: str | None) -> list[Fault]:
    """All that differs; of one instance when `only` names it."""
    boxes = _boxes(connection, only)
    faults = [fault for box_id, box in boxes.items() for fault in _unlike(connection, box_id, box)]
    if only is None:
        rows = connection.execute(select(ballot.c.box_id, func.count().label("number")).group_by(ballot.c.box_id))
        strange = [row for row in rows if row.box_id not in boxes]
        faults += [(None, f"{row.number} ballot(s) lie in the box {row.box_id}, which was never opened") for row in strange]
    return faults + list(_unlike_signatures(connection, only))


def _object(text: str | None) -> Mapping[str, Json]:
    """A payload; {} when it is no JSON object any more, which the verification of the trail tells."""
    try:
        payload = read_canonical(text or "null")
    except ValueError:
        return {}
    return payload if isinstance(payload, dict) else {}


def _boxes(connection: Connection, only: str | None) -> dict[str, _Box]:
    ours = () if only is None else (COLUMNS.stream == only,)
    boxes: dict[str, _Box] = {}
    told = TOLD.where(COLUMNS.kind.in_(KINDS), *ours).order_by(COLUMNS.stream, COLUMNS.seq)
    for row in (*connection.execute(told), *connection.execute(VOTED.where(*ours))):
        payload = _object(row.payload)
        if row.kind == "task.completed" and payload.get("boxId") is None:
            # A field of a form may have that name too.
            continue
        box = boxes.setdefault(str(payload.get("boxId")), _Box(row.stream))
        if row.kind in (BALLOT_CLOSED, BALLOT_VOIDED):
            box.state, box.end = row.kind, payload
        elif payload.get("taskId") is not None:
            box.voted.add(str(payload["taskId"]))
    return boxes


def _unlike(connection: Connection, box_id: str, box: _Box) -> list[Fault]:
    cast = find_ballots(connection, box_id)
    faults: list[str] = []
    if box.state == BALLOT_VOIDED:
        if cast:
            faults.append(f"the ballot {box_id} is void, and {len(cast)} ballot(s) lie in its box")
    elif len(cast) != len(box.voted):
        faults.append(f"{len(box.voted)} person(s) voted in the ballot {box_id}, and {len(cast)} ballot(s) lie in its box")
    if box.state == BALLOT_CLOSED and box.end.get("digest") != ballots_digest(cast):
        faults.append(f"the ballots in the box {box_id} are not those that were counted")
    return [(box.stream, words) for words in faults]


def _unlike_signatures(connection: Connection, only: str | None) -> Iterator[Fault]:
    """A signature that is not over the values of the completed task which comes just before it."""
    signed, completed = audit_event.alias("signed"), audit_event.alias("completed")
    joined = (
        select(signed.c.stream, signed.c.seq, signed.c.payload, completed.c.payload.label("submitted"))
        .outerjoin(
            completed,
            (completed.c.stream == signed.c.stream) & (completed.c.seq == signed.c.seq - 1) & (completed.c.kind == "task.completed"),
        )
        .where(signed.c.kind == TASK_SIGNED, *(() if only is None else (signed.c.stream == only,)))
        .order_by(signed.c.stream, signed.c.seq)
    )
    for row in connection.execute(joined.execution_options(yield_per=BATCH)):
        said, submitted = _object(row.payload), _object(row.submitted)
        values = submitted.get("values")
        task_id, key = str(said.get("taskId")), str(said.get("taskDefinitionKey"))
        same = submitted.get("taskId") == said.get("taskId") and isinstance(values, dict)
        if not same or said.get("digest") != signed_digest(row.stream, task_id, key, values if isinstance(values, dict) else {}):
            yield row.stream, f"the signature of {said.get('userId')} (event {row.seq}) is not over what was submitted"
