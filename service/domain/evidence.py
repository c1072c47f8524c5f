"""What belongs to a case as a file: attachments that people bring, documents (文书) that are made from templates."""

from dataclasses import dataclass

CHUNK_BYTES = 1024 * 1024
"""Stored bytes are kept and sent in pieces of this size: no whole file stands in memory."""

ATTACHMENT_ADDED = "attachment.added"
ATTACHMENT_REMOVED = "attachment.removed"
DOCUMENT_GENERATED = "document.generated"
"""Kinds of audit events; the first and the last hold the digest of the bytes."""

MEGABYTE = 1024 * 1024
DEFAULT_MAX_BYTES = 20 * MEGABYTE
"""缺省 [D]: no source gives a limit for the size of one piece of evidence."""


@dataclass(frozen=True, slots=True)
class AttachmentLimits:
    """What may be attached: at most so many bytes, and only these media types, which are judged by the content (缺省 [D])."""

    max_bytes: int = DEFAULT_MAX_BYTES
    media_types: frozenset[str] | None = None
    """None = every type that the service can tell by its content."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One version of one attached file. A file of the same name in the same instance is its next version; times are epoch milliseconds.

    `digest` is the SHA-256 (hex) of the bytes, `audit_seq` the audit event of the instance that holds it. What was removed keeps
    everything, its bytes too: it is only not shown any more.
    """

    id: str
    process_instance_id: str
    task_id: str | None
    name: str
    version: int
    media_type: str
    size: int
    digest: str
    description: str | None
    created_at: int
    created_by: str
    audit_seq: int
    removed_at: int | None = None
    removed_by: str | None = None
    removal_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a document of an instance, made from one version of a template; its number stays from version to version.

    A step that is done again has a document of its own: `occurrence` counts those of one template in the instance, from 1.
    """

    id: str
    process_instance_id: str
    task_id: str | None
    template: str
    template_version: int
    title: str
    version: int
    number: str
    size: int
    digest: str
    created_at: int
    created_by: str
    audit_seq: int
    occurrence: int = 1


@dataclass(frozen=True, slots=True)
class StoredContent:
    """Bytes that are kept: their SHA-256 (hex), how many they are, in how many chunks."""

    digest: str
    size: int
    chunks: int
