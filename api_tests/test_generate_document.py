"""Documents: made from the template in force, numbered, versioned, downloaded under their right name; what is missing is named."""

import hashlib
import io
import shutil
import zipfile
from contextlib import closing
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
    assert (made.pop("subject"), made.pop("warnings")) == (None, [])
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


AGAIN = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t"><process id="meets_again" isExecutable="true">'
    '<startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="meet"/><userTask id="meet" name="会商"/>'
    '<sequenceFlow id="f2" sourceRef="meet" targetRef="x"/><exclusiveGateway id="x" default="f4"/>'
    '<sequenceFlow id="f3" sourceRef="x" targetRef="meet"><conditionExpression xsi:type="tFormalExpression" language="feel">again = true'
    '</conditionExpression></sequenceFlow><sequenceFlow id="f4" sourceRef="x" targetRef="conclude"/><userTask id="conclude"/>'
    '<sequenceFlow id="f5" sourceRef="conclude" targetRef="e"/><endEvent id="e"/></process></definitions>'
).encode()
"""A step that is done as often as it is asked for, and one after it."""


def test_a_step_that_is_done_again_has_a_document_of_its_own(api: ApiClient) -> None:
    """A second deliberation's minutes are no version of the first's; what is made again for one of them is."""
    minutes = ("minutes.docx", docx("{{ document.number }} {{ document.version }} {{ variables.opinion }}", title="会商纪要"))
    answer = api.deploy_files([("again.bpmn", AGAIN), minutes])
    assert answer.status_code == 201, answer.text
    instance = api.start("meets_again", {"opinion": "未定"})

    def waiting() -> str:
        (task,) = api.get("/tasks", processInstanceId=instance["id"], state="created")["items"]
        return str(task["id"])

    def made(task: str | None) -> Any:
        given = generate(api, instance["id"], "minutes", **({"taskId": task} if task else {}))
        assert given.status_code == 201, given.text
        return exact(given)

    first = waiting()
    drafts = [made(first), made(first)]
    assert api.complete(first, {"opinion": "可以容错", "again": True}, "clerk").status_code == 200
    second = waiting()
    others = [made(second)]
    refused = generate(api, instance["id"], "minutes", taskId=first)
    assert api.complete(second, {"opinion": "不予容错", "again": False}, "clerk").status_code == 200
    others += [made(second), made(waiting()), made(None)]

    assert [(one["occurrence"], one["version"]) for one in drafts] == [(1, 1), (1, 2)]
    assert [(one["occurrence"], one["version"]) for one in others] == [(2, 1), (2, 2), (2, 3), (2, 4)]
    assert len({one["number"] for one in drafts}) == len({one["number"] for one in others}) == 1
    assert drafts[0]["number"] != others[0]["number"]
    assert problem(refused) == (409, "step-repeated")
    kept = api.get(f"/process-instances/{instance['id']}/documents", template="minutes")["items"]
    assert sorted(one["id"] for one in kept) == sorted(one["id"] for one in drafts + others)
    told = [event["payload"] for event in api.get(f"/process-instances/{instance['id']}/audit-events", limit=200)["items"]]
    assert [one["occurrence"] for one in told if "documentId" in one] == [1, 1, 2, 2, 2, 2]


def flow(process: str, *steps: str) -> bytes:
    """Those user tasks, one after the other."""
    ways = zip(("s", *steps), (*steps, "e"), strict=True)
    drawn = "".join(f'<userTask id="{step}" name="{step}"/>' for step in steps)
    drawn += "".join(f'<sequenceFlow id="f{index}" sourceRef="{one}" targetRef="{other}"/>' for index, (one, other) in enumerate(ways))
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">'
        f'<process id="{process}" isExecutable="true"><startEvent id="s"/>{drawn}<endEvent id="e"/></process></definitions>'
    ).encode()


def open_task(api: ApiClient, instance_id: str) -> str:
    (task,) = api.get("/tasks", processInstanceId=instance_id, state="created")["items"]
    return str(task["id"])


@pytest.fixture(scope="module")
def concluding(server: Server) -> None:
    """Two steps, and a template that tells what both are asked for."""
    client = ApiClient(server.url, ADMIN_KEY)
    conclusion = docx(
        "{{ document.number }}/{{ document.version }} {{ variables.opinion.text }} {{ variables.word | default('-') }}", title="结论"
    )
    answer = client.deploy_files([("concludes.bpmn", flow("concludes", "first", "last")), ("conclusion.docx", conclusion)])
    assert answer.status_code == 201, answer.text
    client.close()


def concluded(api: ApiClient) -> tuple[str, str, str]:
    """A case that is over; the same variables were submitted at both of its steps."""
    instance = api.start("concludes", {"opinion": {"by": "甲"}})
    first = open_task(api, instance["id"])
    assert api.complete(first, {"opinion": {"text": "初稿"}, "word": "一"}, "clerk").status_code == 200
    last = open_task(api, instance["id"])
    assert problem(generate(api, instance["id"], "nowhere", taskId=last)) == (422, "invalid")
    assert api.complete(last, {"opinion": {"text": "定稿"}}, "clerk").status_code == 200
    return instance["id"], first, last


def test_a_case_that_is_over_has_its_documents_made_and_stays_as_it_is(api: ApiClient, server: Server, concluding: None) -> None:
    """What the last step asks for is in the case only then."""
    instance = api.start("concludes")
    task = open_task(api, instance["id"])
    before = generate(api, instance["id"], "conclusion", taskId=task)
    assert (problem(before), pointers(before)) == ((422, "document-fields"), ["/variables/opinion/text"])
    case, _, last = concluded(api)
    over, variables = api.get(f"/process-instances/{case}"), api.get(f"/process-instances/{case}/variables")

    made = [exact(generate(api, case, "conclusion", **named)) for named in ({"taskId": last}, {})]

    path = f"/process-instances/{case}"
    written = [text(api.call("GET", f"{path}/documents/{one['id']}/content").content) for one in made]
    assert written == [f"{made[0]['number']}/1 定稿 一", f"{made[0]['number']}/2 定稿 一"]
    told = api.get(f"{path}/audit-events", limit=200)["items"]
    assert [one["kind"] for one in told[-3:]] == ["instance.completed", "document.generated", "document.generated"]
    assert [one["payload"]["digest"] for one in told[-2:]] == [one["digest"] for one in made]
    assert api.get(path) == over
    assert api.get(f"{path}/variables") == variables
    verified = server.run("verify", "--stream", case)
    assert verified.returncode == 0, verified.stdout


def test_a_document_of_a_completed_step_says_what_was_recorded_there(api: ApiClient, concluding: None) -> None:
    """Not what a later step made of it; the case itself, without a task, says what holds at last."""
    case, first, last = concluded(api)

    made = [exact(generate(api, case, "conclusion", **named)) for named in ({"taskId": first}, {"taskId": last}, {})]

    written = [text(api.call("GET", f"/process-instances/{case}/documents/{one['id']}/content").content) for one in made]
    assert [one.partition(" ")[2] for one in written] == ["初稿 一", "定稿 一", "定稿 一"]


def test_only_those_who_work_on_cases_make_documents_of_one_that_is_over(api: ApiClient, server: Server, concluding: None) -> None:
    case, _, _ = concluded(api)
    key = exact(api.call("POST", "/api-keys", {"name": "reader", "scopes": ["read"]}))["secret"]
    with closing(ApiClient(server.url, key)) as reader:
        refused = reader.call("POST", f"/process-instances/{case}/documents", {"template": "conclusion"})
    assert problem(refused)[0] == 403
    assert api.get(f"/process-instances/{case}/documents")["items"] == []


def test_every_missing_field_is_named_and_nothing_is_made(api: ApiClient, templates: None) -> None:
    instance, other = api.start("one_task")["id"], api.start("one_task", {"fee": 1})["id"]
    before = exact(generate(api, other, fields={"recipient": "甲"}))

    refused = generate(api, instance)

    assert pointers(refused) == ["/fields/recipient", "/variables/fee"]
    assert problem(refused) == (422, "document-fields")
    assert {error["code"] for error in refused.json()["errors"]} == {"missing-field"}
    recipient, fee = (error["message"] for error in refused.json()["errors"])
    assert recipient == "the template notice needs fields.recipient, which is not there: the caller gives it, in `fields` of the request"
    assert fee.startswith("the template notice needs variables.fee, which is not there: no form of the case asks for it")
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


def test_a_template_says_that_there_is_no_such_document_in_a_case(api: ApiClient) -> None:
    source = "{% if variables.fee == 0 %}{{ '只用于收费的案件' | refuse }}{% endif %}{{ variables.fee }}"
    assert api.deploy_files([("charged.docx", docx(source))]).status_code == 201
    free, charged = (api.start("one_task", {"fee": fee})["id"] for fee in (0, 5))

    refused = generate(api, free, "charged")

    assert problem(refused) == (422, "document-fields")
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [("/template", "not-for-this-case")]
    assert "只用于收费的案件" in refused.json()["errors"][0]["message"]
    assert generate(api, charged, "charged").status_code == 201


def test_documents_belong_to_their_instance(api: ApiClient, templates: None) -> None:
    instance, other = api.start("one_task"), api.start("one_task")
    made = exact(generate(api, instance["id"], "plain"))

    assert pointers(generate(api, instance["id"], "plain", taskId=other["openTasks"][0]["id"])) == ["/taskId"]
    assert pointers(generate(api, instance["id"], "nowhere")) == ["/template"]
    for ending in ("", "/content", "/pdf"):
        assert problem(api.call("GET", f"/process-instances/{other['id']}/documents/{made['id']}{ending}")) == (404, "not-found")
    assert problem(generate(api, "nowhere", "plain")) == (404, "not-found")
    assert api.call("POST", f"/process-instances/{instance['id']}/cancellation", {"reason": "撤销"}).status_code == 200
    refused = generate(api, instance["id"], "plain")
    assert problem(refused) == (409, "instance-not-open")
    assert "cancelled: nothing new is made" in refused.json()["detail"]


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
