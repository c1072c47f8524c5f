"""A step that fails is an incident: the state before it is kept, and it can be done again."""

from api_tests.api_client import ApiClient, problem


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
