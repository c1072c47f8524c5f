"""Errors at the HTTP door: RFC 9457 problem documents, one shape for everything that can go wrong.

The type of a problem is `urn:rongjiu:problem:<code>`; `title`, `status`, `detail` and `instance` (the path of the request) are always
there, extension members depend on the kind. `problem_responses` gives a route's OpenAPI `responses` from the error classes, so that
what is declared and what is sent come from the same table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.actions.instances.door_checks import pointer
from service.actions.presentation import file_finding_json
from service.api.validation_words import in_words
from service.domain.errors import (
    Conflict,
    EvaluationWarned,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    NotSupported,
    OperationRefused,
    Refused,
    RongjiuError,
    StepIncident,
    Unauthenticated,
    Unavailable,
)
from service.domain.json_values import Json, canonical_json
from service.domain.recusal import Recused

PROBLEM_MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:rongjiu:problem:"

log = structlog.get_logger(__name__)


class PayloadTooLarge(HTTPException):
    """The body is larger than the door accepts."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"the body is larger than {limit} bytes")


class EmptyBody(HTTPException):
    """The route needs a body and none came."""

    def __init__(self) -> None:
        super().__init__(400, "the body is empty")


class UnsupportedMediaType(HTTPException):
    """The body is of a type that this route does not read."""

    def __init__(self, expected: str) -> None:
        super().__init__(415, f"the body must be {expected}")


class NotReady(Exception):
    """The service cannot work now; `reason` says why and what mends it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """How one class of errors is told: status, title, headers, and an example of its extension members."""

    status: int
    title: str
    example: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


UNAVAILABLE = ProblemKind(
    503,
    "The service cannot do this now",
    {"type": TYPE_PREFIX + "store-unavailable", "detail": "the database does not answer; try again later"},
)

KINDS: dict[type[Exception], ProblemKind] = {
    Malformed: ProblemKind(
        400, "The request cannot be read", {"type": TYPE_PREFIX + "malformed", "detail": "not JSON: Expecting value at line 1 column 1"}
    ),
    EmptyBody: ProblemKind(400, "The request cannot be read", {"type": TYPE_PREFIX + "malformed", "detail": "the body is empty"}),
    Unauthenticated: ProblemKind(
        401,
        "Who is calling is not known",
        {"type": TYPE_PREFIX + "unauthenticated", "detail": "an API key is required"},
        {"WWW-Authenticate": "Bearer"},
    ),
    Forbidden: ProblemKind(
        403,
        "The caller may not do this",
        {"type": TYPE_PREFIX + "not-a-candidate", "detail": "the person is no candidate of this task"},
    ),
    NotFound: ProblemKind(
        404,
        "There is no such thing",
        {
            "type": TYPE_PREFIX + "not-found",
            "detail": "no task with the id or key '0197…'",
            "kind": "task",
            "identifier": "0197…",
        },
    ),
    StepIncident: ProblemKind(
        409,
        "The step failed; nothing of it was kept",
        {
            "type": TYPE_PREFIX + "step-incident",
            "detail": "the step failed at element 'Gateway_1': the condition is neither true nor false",
            "incidentId": "01979b1c-0000-7000-8000-000000000001",
            "processInstanceId": "01979b1c-0000-7000-8000-000000000002",
            "elementId": "Gateway_1",
        },
    ),
    OperationRefused: ProblemKind(
        409,
        "The operation on the instance is refused",
        {
            "type": TYPE_PREFIX + "operation-refused",
            "detail": "1 reason(s) why this cannot be done safely; nothing was changed",
            "errors": [
                {
                    "pointer": "/instructions/0/activityId",
                    "elementId": "verify",
                    "code": "other-scope",
                    "message": "'verify' stands in the sub-process 'check'; all instructions must be about one scope",
                }
            ],
        },
    ),
    Conflict: ProblemKind(
        409,
        "The state of the thing does not allow this",
        {"type": TYPE_PREFIX + "task-claimed", "detail": "the task is claimed by another person"},
    ),
    PayloadTooLarge: ProblemKind(
        413,
        "The body is too large",
        {"type": TYPE_PREFIX + "payload-too-large", "detail": "the body is larger than 1048576 bytes"},
    ),
    UnsupportedMediaType: ProblemKind(
        415,
        "The body is of a type that cannot be read",
        {"type": TYPE_PREFIX + "unsupported-media-type", "detail": "the body must be application/json"},
    ),
    Refused: ProblemKind(
        422,
        "The files are refused",
        {
            "type": TYPE_PREFIX + "deployment-refused",
            "detail": "1 error(s) in the files; nothing was stored",
            "errors": [
                {"file": "a.bpmn", "elementId": "Task_1", "line": 12, "code": "unknown-decision", "message": "decision 'x' does not exist"}
            ],
            "warnings": [],
        },
    ),
    Invalid: ProblemKind(
        422,
        "The data given breaks rules",
        {
            "type": TYPE_PREFIX + "invalid",
            "detail": "the request breaks 1 rule(s)",
            "errors": [{"pointer": "/variables/decision/reason", "code": "required", "message": "a written reason is required"}],
        },
    ),
    # An error that is none of the kinds above is not the caller's: a room behind the door cannot work now.
    Unavailable: UNAVAILABLE,
    NotSupported: ProblemKind(
        501,
        "This service is not equipped for that",
        {"type": TYPE_PREFIX + "pdf-not-installed", "detail": "LibreOffice (soffice) is not installed beside the service"},
    ),
    NotReady: ProblemKind(
        503,
        "The service is not ready",
        {"type": TYPE_PREFIX + "not-ready", "detail": "the database schema is older than this version; run `rongjiu migrate`"},
    ),
}

HTTP_CODES = {
    400: ("malformed", KINDS[Malformed].title),
    404: ("not-found", KINDS[NotFound].title),
    405: ("method-not-allowed", "The method is not allowed here"),
    406: ("not-acceptable", "No acceptable representation"),
    413: ("payload-too-large", KINDS[PayloadTooLarge].title),
    415: ("unsupported-media-type", KINDS[UnsupportedMediaType].title),
}


def problem_responses(*errors: type[Exception]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI `responses` of a route that can answer with these errors."""
    responses: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        kind = KINDS[error]
        example = {"title": kind.title, "status": kind.status, "instance": "/api/v1/…"} | dict(kind.example)
        response = responses.setdefault(
            kind.status,
            {
                "description": kind.title,
                "content": {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}},
            },
        )
        response["content"][PROBLEM_MEDIA_TYPE]["examples"][error.__name__] = {"value": example}
        if kind.headers:
            response["headers"] = {name: {"schema": {"type": "string"}, "description": value} for name, value in kind.headers.items()}
    return responses


def _document(
    request: Request, status: int, code: str, title: str, detail: str, members: Mapping[str, Json] | None = None
) -> dict[str, Json]:
    return {
        "type": TYPE_PREFIX + code,
        "title": title,
        "status": status,
        "detail": detail,
        "instance": quote(request.scope["path"]),
        **(members or {}),
    }


def problem_document(request: Request, error: RongjiuError) -> dict[str, Json]:
    """A domain error as the problem document that tells of it, for answers that hold problems beside results."""
    kind = _kind_of(error)
    return _document(request, kind.status, error.code, kind.title, error.message, _members(error))


def problem(
    request: Request,
    status: int,
    code: str,
    title: str,
    detail: str,
    members: Mapping[str, Json] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One problem document as a response. Of the address only the path is read: its query may be what cannot be."""
    body = _document(request, status, code, title, detail, members)
    # What was sent may hold half a surrogate pair; it is shown escaped, never sent as broken UTF-8.
    content = canonical_json(body).encode("utf-8", "backslashreplace")
    return Response(content, status, dict(headers or {}), PROBLEM_MEDIA_TYPE)


def _kind_of(error: Exception) -> ProblemKind:
    for known in type(error).__mro__:
        if known in KINDS:
            return KINDS[known]
    raise TypeError(f"{type(error).__name__} has no problem kind")


def _members(error: RongjiuError) -> dict[str, Json]:
    match error:
        case NotFound():
            return {"kind": error.kind, "identifier": error.identifier}
        case StepIncident():
            return {
                "incidentId": error.incident_id,
                "processInstanceId": error.process_instance_id,
                "elementId": error.element_id,
            }
        case Recused():
            return error.recusal.why()
        case OperationRefused():
            return {
                "errors": [
                    {"pointer": one.pointer, "elementId": one.element_id, "code": one.code, "message": one.message}
                    for one in error.objections
                ]
            }
        case EvaluationWarned():
            return {"errors": _field_errors(error), "warnings": [cast(Json, dict(warning)) for warning in error.warnings]}
        case Invalid():
            return {"errors": _field_errors(error)}
        case Refused():
            found: dict[str, list[Json]] = {"error": [], "warning": [], "info": []}
            for finding in error.findings:
                found[finding.severity].append(file_finding_json(finding))
            return {"errors": found["error"], "warnings": found["warning"]}
        case _:
            return {}


def _field_errors(error: Invalid) -> list[Json]:
    return [{"pointer": fault.pointer, "code": fault.code, "message": fault.message} for fault in error.errors]


def tell_domain_error(request: Request, error: RongjiuError) -> Response:
    """A domain error as its problem."""
    kind = _kind_of(error)
    return problem(request, kind.status, error.code, kind.title, error.message, _members(error), kind.headers)


def tell_validation_error(request: Request, error: RequestValidationError) -> Response:
    """What pydantic found, with JSON pointers into the body; a fault of a parameter is named `parameter` in `/query/…`, `/header/…`."""
    errors: list[Json] = []
    for fault in error.errors():
        place, *path = fault["loc"]
        where = pointer(path) if place == "body" else pointer((str(place), *path))
        errors.append({"pointer": where, "code": str(fault["type"]).replace("_", "-"), "message": in_words(fault)})
    kind = KINDS[Invalid]
    return problem(request, kind.status, Invalid.code, kind.title, f"the request breaks {len(errors)} rule(s)", {"errors": errors})


def tell_http_exception(request: Request, error: HTTPException) -> Response:
    """What the framework refuses (no such route, wrong method, unreadable form …) in the same shape as everything else."""
    code, title = HTTP_CODES.get(error.status_code, (f"http-{error.status_code}", "The request failed"))
    return problem(request, error.status_code, code, title, str(error.detail), headers=error.headers)


def tell_not_ready(request: Request, error: NotReady) -> Response:
    """503 with the reason."""
    kind = KINDS[NotReady]
    return problem(request, kind.status, "not-ready", kind.title, error.reason)


def tell_unexpected_error(request: Request, error: Exception) -> Response:
    """500 without internals; the log has them, under the request id which the answer names too."""
    log.error("unexpected error", exc_info=error)
    request_id = structlog.contextvars.get_contextvars().get("requestId")
    return problem(
        request,
        500,
        "internal",
        "The service failed",
        "an unexpected error was logged; nothing of this request was kept",
        {"requestId": None if request_id is None else str(request_id)},
    )


def install_problem_handlers(app: FastAPI) -> None:
    """Give every error of this application its problem document (unexpected ones are caught by the request log)."""
    app.add_exception_handler(RongjiuError, tell_domain_error)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, tell_validation_error)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, tell_http_exception)  # type: ignore[arg-type]
    app.add_exception_handler(NotReady, tell_not_ready)  # type: ignore[arg-type]
