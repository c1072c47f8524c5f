"""Checking decision files before they are in force: by themselves, and with each deployment."""

from typing import Any

import httpx
import pytest

from api_tests.api_client import DIAGRAMS, ApiClient, pointers, problem
from api_tests.decision_files import formula, importing, table

HOLED = table("holed", ("< 5", "1"), ("[3..8]", "2"), ("> 10", "3"))
"""A gap, and an overlap that its hit policy forbids."""


def send(api: ApiClient, path: str, *files: tuple[str, bytes], **params: str) -> httpx.Response:
    parts = [("files", (name, content, "application/octet-stream")) for name, content in files]
    headers = {"Authorization": f"Bearer {api.key}"}
    return api._http.post(f"/api/v1/{path}", files=parts, params=params, headers=headers)


def analyse(api: ApiClient, *files: tuple[str, bytes], **params: str) -> Any:
    response = send(api, "decision-definitions/analysis", *files, **params)
    assert response.status_code == 200, response.text
    return response.json()


def told(findings: list[dict[str, Any]], *severities: str) -> set[tuple[str, str]]:
    return {(finding["elementId"], finding["code"]) for finding in findings if finding["severity"] in severities}


def test_gaps_and_overlaps_are_told_as_tests_per_input(api: ApiClient) -> None:
    body = analyse(api, ("holed.dmn", HOLED), ("fee.dmn", (DIAGRAMS / "fee.dmn").read_bytes()))

    assert [file["fileName"] for file in body["files"]] == ["holed.dmn", "fee.dmn"]
    (found,) = body["files"][0]["tables"]
    assert (found["decisionId"], found["hitPolicy"], found["ruleCount"], found["complete"]) == ("holed", "UNIQUE", 3, False)
    assert [gap["box"] for gap in found["gaps"]] == [{"x": "(8..10]"}]
    (overlap,) = found["overlaps"]
    assert [rule["ruleId"] for rule in overlap["rules"]] == ["holed_1", "holed_2"]
    assert (overlap["box"], overlap["allowed"]) == ({"x": "[3..5)"}, False)
    assert told(body["files"][0]["findings"], "error") == {("holed_2", "overlap")}
    assert told(body["files"][0]["findings"], "warning") == {("holed_table", "gap")}
    assert body["errors"] == 1
    assert api.get("/decision-definitions", key="holed")["items"] == []


def test_a_sound_table_raises_no_alarm(api: ApiClient) -> None:
    body = analyse(api, ("sound.dmn", table("sound", ("< 5", "1"), ("[5..8]", "2"), ("> 8", "3"))))

    assert (body["errors"], body["warnings"]) == (0, 0)
    assert body["files"][0]["tables"][0]["complete"] is True


def test_a_misspelt_name_is_told_beside_what_the_tables_leave_open(api: ApiClient) -> None:
    file = ("misspelt.dmn", HOLED.replace(b"<text>x</text>", b"<text>xx</text>"))

    strict, eased = analyse(api, file), analyse(api, file, checks="warn")

    assert {"unknown-name", "overlap"} == {code for _, code in told(strict["files"][0]["findings"], "error")}
    assert {"gap"} == {code for _, code in told(strict["files"][0]["findings"], "warning")}
    assert eased["errors"] == 0
    assert {"unknown-name", "overlap", "gap"} == {code for _, code in told(eased["files"][0]["findings"], "warning")}
    assert told(eased["files"][0]["tables"][0]["findings"], "error") == set()


def test_what_cannot_be_read_has_findings_that_say_why(api: ApiClient) -> None:
    body = analyse(api, ("broken.dmn", b"<definitions"), ("unfinished.dmn", formula("unfinished", "1 +")), ("notes.txt", b"hello"))

    codes = [[finding["code"] for finding in file["findings"]] for file in body["files"]]
    assert codes == [["malformed-xml"], ["feel-syntax"], ["unknown-kind"]]
    assert [file["tables"] for file in body["files"]] == [[], [], []]
    assert body["errors"] == 3


def test_imports_mean_the_files_given_and_what_is_deployed(api: ApiClient) -> None:
    assert api.deploy_files([("settled.dmn", formula("settled", "x + 1"))]).status_code == 201

    body = analyse(
        api,
        ("a.dmn", importing("upon_settled", "settled", "other.settled")),
        ("b.dmn", importing("upon_given", "given", "other.given")),
        ("c.dmn", formula("given", "x")),
    )

    assert [file["findings"] for file in body["files"]] == [[], [], []]
    assert told(analyse(api, ("d.dmn", importing("upon_nothing", "nobody", "1")))["files"][0]["findings"], "error")


def test_an_analysis_needs_files(api: ApiClient) -> None:
    headers = {"Authorization": f"Bearer {api.key}"}
    response = api._http.post("/api/v1/decision-definitions/analysis", files={"other": b"x"}, headers=headers)

    assert pointers(response) == ["/other"]
    assert problem(api.call("POST", "/decision-definitions/analysis", {"xml": "<a/>"})) == (415, "unsupported-media-type")


@pytest.mark.parametrize("dry_run", ["true", "false"])
def test_a_deployment_is_refused_with_every_finding_of_the_analysis(api: ApiClient, dry_run: str) -> None:
    misspelt = HOLED.replace(b"holed", b"gaping").replace(b">x<", b">y<")

    response = send(api, "deployments", ("holed.dmn", HOLED), ("misspelt.dmn", misspelt), dryRun=dry_run)

    assert problem(response) == (422, "deployment-refused")
    body = response.json()
    assert {(error["file"], error["code"]) for error in body["errors"]} == {
        ("holed.dmn", "overlap"),
        ("misspelt.dmn", "overlap"),
        ("misspelt.dmn", "unknown-name"),
    }
    assert {(warning["file"], warning["code"]) for warning in body["warnings"]} == {("holed.dmn", "gap"), ("misspelt.dmn", "gap")}
    assert api.get("/decision-definitions", key="holed")["items"] == []


def test_warnings_of_the_analysis_are_shown_and_recorded(api: ApiClient) -> None:
    file = table("with_a_gap", ("< 5", "1"), ("> 10", "3")).replace(b"<description>rule 2</description>", b"")

    body = api.deploy_files([("with_a_gap.dmn", file)]).json()

    assert {(warning["elementId"], warning["code"]) for warning in body["warnings"]} == {
        ("with_a_gap_table", "gap"),
        ("with_a_gap_2", "missing-basis"),
    }
    (row,) = [row for row in api.get("/deployments", limit=200)["items"] if row["id"] == body["id"]]
    assert row["warnings"] == body["warnings"]


def test_many_findings_of_one_kind_are_counted_at_a_deployment_and_listed_by_the_analysis(api: ApiClient) -> None:
    rules = [(str(number), str(number)) for number in range(150)]
    file = table("without_basis", *rules)
    for number in range(1, 151):
        file = file.replace(b"<description>rule %d</description>" % number, b"")

    warnings = api.deploy_files([("without_basis.dmn", file)]).json()["warnings"]
    findings = analyse(api, ("without_basis.dmn", file))["files"][0]["findings"]

    told_of = [warning for warning in warnings if warning["code"] == "missing-basis"]
    assert len(told_of) == 101
    assert "50 more" in told_of[-1]["message"]
    assert sum(finding["code"] == "missing-basis" for finding in findings) == 150
