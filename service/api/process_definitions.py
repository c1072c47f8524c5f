"""/process-definitions: the diagrams in force and before."""

from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import Field

from service.actions import views
from service.actions.instances import start_form
from service.api.exact_json import ExactResponse
from service.api.noun import FINDS, XML, noun_router
from service.api.paging import Filters, Flag, ListQuery, Text, page_json
from service.api.principal import Caller, GivenServices
from service.api.schemas.definitions import Definition, DefinitionPage, StartForm

router = noun_router("process-definitions")
IdOrKey = Annotated[
    str,
    Path(
        alias="id",
        min_length=1,
        max_length=255,
        pattern=r"^[^\x00/]+$",
        description="Its id (`<key>:<version>`), or the key alone: the latest version.",
    ),
]


class DefinitionList(ListQuery):
    """Filters of definitions; all that are given must hold."""

    key: Text | None = None
    jurisdiction: Text | None = Field(None, description="This jurisdiction and all below it.")
    deployment_id: Text | None = Field(None, description="Those that came with this deployment.")
    latest: Flag = Field(False, description="true: only the latest version of each key; false: all versions.")

    def filters(self) -> dict[str, object]:
        """The filters given; only `latest=true` narrows."""
        given = super().filters()
        if not self.latest:
            del given["latest"]
        return given


class StartQuery(Filters):
    """Which start is meant."""

    start_element_id: Text | None = Field(None, description="Needed where the process has several starts.")


@router.get("", operation_id="listProcessDefinitions", summary="List process definitions", response_model=DefinitionPage)
def list_definitions(services: GivenServices, principal: Caller, query: Annotated[DefinitionList, Query()]) -> Response:
    """All versions of all processes that fit the filters."""
    page = views.page(services, principal, "process-definitions", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.get("/{id}", operation_id="getProcessDefinition", summary="Get a process definition", response_model=Definition, responses=FINDS)
def get_definition(services: GivenServices, principal: Caller, definition_id: IdOrKey) -> Response:
    """One version by its id, the latest by its key."""
    return ExactResponse(dict(views.process_definition(services, principal, definition_id)))


@router.get(
    "/{id}/xml",
    operation_id="getProcessDefinitionXml",
    summary="Get the diagram",
    response_class=Response,
    responses=FINDS | {200: XML},
)
def get_xml(services: GivenServices, principal: Caller, definition_id: IdOrKey) -> Response:
    """The BPMN file, byte for byte as it was deployed."""
    return Response(views.process_xml(services, principal, definition_id).content, media_type="application/xml")


@router.get(
    "/{id}/start-form",
    operation_id="getStartForm",
    summary="Get the form of a start",
    response_model=StartForm,
    responses=FINDS,
)
def get_start_form(services: GivenServices, principal: Caller, definition_id: IdOrKey, query: Annotated[StartQuery, Query()]) -> Response:
    """The form-js schema by which a start of now is judged; 404 when no form is bound to it."""
    return ExactResponse(start_form.start_form(services, principal, definition_id, query.start_element_id))
