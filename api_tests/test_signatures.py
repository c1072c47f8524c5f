"""Signed opinions: who vouches for what, in his own name, over exactly what is kept."""

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from api_tests.api_client import ApiClient, pointers, problem
from api_tests.conftest import Server


@pytest.fixture
def api(server: Server, connect: Callable[..., ApiClient]) -> ApiClient:
    api = connect(server)
    assert api.deploy("signed_opinion.bpmn").status_code in (200, 201)
    return api


@pytest.fixture
def clerk(api: ApiClient) -> str:
    return api.person(f"signer.{uuid4().hex[:10]}", "clerks")


def case_of(api: ApiClient, **variables: Any) -> Any:
    case = api.start("signed_opinion", variables)
    assert case["openTasks"][0]["signature"] is True
    return case


def sign(api: ApiClient, task: Any, person: str | None, values: Any, **options: Any) -> Any:
    body = {"variables": values, **options.pop("members", {})}
    return api.call("POST", f"/tasks/{task['id']}/completion", body, person=person, **options)


def signatures(api: ApiClient, case: Any) -> list[Any]:
    return api.get(f"/process-instances/{case['id']}/signatures")["items"]


def digest(case: Any, task: Any, values: Any) -> str:
    """Recomputed as the documentation says."""
    signed = {
        "processInstanceId": case["id"],
        "taskId": task["id"],
        "taskDefinitionKey": task["taskDefinitionKey"],
        "values": values,
    }
    return hashlib.sha256(json.dumps(signed, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def test_an_opinion_is_signed_by_who_gives_it(api: ApiClient, clerk: str) -> None:
    case = case_of(api)
    (task,) = case["openTasks"]
    assert signatures(api, case) == []

    assert sign(api, task, clerk, {"opinion": "同意容错", "amount": 3}).status_code == 200

    (signature,) = signatures(api, case)
    assert signature["userId"] == signature["userName"] == clerk
    assert signature["post"] is None
    assert (signature["taskId"], signature["taskDefinitionKey"], signature["taskName"]) == (task["id"], "give", "提出意见")
    assert signature["via"]
    assert signature["digest"] == digest(case, task, {"opinion": "同意容错", "amount": 3})
    events = api.get("/audit-events", stream=case["id"], limit=200)["items"]
    kinds = [event["kind"] for event in events]
    assert kinds[kinds.index("task.completed") + 1] == "task.signed"
    assert events[kinds.index("task.signed")]["payload"]["digest"] == signature["digest"]


def test_the_diagram_sees_the_signature_in_the_same_step_and_later(api: ApiClient, clerk: str) -> None:
    case = case_of(api)
    (task,) = case["openTasks"]
    after = sign(api, task, clerk, {"opinion": "同意"}).json()["processInstance"]["openTasks"]
    assert api.complete(after[0]["id"], {}, clerk).status_code == 200
    variables = api.get(f"/process-instances/{case['id']}/variables")
    assert variables["signed"] == variables["signedLater"] == signatures(api, case)


def test_the_post_is_the_registered_one_or_the_one_given(api: ApiClient, clerk: str) -> None:
    given, registered, other = case_of(api), case_of(api), case_of(api)
    (task,) = given["openTasks"]
    assert sign(api, task, clerk, {}, members={"signature": {"post": "审理室主任"}}).status_code == 200
    assert signatures(api, given)[0]["post"] == "审理室主任"

    posts = [{"post": "组织科科长", "from": "2020-01-01"}]
    assert api.call("PUT", f"/subjects/{clerk}", {"kind": "INDIVIDUAL", "name": "某", "posts": posts}).status_code in (200, 201)
    (task,) = registered["openTasks"]
    assert sign(api, task, clerk, {}).status_code == 200
    assert signatures(api, registered)[0]["post"] == "组织科科长"
    (task,) = other["openTasks"]
    refused = sign(api, task, clerk, {}, members={"signature": {"post": "局长"}})
    assert pointers(refused) == ["/signature/post"]
    assert "组织科科长" in refused.json()["errors"][0]["message"]
    assert signatures(api, other) == []


def test_nobody_signs_for_another(api: ApiClient, clerk: str) -> None:
    case = case_of(api)
    (task,) = case["openTasks"]
    assert problem(sign(api, task, None, {})) == (403, "cannot-sign")
    officer = api.person(f"officer.{uuid4().hex[:10]}", "clerks")
    own = api.call("POST", "/api-keys", {"name": officer, "scopes": ["admin"], "userId": officer}).json()["secret"]
    assert problem(sign(api, task, clerk, {}, key=own)) == (403, "cannot-sign")
    assert signatures(api, case) == []
    assert sign(api, task, officer, {}, key=own).status_code == 200
    assert (signatures(api, case)[0]["userId"], signatures(api, case)[0]["via"]) == (officer, officer)


def test_a_task_that_is_not_signed_takes_no_post(api: ApiClient, clerk: str) -> None:
    case = case_of(api)
    (task,) = sign(api, case["openTasks"][0], clerk, {}).json()["processInstance"]["openTasks"]
    assert task["signature"] is False
    assert pointers(sign(api, task, clerk, {}, members={"signature": {"post": "主任"}})) == ["/signature"]


def test_a_retry_brings_the_signature_of_who_signed(api: ApiClient, clerk: str) -> None:
    case = case_of(api, breaks=True)
    (task,) = case["openTasks"]
    failed = sign(api, task, clerk, {"opinion": "同意"}, members={"signature": {"post": "科员"}})
    assert problem(failed) == (409, "step-incident")
    assert signatures(api, case) == []

    retried = api.call("POST", f"/incidents/{failed.json()['incidentId']}/retry", {"variables": {"breaks": False}})

    assert retried.status_code == 200, retried.text
    (signature,) = signatures(api, case)
    assert (signature["userId"], signature["post"], signature["digest"]) == (clerk, "科员", digest(case, task, {"opinion": "同意"}))
    assert api.get(f"/process-instances/{case['id']}/variables")["signed"] == [signature]


def test_the_signatures_of_an_unknown_case_are_not_found(api: ApiClient) -> None:
    assert problem(api.call("GET", "/process-instances/nothing/signatures")) == (404, "not-found")
