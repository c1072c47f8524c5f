"""Moving tokens by hand over HTTP: one step, dry or not, told and audited; refused with every reason."""

from typing import Any

import pytest

from api_tests.api_client import ApiClient, pointers, problem
from api_tests.conftest import Server
from api_tests.crash_fixtures import audit_kinds, deployed, diagram, end, flow, items, open_keys, start, timer, user_task

LINE = diagram(
    "by_hand",
    start(),
    user_task("a"),
    timer("late", "a", "PT9H", interrupting=False),
    user_task("b"),
    '<bpmn:parallelGateway id="split" />',
    user_task("left"),
    user_task("right"),
    '<bpmn:parallelGateway id="join" />',
    '<bpmn:scriptTask id="compute" scriptFormat="feel" camunda:resultVariable="half">',
    "<bpmn:script>amount / 2</bpmn:script></bpmn:scriptTask>",
    end("done"),
    end("noted"),
    flow("start", "a"),
    flow("a", "b"),
    flow("late", "noted"),
    flow("b", "split"),
    flow("split", "left"),
    flow("split", "right"),
    flow("left", "join"),
    flow("right", "join"),
    flow("join", "compute"),
    flow("compute", "done"),
)


@pytest.fixture
def instance(api: ApiClient) -> Any:
    deployed(api, LINE)
    return api.start("by_hand", {"amount": 3})


def modify(api: ApiClient, instance_id: str, *instructions: dict[str, str], **options: Any) -> Any:
    body = {"instructions": list(instructions), "reason": "纠正", **options.pop("members", {})}
    return api.call("POST", f"/process-instances/{instance_id}/modification", body, **options)


def before(activity: str) -> dict[str, str]:
    return {"type": "startBeforeActivity", "activityId": activity}


def after(activity: str) -> dict[str, str]:
    return {"type": "startAfterActivity", "activityId": activity}


def cancel(activity: str) -> dict[str, str]:
    return {"type": "cancel", "activityId": activity}


def elements(visits: list[dict[str, str]]) -> list[str]:
    return sorted(visit["activityId"] for visit in visits)


def test_an_instance_goes_where_it_is_put(api: ApiClient, server: Server, instance: Any) -> None:
    moved = modify(api, instance["id"], cancel("a"), before("left"), before("right"), members={"variables": {"amount": 8}})

    assert moved.status_code == 200, moved.text
    body = moved.json()
    assert (elements(body["cancelled"]), elements(body["open"]), body["dryRun"]) == (["a"], ["left", "right"], False)
    assert sorted(task["taskDefinitionKey"] for task in body["processInstance"]["openTasks"]) == ["left", "right"]
    assert api.get(f"/tasks/{instance['openTasks'][0]['id']}")["state"] == "cancelled"
    event = next(one for one in items(api, f"/process-instances/{instance['id']}/audit-events") if one["kind"] == "instance.modified")
    assert event["payload"]["reason"] == "纠正"
    assert event["payload"]["instructions"] == [cancel("a"), before("left"), before("right")]
    verified = server.run("verify", "--stream", instance["id"])
    assert verified.returncode == 0, verified.stderr

    for task in body["processInstance"]["openTasks"]:
        assert api.complete(task["id"], {}, "clerk").status_code == 200
    assert api.get(f"/process-instances/{instance['id']}")["state"] == "completed"
    assert api.get(f"/process-instances/{instance['id']}/variables")["half"] == 4


def test_a_dry_run_tells_and_keeps_nothing(api: ApiClient, instance: Any) -> None:
    told = modify(api, instance["id"], cancel("a"), before("b"), members={"dryRun": True}, repeat_key="dry-modification")

    assert (elements(told.json()["cancelled"]), elements(told.json()["open"]), told.json()["dryRun"]) == (["a"], ["b"], True)
    assert open_keys(api, instance["id"]) == ["a"]
    assert audit_kinds(api, instance["id"]) == ["instance.started", "task.created"]


def test_a_repeated_modification_is_done_once(api: ApiClient, instance: Any) -> None:
    first = modify(api, instance["id"], before("b"), repeat_key="modify-once")

    again = modify(api, instance["id"], before("b"), repeat_key="modify-once")

    assert (again.status_code, again.content) == (200, first.content)
    assert open_keys(api, instance["id"]) == ["a", "b"]


def test_one_visit_is_named_by_its_id(api: ApiClient, instance: Any) -> None:
    modify(api, instance["id"], before("a"))
    visits = [row for row in api.get(f"/process-instances/{instance['id']}/activities")["items"] if row["state"] == "active"]
    assert {row["id"] for row in visits} == {task["id"] for task in api.get("/tasks", processInstanceId=instance["id"])["items"]}

    assert modify(api, instance["id"], {"type": "cancel", "activityInstanceId": visits[0]["id"]}).status_code == 200

    assert [task["id"] for task in api.get("/tasks", processInstanceId=instance["id"])["items"]] == [visits[1]["id"]]


def test_every_reason_is_told_and_nothing_changes(api: ApiClient, instance: Any) -> None:
    refused = modify(api, instance["id"], before("nowhere"), cancel("b"), before("join"))

    assert problem(refused) == (409, "operation-refused")
    assert [(error["pointer"], error["elementId"], error["code"]) for error in refused.json()["errors"]] == [
        ("/instructions/0/activityId", "nowhere", "unknown-activity"),
        ("/instructions/1/activityId", "b", "not-open"),
        ("/instructions/2/activityId", "join", "not-startable"),
    ]
    waits = modify(api, instance["id"], cancel("a"), before("left"))
    assert [(error["pointer"], error["code"]) for error in waits.json()["errors"]] == [("", "waits-forever")]
    assert audit_kinds(api, instance["id"]) == ["instance.started", "task.created"]


def test_a_step_that_fails_changes_nothing(api: ApiClient, instance: Any) -> None:
    failed = modify(api, instance["id"], cancel("a"), before("compute"), members={"variables": {"amount": "many"}})

    assert problem(failed) == (409, "operation-failed")
    assert "compute" in failed.json()["detail"]
    assert open_keys(api, instance["id"]) == ["a"]
    assert api.get(f"/process-instances/{instance['id']}/variables")["amount"] == 3
    assert api.get("/incidents", processInstanceId=instance["id"])["items"] == []


def test_what_was_started_in_a_suspended_instance_is_suspended(api: ApiClient, instance: Any) -> None:
    api.call("POST", f"/process-instances/{instance['id']}/suspension", {"reason": "x"})

    moved = modify(api, instance["id"], cancel("a"), before("b")).json()["processInstance"]

    assert (moved["state"], [task["suspended"] for task in moved["openTasks"]]) == ("suspended", [True])
    api.call("POST", f"/process-instances/{instance['id']}/resumption", {"reason": "x"})
    assert api.complete(moved["openTasks"][0]["id"], {}, "clerk").status_code == 200


def test_an_incident_of_what_goes_is_resolved(api: ApiClient, instance: Any) -> None:
    modify(api, instance["id"], cancel("a"), before("left"), before("right"), members={"variables": {"amount": "many"}})
    left, right = (task["id"] for task in api.get("/tasks", processInstanceId=instance["id"])["items"])
    api.complete(left, {}, "clerk")
    assert problem(api.complete(right, {}, "clerk")) == (409, "step-incident")

    moved = modify(api, instance["id"], cancel("join"), cancel(api.get(f"/tasks/{right}")["taskDefinitionKey"]), before("b"))

    assert moved.json()["processInstance"]["state"] == "active"
    assert api.get("/incidents", processInstanceId=instance["id"])["items"] == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"instructions": [], "reason": "x"}, ["/instructions"]),
        ({"instructions": [before("b")]}, ["/reason"]),
        ({"instructions": [{"type": "cancel"}], "reason": "x"}, ["/instructions/0"]),
        ({"instructions": [{**cancel("a"), "activityInstanceId": "x"}], "reason": "x"}, ["/instructions/0"]),
        ({"instructions": [{"type": "startBeforeActivity", "activityInstanceId": "x"}], "reason": "x"}, ["/instructions/0"]),
        ({"instructions": [{"type": "startTransition", "activityId": "x"}], "reason": "x"}, ["/instructions/0/type"]),
    ],
)
def test_a_malformed_modification_is_refused(api: ApiClient, instance: Any, body: Any, expected: list[str]) -> None:
    assert pointers(api.call("POST", f"/process-instances/{instance['id']}/modification", body)) == expected


def test_only_an_administrator_modifies_what_is_open(api: ApiClient, instance: Any) -> None:
    key = api.call("POST", "/api-keys", {"name": "worker-modify", "scopes": ["read", "work"]}).json()["secret"]

    assert problem(modify(api, instance["id"], before("b"), key=key)) == (403, "missing-scope")
    api.call("POST", f"/process-instances/{instance['id']}/cancellation", {"reason": "x"})
    assert problem(modify(api, instance["id"], before("b"))) == (409, "instance-not-open")
    assert problem(modify(api, "nothing", before("b"))) == (404, "not-found")
