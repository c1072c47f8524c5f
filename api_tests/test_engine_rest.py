"""Camunda Modeler's deploy and start buttons, with the requests that they send."""

import base64
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from api_tests.api_client import DIAGRAMS, ApiClient, exact
from api_tests.conftest import Server

DEPLOYED_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000")
UNPARSABLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="http://bpmn.io/schema/bpmn">
  <bpmn:process id="unparsable" isExecutable="true">
    <bpmn:startEvent id="begin" />
    <bpmn:sequenceFlow id="lost" sourceRef="begin" targetRef="nowhere" />
  </bpmn:process>
</bpmn:definitions>
"""


class Modeler:
    """Sends what client/src/plugins/camunda-plugin/shared/CamundaAPI.js sends."""

    def __init__(self, server: Server, authorization: str | None) -> None:
        self.url = f"{server.url}/engine-rest"
        self.headers = {"accept": "application/json"} | ({} if authorization is None else {"authorization": authorization})

    def call(self, method: str, path: str, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
        return httpx.request(method, self.url + path, headers=self.headers | (headers or {}), timeout=30, trust_env=False, **body)

    def check_connection(self) -> httpx.Response:
        return self.call("GET", "/deployment?maxResults=0")

    def deploy(self, *files: tuple[str, bytes], tenant: str | None = None, **fields: str) -> httpx.Response:
        """Every text is a part of its own, and so is every file, under its own name."""
        texts = {"deployment-name": "test", "deployment-source": "Camunda Modeler", "enable-duplicate-filtering": "true"} | fields
        if tenant is not None:
            texts["tenant-id"] = tenant
        parts: list[Any] = [(name, (None, text)) for name, text in texts.items()]
        return self.call("POST", "/deployment/create", files=parts + [(name, (name, content, "text/xml")) for name, content in files])

    def start(self, definition_id: str, body: Any) -> httpx.Response:
        return self.call("POST", f"/process-definition/{definition_id}/start", json=body)


@pytest.fixture
def modeler(server: Server, api: ApiClient) -> Modeler:
    return Modeler(server, f"Bearer {api.key}")


def diagram(key: str, name: str = "eine Aufgabe") -> bytes:
    """A diagram of its own for one test."""
    text = (DIAGRAMS / "one_task.bpmn").read_text("utf-8")
    return text.replace('id="one_task" name="一个任务"', f'id="{key}" name="{name}"').encode()


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def refused(response: httpx.Response) -> tuple[int, str]:
    """Status and type of an error, which has Camunda's shape."""
    body = response.json()
    assert {"type", "message"} <= body.keys()
    assert body["message"]
    return response.status_code, body["type"]


def test_the_first_probe_is_told_that_credentials_are_needed(server: Server, api: ApiClient) -> None:
    response = Modeler(server, None).check_connection()

    assert refused(response) == (401, "AuthenticationException")
    assert response.headers["www-authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize("path", ["/version", "/deployment?maxResults=0"])
def test_nothing_is_told_without_a_key(server: Server, api: ApiClient, path: str) -> None:
    for authorization in (None, "Bearer wrong", basic("demo", "demo"), "Basic ???", "Digest x"):
        assert Modeler(server, authorization).call("GET", path).status_code == 401


def test_the_key_is_a_token_a_password_or_a_user(server: Server, api: ApiClient) -> None:
    for authorization in (f"Bearer {api.key}", basic("demo", api.key), basic(api.key, "x")):
        response = Modeler(server, authorization).check_connection()

        assert (response.status_code, response.json()) == (200, [])


def test_the_version_is_that_of_camunda_7(modeler: Modeler) -> None:
    assert modeler.call("GET", "/version").json() == {"version": "7.24.0"}


def test_a_diagram_is_deployed(modeler: Modeler, api: ApiClient) -> None:
    content = diagram("modeled")

    response = modeler.deploy(("modeled.bpmn", content))

    assert response.status_code == 200, response.text
    body = response.json()
    assert (body["name"], body["source"], body["tenantId"]) == ("test", "Camunda Modeler", None)
    assert DEPLOYED_AT.fullmatch(body["deploymentTime"])
    assert body["links"] == [{"method": "GET", "href": f"{api.url}/engine-rest/deployment/{body['id']}", "rel": "self"}]
    definition = body["deployedProcessDefinitions"]["modeled:1"]
    assert (definition["key"], definition["version"], definition["name"]) == ("modeled", 1, "eine Aufgabe")
    assert (definition["resource"], definition["deploymentId"]) == ("modeled.bpmn", body["id"])
    assert body["deployedDecisionDefinitions"] is None
    assert api.call("GET", "/process-definitions/modeled:1/xml").content == content


def test_attachments_go_in_with_the_diagram(modeler: Modeler) -> None:
    fee = (DIAGRAMS / "fee.dmn").read_bytes().replace(b'"test_fee"', b'"modeled_fee"')

    body = modeler.deploy(("with_table.bpmn", diagram("with_table")), ("fee.dmn", fee)).json()

    assert [*body["deployedProcessDefinitions"]] == ["with_table:1"]
    assert [*body["deployedDecisionDefinitions"]] == ["modeled_fee:1"]


def test_a_form_that_stands_in_the_diagram_is_no_definition_of_its_own(modeler: Modeler) -> None:
    field = b'<camunda:formData><camunda:formField id="note" type="string" /></camunda:formData>'
    form = b"<bpmn:extensionElements>" + field + b"</bpmn:extensionElements>"
    content = diagram("with_form").replace(b' camunda:formRef="review_form">', b">" + form)

    first, second = (modeler.deploy(("with_form.bpmn", content)) for _ in range(2))

    assert first.status_code == 200, first.text
    assert [*first.json()["deployedProcessDefinitions"]] == ["with_form:1"]
    assert second.json() == first.json()


def test_the_same_files_again_are_the_same_deployment(modeler: Modeler, api: ApiClient) -> None:
    first = modeler.deploy(("again.bpmn", diagram("again"))).json()
    number = len(api.get("/deployments", limit=200)["items"])

    second = modeler.deploy(("again.bpmn", diagram("again"))).json()

    assert second == first | {"source": "Camunda Modeler"}
    assert len(api.get("/deployments", limit=200)["items"]) == number


def test_a_changed_diagram_is_a_new_version(modeler: Modeler) -> None:
    first = modeler.deploy(("changed.bpmn", diagram("changed"))).json()

    second = modeler.deploy(("changed.bpmn", diagram("changed", "geändert"))).json()

    assert second["id"] != first["id"]
    assert [*second["deployedProcessDefinitions"]] == ["changed:2"]


def test_a_tenant_is_a_jurisdiction(modeler: Modeler, api: ApiClient) -> None:
    body = modeler.deploy(("of_place.bpmn", diagram("of_place")), tenant="modeled_place").json()

    assert body["tenantId"] == "modeled_place"
    assert api.get("/process-definitions/of_place:1")["jurisdiction"] == "modeled_place"


def test_what_is_wrong_with_a_diagram_is_told_with_element_and_line(modeler: Modeler, api: ApiClient) -> None:
    before = api.get("/deployments", limit=200)["items"]

    response = modeler.deploy(("unparsable.bpmn", UNPARSABLE))

    assert refused(response) == (400, "ParseException")
    body = response.json()
    assert body["message"].startswith("ENGINE-09005 Could not parse BPMN process.")
    errors = body["details"]["unparsable.bpmn"]["errors"]
    assert ("lost", 5) in {(error["mainElementId"], error["line"]) for error in errors}
    assert all(error["message"] and isinstance(error["column"], int) for error in errors)
    assert isinstance(body["details"]["unparsable.bpmn"]["warnings"], list)
    assert api.get("/deployments", limit=200)["items"] == before


def test_a_form_that_cannot_be_read_deploys_nothing(modeler: Modeler, api: ApiClient) -> None:
    before = api.get("/deployments", limit=200)["items"]

    assert refused(modeler.deploy()) == (400, "InvalidRequestException")
    for field in ({"enable-duplicate-filterin": "true"}, {"enable-duplicate-filtering": "yes"}, {"deployment-name": "a\x00b"}):
        assert refused(modeler.deploy(("x.bpmn", diagram("x")), **field)) == (400, "InvalidRequestException")
    assert refused(modeler.call("POST", "/deployment/create", json={})) == (415, "RestException")
    cut = b'--b\r\nContent-Disposition: form-data; name="x.bpmn"; filename="x.bpmn"\r\n\r\n' + diagram("x")
    headers = {"content-type": "multipart/form-data; boundary=b"}
    assert modeler.call("POST", "/deployment/create", content=cut, headers=headers).status_code == 400
    assert api.get("/deployments", limit=200)["items"] == before


def test_an_instance_is_started(modeler: Modeler, api: ApiClient) -> None:
    definition_id = next(iter(modeler.deploy(("started.bpmn", diagram("started"))).json()["deployedProcessDefinitions"]))
    variables = {
        "text": {"value": "湖北", "type": "String"},
        "count": {"value": 3, "type": "Integer"},
        "share": {"value": 0.1, "type": "Double"},
        "open": {"value": True, "type": "Boolean"},
        "facts": {"value": '{"a": [1, 2.50]}', "type": "Json"},
        "from": {"value": "2026-03-01T00:00:00.000+0000", "type": "Date"},
        "nothing": {"value": None, "type": "Null"},
        "plain": {"value": ["x"]},
    }

    response = modeler.start(definition_id, {"businessKey": "default", "variables": variables})

    assert response.status_code == 200, response.text
    body = response.json()
    assert (body["definitionId"], body["businessKey"], body["ended"], body["suspended"]) == ("started:1", "default", False, False)
    found = exact(api.call("GET", f"/process-instances/{body['id']}/variables"))
    assert {name: found[name] for name in ("text", "count", "open", "nothing", "plain")} == {
        "text": "湖北",
        "count": 3,
        "open": True,
        "nothing": None,
        "plain": ["x"],
    }
    assert str(found["share"]) == "0.1"
    assert [str(number) for number in found["facts"]["a"]] == ["1", "2.50"]
    assert found["from"] == "2026-03-01T00:00:00+00:00"


def test_the_start_button_needs_no_variables(modeler: Modeler) -> None:
    modeler.deploy(("bare.bpmn", diagram("bare")))

    assert modeler.start("bare:1", {"businessKey": "default"}).status_code == 200
    assert modeler.start("bare:1", {}).status_code == 200


@pytest.mark.parametrize(
    ("definition_id", "body", "expected"),
    [
        ("nowhere:1", {}, (404, "InvalidRequestException")),
        ("one_task:1", {"variables": {"n": {"value": "3", "type": "Integer"}}}, (400, "InvalidRequestException")),
        ("one_task:1", {"variables": {"n": {"value": "{", "type": "Json"}}}, (400, "InvalidRequestException")),
        ("one_task:1", {"variables": {"n": {"value": "soon", "type": "Date"}}}, (400, "InvalidRequestException")),
        ("one_task:1", {"variables": {"n": {"value": "rO0AB", "type": "Object"}}}, (400, "InvalidRequestException")),
        ("one_task:1", {"startInstructions": []}, (400, "InvalidRequestException")),
        ("one_task:1", [], (400, "InvalidRequestException")),
    ],
)
def test_a_start_that_cannot_be_is_told_why(modeler: Modeler, definition_id: str, body: Any, expected: tuple[int, str]) -> None:
    assert refused(modeler.start(definition_id, body)) == expected


def test_a_key_does_only_what_its_scopes_allow(server: Server, api: ApiClient, connect: Callable[..., ApiClient]) -> None:
    made = api.call("POST", "/api-keys", {"name": "reader of the modeler", "scopes": ["read"]}).json()
    reader = Modeler(server, f"Bearer {made['secret']}")

    assert reader.check_connection().status_code == 200
    assert refused(reader.deploy(("mine.bpmn", diagram("mine")))) == (403, "AuthorizationException")
    assert refused(reader.start("one_task:1", {})) == (403, "AuthorizationException")


def test_where_the_web_applications_are_is_not_known(server: Server, api: ApiClient) -> None:
    assert httpx.get(f"{server.url}/.well-known/camunda-automation-platform/webapps", trust_env=False).status_code == 404
