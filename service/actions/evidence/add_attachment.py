"""Attach a file to an instance as evidence: judged by its content, kept by its digest, told in the audit trail."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from service.actions.answer import Answer, answer
from service.actions.evidence.contents import measured, pieces
from service.actions.instances.advance import put_events
from service.actions.instances.instance_operation import Operated, Operation, operate
from service.actions.ports import InstanceChange, Services
from service.actions.presentation import attachment_json
from service.documents import MEDIA_TYPES, FileRefused, FileType, file_type, fits_name
from service.domain.errors import FieldError, Invalid
from service.domain.evidence import ATTACHMENT_ADDED, Attachment, AttachmentLimits, StoredContent
from service.domain.identifiers import new_id
from service.domain.task import Task

__all__ = ["MEDIA_TYPES", "NewAttachment", "add_attachment", "require_task_of"]


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """A file with the name under which it is attached, the task it belongs to, and what it shows."""

    file: BinaryIO
    name: str
    task_id: str | None = None
    description: str | None = None


def add_attachment(services: Services, operation: Operation, given: NewAttachment) -> Answer:
    """201 with the attachment; a file of the same name is its next version. Invalid for a file or task that cannot be taken.

    The instance is open, it may be suspended. Conflict when it has ended.
    """
    kept = measured(given.file)
    found = _judged(services.attachment_limits, given, kept)
    return operate(services, "work", operation, lambda operated: _add(operated, given, kept, found))


def _judged(limits: AttachmentLimits, given: NewAttachment, kept: StoredContent) -> FileType:
    if kept.size == 0:
        raise _refused("empty", "the file is empty")
    if kept.size > limits.max_bytes:
        raise _refused("too-large", f"the file has {kept.size} bytes; at most {limits.max_bytes} are taken")
    try:
        found = file_type(given.file)
        fits_name(found, given.name)
    except FileRefused as refused:
        raise _refused(refused.code, refused.message) from refused
    if limits.media_types is not None and found.media_type not in limits.media_types:
        raise _refused("type-not-allowed", f"files of the type {found.media_type} are not taken here")
    return found


def _refused(code: str, message: str) -> Invalid:
    return Invalid("the file is not taken; nothing was stored", [FieldError("/file", code, message)])


def _add(operated: Operated, given: NewAttachment, kept: StoredContent, found: FileType) -> Answer:
    instance, tx, now = operated.instance, operated.tx, operated.now
    require_task_of(tx.load_task, instance.id, given.task_id)
    version = tx.next_attachment_version(instance.id, given.name)
    added = Attachment(
        new_id(),
        instance.id,
        given.task_id,
        given.name,
        version,
        found.media_type,
        kept.size,
        kept.digest,
        given.description,
        now,
        operated.actor,
        instance.audit_seq + 1,
    )
    change = InstanceChange(instance, instance.version, now)
    instance.version += 1
    told = {
        "attachmentId": added.id,
        "taskId": added.task_id,
        "name": added.name,
        "version": added.version,
        "mediaType": added.media_type,
        "size": added.size,
        "digest": added.digest,
    }
    put_events(change, operated.actor, [(ATTACHMENT_ADDED, told)])
    tx.keep_content(kept, pieces(given.file))
    tx.insert_attachment(added)
    tx.save_instance(change)
    return answer(201, attachment_json(added))


def require_task_of(found: Callable[[str], Task | None], process_instance_id: str, task_id: str | None) -> Task | None:
    """The task named (None: none is), waiting or done. Raises Invalid when it is not one of the instance."""
    if task_id is None:
        return None
    task = found(task_id)
    if task is None or task.process_instance_id != process_instance_id:
        fault = FieldError("/taskId", "unknown-task", "the process instance has no task of this id")
        raise Invalid("the task is not one of this process instance", [fault])
    return task
