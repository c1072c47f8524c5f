"""Writing attachments and documents of instances, and the numbers that documents bear."""

from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy import Connection, func, insert, select, update

from service.domain.errors import Conflict
from service.domain.evidence import Attachment, Document
from service.domain.json_values import Json, canonical_json, read_canonical
from service.store.tables import attachment, audit_event, document, document_number, task
from service.store.writing import TransactionPart


def find_documents_of(connection: Connection, process_instance_id: str, template: str) -> tuple[Document, ...]:
    """All versions of all documents that the template has made in the instance, the oldest first."""
    columns = document.c
    statement = select(document).where(columns.process_instance_id == process_instance_id, columns.template == template)
    return tuple(Document(**row._mapping) for row in connection.execute(statement.order_by(columns.audit_seq)))


def find_tasks_of_step(connection: Connection, process_instance_id: str, task_definition_key: str) -> list[tuple[str, int]]:
    """(id, created at) of all tasks that the step has had in the instance."""
    columns = task.c
    statement = select(columns.id, columns.created_at)
    mine = (columns.process_instance_id == process_instance_id, columns.task_definition_key == task_definition_key)
    return [(row.id, row.created_at) for row in connection.execute(statement.where(*mine))]


def find_completion(connection: Connection, process_instance_id: str, task_id: str) -> Mapping[str, Json] | None:
    """The payload of the event that tells of the completion of the task, None when there is none."""
    columns = audit_event.c
    statement = select(columns.payload).where(
        columns.stream == process_instance_id,
        columns.kind == "task.completed",
        columns.payload.contains(f'"taskId":{canonical_json(task_id)}', autoescape=True),
    )
    for text in connection.execute(statement).scalars():
        payload = read_canonical(text)
        # A field of a form may hold the same text.
        if isinstance(payload, dict) and payload.get("taskId") == task_id:
            return payload
    return None


def find_last_number(connection: Connection, place: str | None, year: int) -> int:
    """The last number that was given in the place and the year, 0 when none was."""
    columns = document_number.c
    statement = select(columns.last).where(columns.place == (place or ""), columns.year == year)
    return int(connection.execute(statement).scalar() or 0)


class Evidence(TransactionPart):
    """Files of instances. All of it happens under the lock of the instance."""

    def next_attachment_version(self, process_instance_id: str, name: str) -> int:
        """The version that the next file of that name gets, removed ones counted."""
        columns = attachment.c
        statement = select(func.max(columns.version)).where(columns.process_instance_id == process_instance_id, columns.name == name)
        return int(self._connection.execute(statement).scalar() or 0) + 1

    def insert_attachment(self, added: Attachment) -> None:
        """Write a new attachment; its bytes are kept before."""
        self._connection.execute(insert(attachment), asdict(added))

    def load_attachment(self, attachment_id: str) -> Attachment | None:
        """The attachment as it is now."""
        row = self._connection.execute(select(attachment).where(attachment.c.id == attachment_id)).first()
        return None if row is None else Attachment(**row._mapping)

    def mark_attachment_removed(self, removed: Attachment) -> None:
        """Write who removed it, when and why."""
        values = {"removed_at": removed.removed_at, "removed_by": removed.removed_by, "removal_reason": removed.removal_reason}
        self._connection.execute(update(attachment).where(attachment.c.id == removed.id).values(values))

    def insert_document(self, made: Document) -> None:
        """Write a new version of a document; its bytes are kept before."""
        self._connection.execute(insert(document), asdict(made))

    def next_document_number(self, place: str | None, year: int) -> int:
        """The next number of the place in the year, from 1, without gaps; others wait for it until this transaction ends."""
        columns = document_number.c
        mine = (columns.place == (place or ""), columns.year == year)
        counting = update(document_number).where(*mine).values(last=columns.last + 1)
        if self._connection.execute(counting).rowcount == 0:
            try:
                with self._connection.begin_nested():
                    self._connection.execute(insert(document_number), {"place": place or "", "year": year, "last": 1})
            except Conflict:
                # The year's first number was given to another at this moment.
                if self._connection.execute(counting).rowcount != 1:
                    raise
        return int(self._connection.execute(select(columns.last).where(*mine)).scalar_one())
