"""Places share a diagram: `{jurisdiction}` in the key of a decision is the place of the case. A start for calls is no door for people."""

from typing import Any

import pytest

from api_tests.api_client import ApiClient, pointers
from api_tests.crash_fixtures import constant_decision, deployed, diagram, end, flow, items, start, user_task

SHARED = "shared_steps"


def steps(key: str = SHARED, decision: str = "{jurisdiction}_shared_fee") -> tuple[str, bytes]:
    """ask → fee, where the table is that of the place."""
    return diagram(
        key,
        start(),
        user_task("ask"),
        f'<bpmn:businessRuleTask id="fee" camunda:decisionRef="{decision}" camunda:resultVariable="fee" '
        'camunda:mapDecisionResult="singleEntry" />',
        end("done"),
        flow("start", "ask"),
        flow("ask", "fee"),
        flow("fee", "done"),
    )


def caller(key: str) -> tuple[str, bytes]:
    """The diagram of a place that only calls the shared steps."""
    call = (
        f'<bpmn:callActivity id="run_steps" calledElement="{SHARED}"><bpmn:extensionElements>'
        '<camunda:out source="fee" target="fee" /></bpmn:extensionElements></bpmn:callActivity>'
    )
    return diagram(key, start(), call, end("done"), flow("start", "run_steps"), flow("run_steps", "done"))


def decided(api: ApiClient, key: str) -> tuple[list[str], Any]:
    """The decisions that a case of that diagram took, and the fee it came to."""
    begun = api.start(key)
    answer = api.complete(begun["openTasks"][0]["id"], {}, "clerk")
    assert answer.status_code == 200, answer.text
    taken = [row["decisionKey"] for row in items(api, "/decision-evaluations", processInstanceId=begun["id"])]
    return taken, api.get(f"/process-instances/{begun['id']}/variables")["fee"]


@pytest.fixture
def places(api: ApiClient) -> ApiClient:
    """Two places with a table each under one diagram."""
    deployed(api, steps(), jurisdiction="common")
    for place, fee in (("east", 1), ("west", 2)):
        deployed(api, constant_decision(f"{place}_shared_fee", fee), caller(f"{place}_shared"), jurisdiction=place)
    return api


def test_each_place_is_decided_by_its_own_table(places: ApiClient) -> None:
    assert decided(places, "east_shared") == (["east_shared_fee"], 1)
    assert decided(places, "west_shared") == (["west_shared_fee"], 2)


def test_a_place_that_changes_its_table_changes_no_other(places: ApiClient) -> None:
    deployed(places, constant_decision("east_shared_fee", 10), jurisdiction="east")

    assert decided(places, "east_shared") == (["east_shared_fee"], 10)
    assert decided(places, "west_shared") == (["west_shared_fee"], 2)


def test_a_place_without_such_a_table_is_told_by_its_key(places: ApiClient) -> None:
    deployed(places, caller("north_shared"), jurisdiction="north")
    begun = places.start("north_shared")

    refused = places.complete(begun["openTasks"][0]["id"], {}, "clerk")

    assert refused.status_code >= 400
    assert "north_shared_fee" in refused.text
    assert [task["taskDefinitionKey"] for task in items(places, "/tasks", processInstanceId=begun["id"])] == ["ask"]


def test_a_start_for_calls_is_taken_only_when_it_is_named(api: ApiClient) -> None:
    properties = '<bpmn:extensionElements><camunda:properties><camunda:property name="forCalls" value="true" />'
    for_calls = start("inside").replace(" />", f">{properties}</camunda:properties></bpmn:extensionElements></bpmn:startEvent>")
    deployed(api, diagram("for_calls", for_calls, user_task("ask"), end("done"), flow("inside", "ask"), flow("ask", "done")))

    refused = api.call("POST", "/process-instances", {"definitionKey": "for_calls", "variables": {}})

    assert (refused.status_code, pointers(refused)) == (422, ["/startElementId"])
    assert [task["taskDefinitionKey"] for task in api.start("for_calls", startElementId="inside")["openTasks"]] == ["ask"]
