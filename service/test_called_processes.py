"""Called processes through the actions, on a real store: deployment, the law of the instance, what a later deployment leaves alone."""

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from service.actions.answer import Answer
from service.actions.deployments.deploy import Deploy, deploy
from service.actions.events.deliver_message import DeliverMessage, deliver_message
from service.actions.incidents.retry_incident import RetryIncident, retry_incident
from service.actions.instances.start_instance import StartInstance, start_instance
from service.actions.ports import Services
from service.actions.tasks.complete_task import CompleteTask, complete_task
from service.actions.views import task_form
from service.domain.errors import Finding, Invalid, Refused, StepIncident
from service.domain.json_values import Json
from service.domain.principal import SCOPE_ADMIN, Principal
from service.engine import SpiffEngine
from service.store import migrate, open_store

NOW = 1_795_150_800_000
ADMIN = Principal("k", "tests", frozenset({SCOPE_ADMIN}), "li")
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' targetNamespace="t"><message id="m" name="told"/>'
)
DECISION = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="fees" name="fees" namespace="t">'
    '<inputData id="in" name="kind"><variable name="kind" typeRef="string"/></inputData>'
    '<decision id="fee" name="fee"><variable name="fee"/><informationRequirement><requiredInput href="#in"/></informationRequirement>'
    "<literalExpression><text>{}</text></literalExpression></decision></definitions>"
)


@pytest.fixture
def services(tmp_path: Path) -> Services:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    return Services(open_store(url), SpiffEngine(), lambda: NOW)


def process(key: str, *elements: str) -> tuple[str, bytes]:
    """start, then the elements one after the other, then an end."""
    row = ('<startEvent id="start"/>', *elements, '<endEvent id="end"/>')
    ids = [element.split('id="', 1)[1].split('"', 1)[0] for element in row]
    flows = "".join(f'\n<sequenceFlow sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids))
    return f"{key}.bpmn", f'{HEAD}<process id="{key}" isExecutable="true">{"".join(row)}{flows}</process></definitions>'.encode()


def call(name: str, attributes: str = "", passed: str = "") -> str:
    return (
        f'\n<callActivity id="{name}" calledElement="child" {attributes}><extensionElements>{passed}'
        '<camunda:out source="fee" target="fee"/></extensionElements></callActivity>'
    )


def child(name: str, binding: str = "") -> tuple[str, bytes]:
    """A person's task with the form `sheet`, then the decision `fee`; both with the binding, if any."""
    bound = 'camunda:{}Binding="{}"'
    form = bound.format("formRef", binding) if binding else ""
    decision = bound.format("decisionRef", binding) if binding else ""
    return process(
        "child",
        f'<userTask id="{name}" camunda:formRef="sheet" {form}/>',
        f'<businessRuleTask id="rule" camunda:decisionRef="fee" {decision} camunda:mapDecisionResult="singleEntry"'
        ' camunda:resultVariable="fee"/>',
    )


def decision(value: int) -> tuple[str, bytes]:
    return "fees.dmn", DECISION.format(value).encode()


def form(*fields: str) -> tuple[str, bytes]:
    components = [{"type": "textfield", "id": f"f_{name}", "key": name, "label": name} for name in fields]
    return "sheet.form", json.dumps({"type": "default", "id": "sheet", "schemaVersion": 16, "components": components}).encode()


PARENT = process("parent", call("first"), '<userTask id="between"/>', call("second"), '<userTask id="after"/>')


def deployed(services: Services, *files: tuple[str, bytes]) -> dict[str, Any]:
    return body(deploy(services, ADMIN, Deploy("d", None, files)))


def body(given: Answer) -> dict[str, Any]:
    answered: dict[str, Any] = json.loads(given.body)
    return answered


def started(services: Services, key: str = "parent", **variables: Json) -> dict[str, Any]:
    return body(start_instance(services, ADMIN, StartInstance(key, None, None, None, variables)))


def completed(services: Services, case: Mapping[str, Any], **variables: Json) -> dict[str, Any]:
    """Complete the one open task; the instance as it is then."""
    (task,) = case["openTasks"]
    instance: dict[str, Any] = body(complete_task(services, ADMIN, CompleteTask(task["id"], variables)))["processInstance"]
    return instance


def at(case: Mapping[str, Any]) -> list[str]:
    return [task["taskDefinitionKey"] for task in case["openTasks"]]


def variables(services: Services, case: Mapping[str, Any]) -> dict[str, Any]:
    with services.store.read() as questions:
        return dict(questions.variables(case["id"]) or {})


def test_an_open_instance_keeps_the_process_it_calls_and_a_new_one_takes_the_new(services: Services) -> None:
    deployed(services, PARENT, child("work"), decision(1), form("old"))
    old = started(services)
    deployed(services, child("rework"), decision(2), form("new"))
    restarted = Services(services.store, SpiffEngine(), services.clock)

    assert at(old) == ["work"]
    assert task_form(restarted, ADMIN, old["openTasks"][0]["id"])["version"] == 1
    old = completed(restarted, old, old="x")
    assert variables(restarted, old) == {"fee": 1}
    old = completed(restarted, old)
    assert at(old) == ["work"]
    assert completed(restarted, completed(restarted, old))["state"] == "completed"

    new = started(restarted)
    assert at(new) == ["rework"]
    assert variables(restarted, completed(restarted, new, new="x")) == {"fee": 2}


def test_a_call_in_progress_stays_while_latest_takes_the_new_one_for_the_next_call(services: Services) -> None:
    latest = 'camunda:calledElementBinding="latest"'
    warnings = deployed(
        services,
        process("parent", call("first", latest), call("second", latest)),
        child("work"),
        decision(1),
        form("f"),
    )["warnings"]
    assert {warning["elementId"] for warning in warnings if warning["code"] == "binding-latest"} == {"first", "second"}
    case = started(services)
    deployed(services, child("rework"))

    assert at(case) == ["work"]
    assert at(completed(services, case)) == ["rework"]


def test_the_binding_deployment_inside_a_called_process_means_the_deployment_of_that(services: Services) -> None:
    deployed(services, PARENT, child("work"), decision(1), form("one"))
    deployed(services, child("work", "deployment"), decision(2), form("two"))
    deployed(services, decision(3), form("three"))

    case = started(services)

    assert task_form(services, ADMIN, case["openTasks"][0]["id"])["version"] == 2
    assert variables(services, completed(services, case)) == {"fee": 2}


def test_what_a_person_gives_is_checked_against_the_decisions_of_the_called_process(services: Services) -> None:
    typed = child("work")[1].replace(b'camunda:formRef="sheet"', b"")
    deployed(services, PARENT, ("child.bpmn", typed), decision(1))
    case = started(services, kind=["outside it may be anything"])

    with pytest.raises(Invalid) as invalid:
        completed(services, case, kind=True)
    assert [error.pointer for error in invalid.value.errors] == ["/variables/kind"]
    assert at(completed(services, case, kind="text")) == ["between"]


def test_a_message_to_a_called_process_is_laid_over_what_stands_there(services: Services) -> None:
    waiting = process("child", '<receiveTask id="wait" messageRef="m"/>', '<userTask id="work" camunda:formRef="sheet"/>')
    passed = '<camunda:in sourceExpression="= {b: 2}" target="facts"/>'
    deployed(services, process("parent", call("first", passed=passed)), waiting, form("f"))
    case = started(services, facts={"a": "outside"})

    told = body(deliver_message(services, ADMIN, DeliverMessage("told", None, case["id"], {}, {"facts": {"c": "3"}})))

    assert at(told) == ["work"]
    assert variables(services, case) == {"facts": {"a": "outside"}}
    assert task_form(services, ADMIN, told["openTasks"][0]["id"])["data"] == {"facts": {"b": 2, "c": "3"}}


def test_a_retry_mends_the_variables_of_the_called_process_that_failed(services: Services) -> None:
    choice = '<exclusiveGateway id="choice" default="no"/>'
    name, xml = process("child", '<userTask id="work"/>', choice, '<userTask id="then"/>')
    ways = '<sequenceFlow id="yes" sourceRef="choice" targetRef="then"><conditionExpression>${sure}</conditionExpression></sequenceFlow>'
    ways += '<sequenceFlow id="no" sourceRef="choice" targetRef="end"/>'
    xml = xml.replace(b'<sequenceFlow sourceRef="choice" targetRef="then"/>', ways.encode())
    deployed(services, PARENT, (name, xml))
    case = started(services, sure="outside")

    with pytest.raises(StepIncident) as incident:
        completed(services, case)
    assert incident.value.element_id == "yes"
    mended = body(retry_incident(services, ADMIN, RetryIncident(incident.value.incident_id, {"sure": True})))["processInstance"]

    assert at(mended) == ["then"]
    assert variables(services, mended) == {"sure": "outside"}


def errors(refused: Refused) -> list[Finding]:
    """What the files were refused for."""
    return [finding for finding in refused.findings if finding.severity == "error"]


def test_a_missing_called_process_and_one_that_cannot_be_called_are_refused(services: Services) -> None:
    with pytest.raises(Refused) as refused:
        deployed(services, PARENT)
    missing = [(finding.code, finding.element_id, finding.line) for finding in errors(refused.value)]
    assert missing == [("missing-process-reference", "first", 2), ("missing-process-reference", "second", 3)]

    name, xml = child("work")
    told = xml.replace(b'<startEvent id="start"/>', b'<startEvent id="start"><messageEventDefinition messageRef="m"/></startEvent>')
    with pytest.raises(Refused) as refused:
        deployed(services, PARENT, (name, told), decision(1), form("f"))
    assert [(finding.code, finding.element_id) for finding in errors(refused.value)] == [
        ("no-plain-start", "first"),
        ("no-plain-start", "second"),
    ]
    deployed(services, (name, told), decision(1), form("f"))
    with pytest.raises(Refused):
        deployed(services, PARENT)
    version = 'camunda:calledElementBinding="version" camunda:calledElementVersion="{}"'
    deployed(services, child("work"))
    deployed(services, process("parent", call("first", version.format(2))))
    deployed(services, process("parent", call("first", version.format(2))), (name, told))
    for wrong in (1, 3, 4):
        with pytest.raises(Refused):
            deployed(services, process("parent", call("first", version.format(wrong))))


def test_settings_inside_a_called_process_are_those_of_the_place_of_the_instance(services: Services) -> None:
    asked = '<scriptTask id="ask" scriptFormat="feel" camunda:resultVariable="fee"><script>setting("joint")</script></scriptTask>'
    for place, file in (("province", process("child", asked)), ("city", PARENT)):
        settings = f"settings: {{joint: {{value: {place}, basis: default}}}}"
        deployed(services, file, ("jurisdiction.yaml", f"id: {place}\nname: {place}\n{settings}\n".encode()))

    assert variables(services, started(services)) == {"fee": "city"}
