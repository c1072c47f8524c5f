"""A step that fails is an incident: the state before it is kept, and it can be done again."""

from collections.abc import Callable

from api_tests.api_client import ApiClient, pointers, problem
from api_tests.conftest import Server
from api_tests.crash_fixtures import audit_kinds


def test_a_failed_step_is_retried_with_better_variables(api: ApiClient) -> None:
    keys = {"subjectId": "P", "matterId": "incident"}
    instance = api.start("two_steps", keys)
    api.complete(instance["openTasks"][0]["id"], {}, "clerk")

    failed = api.call("POST", "/messages", {"name": "test_answer", "processInstanceId": instance["id"]})

    assert problem(failed) == (409, "step-incident")
    assert failed.json()["elementId"] in ("gate", "f4")
    incident = api.get("/incidents", processInstanceId=instance["id"])["items"][0]
    assert incident["id"] == failed.json()["incidentId"]
    assert api.get(f"/process-instances/{instance['id']}")["state"] == "incident"

    assert api.get("/incidents", processInstanceId=instance["id"], resolved="true")["items"] == []

    retried = api.call("POST", f"/incidents/{incident['id']}/retry", {"variables": {"amount": 11}})

    assert retried.status_code == 200, retried.text
    assert retried.json()["incident"]["resolvedAt"] is not None
    assert [task["taskDefinitionKey"] for task in retried.json()["processInstance"]["openTasks"]] == ["second"]
    assert problem(api.call("POST", f"/incidents/{incident['id']}/retry", {})) == (409, "incident-resolved")
    assert api.get("/incidents", processInstanceId=instance["id"])["items"] == []
    assert api.get("/incidents", processInstanceId=instance["id"], resolved="false")["items"] == []
    resolved = api.get("/incidents", processInstanceId=instance["id"], resolved="true")["items"]
    assert [row["id"] for row in resolved] == [incident["id"]]


def test_an_unknown_incident_is_not_found(api: ApiClient) -> None:
    assert problem(api.call("POST", "/incidents/nothing/retry")) == (404, "not-found")


def failed_delivery(api: ApiClient, matter: str) -> tuple[str, str]:
    """An instance, and its incident: the message came, the gateway behind it could not decide."""
    instance = api.start("two_steps", {"subjectId": "P", "matterId": matter})
    api.complete(instance["openTasks"][0]["id"], {}, "clerk")
    failed = api.call("POST", "/messages", {"name": "test_answer", "processInstanceId": instance["id"]})
    assert problem(failed) == (409, "step-incident")
    return instance["id"], failed.json()["incidentId"]


def test_an_incident_is_resolved_and_its_act_done_anew(api: ApiClient) -> None:
    instance, incident = failed_delivery(api, "resolved")
    resolution = f"/incidents/{incident}/resolution"
    assert api.get(f"/incidents/{incident}")["resolvedAt"] is None
    assert pointers(api.call("POST", resolution, {"variables": {"amount": 11}})) == ["/reason"]

    resolved = api.call("POST", resolution, {"variables": {"amount": 11}, "reason": "the message came too early"}, repeat_key="resolve-1")

    assert resolved.status_code == 200, resolved.text
    assert resolved.json()["incident"]["resolvedAt"] is not None
    assert resolved.json()["processInstance"]["state"] == "active"
    again = api.call("POST", resolution, {"variables": {"amount": 11}, "reason": "the message came too early"}, repeat_key="resolve-1")
    assert again.content == resolved.content
    assert problem(api.call("POST", resolution, {"reason": "twice"})) == (409, "incident-resolved")
    assert problem(api.call("POST", f"/incidents/{incident}/retry")) == (409, "incident-resolved")
    assert "incident.resolved" in audit_kinds(api, instance)

    went_on = api.call("POST", "/messages", {"name": "test_answer", "processInstanceId": instance})

    assert [task["taskDefinitionKey"] for task in went_on.json()["openTasks"]] == ["second"]


def test_incidents_are_found_by_element_and_process(api: ApiClient) -> None:
    instance, incident = failed_delivery(api, "filtered")
    element = api.get(f"/incidents/{incident}")["elementId"]

    for filters in ({"elementId": element}, {"definitionKey": "two_steps"}, {"kind": "expression", "elementId": element}):
        assert incident in [row["id"] for row in api.get("/incidents", limit=200, **filters)["items"]]
    for filters in ({"elementId": "other"}, {"definitionKey": "one_task"}, {"kind": "mapping"}, {"jurisdiction": "nowhere"}):
        assert api.get("/incidents", processInstanceId=instance, **filters)["items"] == []


def test_only_an_administrator_resolves(api: ApiClient, server: Server, connect: Callable[..., ApiClient]) -> None:
    _, incident = failed_delivery(api, "forbidden")
    made = api.call("POST", "/api-keys", {"name": "oa", "scopes": ["work", "read"]})
    worker = connect(server, made.json()["secret"])

    assert problem(worker.call("POST", f"/incidents/{incident}/resolution", {"reason": "x"})) == (403, "missing-scope")
    assert problem(api.call("POST", f"/incidents/{incident}/retry", {"retries": 2})) == (422, "invalid")
    assert problem(api.call("POST", "/incidents/nothing/resolution", {"reason": "x"})) == (404, "not-found")
