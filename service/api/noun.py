"""What the routers of all nouns share: prefix, route class, and the problems that every route can answer with."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from service.actions.answer import Answer
from service.api.exact_json import ExactResponse, ExactRoute, json_text
from service.api.problems import EmptyBody, PayloadTooLarge, UnsupportedMediaType, problem_responses
from service.domain.errors import Conflict, Forbidden, Invalid, Malformed, NotFound, StepIncident, Unauthenticated, Unavailable

API_PREFIX = "/api/v1"

EVERYWHERE = (Malformed, Unauthenticated, Forbidden, Invalid, Unavailable)
"""Every route has a caller, parameters and a database behind it."""

FINDS = problem_responses(NotFound)
"""A route that names one thing."""
READS_BODY = problem_responses(PayloadTooLarge, UnsupportedMediaType)
"""A route that takes a body."""
NEEDS_BODY = READS_BODY | problem_responses(Malformed, EmptyBody)
"""A route that does nothing without a body."""
CHANGES = problem_responses(Conflict)
"""A route that changes something."""
STEPS = problem_responses(Conflict, StepIncident)
"""A route that moves a process instance."""

PathId = Annotated[str, Path(alias="id", min_length=1, max_length=255, pattern=r"^[^\x00/]+$", description="Its id.")]
PathKey = Annotated[
    str, Path(alias="key", min_length=1, max_length=255, pattern=r"^[^\x00/]+$", description="The decision id in the diagram.")
]

XML = {"content": {"application/xml": {"schema": {"type": "string"}}}, "description": "The file, byte for byte as it was deployed."}


def noun_router(tag: str, route_class: type[ExactRoute] = ExactRoute) -> APIRouter:
    """A router for one URL noun."""
    return APIRouter(
        prefix=f"{API_PREFIX}/{tag}",
        tags=[tag],
        route_class=route_class,
        default_response_class=ExactResponse,
        responses=problem_responses(*EVERYWHERE),
    )


def told(answer: Answer) -> Response:
    """An action's answer as the response."""
    return json_text(answer.status, answer.body)
