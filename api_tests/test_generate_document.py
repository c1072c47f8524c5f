"""Documents: made from the template in force, numbered, versioned, downloaded under their right name; what is missing is named."""

import hashlib
import io
import shutil
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from docx import Document

from api_tests.api_client import ApiClient, exact, pointers, problem
from api_tests.conftest import ADMIN_KEY, Server

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def docx(*paragraphs: str, title: str = "受理通知书") -> bytes:
    document = Document()
    document.core_properties.title = title
    for text in paragraphs:
        document.add_paragraph(text)
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def text(content: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)


NOTICE = docx(
    "{{ document.title }} {{ document.number }}", "{{ fields.recipient }}：{{ variables.fee }}元", "{{ instance.definitionName }}"
)


@pytest.fixture(scope="module")
def templates(server: Server) -> None:
    """The template of the tests, deployed once for each server."""
    client = ApiClient(server.url, ADMIN_KEY)
    answer = client.deploy_files([("notice.docx", NOTICE), ("plain.docx", docx("{{ instance.id }}", title=""))])
    assert answer.status_code == 201, answer.text
    client.close()


def generate(api: ApiClient, instance_id: str, template: str = "notice", person: str = "clerk", **members: Any) -> httpx.Response:
    return api.call("POST", f"/process-instances/{instance_id}/documents", {"template": template, **members}, person=person)


def test_a_document_is_made_numbered_and_downloaded(api: ApiClient, templates: None) -> None:
    instance = api.start("one_task", {"fee": 12})
    task = instance["openTasks"][0]["id"]

    answer = generate(api, instance["id"], taskId=task, fields={"recipient": "黄某<b>&"})

    assert answer.status_code == 201, answer.text
    made = exact(answer)
    year = (datetime.now(UTC) + timedelta(hours=8)).year
    assert (made["template"], made["templateVersion"], made["title"], made["version"]) == ("notice", 1, "受理通知书", 1)
    assert made["number"].startswith(f"〔{year}〕")
    assert (made["createdBy"], made["taskId"]) == ("clerk", task)
    path = f"/process-instances/{instance['id']}/documents"
    assert api.get(path)["items"] == [made]
    assert api.get(f"{path}/{made['id']}") == made
    given = api.call("GET", f"{path}/{made['id']}/content")
    assert given.headers["content-type"] == DOCX
    assert given.headers["x-content-type-options"] == "nosniff"
    assert "%E5%8F%97%E7%90%86%E9%80%9A%E7%9F%A5%E4%B9%A6" in given.headers["content-disposition"]
    assert hashlib.sha256(given.content).hexdigest() == made["digest"]
    assert text(given.content).startswith(f"受理通知书 {made['number']}\n黄某<b>&：12元\n")
    event = api.get(f"/process-instances/{instance['id']}/audit-events", limit=200)["items"][-1]
    assert (event["kind"], event["payload"]["digest"]) == ("document.generated", made["digest"])


def test_the_next_version_keeps_the_number_and_the_next_document_takes_the_next(api: ApiClient, templates: None) -> None:
    first, second = (api.start("one_task", {"fee": 1})["id"] for _ in range(2))

    made = [exact(generate(api, instance, fields={"recipient": "甲"})) for instance in (first, first, second)]

    assert [one["version"] for one in made] == [1, 2, 1]
    assert made[0]["number"] == made[1]["number"]
    numbers = [int(one["number"].rpartition("〕")[2].removesuffix("号")) for one in made]
    assert numbers[2] == numbers[0] + 1


def test_every_missing_field_is_named_and_nothing_is_made(api: ApiClient, templates: None) -> None:
    instance, other = api.start("one_task")["id"], api.start("one_task", {"fee": 1})["id"]
    before = exact(generate(api, other, fields={"recipient": "甲"}))

    refused = generate(api, instance)

    assert pointers(refused) == ["/fields/recipient", "/variables/fee"]
    assert problem(refused) == (422, "document-fields")
    assert {error["code"] for error in refused.json()["errors"]} == {"missing-field"}
    assert api.get(f"/process-instances/{instance}/documents")["items"] == []
    assert "document.generated" not in str(api.get(f"/process-instances/{instance}/audit-events", limit=200))
    again = exact(generate(api, api.start("one_task", {"fee": 1})["id"], fields={"recipient": "甲"}))
    number = int(before["number"].rpartition("〕")[2].removesuffix("号"))
    assert again["number"].endswith(f"〕{number + 1}号")


def test_an_instance_keeps_the_template_of_its_start(api: ApiClient, templates: None) -> None:
    assert api.deploy_files([("law.docx", docx("旧文书"))]).status_code == 201
    older = api.start("one_task")["id"]
    assert api.deploy_files([("law.docx", docx("新文书"))]).json()["resources"][0]["definitions"][0]["version"] == 2
    newer = api.start("one_task")["id"]

    made = {instance: exact(generate(api, instance, "law")) for instance in (older, newer)}

    assert [one["templateVersion"] for one in made.values()] == [1, 2]
    told = [text(api.call("GET", f"/process-instances/{instance}/documents/{one['id']}/content").content) for instance, one in made.items()]
    assert told == ["旧文书", "新文书"]
    assert problem(generate(api, older, "later")) == (422, "invalid")


def test_templates_are_listed_and_given_back_byte_for_byte(api: ApiClient, templates: None) -> None:
    listed = api.get("/document-templates", key="notice")["items"]

    assert [(one["id"], one["name"]) for one in listed] == [("notice:1", "受理通知书")]
    assert listed[0]["fields"] == ["document.number", "document.title", "fields.recipient", "instance.definitionName", "variables.fee"]
    assert api.get("/document-templates/notice:1") == listed[0]
    given = api.call("GET", "/document-templates/notice:1/content")
    assert given.content == NOTICE
    assert problem(api.call("GET", "/document-templates/notice:9/content")) == (404, "not-found")
    assert api.get("/document-templates", key="plain")["items"][0]["name"] == "plain"


def hostile() -> dict[str, tuple[bytes, str]]:
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx("x"))) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry, old.read(entry))
        new.writestr("word/media/bomb.png", bytes(45 * 1024 * 1024))
    return {
        "no docx": (b"hello", "docx"),
        "reaching out": (docx("{{ ''.__class__.__mro__[1].__subclasses__() }}"), "template"),
        "calling": (docx("{{ variables.items() }}"), "template"),
        "unknown": (docx("{{ secrets.key }}"), "template"),
        "bomb": (held.getvalue(), "docx-too-large"),
    }


@pytest.mark.parametrize("name", sorted(hostile()))
def test_hostile_templates_are_refused_at_deployment(api: ApiClient, name: str) -> None:
    content, code = hostile()[name]

    refused = api.deploy_files([("hostile.docx", content)])

    assert problem(refused) == (422, "deployment-refused")
    assert [error["code"] for error in refused.json()["errors"]] == [code]
    assert api.get("/document-templates", key="hostile")["items"] == []


def test_macro_documents_are_no_kind_of_file(api: ApiClient) -> None:
    assert [error["code"] for error in api.deploy_files([("letter.docm", docx("x"))]).json()["errors"]] == ["unknown-kind"]


def test_a_diagram_names_the_documents_of_its_steps(api: ApiClient, templates: None) -> None:
    def with_documents(names: str) -> bytes:
        entry = f'<extensionElements><camunda:properties><camunda:property name="document" value="{names}"/></camunda:properties>'
        return (
            '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
            'targetNamespace="t"><process id="noticed" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" '
            f'targetRef="t"/><userTask id="t">{entry}</extensionElements></userTask><sequenceFlow id="g" sourceRef="t" targetRef="e"/>'
            '<endEvent id="e"/></process></definitions>'
        ).encode()

    refused = api.deploy_files([("noticed.bpmn", with_documents("notice, nowhere"))])
    assert [(one["code"], one["elementId"]) for one in refused.json()["errors"]] == [("missing-document-reference", "t")]
    assert api.deploy_files([("noticed.bpmn", with_documents("notice, plain"))]).status_code == 201
    found = api.get("/process-definitions", key="noticed", latest="true")["items"][0]["documents"]
    assert found == [{"elementId": "t", "template": "notice"}, {"elementId": "t", "template": "plain"}]


def test_documents_belong_to_their_instance(api: ApiClient, templates: None) -> None:
    instance, other = api.start("one_task"), api.start("one_task")
    made = exact(generate(api, instance["id"], "plain"))

    assert pointers(generate(api, instance["id"], "plain", taskId=other["openTasks"][0]["id"])) == ["/taskId"]
    assert pointers(generate(api, instance["id"], "nowhere")) == ["/template"]
    for ending in ("", "/content", "/pdf"):
        assert problem(api.call("GET", f"/process-instances/{other['id']}/documents/{made['id']}{ending}")) == (404, "not-found")
    assert problem(generate(api, "nowhere", "plain")) == (404, "not-found")
    assert api.call("POST", f"/process-instances/{instance['id']}/cancellation", {"reason": "撤销"}).status_code == 200
    assert problem(generate(api, instance["id"], "plain")) == (409, "instance-not-open")


def test_a_pdf_is_made_where_there_is_libreoffice_and_refused_where_not(api: ApiClient, templates: None) -> None:
    instance = api.start("one_task")["id"]
    made = exact(generate(api, instance, "plain"))

    given = api.call("GET", f"/process-instances/{instance}/documents/{made['id']}/pdf")

    if shutil.which("soffice") is None and shutil.which("libreoffice") is None:
        assert problem(given) == (501, "pdf-not-installed")
    else:
        assert given.status_code == 200, given.text
        assert given.headers["content-type"] == "application/pdf"
        assert given.content.startswith(b"%PDF-")
