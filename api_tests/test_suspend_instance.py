"""Suspending an instance holds everything back, and resuming lets it go on as if nothing had been."""

from datetime import datetime
from typing import Any

import pytest

from api_tests.api_client import ApiClient, pointers, problem
from api_tests.conftest import Server
from api_tests.crash_fixtures import (
    at_once,
    audit_kinds,
    clients,
    deployed,
    diagram,
    end,
    flow,
    items,
    open_keys,
    start,
    timer,
    until,
    user_task,
)

REMINDED = diagram(
    "held_reminder",
    start(),
    user_task("work"),
    timer("soon", "work", "PT1S", interrupting=False),
    user_task("reminded"),
    end("done"),
    end("noted"),
    flow("start", "work"),
    flow("work", "done"),
    flow("soon", "reminded"),
    flow("reminded", "noted"),
)


def suspend(api: ApiClient, instance_id: str, **options: Any) -> Any:
    return api.call("POST", f"/process-instances/{instance_id}/suspension", {"reason": "等待答复"}, **options)


def resume(api: ApiClient, instance_id: str, **options: Any) -> Any:
    return api.call("POST", f"/process-instances/{instance_id}/resumption", {"reason": "已答复"}, **options)


def test_nobody_works_on_a_suspended_instance(api: ApiClient) -> None:
    instance = api.start("one_task")
    task = instance["openTasks"][0]["id"]
    assert api.call("POST", f"/tasks/{task}/claim", person="clerk").status_code == 200

    suspended = suspend(api, instance["id"])

    assert suspended.status_code == 200
    assert (suspended.json()["state"], suspended.json()["openTasks"][0]["suspended"]) == ("suspended", True)
    for path, body in (
        ("claim", None),
        ("release", None),
        ("assignment", {"assignee": "colleague"}),
        ("completion", {"variables": {"decision": "yes"}}),
    ):
        assert problem(api.call("POST", f"/tasks/{task}/{path}", body, person="clerk")) == (409, "instance-suspended"), path
    assert api.get(f"/tasks/{task}")["assignee"] == "clerk"
    assert audit_kinds(api, instance["id"])[-1] == "instance.suspended"


def test_lists_show_what_is_suspended(api: ApiClient) -> None:
    instance = api.start("one_task", businessKey="held-list")
    other = api.start("one_task", businessKey="held-list")
    suspend(api, instance["id"])

    rows = {row["processInstanceId"]: row["suspended"] for row in api.get("/tasks", businessKey="held-list")["items"]}
    assert rows == {instance["id"]: True, other["id"]: False}
    assert [row["processInstanceId"] for row in api.get("/tasks", businessKey="held-list", suspended="true")["items"]] == [instance["id"]]
    assert api.get("/tasks/count", businessKey="held-list", suspended="false") == {"count": 1}
    assert [row["id"] for row in api.get("/process-instances", businessKey="held-list", state="suspended")["items"]] == [instance["id"]]


def test_a_resumed_instance_goes_on(api: ApiClient) -> None:
    instance = api.start("two_steps", {"subjectId": "P", "matterId": "held-on"})
    suspend(api, instance["id"])

    resumed = resume(api, instance["id"])

    assert (resumed.status_code, resumed.json()["state"], resumed.json()["openTasks"][0]["suspended"]) == (200, "active", False)
    assert api.complete(instance["openTasks"][0]["id"], {}, "clerk").status_code == 200
    assert audit_kinds(api, instance["id"]).count("instance.resumed") == 1


def test_it_is_suspended_and_resumed_once(api: ApiClient) -> None:
    instance = api.start("one_task")["id"]

    assert problem(resume(api, instance)) == (409, "instance-not-suspended")
    first = suspend(api, instance, repeat_key="hold-once")
    again = suspend(api, instance, repeat_key="hold-once")
    assert (again.status_code, again.content) == (200, first.content)
    assert problem(suspend(api, instance)) == (409, "instance-suspended")
    assert resume(api, instance).status_code == 200
    assert api.call("POST", f"/process-instances/{instance}/cancellation", {"reason": "x"}).status_code == 200
    assert problem(suspend(api, instance)) == (409, "instance-not-open")
    assert problem(resume(api, instance)) == (409, "instance-not-open")


def test_a_suspended_instance_can_be_cancelled(api: ApiClient) -> None:
    instance = api.start("one_task")
    suspend(api, instance["id"])

    cancelled = api.call("POST", f"/process-instances/{instance['id']}/cancellation", {"reason": "x"})

    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    task = api.get(f"/tasks/{instance['openTasks'][0]['id']}")
    assert (task["state"], task["suspended"]) == ("cancelled", False)


def test_an_overdue_timer_fires_once_after_the_resumption(api: ApiClient) -> None:
    deployed(api, REMINDED)
    held = api.start("held_reminder")["id"]
    suspend(api, held)
    # A timer that is due later than the one held back shows that its moment has passed.
    other = api.start("held_reminder")["id"]
    until(lambda: open_keys(api, other) == ["reminded", "work"], "the other case was reminded")
    assert open_keys(api, held) == ["work"]

    resume(api, held)

    until(lambda: open_keys(api, held) == ["reminded", "work"], "the overdue timer fired")
    assert audit_kinds(api, held).count("timer.fired") == 1


LIMITS = b"""
id: held_place
name: held_place
documents: []
deadlines: {T_OURS: {duration: PT1H, basis: default}, T_RULE: {duration: PT1H, basis: rule}, T_LAW: {duration: PT1H, basis: law}}
"""
HELD_DUE = {
    "ours": "=deadline(&quot;T_OURS&quot;)",
    "rule": "${deadline('T_RULE')}",
    "law": "=deadline(&quot;T_LAW&quot;)",
    "diagram": "PT1H",
    "person": "=given",
}
HELD_LIMITS = diagram(
    "held_limits",
    start(),
    *(user_task(name, f'camunda:dueDate="{due}"') for name, due in HELD_DUE.items()),
    timer("late", "ours", '=deadline("T_OURS")', interrupting=True, kind="timeDate"),
    *(end(f"{name}_done") for name in HELD_DUE),
    end("too_late"),
    *(flow("start", name) for name in HELD_DUE),
    *(flow(name, f"{name}_done") for name in HELD_DUE),
    flow("late", "too_late"),
)


def milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1_000)


def test_limits_of_ours_stand_still_meanwhile_and_those_of_the_law_do_not(api: ApiClient) -> None:
    deployed(api, ("jurisdiction.yaml", LIMITS), HELD_LIMITS, jurisdiction="held_place")
    instance = api.start("held_limits", {"given": "2031-05-01T10:00:00+08:00"}, jurisdiction="held_place")
    before = {task["taskDefinitionKey"]: task for task in instance["openTasks"]}

    suspend(api, instance["id"])
    resume(api, instance["id"])

    after = {task["taskDefinitionKey"]: task for task in items(api, "/tasks", processInstanceId=instance["id"])}
    events = items(api, f"/process-instances/{instance['id']}/audit-events")
    [begun] = [event["at"] for event in events if event["kind"] == "instance.suspended"]
    [ended] = [event for event in events if event["kind"] == "instance.resumed"]
    stood = milliseconds(ended["at"]) - milliseconds(begun)
    moved = {name: milliseconds(task["dueDate"]) - milliseconds(before[name]["dueDate"]) for name, task in after.items()}
    assert moved == {"ours": stood, "rule": stood, "law": 0, "diagram": 0, "person": 0}
    assert after["ours"]["dueLimit"]["paused"] == [{"by": "suspension", "from": begun, "to": ended["at"]}]
    assert {name: (task["dueLimit"] or {"status": None})["status"] for name, task in after.items()} == {
        "ours": "default",
        "rule": "rule",
        "law": "law",
        "diagram": None,
        "person": None,
    }
    told = {one["elementId"]: (one["from"], one["to"]) for one in ended["payload"]["movedDueDates"]}
    dates = (before["ours"]["dueDate"], after["ours"]["dueDate"])
    assert told == {"ours": dates, "late": dates, "rule": (before["rule"]["dueDate"], after["rule"]["dueDate"])}


def test_a_message_does_not_reach_a_suspended_instance(api: ApiClient) -> None:
    instance = api.start("two_steps", {"subjectId": "P", "matterId": "held-message"})
    api.complete(instance["openTasks"][0]["id"], {}, "clerk")
    suspend(api, instance["id"])
    body = {"name": "test_answer", "processInstanceId": instance["id"], "variables": {"amount": 11}}

    assert problem(api.call("POST", "/messages", body)) == (409, "instance-suspended")
    second_track = {"name": "test_begin", "variables": {"subjectId": "P", "matterId": "held-message"}}
    assert problem(api.call("POST", "/messages", second_track)) == (409, "instance-suspended")
    resume(api, instance["id"])

    assert api.call("POST", "/messages", body).status_code == 200


def test_an_incident_stays_and_waits(api: ApiClient) -> None:
    instance = api.start("two_steps", {"subjectId": "P", "matterId": "held-incident"})["id"]
    api.complete(api.get("/tasks", processInstanceId=instance)["items"][0]["id"], {}, "clerk")
    failed = api.call("POST", "/messages", {"name": "test_answer", "processInstanceId": instance})
    retry = f"/incidents/{failed.json()['incidentId']}/retry"
    suspend(api, instance)

    assert problem(api.call("POST", retry, {"variables": {"amount": 11}})) == (409, "instance-suspended")
    assert resume(api, instance).json()["state"] == "incident"

    assert api.call("POST", retry, {"variables": {"amount": 11}}).status_code == 200
    assert api.get(f"/process-instances/{instance}")["state"] == "active"


@pytest.mark.parametrize("act", ["suspension", "resumption"])
def test_a_reason_and_an_administrator_are_needed(api: ApiClient, act: str) -> None:
    path = f"/process-instances/{api.start('one_task')['id']}/{act}"
    key = api.call("POST", "/api-keys", {"name": f"worker-{act}", "scopes": ["read", "work"]}).json()["secret"]

    assert pointers(api.call("POST", path, {})) == ["/reason"]
    assert pointers(api.call("POST", path, {"reason": " "})) == ["/reason"]
    assert problem(api.call("POST", path, {"reason": "x"}, key=key)) == (403, "missing-scope")
    assert problem(api.call("POST", f"/process-instances/nothing/{act}", {"reason": "x"})) == (404, "not-found")


def test_whoever_is_first_the_rows_agree(api: ApiClient, server: Server) -> None:
    """A completion, a suspension and a modification of the same instance at the same moment."""
    deployed(api, REMINDED)
    started = [api.start("held_reminder") for _ in range(4)]
    with clients(server.url, 3) as callers:
        for instance in started:
            path = f"/process-instances/{instance['id']}"
            cancel = {"type": "cancel", "activityId": "work"}
            moved = {"instructions": [cancel, {"type": "startBeforeActivity", "activityId": "work"}], "reason": "x"}
            answers = at_once(
                [
                    lambda task=instance["openTasks"][0]["id"]: callers[0].complete(task, {}, "clerk"),
                    lambda path=path: callers[1].call("POST", f"{path}/suspension", {"reason": "x"}),
                    lambda path=path, moved=moved: callers[2].call("POST", f"{path}/modification", moved),
                ]
            )
            assert {answer.status_code for answer in answers} <= {200, 409}
            assert 200 in {answer.status_code for answer in answers}
    verified = server.run("verify")
    assert verified.returncode == 0, verified.stderr
