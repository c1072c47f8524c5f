"""Shapes of attachments."""

from typing import Annotated

from pydantic import Field

from service.api.schemas.model import EXAMPLE_ID, EXAMPLE_TIME, AnswerModel, RequestModel, Timestamp, shown

ATTACHMENT = {
    "id": EXAMPLE_ID,
    "processInstanceId": EXAMPLE_ID,
    "taskId": EXAMPLE_ID,
    "name": "会议纪要.pdf",
    "version": 1,
    "mediaType": "application/pdf",
    "size": 48213,
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "description": "2026年3月1日党委会会议纪要",
    "createdAt": EXAMPLE_TIME,
    "createdBy": "zhang.san",
    "removedAt": None,
    "removedBy": None,
    "removalReason": None,
}


class Attachment(AnswerModel):
    """One version of a file that was attached to a process instance."""

    model_config = shown(ATTACHMENT)

    id: str
    process_instance_id: str
    task_id: str | None
    name: str
    version: int = Field(description="A file of the same name in the same instance is the next version.")
    media_type: str = Field(description="Judged by the content.")
    size: int = Field(description="Bytes.")
    digest: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the bytes; it stands in the audit trail.")
    description: str | None
    created_at: Timestamp
    created_by: str
    removed_at: Timestamp | None
    removed_by: str | None
    removal_reason: str | None


class AttachmentPage(AnswerModel):
    """One page of attachments."""

    model_config = shown({"items": [ATTACHMENT], "nextCursor": None})

    items: list[Attachment]
    next_cursor: str | None


class Removal(RequestModel):
    """Why an attachment is taken out of the case."""

    model_config = shown({"reason": "误传，与本案无关"})

    reason: Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
