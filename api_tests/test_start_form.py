"""Forms of starts: shown with the process, enforced when it is started, and only there."""

import json
from typing import Any

import pytest

from api_tests.api_client import ApiClient, exact, pointers, problem

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' targetNamespace="test"><message id="m" name="{key}_comes"/>'
)
FIELDS = (
    '<extensionElements><camunda:formData><camunda:formField id="subjectId" type="string"><camunda:validation>'
    '<camunda:constraint name="required"/><camunda:constraint name="maxlength" config="10"/></camunda:validation></camunda:formField>'
    '<camunda:formField id="count" type="long" defaultValue="3"/></camunda:formData></extensionElements>'
)


def process(key: str, start: str = "", attributes: str = "", more: str = "") -> tuple[str, bytes]:
    """A plain start with what stands in it, and a user task behind it."""
    inside = (
        f'<startEvent id="start" {attributes}>{start}</startEvent><sequenceFlow id="f1" sourceRef="start" targetRef="x"/>'
        f'<userTask id="x"/><sequenceFlow id="f2" sourceRef="x" targetRef="end"/><endEvent id="end"/>{more}'
    )
    return f"{key}.bpmn", f'{HEAD.format(key=key)}<process id="{key}" isExecutable="true">{inside}</process></definitions>'.encode()


def form(key: str, *components: dict[str, Any]) -> tuple[str, bytes]:
    return f"{key}.form", json.dumps({"type": "default", "id": key, "schemaVersion": 16, "components": list(components)}).encode()


def deployed(api: ApiClient, *files: tuple[str, bytes]) -> str:
    """The id of the process that was deployed first among the files."""
    answer = api.deploy_files(list(files))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["resources"][0]["definitions"][0]["id"])


def begin(api: ApiClient, key: str, variables: Any, **members: Any) -> Any:
    return api.call("POST", "/process-instances", {"definitionKey": key, "variables": variables, **members})


def test_a_deployed_form_is_shown_and_its_values_and_defaults_begin_the_case(api: ApiClient) -> None:
    asked = form(
        "application",
        {"type": "textfield", "key": "applicant.name", "validate": {"required": True}},
        {"type": "number", "key": "amount", "defaultValue": 1.5},
        {"type": "textfield", "key": "reason", "conditional": {"hide": "=amount < 2"}, "validate": {"required": True}},
    )
    definition_id = deployed(api, process("applied", attributes='camunda:formRef="application"'), asked)

    shown = api.get(f"/process-definitions/{definition_id}/start-form")
    assert (shown["formKey"], shown["startElementId"], shown["data"]) == ("application", "start", {})
    assert [part["key"] for part in shown["schema"]["components"]] == ["applicant.name", "amount", "reason"]

    started = begin(api, "applied", {"applicant.name": "Li", "reason": "hidden"})
    assert started.status_code == 201, started.text
    variables = api.call("GET", f"/process-instances/{exact(started)['id']}/variables")
    assert variables.text == '{"amount":1.5,"applicant":{"name":"Li"}}'
    (first, *_) = api.get(f"/process-instances/{exact(started)['id']}/audit-events")["items"]
    assert first["payload"]["variables"]["applicant"] == {"name": "Li"}


@pytest.mark.parametrize(
    ("variables", "faults"),
    [
        ({}, ["/variables/subjectId"]),
        ({"subjectId": "much too long a name"}, ["/variables/subjectId"]),
        ({"subjectId": 7, "count": "many"}, ["/variables/count", "/variables/subjectId"]),
        ({"subjectId": "P-1", "count": 1.5}, ["/variables/count"]),
        ({"subjectId": "P-1", "other": True}, ["/variables/other"]),
    ],
)
def test_every_fault_is_named_and_nothing_is_started(api: ApiClient, variables: dict[str, object], faults: list[str]) -> None:
    deployed(api, process("faulty", FIELDS))
    before = len(api.get("/process-instances", definitionKey="faulty")["items"])

    refused = begin(api, "faulty", variables)

    assert pointers(refused) == faults
    assert problem(refused) == (422, "invalid")
    assert len(api.get("/process-instances", definitionKey="faulty")["items"]) == before


def test_the_faults_are_those_of_a_task_with_the_same_form(api: ApiClient) -> None:
    on_task = process("same", FIELDS)[1].replace(b'<userTask id="x"/>', f'<userTask id="x">{FIELDS}</userTask>'.encode())
    deployed(api, ("same.bpmn", on_task.replace(b'constraint name="required"', b'constraint name="maxlength" config="20"', 1)))
    (task,) = exact(begin(api, "same", {}))["openTasks"]

    at_task = api.complete(task["id"], {"count": "x", "other": 1}, "clerk").json()
    at_start = begin(api, "same", {"count": "x", "other": 1}).json()

    assert [fault for fault in at_task["errors"] if fault["pointer"] != "/variables/subjectId"] == at_start["errors"]
    assert (at_task["type"], at_task["title"], at_task["detail"]) == (at_start["type"], at_start["title"], at_start["detail"])


def test_a_repeated_start_gets_the_same_answer(api: ApiClient) -> None:
    deployed(api, process("repeated", FIELDS))
    body = {"definitionKey": "repeated", "variables": {"subjectId": "P-1"}}

    first, again = (api.call("POST", "/process-instances", body, repeat_key="start-form-1") for _ in range(2))

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert len(api.get("/process-instances", definitionKey="repeated")["items"]) == 1


def test_each_version_of_a_process_has_the_form_written_into_it(api: ApiClient) -> None:
    old = deployed(api, process("kept_start", FIELDS))
    new = deployed(api, process("kept_start", FIELDS.replace("subjectId", "matterId")))

    keys = [[part["key"] for part in api.get(f"/process-definitions/{one}/start-form")["schema"]["components"]] for one in (old, new)]

    assert keys == [["subjectId", "count"], ["matterId", "count"]]
    assert pointers(begin(api, "kept_start", {})) == ["/variables/matterId"]
    body = {"definitionId": old, "variables": {"subjectId": "P-1"}}
    assert api.call("POST", "/process-instances", body).status_code == 201


def test_a_form_without_a_binding_is_the_latest_and_one_with_a_version_stays(api: ApiClient) -> None:
    deployed(api, form("moving", {"type": "textfield", "key": "a"}))
    free = deployed(api, process("free", attributes='camunda:formRef="moving"'))
    bound = 'camunda:formRef="moving" camunda:formRefBinding="version" camunda:formRefVersion="1"'
    fixed = deployed(api, process("fixed", attributes=bound))
    deployed(api, form("moving", {"type": "textfield", "key": "b"}))

    shown = [api.get(f"/process-definitions/{one}/start-form") for one in (free, fixed)]

    assert [(one["version"], one["schema"]["components"][0]["key"]) for one in shown] == [(2, "b"), (1, "a")]
    assert pointers(begin(api, "free", {"a": "x"})) == ["/variables/a"]
    assert begin(api, "fixed", {"a": "x"}).status_code == 201


def test_where_no_form_of_ours_is_bound_there_is_none_to_show_and_variables_are_free(api: ApiClient) -> None:
    plain = deployed(api, process("formless"))
    elsewhere = deployed(api, process("form_elsewhere", attributes='camunda:formKey="embedded:app:start.html"'))

    for definition_id in (plain, elsewhere, "nowhere:1"):
        assert problem(api.call("GET", f"/process-definitions/{definition_id}/start-form")) == (404, "not-found")
    assert begin(api, "form_elsewhere", {"anything": True}).status_code == 201
    (start,) = api.get(f"/process-definitions/{elsewhere}")["starts"]
    assert (start["formKey"], start["formBinding"]) == ("embedded:app:start.html", "external")


def test_only_the_plain_start_is_held_to_the_form(api: ApiClient) -> None:
    by_message = (
        '<startEvent id="told" camunda:formRef="nowhere"><messageEventDefinition messageRef="m"/></startEvent>'
        '<sequenceFlow id="f3" sourceRef="told" targetRef="x"/>'
    )
    answer = api.deploy_files([process("two_ways", FIELDS, more=by_message)])
    assert answer.status_code == 201, answer.text
    assert ("without-effect", "told") in {(one["code"], one["elementId"]) for one in answer.json()["warnings"]}
    definition_id = answer.json()["resources"][0]["definitions"][0]["id"]

    assert api.get(f"/process-definitions/{definition_id}/start-form")["startElementId"] == "start"
    refused = api.call("GET", f"/process-definitions/{definition_id}/start-form", params={"startElementId": "told"})
    assert problem(refused) == (404, "not-found")
    unknown = api.call("GET", f"/process-definitions/{definition_id}/start-form", params={"startElementId": "neither"})
    assert pointers(unknown) == ["/startElementId"]
    assert pointers(begin(api, "two_ways", {})) == ["/variables/subjectId"]
    assert begin(api, "two_ways", {"free": 1}, startElementId="told").status_code == 201
    assert api.call("POST", "/messages", {"name": "two_ways_comes", "variables": {"free": 1}}).status_code == 201


def test_a_called_process_is_not_asked_for_its_form(api: ApiClient) -> None:
    deployed(api, process("called_form", FIELDS))
    caller = process("calls_form")[1].replace(b'<userTask id="x"/>', b'<callActivity id="x" calledElement="called_form"/>')
    deployed(api, ("calls_form.bpmn", caller))

    (task,) = exact(begin(api, "calls_form", {"free": 1}))["openTasks"]

    assert task["taskDefinitionKey"] == "x"


@pytest.mark.parametrize(
    ("attributes", "inside", "code"),
    [
        ('camunda:formRef="nowhere_deployed"', "", "missing-form-reference"),
        ('camunda:formRef="a" camunda:formRefBinding="newest"', "", "invalid-binding"),
        ('camunda:formRef="${a}"', "", "unsupported-expression"),
        ('camunda:formKey="${a}"', "", "unsupported-expression"),
        ('camunda:formKey="b" camunda:formRef="a"', "", "invalid-form"),
        ('camunda:formKey="b"', FIELDS, "invalid-form"),
        ("", FIELDS.replace("formData>", 'formData businessKey="subjectId">', 1), "invalid-form"),
    ],
)
def test_a_form_that_cannot_be_enforced_is_refused_at_the_start(api: ApiClient, attributes: str, inside: str, code: str) -> None:
    refused = api.deploy_files([process("refused_start", inside, attributes)])

    assert refused.status_code == 422
    assert (code, "start") in {(one["code"], one["elementId"]) for one in refused.json()["errors"]}
