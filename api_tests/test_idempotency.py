"""Idempotency-Key: the same request is done once and answered alike; another one under the same key is refused."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import pytest

from api_tests.api_client import ApiClient, problem
from api_tests.conftest import Server
from api_tests.crash_fixtures import at_once, audit_kinds, clients, items

CLIENTS = 6


@dataclass(frozen=True)
class Request:
    """What is sent, what else could be sent under the same key, and how often it had an effect."""

    path: str
    body: dict[str, Any]
    other_body: dict[str, Any]
    status: int
    effects: Callable[[], int]

    def send(self, api: ApiClient, key: str, *, body: dict[str, Any] | None = None, person: str = "clerk") -> httpx.Response:
        return api.call("POST", self.path, self.body if body is None else body, person=person, repeat_key=key)


def start_by_key(api: ApiClient, name: str) -> Request:
    body = {"definitionKey": "one_task", "businessKey": name}
    return Request(
        "/process-instances",
        body,
        body | {"variables": {"subjectId": "other"}},
        201,
        lambda: len(items(api, "/process-instances", businessKey=name)),
    )


def start_of_a_matter(api: ApiClient, name: str) -> Request:
    """A start with correlation keys: done twice it would be joined to itself."""
    body = {"definitionKey": "two_steps", "businessKey": name, "variables": {"subjectId": name, "matterId": "M"}}

    def effects() -> int:
        found = items(api, "/process-instances", businessKey=name)
        return sum(audit_kinds(api, row["id"]).count(kind) for row in found for kind in ("instance.started", "instance.joined"))

    return Request("/process-instances", body, body | {"businessKey": f"{name}-other"}, 201, effects)


def starting_message(api: ApiClient, name: str) -> Request:
    body = {"name": "test_begin", "businessKey": name, "variables": {"subjectId": name, "matterId": "M"}}

    def effects() -> int:
        found = items(api, "/process-instances", businessKey=name)
        return sum(audit_kinds(api, row["id"]).count(kind) for row in found for kind in ("instance.started", "instance.joined"))

    return Request("/messages", body, body | {"variables": {"subjectId": name, "matterId": "M2"}}, 201, effects)


def awaited_message(api: ApiClient, name: str) -> Request:
    instance = api.start("two_steps", {"subjectId": name, "matterId": "M"}, businessKey=name)
    assert api.complete(instance["openTasks"][0]["id"], {}, "clerk").status_code == 200
    body = {"name": "test_answer", "processInstanceId": instance["id"], "variables": {"amount": 11}}
    return Request(
        "/messages",
        body,
        body | {"variables": {"amount": 12}},
        200,
        lambda: audit_kinds(api, instance["id"]).count("message.received"),
    )


def completion(api: ApiClient, name: str) -> Request:
    instance = api.start("one_task", businessKey=name)
    return Request(
        f"/tasks/{instance['openTasks'][0]['id']}/completion",
        {"variables": {"review.decision": "AGREE"}},
        {"variables": {"review.decision": "OBJECT", "review.reason": "x"}},
        200,
        lambda: audit_kinds(api, instance["id"]).count("task.completed"),
    )


MAKERS = [start_by_key, start_of_a_matter, starting_message, awaited_message, completion]
made_by = pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)


@pytest.fixture
def many(server: Server) -> Iterator[list[ApiClient]]:
    with clients(server.url, CLIENTS) as made:
        yield made


@made_by
def test_the_same_request_has_one_effect_and_one_answer(api: ApiClient, make: Callable[[ApiClient, str], Request]) -> None:
    name = f"repeat-{make.__name__}"
    request = make(api, name)

    first = request.send(api, name)
    again = request.send(api, name)

    assert first.status_code == request.status, first.text
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert request.effects() == 1


@made_by
def test_a_body_written_otherwise_is_the_same_request(api: ApiClient, make: Callable[[ApiClient, str], Request]) -> None:
    name = f"spelling-{make.__name__}"
    request = make(api, name)
    turned = dict(reversed(request.body.items()))

    assert request.send(api, name, body=turned).content == request.send(api, name).content
    assert request.effects() == 1


@made_by
def test_another_request_under_the_same_key_is_refused(api: ApiClient, make: Callable[[ApiClient, str], Request]) -> None:
    name = f"other-{make.__name__}"
    request = make(api, name)
    assert request.send(api, name).status_code == request.status

    other_body = request.send(api, name, body=request.other_body)
    other_person = request.send(api, name, person="colleague")
    other_path = api.call("POST", "/process-instances", {"definitionKey": "one_task"}, person="clerk", repeat_key=name)

    assert problem(other_body) == (409, "idempotency-key-reused")
    assert problem(other_person) == (409, "idempotency-key-reused")
    assert problem(other_path) == (409, "idempotency-key-reused")
    assert request.effects() == 1


@made_by
def test_duplicates_at_the_same_moment_have_one_effect(
    api: ApiClient, many: list[ApiClient], make: Callable[[ApiClient, str], Request]
) -> None:
    for turn in range(3):
        name = f"at-once-{make.__name__}-{turn}"
        request = make(api, name)

        answers = at_once([partial(request.send, client, name) for client in many])

        assert request.effects() == 1
        assert {(answer.status_code, answer.content) for answer in answers} == {(request.status, answers[0].content)}


def test_a_refused_request_does_not_use_up_its_key(api: ApiClient) -> None:
    task_id = api.start("one_task")["openTasks"][0]["id"]
    key = f"refused-{task_id}"

    refused = api.complete(task_id, {"review.decision": "MAYBE"}, "clerk", repeat_key=key)
    mended = api.complete(task_id, {"review.decision": "AGREE"}, "clerk", repeat_key=key)

    assert problem(refused)[0] == 422
    assert mended.status_code == 200


def test_a_key_belongs_to_its_api_key(api: ApiClient) -> None:
    made = api.call("POST", "/api-keys", {"name": "second", "scopes": ["work"]})
    assert made.status_code == 201, made.text
    body = {"definitionKey": "one_task", "businessKey": "key-of-two-callers"}

    mine = api.call("POST", "/process-instances", body, repeat_key="key-of-two-callers")
    theirs = api.call("POST", "/process-instances", body, repeat_key="key-of-two-callers", key=made.json()["secret"])

    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]
