"""Questions about attachments and documents, and whether their rows say what the audit trail says."""

import json
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, Table, and_, func, select

from service.actions.presentation import attachment_json, document_json
from service.domain.evidence import ATTACHMENT_ADDED, ATTACHMENT_REMOVED, DOCUMENT_GENERATED, Attachment, Document
from service.domain.json_values import Json
from service.store.columns import AnyRow
from service.store.filters import equals, is_null, visible_instances
from service.store.keyset import Listing, SortKey
from service.store.tables import attachment, audit_event, document

RECORDED = ((attachment, ATTACHMENT_ADDED, "attachment"), (document, DOCUMENT_GENERATED, "document"))
SOME = 20
BATCH = 1000


def _attachments(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [attachment_json(Attachment(*row[: len(attachment.c)])) for row in rows]


ATTACHMENTS = Listing(
    what="attachments",
    select=select(attachment),
    filters={
        "processInstanceId": equals(attachment.c.process_instance_id),
        "taskId": equals(attachment.c.task_id),
        "name": equals(attachment.c.name),
        "present": is_null(attachment.c.removed_at),
    },
    sorts={},
    default_sort=(),
    identity=(SortKey(attachment.c.id),),
    present=_attachments,
    visible=lambda paths: visible_instances(attachment.c.process_instance_id, paths),
    one=attachment.c.id,
)


def _documents(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [document_json(Document(*row[: len(document.c)])) for row in rows]


DOCUMENTS = Listing(
    what="documents",
    select=select(document),
    filters={
        "processInstanceId": equals(document.c.process_instance_id),
        "taskId": equals(document.c.task_id),
        "template": equals(document.c.template),
    },
    sorts={},
    default_sort=(),
    identity=(SortKey(document.c.id),),
    present=_documents,
    visible=lambda paths: visible_instances(document.c.process_instance_id, paths),
    one=document.c.id,
)


def find_attachment(connection: Connection, attachment_id: str) -> Attachment | None:
    """The attachment, removed or not."""
    row = connection.execute(select(attachment).where(attachment.c.id == attachment_id)).first()
    return None if row is None else Attachment(**row._mapping)


def find_document(connection: Connection, document_id: str) -> Document | None:
    """One version of a document."""
    row = connection.execute(select(document).where(document.c.id == document_id)).first()
    return None if row is None else Document(**row._mapping)


def find_unlike_records(connection: Connection, only: str | None) -> list[tuple[str, str]]:
    """(process instance id, in words) where the rows of attachments and documents do not say what the audit trail says."""
    faults = [fault for table, kind, noun in RECORDED for fault in _unlike(connection, table, kind, noun, only)]
    return faults + _unlike_removals(connection, only)


def _attachment_told(row: AnyRow) -> dict[str, Json]:
    """The row in the words of the event of its adding."""
    return {
        "attachmentId": row.id,
        "taskId": row.task_id,
        "name": row.name,
        "version": row.version,
        "mediaType": row.media_type,
        "size": row.size,
        "digest": row.digest,
    }


def _document_told(row: AnyRow) -> dict[str, Json]:
    return {
        "documentId": row.id,
        "taskId": row.task_id,
        "template": f"{row.template}:{row.template_version}",
        "number": row.number,
        "occurrence": row.occurrence,
        "version": row.version,
        "size": row.size,
        "digest": row.digest,
    }


TOLD: Mapping[str, Callable[[AnyRow], dict[str, Json]]] = {ATTACHMENT_ADDED: _attachment_told, DOCUMENT_GENERATED: _document_told}


def _removal_told(row: AnyRow) -> dict[str, Json]:
    return {
        "name": row.name,
        "version": row.version,
        "digest": row.digest,
        "reason": row.removal_reason,
        "occurredAt": row.removed_at,
        "actor": row.removed_by,
    }


def _said(row: AnyRow) -> dict[str, Json]:
    """All that an audit event says: its payload, when and by whom. Events of before occurrences were counted are of first ones."""
    payload: dict[str, Json] = json.loads(row.payload)
    return {"occurrence": 1} | payload | {"occurredAt": row.occurred_at, "actor": row.actor}


def _differing(ours: Mapping[str, Json], said: Mapping[str, Json]) -> str:
    """The members of a row that its event tells otherwise, "" when there are none."""
    return ", ".join(member for member, value in ours.items() if said.get(member) != value)


def _unlike(connection: Connection, table: Table, kind: str, noun: str, only: str | None) -> list[tuple[str, str]]:
    event = and_(audit_event.c.stream == table.c.process_instance_id, audit_event.c.seq == table.c.audit_seq, audit_event.c.kind == kind)
    joined = select(table, audit_event.c.occurred_at, audit_event.c.actor, audit_event.c.payload).outerjoin(audit_event, event)
    ours = [] if only is None else [table.c.process_instance_id == only]
    faults: list[tuple[str, str]] = []
    for row in connection.execute(joined.where(*ours).execution_options(yield_per=BATCH)):
        words = f"the {noun} {row.id} is not what its audit event says"
        if row.payload is None:
            faults.append((row.process_instance_id, words))
            continue
        differing = _differing(TOLD[kind](row) | {"occurredAt": row.created_at, "actor": row.created_by}, _said(row))
        if differing:
            faults.append((row.process_instance_id, f"{words}: {differing}"))
    if len(faults) < SOME:
        faults += _without_row(connection, table, kind, noun, only)
    return faults


def _unlike_removals(connection: Connection, only: str | None) -> list[tuple[str, str]]:
    """Attachments that are marked as removed and were not, or were removed and are not marked, or otherwise than they are marked."""
    events = select(audit_event).where(audit_event.c.kind == ATTACHMENT_REMOVED)
    rows = select(attachment).where(attachment.c.removed_at.is_not(None))
    if only is not None:
        events, rows = events.where(audit_event.c.stream == only), rows.where(attachment.c.process_instance_id == only)
    told = {(row.stream, str(said.get("attachmentId"))): said for row in connection.execute(events) for said in [_said(row)]}
    marked = {(row.process_instance_id, str(row.id)): _removal_told(row) for row in connection.execute(rows)}
    faults: list[tuple[str, str]] = []
    for instance_id, attachment_id in sorted(told.keys() | marked.keys()):
        said, ours = told.get((instance_id, attachment_id)), marked.get((instance_id, attachment_id))
        if said is None or ours is None:
            words = f"of the attachment {attachment_id} the audit trail and the row do not agree whether it was removed"
            faults.append((instance_id, words))
        elif differing := _differing(ours, said):
            words = f"the removal of the attachment {attachment_id} is not what its audit event says: {differing}"
            faults.append((instance_id, words))
    return faults


def _without_row(connection: Connection, table: Table, kind: str, noun: str, only: str | None) -> list[tuple[str, str]]:
    """Audit events that tell of a file which has no row any more."""
    lost = (
        select(audit_event.c.stream, func.count().label("events"))
        .outerjoin(table, and_(table.c.process_instance_id == audit_event.c.stream, table.c.audit_seq == audit_event.c.seq))
        .where(audit_event.c.kind == kind, table.c.id.is_(None), *([] if only is None else [audit_event.c.stream == only]))
        .group_by(audit_event.c.stream)
        .order_by(audit_event.c.stream)
        .limit(SOME)
    )
    return [(row.stream, f"{row.events} {noun}(s) of which the audit trail tells are missing") for row in connection.execute(lost)]
