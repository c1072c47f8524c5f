"""/process-instances/{id}/documents: documents (文书) made from templates."""

from typing import Annotated

from fastapi import Path, Query, Response

from service.actions import views
from service.actions.evidence import evidence_views, generate_document
from service.actions.instances.instance_operation import Operation
from service.api.content_answer import file_answer, file_headers, file_responses
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, NEEDS_BODY, PathId, noun_router, told
from service.api.paging import ListQuery, Text, page_json
from service.api.principal import Caller, GivenServices, Repeated
from service.api.problems import problem_responses
from service.api.schemas.documents import Document, DocumentPage, DocumentRequest, MadeDocument
from service.domain.errors import NotSupported

router = noun_router("process-instances")

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
DocumentId = Annotated[
    str, Path(alias="documentId", min_length=1, max_length=255, pattern=r"^[^\x00/]+$", description="The document's id (of one version).")
]


class DocumentList(ListQuery):
    """Filters of documents; all that are given must hold."""

    task_id: Text | None = None
    template: Text | None = None


@router.post(
    "/{id}/documents",
    operation_id="generateDocument",
    summary="Make a document",
    status_code=201,
    response_model=MadeDocument,
    response_description="The new version of the document, and what contradicts itself about whom it speaks of.",
    responses=FINDS | CHANGES | NEEDS_BODY,
)
def generate(services: GivenServices, principal: Caller, repeat: Repeated, instance_id: PathId, body: DocumentRequest) -> Response:
    """Make a .docx from the template that was in force when the instance started, as the case stands now; again = its next version.

    With the id of a completed task it says what was recorded at that step. A completed instance has documents too, a cancelled one not.

    422 `document-fields` names every field that the template needs and the case does not have; then nothing is made and no number used.
    """
    wanted = generate_document.NewDocument(body.template, body.task_id, body.fields)
    return told(generate_document.generate_document(services, Operation(principal, instance_id, "", repeat), wanted))


@router.get("/{id}/documents", operation_id="listDocuments", summary="List the documents", response_model=DocumentPage, responses=FINDS)
def list_documents(services: GivenServices, principal: Caller, instance_id: PathId, query: Annotated[DocumentList, Query()]) -> Response:
    """All versions of all documents of the instance, in the order in which they were made."""
    views.one(services, principal, "process-instances", instance_id)
    filters = {**query.filters(), "processInstanceId": instance_id}
    return ExactResponse(page_json(views.page(services, principal, "documents", filters, [], query.limit, query.cursor)))


@router.get("/{id}/documents/{documentId}", operation_id="getDocument", summary="Get a document", response_model=Document, responses=FINDS)
def get_document(services: GivenServices, principal: Caller, instance_id: PathId, document_id: DocumentId) -> Response:
    """What is known of one version; the file is its `content`."""
    return ExactResponse(dict(evidence_views.one_of_instance(services, principal, "documents", instance_id, document_id)))


@router.get(
    "/{id}/documents/{documentId}/content",
    operation_id="getDocumentContent",
    summary="Download a document",
    response_class=Response,
    responses=FINDS | CHANGES | file_responses(DOCX),
)
def get_content(services: GivenServices, principal: Caller, instance_id: PathId, document_id: DocumentId) -> Response:
    """The .docx as it was made; 409 `content-damaged` when the stored bytes are not those of the digest any more."""
    found, pieces = evidence_views.document_content(services, principal, instance_id, document_id)
    return file_answer(pieces, f"{found.title}{found.number}.docx", DOCX, found.size, found.digest)


@router.get(
    "/{id}/documents/{documentId}/pdf",
    operation_id="getDocumentPdf",
    summary="Get a PDF of a document",
    response_class=Response,
    responses=FINDS | CHANGES | problem_responses(NotSupported) | file_responses(PDF),
)
def get_pdf(services: GivenServices, principal: Caller, instance_id: PathId, document_id: DocumentId) -> Response:
    """Made now from the .docx by LibreOffice; 501 `pdf-not-installed` where that is not installed. The .docx is what is kept."""
    found, content = evidence_views.document_pdf(services, principal, instance_id, document_id)
    return Response(content, media_type=PDF, headers=file_headers(f"{found.title}{found.number}.pdf", content))
