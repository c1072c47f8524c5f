"""Deployments: all or nothing, every finding told, files kept byte for byte."""

import httpx
import pytest

from api_tests.api_client import DIAGRAMS, ApiClient, pointers, problem
from api_tests.decision_files import service, table

ONE_TASK = (DIAGRAMS / "one_task.bpmn").read_bytes()
REVIEW = (DIAGRAMS / "review.form").read_bytes()


def renamed(key: str) -> bytes:
    return ONE_TASK.replace(b'"one_task"', f'"{key}"'.encode())


def test_what_was_deployed_comes_back_byte_for_byte(api: ApiClient) -> None:
    response = api.deploy_files([("mine.bpmn", renamed("deployed_once")), ("review.form", REVIEW)], name="mine")

    assert response.status_code == 201
    body = response.json()
    assert body["name"] == "mine"
    assert body["deployedBy"] == "key:admin"
    assert [(resource["fileName"], resource["kind"]) for resource in body["resources"]] == [
        ("mine.bpmn", "process"),
        ("review.form", "form"),
    ]
    definition = body["resources"][0]["definitions"][0]
    assert definition == {"id": "deployed_once:1", "key": "deployed_once", "version": 1}
    xml = api.call("GET", f"/process-definitions/{definition['id']}/xml")
    assert xml.headers["content-type"] == "application/xml"
    assert xml.content == renamed("deployed_once")


def test_a_changed_file_is_a_new_version_and_an_unchanged_one_is_not(api: ApiClient) -> None:
    first = renamed("deployed_twice")
    api.deploy_files([("mine.bpmn", first)])

    again = api.deploy_files([("mine.bpmn", first)]).json()["resources"][0]
    changed = api.deploy_files([("mine.bpmn", first.replace("审核".encode(), "复核".encode()))]).json()["resources"][0]

    assert again["unchanged"] is True
    assert again["definitions"][0]["version"] == 1
    assert changed["unchanged"] is False
    assert changed["definitions"][0]["version"] == 2
    assert [row["version"] for row in api.get("/process-definitions", key="deployed_twice")["items"]] == [2, 1]
    assert [row["version"] for row in api.get("/process-definitions", key="deployed_twice", latest="true")["items"]] == [2]
    assert [row["version"] for row in api.get("/process-definitions", key="deployed_twice", latest="false")["items"]] == [2, 1]
    assert api.call("GET", "/process-definitions/deployed_twice:1/xml").content == first


def test_what_came_with_a_deployment_is_listed(api: ApiClient) -> None:
    deployed = api.deploy_files([("both.dmn", service("came_together"))]).json()

    rows = api.get("/decision-definitions", deploymentId=deployed["id"])["items"]

    assert [(row["key"], row["name"], row["type"]) for row in rows] == [
        ("came_together", "came_together", "decisionService"),
        ("came_together_more", "more", "decision"),
        ("came_together_twice", "twice", "decision"),
    ]
    assert api.get("/process-definitions", deploymentId=deployed["id"])["items"] == []


@pytest.mark.parametrize("how", ["query", "form"])
def test_a_dry_run_stores_nothing(api: ApiClient, how: str) -> None:
    files = [("files", ("mine.bpmn", renamed(f"dry_{how}"), "text/xml"))]
    response = api._http.post(
        "/api/v1/deployments",
        files=files,
        params={"dryRun": "true"} if how == "query" else {},
        data={"dryRun": "true"} if how == "form" else {},
        headers={"Authorization": f"Bearer {api.key}"},
    )

    assert response.status_code == 200
    assert response.json()["id"] is None
    assert api.get("/process-definitions", key=f"dry_{how}")["items"] == []


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "content",
    [
        b"<not xml",
        b"",
        ONE_TASK.replace(b"?>", b"?>" + BOMB, 1),
        ONE_TASK.replace(b"?>", b"?>" + EXTERNAL, 1),
        ONE_TASK.replace(b"review_form", b"no_such_form"),
        ONE_TASK.replace(b'targetRef="review"', b'targetRef="nowhere"'),
        ONE_TASK.replace(b"bpmn:userTask", b"bpmn:fancyTask"),
        ONE_TASK.replace(
            b'<bpmn:userTask id="review" name="\xe5\xae\xa1\xe6\xa0\xb8" camunda:candidateGroups="clerks" camunda:formRef="review_form">',
            b'<bpmn:scriptTask id="review" scriptFormat="python">',
        ).replace(b"</bpmn:userTask>", b"<bpmn:script>1</bpmn:script></bpmn:scriptTask>"),
    ],
    ids=["broken", "empty", "bomb", "external", "no-form", "no-target", "unknown-element", "python"],
)
def test_a_faulty_file_is_refused_and_nothing_is_stored(api: ApiClient, content: bytes) -> None:
    sound = renamed("beside_a_faulty_one")

    response = api.deploy_files([("sound.bpmn", sound), ("faulty.bpmn", content.replace(b'"one_task"', b'"faulty"'))])

    assert problem(response) == (422, "deployment-refused")
    errors = response.json()["errors"]
    assert errors
    assert {error["file"] for error in errors} == {"faulty.bpmn"}
    assert all({"file", "elementId", "line", "code", "message"} <= error.keys() for error in errors)
    assert api.get("/process-definitions", key="beside_a_faulty_one")["items"] == []


def test_a_file_over_5_mb_is_refused(api: ApiClient) -> None:
    response = api.deploy_files([("big.bpmn", renamed("big") + b"<!--" + b"x" * 5_300_000 + b"-->")])

    assert problem(response) == (422, "deployment-refused")
    assert response.json()["errors"][0]["file"] == "big.bpmn"


def test_files_are_required(api: ApiClient) -> None:
    response = api._http.post("/api/v1/deployments", files={"other": b"x"}, headers={"Authorization": f"Bearer {api.key}"})

    assert pointers(response) == ["/other"]
    assert "files" in response.json()["errors"][0]["message"]


MISSPELT = table("misspelt", ("> 5", "1"), ("<= 5", "2"), expression="xx")
CONFLICT = table("contradictory", ("> 5", "1"), ("> 3", "2"), ("<= 3", "3"))


@pytest.mark.parametrize("how", ["query", "form"])
def test_with_checks_warn_findings_are_recorded_instead_of_refusing(api: ApiClient, how: str) -> None:
    files = [("files", ("misspelt.dmn", MISSPELT.replace(b"misspelt", f"misspelt_{how}".encode()), "text/xml"))]

    def send(checks: str) -> httpx.Response:
        given = {"checks": checks}
        headers = {"Authorization": f"Bearer {api.key}"}
        return api._http.post(
            "/api/v1/deployments",
            files=files,
            params=given if how == "query" else {},
            data=given if how == "form" else {},
            headers=headers,
        )

    assert problem(send("strict")) == (422, "deployment-refused")
    assert pointers(send("lax")) == ["/checks" if how == "form" else "/query/checks"]
    let_in = send("warn")

    assert let_in.status_code == 201
    body = let_in.json()
    assert "unknown-name" in {warning["code"] for warning in body["warnings"]}
    assert {warning["severity"] for warning in body["warnings"]} == {"warning"}
    (row,) = [row for row in api.get("/deployments", limit=200)["items"] if row["id"] == body["id"]]
    assert row["warnings"] == body["warnings"]
    evaluation = api.call("POST", f"/decision-definitions/misspelt_{how}/evaluation", {"variables": {"x": 6}}).json()
    assert evaluation["result"] is None
    assert evaluation["warnings"]


def test_a_table_that_contradicts_its_hit_policy_is_let_in_and_fails_only_where_it_does(api: ApiClient) -> None:
    assert problem(api.deploy_files([("contradictory.dmn", CONFLICT)])) == (422, "deployment-refused")
    assert [warning["code"] for warning in api.deploy_files([("contradictory.dmn", CONFLICT)], checks="warn").json()["warnings"]] == [
        "overlap"
    ]

    def evaluate(x: int) -> httpx.Response:
        return api.call("POST", "/decision-definitions/contradictory/evaluation", {"variables": {"x": x}})

    assert evaluate(4).json()["result"] == 2
    assert problem(evaluate(6)) == (422, "decision-failed")
    assert [error["code"] for error in evaluate(6).json()["errors"]] == ["hit-policy"]


@pytest.mark.parametrize(
    ("fields", "query", "expected"),
    [
        ({"dryrun": "true"}, "", ["/dryrun"]),
        ({"checks": "warn"}, "?checks=strict", ["/checks"]),
    ],
)
def test_a_field_that_would_silently_not_count_deploys_nothing(
    api: ApiClient, fields: dict[str, str], query: str, expected: list[str]
) -> None:
    before = api.call("GET", "/deployments").json()["items"]
    response = api._http.post(
        f"/api/v1/deployments{query}",
        files=[("files", ("t.dmn", table("strict_form", ("< 1", "1")), "application/xml"))],
        data=fields,
        headers={"Authorization": f"Bearer {api.key}"},
    )

    assert problem(response) == (422, "invalid")
    assert pointers(response) == expected
    assert api.call("GET", "/deployments").json()["items"] == before


def test_cases_with_a_misspelt_member_are_refused(api: ApiClient) -> None:
    response = api.deploy_files([("a.cases.yaml", b"decisions: [{decision: d, facts: {a: 1}, expected: {outcome: X}}]")])

    assert problem(response) == (422, "deployment-refused")
    assert "'expected'" in response.json()["errors"][0]["message"]


def test_a_jurisdiction_that_nobody_has_described_is_warned_of(api: ApiClient) -> None:
    """A slip of the pen would otherwise put the files silently in another place."""
    file = ("astray.bpmn", ONE_TASK.replace(b"one_task", b"astray"))
    described = ("jurisdiction.yaml", "{id: astray_hubei, name: 湖北省}".encode())

    def warned(*files: tuple[str, bytes], **fields: str) -> list[dict[str, str]]:
        answer = api.deploy_files(list(files), **fields).json()
        return [warning for warning in answer["warnings"] if warning["code"] == "unknown-jurisdiction"]

    for dry_run in ("true", "false"):
        (warning,) = warned(file, jurisdiction="astray_hubie", dryRun=dry_run)
        assert (warning["severity"], warning["file"]) == ("warning", "jurisdiction.yaml")
        assert "astray_hubie" in warning["message"]
        assert warning["hint"]

    other = ("astray_too.bpmn", file[1].replace(b"astray", b"astray_too"))
    assert warned(described, other, jurisdiction="astray_hubei") == []
    assert warned(file, jurisdiction="astray_hubie") == []
