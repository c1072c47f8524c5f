"""An instance keeps its law: what was latest when it started, unless the diagram says `latest`, and then the deployment warns."""

import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from api_tests.api_client import ApiClient, pointers
from api_tests.conftest import Server
from api_tests.crash_fixtures import client_of, constant_decision, deployed, diagram, end, flow, items, start, user_task


def form(key: str, *fields: str) -> tuple[str, bytes]:
    """A form file with these required text fields."""
    components = [
        {"type": "textfield", "id": f"field_{name}", "key": name, "label": name, "validate": {"required": True}} for name in fields
    ]
    return f"{key}.form", json.dumps({"type": "default", "id": key, "schemaVersion": 16, "components": components}).encode()


def process(key: str, binding: str = "") -> tuple[str, bytes]:
    """first (form) → fee (decision) → second (form); `binding` is what the references say, with `{}` for the attribute's name."""
    form_ref = f'camunda:formRef="{key}_form" {binding.format("formRef")}'
    decision_ref = f'camunda:decisionRef="{key}_fee" {binding.format("decisionRef")}'
    return diagram(
        key,
        start(),
        user_task("first", form_ref),
        f'<bpmn:businessRuleTask id="fee" {decision_ref} camunda:resultVariable="fee" camunda:mapDecisionResult="singleEntry" />',
        user_task("second", form_ref),
        end("done"),
        flow("start", "first"),
        flow("first", "fee"),
        flow("fee", "second"),
        flow("second", "done"),
    )


LATEST = 'camunda:{}Binding="latest"'


def first_law(api: ApiClient, key: str, binding: str = "") -> dict[str, Any]:
    return deployed(api, process(key, binding), constant_decision(f"{key}_fee", 1), form(f"{key}_form", "old"))


def second_law(api: ApiClient, key: str) -> None:
    changed = deployed(api, constant_decision(f"{key}_fee", 2), form(f"{key}_form", "new"))
    assert [definition["version"] for resource in changed["resources"] for definition in resource["definitions"]] == [2, 2]


def form_of(api: ApiClient, task: dict[str, Any]) -> tuple[int, list[str]]:
    """Version and field keys of the form bound to the task."""
    shown = api.get(f"/tasks/{task['id']}/form")
    return shown["version"], [component["key"] for component in shown["schema"]["components"]]


def next_task(response: httpx.Response) -> dict[str, Any]:
    """The open task after an accepted completion."""
    assert response.status_code == 200, response.text
    task: dict[str, Any] = response.json()["processInstance"]["openTasks"][0]
    return task


def decided_versions(api: ApiClient, instance_id: str) -> list[int]:
    return [row["version"] for row in items(api, "/decision-evaluations", processInstanceId=instance_id)]


def test_an_open_instance_keeps_its_decision_and_form(api: ApiClient) -> None:
    key = "law_kept"
    assert [warning for warning in first_law(api, key)["warnings"] if warning["code"] == "binding-latest"] == []
    old = api.start(key)
    second_law(api, key)
    new = api.start(key)

    assert form_of(api, old["openTasks"][0]) == (1, ["old"])
    assert pointers(api.complete(old["openTasks"][0]["id"], {"new": "x"}, "clerk")) == ["/variables/new", "/variables/old"]
    second_of_old = next_task(api.complete(old["openTasks"][0]["id"], {"old": "x"}, "clerk"))
    assert form_of(api, second_of_old) == (1, ["old"])
    assert api.get(f"/process-instances/{old['id']}/variables") == {"old": "x", "fee": Decimal(1)}
    assert decided_versions(api, old["id"]) == [1]

    assert form_of(api, new["openTasks"][0]) == (2, ["new"])
    assert pointers(api.complete(new["openTasks"][0]["id"], {"old": "x"}, "clerk")) == ["/variables/new", "/variables/old"]
    second_of_new = next_task(api.complete(new["openTasks"][0]["id"], {"new": "x"}, "clerk"))
    assert form_of(api, second_of_new) == (2, ["new"])
    assert api.get(f"/process-instances/{new['id']}/variables") == {"new": "x", "fee": Decimal(2)}
    assert decided_versions(api, new["id"]) == [2]


def test_a_new_instance_of_an_old_definition_uses_the_law_of_its_own_start(api: ApiClient) -> None:
    """The law is that of the start, not that of the deployment of the diagram."""
    key = "law_of_the_start"
    first_law(api, key)
    second_law(api, key)

    begun = api.call("POST", "/process-instances", {"definitionId": f"{key}:1"})

    assert begun.status_code == 201, begun.text
    assert form_of(api, begun.json()["openTasks"][0]) == (2, ["new"])


def test_an_explicit_latest_follows_and_the_deployment_warned(api: ApiClient) -> None:
    key = "law_followed"
    warnings = first_law(api, key, LATEST)["warnings"]
    assert {"first", "fee", "second"} == {warning["elementId"] for warning in warnings if warning["code"] == "binding-latest"}
    assert {warning["file"] for warning in warnings} == {f"{key}.bpmn"}
    old = api.start(key)
    second_law(api, key)

    # The first task was opened before, so its form stays; what comes after follows.
    assert form_of(api, old["openTasks"][0]) == (1, ["old"])
    second = next_task(api.complete(old["openTasks"][0]["id"], {"old": "x"}, "clerk"))
    assert form_of(api, second) == (2, ["new"])
    assert api.get(f"/process-instances/{old['id']}/variables") == {"old": "x", "fee": Decimal(2)}
    assert decided_versions(api, old["id"]) == [2]


def test_each_finding_of_latest_is_told_once(api: ApiClient) -> None:
    warnings = first_law(api, "law_warned_once", LATEST)["warnings"]

    told = [(warning["elementId"], warning["code"]) for warning in warnings]
    assert sorted(told) == sorted(set(told))


@pytest.mark.parametrize(("binding", "version"), [('camunda:{0}Binding="version" camunda:{0}Version="1"', 1), ("", 2)])
def test_an_explicit_version_stays(api: ApiClient, binding: str, version: int) -> None:
    key = f"law_version_{version}"
    first_law(api, key)
    second_law(api, key)
    if binding:
        deployed(api, process(key, binding))

    begun = api.start(key)

    assert form_of(api, begun["openTasks"][0])[0] == version


def test_the_law_outlives_a_restart(own_server: Server) -> None:
    key = "law_restarted"
    with client_of(own_server) as api:
        first_law(api, key)
        old = api.start(key)
        second_law(api, key)
    own_server.kill()
    own_server.start()

    with client_of(own_server) as api:
        second = next_task(api.complete(old["openTasks"][0]["id"], {"old": "x"}, "clerk"))
        assert form_of(api, second) == (1, ["old"])
        assert api.get(f"/process-instances/{old['id']}/variables") == {"old": "x", "fee": Decimal(1)}
