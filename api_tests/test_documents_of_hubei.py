"""A real case travels through Hubei's procedure, and each step's documents are made from the templates that ship."""

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml
from docx import Document

from api_tests.api_client import ApiClient, exact, pointers
from api_tests.conftest import ADMIN_KEY, Server, SharedServer

CASES = yaml.safe_load((Path(__file__).parent.parent / "bpmn" / "hubei" / "tolerance.cases.yaml").read_text("utf-8"))
CASE = next(case for case in CASES["cases"] if case["name"].startswith("C04"))
AT = {
    "verify": "hubei_acceptance_notice",
    "give_opinion": "hubei_verification_report",
    "decide": "hubei_deliberation_minutes",
    "feed_back": "hubei_tolerance_certificate",
    "rectify": "hubei_rectification_notice",
}
"""Before this task is done: the document of what was done before it."""


@pytest.fixture(scope="module")
def hubei(database: str, shared_server: SharedServer) -> Server:
    """The server with the built-in procedures, the same as in test_procedures."""
    return shared_server("procedures", database, builtin=True)


@pytest.fixture
def api(hubei: Server) -> Iterator[ApiClient]:
    with closing(ApiClient(hubei.url, ADMIN_KEY)) as client:
        for name, person in CASES["users"].items():
            client.person(name, *person["groups"])
        yield client


def make(api: ApiClient, instance_id: str, template: str, **members: Any) -> httpx.Response:
    path = f"/process-instances/{instance_id}/documents"
    return api.call("POST", path, {"template": template, "fields": {"subjectName": "某单位"}, **members}, person="zhang_banan")


def content(api: ApiClient, made: Any) -> str:
    given = api.call("GET", f"/process-instances/{made['processInstanceId']}/documents/{made['id']}/content")
    assert given.status_code == 200
    document = Document(io.BytesIO(given.content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def test_each_step_has_its_document(api: ApiClient) -> None:
    mark = uuid4().hex[:8]
    start = CASE["start"]
    variables = {**start["variables"], "subjectId": f"C04-{mark}", "matterId": f"M-{mark}"}
    begun = api.call("POST", "/messages", {"name": start["message"], "jurisdiction": "hubei", "variables": variables})
    assert begun.status_code in (200, 201), begun.text
    (instance,) = api.get("/process-instances", variables=f"subjectId_eq_C04-{mark}")["items"]
    told: dict[str, str] = {}
    numbers = []

    early = make(api, instance["id"], "hubei_tolerance_certificate")
    assert {"/variables/advice/reasons", "/variables/decision/outcome"} <= set(pointers(early))
    for step in CASE["steps"]:
        open_tasks = api.get("/tasks", processInstanceId=instance["id"], taskDefinitionKey=step["task"], state="created")["items"]
        groups = set(CASES["users"][step["as"]]["groups"])
        task = next(one for one in open_tasks if groups & set(one["candidateGroups"]))
        template = AT.get(step["task"])
        if template is not None and template not in told:
            answer = make(api, instance["id"], template, taskId=task["id"])
            assert answer.status_code == 201, answer.text
            told[template] = content(api, exact(answer))
            numbers.append(exact(answer)["number"])
        done = api.complete(task["id"], step["variables"], step["as"])
        assert done.status_code == 200, (step["task"], done.text)

    assert set(told) == set(AT.values())
    assert len(set(numbers)) == len(numbers)
    assert "决定予以受理" in told["hubei_acceptance_notice"]
    certificate = told["hubei_tolerance_certificate"]
    assert "决定：免责（不予追责问责）" in certificate
    assert "HB-T3" in certificate
    assert "助力企业发展" in certificate
    assert "程序瑕疵" in certificate
    assert "PROCEDURAL_FLAW" not in certificate
    assert "{{" not in "".join(told.values())
    assert "{%" not in "".join(told.values())


def test_a_template_of_another_place_is_refused(api: ApiClient) -> None:
    mark = uuid4().hex[:8]
    variables = {**CASE["start"]["variables"], "subjectId": f"C05-{mark}", "matterId": f"M-{mark}"}
    api.call("POST", "/messages", {"name": CASE["start"]["message"], "jurisdiction": "hubei", "variables": variables})
    (instance,) = api.get("/process-instances", variables=f"subjectId_eq_C05-{mark}")["items"]

    refused = make(api, instance["id"], "siyang_tolerance_certificate")

    assert pointers(refused) == ["/template"]
    assert refused.json()["errors"][0]["code"] == "other-place"
