"""/process-instances/{id}/attachments: evidence, by the digest of its bytes."""

from typing import Annotated

from fastapi import File, Form, Path, Query, Response, UploadFile
from pydantic import Field

from service.actions import views
from service.actions.answer import Repeat, fingerprint
from service.actions.evidence import add_attachment, evidence_views, remove_attachment
from service.actions.evidence.contents import measured
from service.actions.instances.instance_operation import Operation
from service.api.content_answer import file_answer, file_responses
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, NEEDS_BODY, PathId, noun_router, told
from service.api.paging import Flag, ListQuery, Text, page_json
from service.api.principal import Caller, GivenServices, Repeated
from service.api.problems import PayloadTooLarge, problem_responses
from service.api.schemas.attachments import Attachment, AttachmentPage, Removal
from service.api.uploads import file_name
from service.domain.errors import Invalid

router = noun_router("process-instances")

AttachmentId = Annotated[
    str, Path(alias="attachmentId", min_length=1, max_length=255, pattern=r"^[^\x00/]+$", description="The attachment's id.")
]
FormText = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
TaskId = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]+$")]


class AttachmentList(ListQuery):
    """Filters of attachments; all that are given must hold."""

    task_id: Text | None = None
    name: Text | None = None
    removed: Flag | None = Field(None, description="true: only what was removed; false or not given: only what was not.")


@router.post(
    "/{id}/attachments",
    operation_id="addAttachment",
    summary="Attach a file",
    status_code=201,
    response_model=Attachment,
    response_description="The attachment.",
    responses=FINDS | CHANGES | NEEDS_BODY | problem_responses(Invalid),
)
def add(
    services: GivenServices,
    principal: Caller,
    repeat: Repeated,
    instance_id: PathId,
    file: Annotated[UploadFile, File(description="A letter, table, scan, photograph or recording; its name is the attachment's name.")],
    task_id: Annotated[TaskId | None, Form(alias="taskId", description="The task of this instance that it belongs to.")] = None,
    description: Annotated[FormText | None, Form(description="What it shows.")] = None,
) -> Response:
    """Attach a file to an open instance as evidence. What it is, is judged by its content, and the name must fit that.

    A file of the same name is the next version; earlier ones stay. Its SHA-256 stands in the audit trail (`attachment.added`).
    422 for programs, web pages, archives, whatever carries macros, and types that are not allowed here.
    """
    limit = services.attachment_limits.max_bytes
    if (file.size or 0) > limit:
        raise PayloadTooLarge(limit)
    name = file_name("/file", file.filename)
    parts = [repeat.fingerprint, name, task_id, description, measured(file.file).digest]
    operation = Operation(principal, instance_id, "", Repeat(repeat.key, fingerprint(*parts)))
    given = add_attachment.NewAttachment(file.file, name, task_id, description)
    return told(add_attachment.add_attachment(services, operation, given))


@router.get(
    "/{id}/attachments", operation_id="listAttachments", summary="List the attachments", response_model=AttachmentPage, responses=FINDS
)
def list_attachments(
    services: GivenServices, principal: Caller, instance_id: PathId, query: Annotated[AttachmentList, Query()]
) -> Response:
    """All versions of all files of the instance, in the order in which they came; what was removed only when it is asked for."""
    views.one(services, principal, "process-instances", instance_id)
    filters = query.filters()
    filters["present"] = not filters.pop("removed", False)
    page = views.page(services, principal, "attachments", {**filters, "processInstanceId": instance_id}, [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.get(
    "/{id}/attachments/{attachmentId}",
    operation_id="getAttachment",
    summary="Get an attachment",
    response_model=Attachment,
    responses=FINDS,
)
def get_attachment(services: GivenServices, principal: Caller, instance_id: PathId, attachment_id: AttachmentId) -> Response:
    """What is known of it; its bytes are its `content`."""
    return ExactResponse(dict(evidence_views.one_of_instance(services, principal, "attachments", instance_id, attachment_id)))


@router.get(
    "/{id}/attachments/{attachmentId}/content",
    operation_id="getAttachmentContent",
    summary="Download an attachment",
    response_class=Response,
    responses=FINDS | CHANGES | file_responses(*add_attachment.MEDIA_TYPES),
)
def get_content(services: GivenServices, principal: Caller, instance_id: PathId, attachment_id: AttachmentId) -> Response:
    """The file, byte for byte; 409 `content-damaged` when the stored bytes are not those of the digest any more."""
    found, pieces = evidence_views.attachment_content(services, principal, instance_id, attachment_id)
    return file_answer(pieces, found.name, found.media_type, found.size, found.digest)


@router.post(
    "/{id}/attachments/{attachmentId}/removal",
    operation_id="removeAttachment",
    summary="Remove an attachment",
    response_model=Attachment,
    responses=FINDS | CHANGES | NEEDS_BODY,
)
def remove(
    services: GivenServices, principal: Caller, repeat: Repeated, instance_id: PathId, attachment_id: AttachmentId, body: Removal
) -> Response:
    """Take it out of the case with a reason: it is not listed any more and only administrators can read it. Nothing of it is lost."""
    return told(remove_attachment.remove_attachment(services, Operation(principal, instance_id, body.reason, repeat), attachment_id))
