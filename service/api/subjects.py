"""/subjects: the persons and units that cases are about, and what was recorded of them."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from service.actions import views
from service.actions.subjects import register_subject, subject_facts
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, NEEDS_BODY, PathId, noun_router, told
from service.api.paging import Filters, ListQuery, Text, page_json, sort_parameter
from service.api.principal import Caller, GivenServices
from service.api.schemas.process_instances import ProcessInstancePage, State
from service.api.schemas.subjects import Day, GivenPost, GivenSubject, Kind, Subject, SubjectFacts, SubjectOnDay, SubjectPage
from service.domain.subject import SUBJECT_ID, Authority, Post

router = noun_router("subjects")


class SubjectList(ListQuery):
    """Filters of subjects."""

    kind: Kind | None = None
    unit_id: Text | None = Field(None, description="Those directly under this unit.")
    q: Text | None = Field(None, description="The name has this text in it, or the id begins with it.")


class OnDay(Filters):
    """The day of a question."""

    at: Day | None = Field(None, description="The day whose posts are asked for; today when not given.")


class CasesOfSubject(ListQuery):
    """Filters of the process instances of one subject."""

    state: State | None = None
    definition_key: Text | None = None
    sort: sort_parameter("startedAt", "endedAt") | None = Field(None, description="`-startedAt` (newest first) when not given.")  # type: ignore[valid-type]


class AtPlace(Filters):
    """Where facts are asked for."""

    jurisdiction: Text | None = Field(None, description="The place whose facts are meant; those that all places share when not given.")
    matter_id: Text | None = Field(None, description="The matter, for facts that are asked for by it.")


@router.get("", operation_id="listSubjects", summary="List persons and units", response_model=SubjectPage)
def list_subjects(services: GivenServices, principal: Caller, query: Annotated[SubjectList, Query()]) -> Response:
    """The persons and units registered, with their posts."""
    page = views.page(services, principal, "subjects", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.put(
    "/{id}",
    operation_id="putSubject",
    summary="Register a person or unit",
    response_model=Subject,
    responses=CHANGES | NEEDS_BODY | {201: {"model": Subject, "description": "Registered for the first time."}},
)
def put(services: GivenServices, principal: Caller, subject_id: PathId, body: GivenSubject) -> Response:
    """Register a person or unit under the id that cases name as `subjectId`; what was known before is replaced."""
    posts = tuple(_post(post) for post in body.posts)
    return told(
        register_subject.put_subject(
            services, principal, register_subject.PutSubject(subject_id, body.kind, body.name, body.unit_id, posts)
        )
    )


def _post(given: GivenPost) -> Post:
    authority = None if given.authority is None else Authority(given.authority.id, given.authority.name)
    return Post(given.post, given.rank, authority, given.begins_on, given.ends_on)


@router.get("/{id}", operation_id="getSubject", summary="Get a person or unit", response_model=SubjectOnDay, responses=FINDS)
def get_subject(services: GivenServices, principal: Caller, subject_id: PathId, query: Annotated[OnDay, Query()]) -> Response:
    """One person or unit, and the posts in force on a day. What only cases name is shown as unregistered."""
    return ExactResponse(register_subject.subject_on(services, principal, subject_id, query.at))


@router.get(
    "/{id}/process-instances",
    operation_id="listProcessInstancesOfSubject",
    summary="List the cases of a person or unit",
    response_model=ProcessInstancePage,
)
def list_cases(services: GivenServices, principal: Caller, subject_id: PathId, query: Annotated[CasesOfSubject, Query()]) -> Response:
    """The process instances whose variable `subjectId` is this id, registered or not."""
    filters = query.filters() | {"variables": [(SUBJECT_ID, "eq", subject_id)]}
    page = views.page(services, principal, "process-instances", filters, query.sort or [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.get(
    "/{id}/facts", operation_id="getFactsOfSubject", summary="Get the facts across cases", response_model=SubjectFacts, responses=FINDS
)
def get_facts(services: GivenServices, principal: Caller, subject_id: PathId, query: Annotated[AtPlace, Query()]) -> Response:
    """What this service recorded of a person or unit in all cases, as the place's `jurisdiction.yaml` names it: with count and entries."""
    return ExactResponse(subject_facts.subject_facts(services, principal, subject_id, query.jurisdiction, query.matter_id))
