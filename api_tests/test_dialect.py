"""The dialect over HTTP: forms written into diagrams, keys of other forms, version tags, mappings that fail, business keys."""

import pytest

from api_tests.api_client import ApiClient, pointers
from api_tests.decision_files import formula

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' targetNamespace="test">'
)


def process(key: str, elements: str, attributes: str = "") -> bytes:
    """One element "x" between start and end."""
    body = (
        f'<startEvent id="start"/>{elements}<endEvent id="end"/><sequenceFlow id="f1" sourceRef="start" targetRef="x"/>'
        '<sequenceFlow id="f2" sourceRef="x" targetRef="end"/>'
    )
    return f'{HEAD}<process id="{key}" isExecutable="true" {attributes}>{body}</process></definitions>'.encode()


FORM = (
    '<userTask id="x" name="Look"><extensionElements><camunda:formData>'
    '<camunda:formField id="reason" type="string" label="Why"><camunda:validation><camunda:constraint name="required"/>'
    '<camunda:constraint name="maxlength" config="10"/></camunda:validation></camunda:formField>'
    '<camunda:formField id="count" type="long" defaultValue="3"/></camunda:formData></extensionElements></userTask>'
)


def test_a_form_in_the_diagram_is_shown_and_enforced(api: ApiClient) -> None:
    deployed = api.deploy_files([("fields.bpmn", process("fields", FORM))]).json()
    assert [one["key"] for one in deployed["resources"][0]["definitions"]] == ["fields", "fields.x"]
    instance = api.start("fields")
    (task,) = api.get("/tasks", processInstanceId=instance["id"])["items"]

    assert (task["formKey"], task["formKind"]) == ("fields.x", "form-js")
    form = api.get(f"/tasks/{task['id']}/form")
    assert [component["key"] for component in form["schema"]["components"]] == ["reason", "count"]

    li = api.person("li")
    refused = api.complete(task["id"], {"reason": "much too long a reason", "other": 1}, li)
    assert pointers(refused) == ["/variables/other", "/variables/reason"]

    assert api.complete(task["id"], {"reason": "short"}, li).status_code == 200
    assert api.get(f"/process-instances/{instance['id']}")["state"] == "completed"


def test_a_running_case_keeps_the_form_of_its_version(api: ApiClient) -> None:
    api.deploy_files([("kept.bpmn", process("kept", FORM))])
    instance = api.start("kept")
    api.deploy_files([("kept.bpmn", process("kept", FORM.replace('id="reason"', 'id="cause"')))])

    (task,) = api.get("/tasks", processInstanceId=instance["id"])["items"]

    assert [part["key"] for part in api.get(f"/tasks/{task['id']}/form")["schema"]["components"]] == ["reason", "count"]
    (later,) = api.get("/tasks", processInstanceId=api.start("kept")["id"])["items"]
    assert [part["key"] for part in api.get(f"/tasks/{later['id']}/form")["schema"]["components"]] == ["cause", "count"]


def test_the_key_of_a_form_elsewhere_is_handed_on(api: ApiClient) -> None:
    api.deploy_files([("elsewhere.bpmn", process("elsewhere", '<userTask id="x" camunda:formKey="embedded:app:look.html"/>'))])
    instance = api.start("elsewhere")
    (task,) = api.get("/tasks", processInstanceId=instance["id"])["items"]

    assert (task["formKey"], task["formKind"]) == ("embedded:app:look.html", "external")
    assert api.call("GET", f"/tasks/{task['id']}/form").status_code == 404
    assert api.complete(task["id"], {"anything": True}, api.person("li")).status_code == 200


def test_a_version_tag_is_shown_and_called(api: ApiClient) -> None:
    for tag, name in (("v1", "First"), ("v2", "Second")):
        called = process("tagged", f'<userTask id="x" name="{name}"/>', f'camunda:versionTag="{tag}"')
        assert api.deploy_files([("tagged.bpmn", called)]).status_code == 201
    binding = 'calledElement="tagged" camunda:calledElementBinding="versionTag" camunda:calledElementVersionTag'
    caller = process("tag_caller", f'<callActivity id="x" {binding}="v1"/>')
    assert api.deploy_files([("caller.bpmn", caller)]).status_code == 201

    assert [row["versionTag"] for row in api.get("/process-definitions", key="tagged")["items"]] == ["v2", "v1"]
    (task,) = api.get("/tasks", processInstanceId=api.start("tag_caller")["id"])["items"]
    assert task["name"] == "First"

    missing = api.deploy_files([("caller.bpmn", caller.replace(b'"v1"', b'"v3"'))])
    assert missing.status_code == 422
    assert [(one["code"], one["elementId"]) for one in missing.json()["errors"]] == [("missing-process-reference", "x")]


def test_a_decision_is_taken_in_the_version_with_the_tag(api: ApiClient) -> None:
    for tag, text in (("v1", "x + 1"), ("v2", "x + 2")):
        marked = f'<decision xmlns:camunda="http://camunda.org/schema/1.0/dmn" camunda:versionTag="{tag}" '.encode()
        assert api.deploy_files([("tagged.dmn", formula("tagged_sum", text).replace(b"<decision ", marked))]).status_code == 201
    binding = 'camunda:decisionRef="tagged_sum" camunda:decisionRefBinding="versionTag" camunda:decisionRefVersionTag="v1"'
    task = f'<businessRuleTask id="x" {binding} camunda:resultVariable="sum" camunda:mapDecisionResult="singleEntry"/>'
    assert api.deploy_files([("takes.bpmn", process("takes_tagged", task))]).status_code == 201

    instance = api.start("takes_tagged", {"x": 1})

    assert api.get(f"/process-instances/{instance['id']}/variables")["sum"] == 2


def test_the_business_key_and_who_acts_are_known_to_expressions(api: ApiClient) -> None:
    task = '<userTask id="x" name="${execution.processBusinessKey} by ${currentUser()}"/>'
    api.deploy_files([("keyed.bpmn", process("keyed", task))])

    instance = api.start("keyed", businessKey="K-7")
    (opened,) = api.get("/tasks", processInstanceId=instance["id"])["items"]

    assert opened["name"].startswith("K-7 by ")


def test_a_mapping_that_fails_is_an_incident_that_can_be_mended(api: ApiClient) -> None:
    mapped = (
        '<userTask id="x"><extensionElements><camunda:inputOutput>'
        '<camunda:inputParameter name="who">${person}</camunda:inputParameter></camunda:inputOutput></extensionElements></userTask>'
    )
    api.deploy_files([("mapped.bpmn", process("mapped", mapped))])
    instance = api.start("mapped")

    (incident,) = api.get("/incidents", processInstanceId=instance["id"])["items"]
    assert (incident["kind"], incident["elementId"]) == ("mapping", "x")
    assert "the input parameter 'who'" in incident["message"]

    retried = api.call("POST", f"/incidents/{incident['id']}/retry", {"variables": {"person": "li"}})
    assert retried.status_code == 200, retried.text
    assert len(api.get("/tasks", processInstanceId=instance["id"])["items"]) == 1


@pytest.mark.parametrize("word", ["class", "delegateExpression", "formHandlerClass"])
def test_what_would_run_code_is_refused_by_name(api: ApiClient, word: str) -> None:
    refused = api.deploy_files([("code.bpmn", process("code", f'<userTask id="x" camunda:{word}="com.example.X"/>'))])

    assert refused.status_code == 422
    assert ("unsupported-attribute", "x") in {(one["code"], one["elementId"]) for one in refused.json()["errors"]}
