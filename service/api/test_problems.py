"""Every error has its problem document, and what is declared is what is sent."""

import pytest
from fastapi import FastAPI

from service.api.conftest import Called, call
from service.api.metrics import Metrics
from service.api.problems import KINDS, NotReady, install_problem_handlers, problem_responses
from service.api.request_log import RequestLog
from service.domain.errors import (
    Conflict,
    FieldError,
    Finding,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Refused,
    RongjiuError,
    StepIncident,
    Unauthenticated,
    Unavailable,
)

CASES: list[tuple[Exception, int, str, dict[str, object]]] = [
    (Malformed("not JSON"), 400, "malformed", {}),
    (Unauthenticated("no key"), 401, "unauthenticated", {}),
    (Forbidden("no", "not-a-candidate"), 403, "not-a-candidate", {}),
    (NotFound("task", "x"), 404, "not-found", {"kind": "task", "identifier": "x"}),
    (Conflict("claimed", "task-claimed"), 409, "task-claimed", {}),
    (
        StepIncident("i", "p", "E", "boom"),
        409,
        "step-incident",
        {"incidentId": "i", "processInstanceId": "p", "elementId": "E"},
    ),
    (
        Invalid("wrong", [FieldError("/variables/a~1b", "required", "missing")]),
        422,
        "invalid",
        {"errors": [{"pointer": "/variables/a~1b", "code": "required", "message": "missing"}]},
    ),
    (
        Refused([Finding("a.bpmn", "T", 3, "deadlock", "m", "error", "h"), Finding("a.dmn", None, None, "w", "n", "warning")]),
        422,
        "deployment-refused",
        {
            "errors": [
                {
                    "file": "a.bpmn",
                    "elementId": "T",
                    "line": 3,
                    "code": "deadlock",
                    "message": "m",
                    "severity": "error",
                    "column": None,
                    "hint": "h",
                    "docs": "findings.md#deadlock",
                }
            ],
            "warnings": [
                {
                    "file": "a.dmn",
                    "elementId": None,
                    "line": None,
                    "code": "w",
                    "message": "n",
                    "severity": "warning",
                    "column": None,
                    "hint": None,
                    "docs": None,
                }
            ],
        },
    ),
    (NotReady("run `rongjiu migrate`"), 503, "not-ready", {}),
    (Unavailable("the database does not answer"), 503, "store-unavailable", {}),
]


def ask(error: Exception, method: str = "GET", path: str | bytes = "/x", headers: dict[str, str] | None = None) -> Called:
    app = FastAPI()
    install_problem_handlers(app)
    app.add_middleware(RequestLog, metrics=Metrics())

    @app.get("/x")
    def fail() -> None:
        raise error

    return call(app, method, path, headers=headers)


@pytest.mark.parametrize(("error", "status", "code", "members"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_an_error_becomes_its_problem(error: Exception, status: int, code: str, members: dict[str, object]) -> None:
    answer = ask(error)

    body = answer.json()
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert body.pop("title")
    assert body.pop("detail")
    assert body == {"type": f"urn:rongjiu:problem:{code}", "status": status, "instance": "/x", **members}


def test_an_unknown_caller_is_told_how_to_authenticate() -> None:
    assert ask(Unauthenticated("no key")).headers["www-authenticate"] == "Bearer"


def test_an_unexpected_error_shows_nothing_of_the_inside() -> None:
    answer = ask(KeyError("secret"), headers={"x-request-id": "r-1"})

    assert answer.status == 500
    assert answer.json()["requestId"] == "r-1"
    assert answer.headers["x-request-id"] == "r-1"
    assert "secret" not in answer.text
    assert "KeyError" not in answer.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("POST", "/x", 405)])
def test_what_the_framework_refuses_has_the_same_shape(method: str, path: str, status: int) -> None:
    answer = ask(KeyError(), method, path)

    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["instance"] == path


def test_a_problem_is_told_even_when_the_query_cannot_be_read() -> None:
    answer = ask(KeyError(), path=b"/%E5%BC%A0?\xff")

    assert (answer.status, answer.json()["instance"]) == (404, "/%E5%BC%A0")


def test_the_declared_responses_name_every_kind_of_a_status() -> None:
    responses = problem_responses(Conflict, StepIncident, NotFound)

    assert set(responses) == {404, 409}
    assert set(responses[409]["content"]["application/problem+json"]["examples"]) == {"Conflict", "StepIncident"}


def test_every_error_of_the_domain_has_a_kind() -> None:
    kinds = set(RongjiuError.__subclasses__()) | {StepIncident}

    assert {kind for kind in kinds if kind.__module__ == "service.domain.errors"} <= set(KINDS)
