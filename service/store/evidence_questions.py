"""Questions about attachments and documents, and whether their rows say what the audit trail says."""

import json
from collections.abc import Sequence

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


def _unlike(connection: Connection, table: Table, kind: str, noun: str, only: str | None) -> list[tuple[str, str]]:
    event = and_(audit_event.c.stream == table.c.process_instance_id, audit_event.c.seq == table.c.audit_seq, audit_event.c.kind == kind)
    joined = select(table.c.process_instance_id, table.c.id, table.c.digest, table.c.version, audit_event.c.payload).outerjoin(
        audit_event, event
    )
    ours = [] if only is None else [table.c.process_instance_id == only]
    faults: list[tuple[str, str]] = []
    for row in connection.execute(joined.where(*ours)):
        told = {} if row.payload is None else json.loads(row.payload)
        if (told.get("digest"), told.get("version"), told.get(f"{noun}Id")) != (row.digest, row.version, row.id):
            faults.append((row.process_instance_id, f"the {noun} {row.id} is not what its audit event says"))
    if len(faults) < SOME:
        faults += _without_row(connection, table, kind, noun, only)
    return faults


def _unlike_removals(connection: Connection, only: str | None) -> list[tuple[str, str]]:
    """Attachments that are marked as removed and were not, or were removed and are not marked."""
    events = select(audit_event.c.stream, audit_event.c.payload).where(audit_event.c.kind == ATTACHMENT_REMOVED)
    rows = select(attachment.c.process_instance_id, attachment.c.id).where(attachment.c.removed_at.is_not(None))
    if only is not None:
        events, rows = events.where(audit_event.c.stream == only), rows.where(attachment.c.process_instance_id == only)
    told = {(row.stream, json.loads(row.payload).get("attachmentId")) for row in connection.execute(events)}
    marked = {(row.process_instance_id, row.id) for row in connection.execute(rows)}
    words = "of the attachment {} the audit trail and the row do not agree whether it was removed"
    return [(instance_id, words.format(attachment_id)) for instance_id, attachment_id in sorted(told ^ marked)]


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
