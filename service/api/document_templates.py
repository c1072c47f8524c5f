"""/document-templates: the templates of documents (文书), as they were deployed."""

from typing import Annotated

from fastapi import Query, Response

from service.actions import views
from service.actions.evidence import evidence_views
from service.api.content_answer import file_headers, file_responses
from service.api.documents import DOCX
from service.api.exact_json import ExactResponse
from service.api.noun import FINDS, PathId, noun_router
from service.api.paging import Flag, ListQuery, Text, page_json
from service.api.principal import Caller, GivenServices
from service.api.schemas.documents import DocumentTemplate, DocumentTemplatePage

router = noun_router("document-templates")


class TemplateList(ListQuery):
    """Filters of templates; all that are given must hold."""

    key: Text | None = None
    jurisdiction: Text | None = None
    latest: Flag | None = None


@router.get("", operation_id="listDocumentTemplates", summary="List document templates", response_model=DocumentTemplatePage)
def list_templates(services: GivenServices, principal: Caller, query: Annotated[TemplateList, Query()]) -> Response:
    """All versions of all templates that fit the filters."""
    page = views.page(services, principal, "document-templates", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.get(
    "/{id}",
    operation_id="getDocumentTemplate",
    summary="Get a document template",
    response_model=DocumentTemplate,
    responses=FINDS,
)
def get_template(services: GivenServices, principal: Caller, template_id: PathId) -> Response:
    """One version; its id is `<key>:<version>`."""
    return ExactResponse(dict(views.one(services, principal, "document-templates", template_id)))


@router.get(
    "/{id}/content",
    operation_id="getDocumentTemplateContent",
    summary="Download a document template",
    response_class=Response,
    responses=FINDS | file_responses(DOCX),
)
def get_content(services: GivenServices, principal: Caller, template_id: PathId) -> Response:
    """The .docx, byte for byte as it was deployed: to be edited in Word and deployed again."""
    name, content = evidence_views.template_content(services, principal, template_id)
    return Response(content, media_type=DOCX, headers=file_headers(name, content))
