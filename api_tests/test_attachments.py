"""Evidence: uploaded, judged by its content, versioned, given back byte for byte, removed with a reason, proved by its digest."""

import hashlib
import io
import sqlite3
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from api_tests.api_client import ApiClient, exact, pointers, problem
from api_tests.conftest import ADMIN_KEY, Server

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def package(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return held.getvalue()


def attach(api: ApiClient, instance_id: str, name: str, content: bytes, repeat_key: str | None = None, **fields: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {api.key}", "On-Behalf-Of": "clerk"}
    if repeat_key is not None:
        headers["Idempotency-Key"] = repeat_key
    part = {"file": (name, content, "application/octet-stream")}
    url = f"{api.url}/api/v1/process-instances/{instance_id}/attachments"
    return httpx.post(url, files=part, data=fields, headers=headers, timeout=30, trust_env=False, verify=False)


def attached(api: ApiClient, instance_id: str, name: str, content: bytes, **fields: str) -> Any:
    response = attach(api, instance_id, name, content, **fields)
    assert response.status_code == 201, response.text
    return exact(response)


def test_a_file_comes_back_as_it_went_in_under_its_own_name(api: ApiClient) -> None:
    instance = api.start("one_task")
    task = instance["openTasks"][0]["id"]
    content = PDF + bytes(range(256)) * 10_000

    made = attached(api, instance["id"], "党委会 会议纪要.pdf", content, taskId=task, description="三月一日")

    assert made | {"id": "", "createdAt": ""} == {
        "id": "",
        "processInstanceId": instance["id"],
        "taskId": task,
        "name": "党委会 会议纪要.pdf",
        "version": 1,
        "mediaType": "application/pdf",
        "size": len(content),
        "digest": hashlib.sha256(content).hexdigest(),
        "description": "三月一日",
        "createdAt": "",
        "createdBy": "clerk",
        "removedAt": None,
        "removedBy": None,
        "removalReason": None,
    }
    path = f"/process-instances/{instance['id']}/attachments"
    assert api.get(path)["items"] == [made]
    assert api.get(f"{path}/{made['id']}") == made
    given = api.call("GET", f"{path}/{made['id']}/content")
    assert given.status_code == 200
    assert given.content == content
    assert given.headers["content-type"] == "application/pdf"
    assert given.headers["content-disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''%E5%85%9A%E5%A7%94%E4%BC%9A%20%E4%BC%9A%E8%AE%AE%E7%BA%AA%E8%A6%81.pdf" in given.headers["content-disposition"]
    assert given.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in given.headers["content-security-policy"]


def test_the_digest_stands_in_the_audit_trail(api: ApiClient) -> None:
    instance = api.start("one_task")
    made = attached(api, instance["id"], "a.pdf", PDF)

    event = api.get(f"/process-instances/{instance['id']}/audit-events", limit=200)["items"][-1]

    assert (event["kind"], event["actor"]) == ("attachment.added", "clerk")
    assert event["payload"]["digest"] == hashlib.sha256(PDF).hexdigest()
    assert event["payload"]["attachmentId"] == made["id"]
    assert api.get("/audit/verification", processInstanceId=instance["id"])["ok"] is True


def test_the_same_name_is_the_next_version(api: ApiClient) -> None:
    instance = api.start("one_task")["id"]

    first, second = attached(api, instance, "a.pdf", PDF), attached(api, instance, "a.pdf", PDF + b"more")

    assert (first["version"], second["version"]) == (1, 2)
    path = f"/process-instances/{instance}/attachments"
    assert api.call("GET", f"{path}/{first['id']}/content").content == PDF
    assert [one["version"] for one in api.get(path, name="a.pdf")["items"]] == [1, 2]


def test_a_repeated_upload_is_one_attachment(api: ApiClient) -> None:
    instance = api.start("one_task")["id"]

    answers = [attach(api, instance, "a.pdf", PDF, repeat_key=f"upload-{instance}") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert len(api.get(f"/process-instances/{instance}/attachments")["items"]) == 1
    assert problem(attach(api, instance, "a.pdf", PDF + b"x", repeat_key=f"upload-{instance}")) == (409, "idempotency-key-reused")


def test_what_is_removed_keeps_everything_and_is_shown_to_administrators_only(api: ApiClient, connect: Any, server: Server) -> None:
    instance = api.start("one_task")["id"]
    made = attached(api, instance, "a.pdf", PDF)
    path = f"/process-instances/{instance}/attachments"

    removed = api.call("POST", f"{path}/{made['id']}/removal", {"reason": "误传"}, person="clerk")

    assert removed.status_code == 200
    assert exact(removed) | {"removedAt": None} == made | {"removedBy": "clerk", "removalReason": "误传"}
    assert api.get(path)["items"] == []
    assert [one["id"] for one in api.get(path, removed="true")["items"]] == [made["id"]]
    assert api.call("GET", f"{path}/{made['id']}/content").content == PDF
    key = exact(api.call("POST", "/api-keys", {"name": "oa", "scopes": ["read", "work"]}))
    reader = connect(server, key["secret"])
    assert problem(reader.call("GET", f"{path}/{made['id']}/content")) == (403, "attachment-removed")
    assert problem(api.call("POST", f"{path}/{made['id']}/removal", {"reason": "再次"})) == (409, "already-removed")
    assert attached(api, instance, "a.pdf", PDF)["version"] == 2
    kinds = [event["kind"] for event in api.get(f"/process-instances/{instance}/audit-events", limit=200)["items"]]
    assert kinds[-3:] == ["attachment.added", "attachment.removed", "attachment.added"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("photo.png", b"MZ\x90\x00" + bytes(200), "unknown-type"),
        ("letter.pdf", b"\x7fELF" + bytes(200), "unknown-type"),
        ("page.txt", b"  <html><script>alert(1)</script></html>", "unknown-type"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "unknown-type"),
        ("run.txt", b"#!/bin/sh\nrm -rf /\n", "unknown-type"),
        ("letter.pdf", PNG, "type-differs"),
        ("letter.pdf.exe", PDF, "type-differs"),
        ("letter.docx", package("word/document.xml", "word/vbaProject.bin"), "macros"),
        ("letter.docx", package("a.txt"), "unknown-type"),
        ("letter.docx", b"PK\x03\x04 not a package", "unknown-type"),
        ("nothing.pdf", b"", "empty"),
    ],
)
def test_what_could_run_or_is_not_what_it_says_is_refused(api: ApiClient, name: str, content: bytes, code: str) -> None:
    instance = api.start("one_task")["id"]

    refused = attach(api, instance, name, content)

    assert pointers(refused) == ["/file"]
    assert refused.json()["errors"][0]["code"] == code
    assert api.get(f"/process-instances/{instance}/attachments", removed="false")["items"] == []
    assert "attachment.added" not in str(api.get(f"/process-instances/{instance}/audit-events", limit=200))


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("说明.txt", "情况说明\n".encode("gb18030"), "text/plain"),
        ("表.xlsx", package("[Content_Types].xml", "xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("公文.ofd", package("OFD.xml"), "application/ofd"),
        ("照片.JPG", b"\xff\xd8\xff\xe0" + bytes(32), "image/jpeg"),
    ],
)
def test_the_usual_kinds_of_evidence_are_taken(api: ApiClient, name: str, content: bytes, media_type: str) -> None:
    assert attached(api, api.start("one_task")["id"], name, content)["mediaType"] == media_type


def test_names_that_mislead_are_refused_and_paths_are_cut_off(api: ApiClient) -> None:
    instance = api.start("one_task")["id"]

    assert pointers(attach(api, instance, "gnp\u202efdp.pdf", PDF)) == ["/file"]
    assert attached(api, instance, "..\\..\\etc\\a.pdf", PDF)["name"] == "a.pdf"


def test_what_is_too_large_is_refused(api: ApiClient) -> None:
    instance = api.start("one_task")["id"]

    assert problem(attach(api, instance, "a.pdf", PDF + bytes(20 * 1024 * 1024))) == (413, "payload-too-large")
    assert api.get(f"/process-instances/{instance}/attachments")["items"] == []


def test_tasks_and_instances_must_fit(api: ApiClient) -> None:
    instance, other = api.start("one_task"), api.start("one_task")
    made = attached(api, instance["id"], "a.pdf", PDF)

    assert pointers(attach(api, instance["id"], "a.pdf", PDF, taskId=other["openTasks"][0]["id"])) == ["/taskId"]
    assert pointers(attach(api, instance["id"], "a.pdf", PDF, remark="x")) == ["/remark"]
    assert problem(attach(api, "nowhere", "a.pdf", PDF)) == (404, "not-found")
    assert problem(api.call("GET", "/process-instances/nowhere/attachments")) == (404, "not-found")
    for path in (f"/process-instances/{other['id']}/attachments/{made['id']}",):
        assert problem(api.call("GET", path)) == (404, "not-found")
        assert problem(api.call("GET", f"{path}/content")) == (404, "not-found")
        assert problem(api.call("POST", f"{path}/removal", {"reason": "x"})) == (404, "not-found")
    assert api.call("POST", f"/process-instances/{instance['id']}/cancellation", {"reason": "撤销"}).status_code == 200
    assert problem(attach(api, instance["id"], "b.pdf", PDF)) == (409, "instance-not-open")
    assert api.call("GET", f"/process-instances/{instance['id']}/attachments/{made['id']}/content").content == PDF


@pytest.fixture
def sqlite_only(database: str) -> None:
    if database != "sqlite":
        pytest.skip("the bytes are changed through the file")


CHANGES = (
    ("UPDATE attachment SET version = 7", "is not what its audit event says"),
    ("UPDATE attachment SET removed_at = 1", "do not agree whether it was removed"),
    ("DELETE FROM attachment", "of which the audit trail tells are missing"),
    ("UPDATE content_chunk SET data = CAST(data || x'00' AS BLOB)", "were changed"),
    ("DELETE FROM content_chunk", "is missing"),
)


def test_verify_finds_bytes_and_rows_that_were_changed(sqlite_only: None, own_server: Server, connect: Callable[..., ApiClient]) -> None:
    api = connect(own_server, ADMIN_KEY)
    assert api.deploy("one_task.bpmn", "review.form").status_code == 201
    api.person("clerk", "clerks")
    instance = api.start("one_task")["id"]
    made = attached(api, instance, "a.pdf", PDF)
    sound = own_server.run("verify")
    assert (sound.returncode, "1 stored files have their digests" in sound.stdout) == (0, True), sound.stderr
    own_server.tampered = True
    database = own_server.folder / "rongjiu.db"
    kept = database.with_suffix(".kept")
    with sqlite3.connect(database) as connection, sqlite3.connect(kept) as copy:
        connection.backup(copy)

    for statement, told in CHANGES:
        with sqlite3.connect(kept) as copy, sqlite3.connect(database) as connection:
            copy.backup(connection)
            connection.execute(statement)
        found = own_server.run("verify")
        assert (found.returncode, told in found.stderr) == (1, True), (statement, found.stderr)

    assert problem(api.call("GET", f"/process-instances/{instance}/attachments/{made['id']}/content")) == (409, "content-damaged")
