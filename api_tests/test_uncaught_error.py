"""An error end event that nothing catches: what led there has happened, the error itself is an incident that stays open."""

from api_tests.api_client import ApiClient, problem

DIAGRAM = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="test">
<error id="err" errorCode="E-1"/>
<process id="uncaught_error" isExecutable="true">
<startEvent id="start"/><parallelGateway id="fork"/><userTask id="other"/><endEvent id="end"/>
<endEvent id="fails"><errorEventDefinition errorRef="err"/></endEvent>
<sequenceFlow id="f1" sourceRef="start" targetRef="fork"/><sequenceFlow id="f2" sourceRef="fork" targetRef="fails"/>
<sequenceFlow id="f3" sourceRef="fork" targetRef="other"/><sequenceFlow id="f4" sourceRef="other" targetRef="end"/>
</process></definitions>"""


def test_an_uncaught_error_is_an_open_incident_until_the_instance_is_cancelled(api: ApiClient) -> None:
    assert api.deploy_files([("uncaught_error.bpmn", DIAGRAM)]).status_code == 201
    instance = api.start("uncaught_error", {})
    assert instance["state"] == "incident"
    assert [task["taskDefinitionKey"] for task in instance["openTasks"]] == ["other"]
    (incident,) = api.get("/incidents", processInstanceId=instance["id"])["items"]
    assert (incident["elementId"], incident["kind"]) == ("fails", "error-event")
    assert "E-1" in incident["message"]
    activities = api.get(f"/process-instances/{instance['id']}/activities")["items"]
    assert {row["elementId"]: row["state"] for row in activities} == {
        "start": "completed",
        "fork": "completed",
        "fails": "active",
        "other": "active",
    }

    retried = api.call("POST", f"/incidents/{incident['id']}/retry", {})
    assert problem(retried) == (409, "step-incident")
    assert retried.json()["incidentId"] == incident["id"]
    resolution = {"variables": {}, "reason": "no matter"}
    assert problem(api.call("POST", f"/incidents/{incident['id']}/resolution", resolution)) == (409, "incident-needs-retry")

    api.complete(instance["openTasks"][0]["id"], {}, api.person("uncaught_clerk"))
    shown = api.get(f"/process-instances/{instance['id']}")
    assert (shown["state"], shown["endedAt"]) == ("incident", None)

    cancelled = api.call("POST", f"/process-instances/{instance['id']}/cancellation", {"reason": "handled elsewhere"})
    assert cancelled.status_code == 200, cancelled.text
    (incident,) = api.get("/incidents", processInstanceId=instance["id"], resolved="true")["items"]
    assert incident["resolvedAt"] is not None
    assert api.get("/audit/verification", stream=instance["id"])["ok"] is True
