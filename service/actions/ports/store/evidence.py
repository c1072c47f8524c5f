"""What the actions need from the store for files of instances: attachments, documents and their bytes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from service.domain.evidence import Attachment, Document, StoredContent
from service.domain.json_values import Json


class EvidenceLookups(Protocol):
    """What both doors answer."""

    def documents_of(self, process_instance_id: str, template: str) -> tuple[Document, ...]:
        """All versions of all documents that the template has made in the instance, the oldest first."""
        ...

    def tasks_of_step(self, process_instance_id: str, task_definition_key: str) -> Sequence[tuple[str, int]]:
        """(id, created at) of all tasks, also those that are over, that the step has had in the instance."""
        ...

    def completion_of(self, process_instance_id: str, task_id: str) -> Mapping[str, Json] | None:
        """What the audit trail tells of the completion of the task (payload of `task.completed`); None: it was not completed."""
        ...

    def last_document_number(self, place: str | None, year: int) -> int:
        """The last number that was given in the place and the year, 0 when none was."""
        ...


class EvidenceWriting(Protocol):
    """Part of a write transaction; the instance is locked."""

    def keep_content(self, kept: StoredContent, chunks: Iterable[bytes]) -> None:
        """Keep the bytes, unless bytes of this digest are kept already."""
        ...

    def next_attachment_version(self, process_instance_id: str, name: str) -> int: ...
    def insert_attachment(self, added: Attachment) -> None: ...
    def load_attachment(self, attachment_id: str) -> Attachment | None: ...
    def mark_attachment_removed(self, removed: Attachment) -> None: ...
    def insert_document(self, made: Document) -> None: ...
    def next_document_number(self, place: str | None, year: int) -> int:
        """The next number of the place in the year, from 1, without gaps."""
        ...


class EvidenceQuestions(Protocol):
    """Part of a read."""

    def attachment(self, attachment_id: str) -> Attachment | None: ...
    def document(self, document_id: str) -> Document | None: ...
    def content(self, digest: str) -> StoredContent | None: ...
    def contents(self, after: str, limit: int) -> Sequence[StoredContent]:
        """What is kept with a digest greater than `after`, by digest."""
        ...

    def content_chunk(self, digest: str, seq: int) -> bytes | None:
        """One piece of the bytes, counted from 0."""
        ...

    def unlike_records(self, only: str | None) -> Sequence[tuple[str, str]]:
        """(process instance id, in words) where rows of attachments and documents do not say what the audit trail says."""
        ...
