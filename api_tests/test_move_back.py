"""退回、撤回: an earlier activity runs anew; where one may go back to is answered before it is done."""

from typing import Any

import pytest

from api_tests.api_client import ApiClient, pointers, problem
from api_tests.conftest import Server
from api_tests.crash_fixtures import deployed, diagram, end, flow, items, open_keys, start, user_task

OPINIONS = (
    '<bpmn:userTask id="opinion" name="会签" camunda:assignee="${person}"><bpmn:multiInstanceLoopCharacteristics'
    ' camunda:collection="people" camunda:elementVariable="person" /></bpmn:userTask>'
)
ROUND = diagram(
    "back_and_forth",
    start(),
    user_task("accept"),
    '<bpmn:parallelGateway id="split" />',
    user_task("facts"),
    user_task("law"),
    '<bpmn:parallelGateway id="join" />',
    OPINIONS,
    user_task("decide"),
    end("done"),
    flow("start", "accept"),
    flow("accept", "split"),
    flow("split", "facts"),
    flow("split", "law"),
    flow("facts", "join"),
    flow("law", "join"),
    flow("join", "opinion"),
    flow("opinion", "decide"),
    flow("decide", "done"),
)


@pytest.fixture
def instance(api: ApiClient) -> str:
    deployed(api, ROUND)
    started: str = api.start("back_and_forth", {"people": ["clerk", "colleague"]})["id"]
    return started


def task_at(api: ApiClient, instance_id: str, key: str) -> str:
    found: str = api.get("/tasks", processInstanceId=instance_id, taskDefinitionKey=key)["items"][0]["id"]
    return found


def complete(api: ApiClient, instance_id: str, *keys: str) -> None:
    for key in keys:
        task = api.get(f"/tasks/{task_at(api, instance_id, key)}")
        assert api.complete(task["id"], {}, task["assignee"] or "clerk").status_code == 200, key


def go_back(api: ApiClient, instance_id: str, target: str, **members: Any) -> Any:
    return api.call("POST", f"/process-instances/{instance_id}/move-back", {"toActivityId": target, "reason": "补正", **members})


def targets(api: ApiClient, instance_id: str) -> dict[str, dict[str, str | None]]:
    """Of each open element: the activities been through, with the code why not (None: one may)."""
    found = api.get(f"/process-instances/{instance_id}/move-back-targets")["items"]
    return {place["activityId"]: {target["activityId"]: target["code"] for target in place["targets"]} for place in found}


def elements(visits: list[dict[str, str]]) -> list[str]:
    return sorted(visit["activityId"] for visit in visits)


def test_back_to_the_beginning_takes_both_branches(api: ApiClient, server: Server, instance: str) -> None:
    complete(api, instance, "accept", "facts")
    law = task_at(api, instance, "law")

    back = go_back(api, instance, "accept", fromTaskId=law)

    assert back.status_code == 200, back.text
    assert elements(back.json()["cancelled"]) == ["join", "law"]
    assert [task["taskDefinitionKey"] for task in back.json()["processInstance"]["openTasks"]] == ["accept"]
    assert api.get(f"/tasks/{law}")["state"] == "cancelled"
    event = next(one for one in items(api, f"/process-instances/{instance}/audit-events") if one["kind"] == "instance.moved-back")
    assert (event["payload"]["fromTaskId"], event["payload"]["toActivityId"], event["payload"]["reason"]) == (law, "accept", "补正")
    verified = server.run("verify", "--stream", instance)
    assert verified.returncode == 0, verified.stderr

    complete(api, instance, "accept", "facts", "law", "opinion", "opinion", "decide")
    assert api.get(f"/process-instances/{instance}")["state"] == "completed"


def test_where_one_may_go_back_to_is_told_with_the_reason_why_not(api: ApiClient, instance: str) -> None:
    assert targets(api, instance) == {"accept": {}}
    complete(api, instance, "accept")
    assert targets(api, instance) == {"facts": {"accept": None}, "law": {"accept": None}}
    complete(api, instance, "facts", "law")
    assert targets(api, instance) == {"opinion": {"accept": None, "facts": "waits-forever", "law": "waits-forever"}}

    place = api.get(f"/process-instances/{instance}/move-back-targets")["items"][0]
    told = {target["activityId"]: target for target in place["targets"]}
    assert len(place["open"]) == 2
    assert (told["accept"]["allowed"], elements(told["accept"]["cancels"])) == (True, ["opinion", "opinion"])
    assert (told["facts"]["allowed"], "wait for ever" in told["facts"]["reason"]) == (False, True)
    refused = go_back(api, instance, "facts", fromActivityId="opinion")
    assert problem(refused) == (409, "operation-refused")
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [("/toActivityId", "waits-forever")]
    assert open_keys(api, instance) == ["opinion", "opinion"]


def test_a_multi_instance_is_done_again_as_a_whole(api: ApiClient, instance: str) -> None:
    complete(api, instance, "accept", "facts", "law", "opinion", "opinion")

    assert go_back(api, instance, "opinion", fromActivityId="decide").status_code == 200
    assert open_keys(api, instance) == ["opinion", "opinion"]
    complete(api, instance, "opinion")
    back = go_back(api, instance, "accept", fromTaskId=task_at(api, instance, "opinion"))

    assert elements(back.json()["cancelled"]) == ["opinion"]
    assert open_keys(api, instance) == ["accept"]


def test_a_dry_run_keeps_nothing(api: ApiClient, instance: str) -> None:
    complete(api, instance, "accept")

    told = go_back(api, instance, "accept", fromActivityId="law", dryRun=True)

    assert (elements(told.json()["cancelled"]), elements(told.json()["open"])) == (["facts", "law"], ["accept"])
    assert open_keys(api, instance) == ["facts", "law"]


def test_only_to_what_was_done(api: ApiClient, instance: str) -> None:
    assert go_back(api, instance, "decide", fromActivityId="accept").json()["errors"][0]["code"] == "never-completed"
    assert go_back(api, instance, "accept", fromTaskId="nothing").json()["errors"][0]["code"] == "not-open"
    assert go_back(api, instance, "accept", fromActivityId="decide").json()["errors"][0]["pointer"] == "/fromActivityId"


def test_what_is_missing_or_too_much_is_refused(api: ApiClient, instance: str) -> None:
    assert pointers(go_back(api, instance, "accept")) == [""]
    assert pointers(go_back(api, instance, "accept", fromTaskId="x", fromActivityId="y")) == [""]
    assert pointers(go_back(api, instance, "accept", fromActivityId="y", reason=" ")) == ["/reason"]
    api.call("POST", f"/process-instances/{instance}/cancellation", {"reason": "x"})
    assert problem(go_back(api, instance, "accept", fromActivityId="law")) == (409, "instance-not-open")
    assert problem(api.call("GET", f"/process-instances/{instance}/move-back-targets")) == (409, "instance-not-open")
    assert problem(api.call("GET", "/process-instances/nothing/move-back-targets")) == (404, "not-found")
