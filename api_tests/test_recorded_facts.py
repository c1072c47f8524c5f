"""Facts across cases: what diagrams ask with recorded() and records(), and what the API shows of a person or unit."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from api_tests.api_client import ApiClient, pointers, problem
from api_tests.conftest import Server, SharedServer
from api_tests.crash_fixtures import client_of, deployed, diagram, end, flow, start, user_task

LETTER = diagram("facts_letter", start(), user_task("ask"), end("done"), flow("start", "ask"), flow("ask", "done"))


CALLER = diagram(
    "facts_caller",
    start(),
    '<bpmn:callActivity id="call" calledElement="facts_letter" />',
    end("done"),
    flow("start", "call"),
    flow("call", "done"),
)


def script(element_id: str, text: str) -> str:
    return (
        f'<bpmn:scriptTask id="{element_id}" scriptFormat="feel" camunda:resultVariable="{element_id}">'
        f"<bpmn:script>{text}</bpmn:script></bpmn:scriptTask>"
    )


CHECK = diagram(
    "facts_check",
    start(),
    script("letters", 'recorded("letters", subjectId)'),
    script("listed", 'records("letters", subjectId)'),
    script("open", 'recorded("openCases", subjectId)'),
    script("same", 'recorded("sameIssue", [subjectId, rule])'),
    user_task("wait", "camunda:priority=\"${recorded('openCases', subjectId)}\""),
    end("done"),
    *(flow(*pair) for pair in [("start", "letters"), ("letters", "listed"), ("listed", "open"), ("open", "same"), ("same", "wait")]),
    flow("wait", "done"),
)
ABOVE = """
id: facts_above
name: 上级
parent: null
documents: []
facts:
  letters: {of: activities, elements: [nothing/nothing], same: subjectId, basis: default, name: 另一种}
  openCases: {of: instances, state: open, same: subjectId, basis: default, name: 未办结}
  sameIssue: {of: instances, same: [subjectId, rule], basis: default}
  ofUnit: {of: instances, same: subjectId, through: unit, where: {outcome: [EXEMPT, REDUCE]}, basis: default}
  filings: {of: instances, same: matterId, where: {number: R-1}, values: {number: number}, basis: default}
"""
PLACE = """
id: facts_place
name: 某地
parent: facts_above
documents: []
facts:
  letters:
    of: activities
    elements: [facts_letter/ask]
    where: {kind: LETTER}
    same: subjectId
    months: 12
    values: {matter: matterId}
    basis: rule
    source: 某规定
    name: 函询
  waiting: {of: activities, elements: [ask], state: active, same: subjectId, basis: default}
"""


def place(text: str) -> tuple[str, bytes]:
    return "jurisdiction.yaml", text.encode()


@pytest.fixture(scope="module")
def known(server: Server) -> Server:
    with client_of(server) as api:
        deployed(api, place(ABOVE))
        deployed(api, place(PLACE), LETTER, CALLER, CHECK)
    return server


def letter(api: ApiClient, subject: str, kind: str = "LETTER") -> str:
    """A case in which a letter was sent; its id."""
    case = api.start("facts_letter", {"subjectId": subject, "matterId": f"{subject}-M", "kind": kind})
    (task,) = case["openTasks"]
    assert api.complete(task["id"], {}, "clerk").status_code == 200
    return str(case["id"])


def variables_of(api: ApiClient, instance_id: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/process-instances/{instance_id}/variables")
    return found


def test_a_diagram_is_told_what_other_cases_recorded(known: Server, api: ApiClient) -> None:
    first, second = letter(api, "facts.K1"), letter(api, "facts.K1")
    letter(api, "facts.K1", "TALK")
    letter(api, "facts.K2")
    api.start("facts_letter", {"subjectId": "facts.K1", "kind": "LETTER"})

    case = api.start("facts_check", {"subjectId": "facts.K1", "rule": "E3"})

    variables = variables_of(api, case["id"])
    assert (variables["letters"], variables["open"], variables["same"]) == (2, 1, 0)
    assert [(one["processInstanceId"], one["elementId"], one["values"]) for one in variables["listed"]] == [
        (second, "ask", {"matter": "facts.K1-M"}),
        (first, "ask", {"matter": "facts.K1-M"}),
    ]
    assert case["openTasks"][0]["priority"] == 1


def test_a_case_never_counts_itself_and_a_cancelled_one_is_no_case(known: Server, api: ApiClient) -> None:
    first = api.start("facts_check", {"subjectId": "facts.K3", "rule": "E3"})
    second = api.start("facts_check", {"subjectId": "facts.K3", "rule": "E3"})
    assert api.call("POST", f"/process-instances/{first['id']}/cancellation", {"reason": "误立"}).status_code == 200
    third = api.start("facts_check", {"subjectId": "facts.K3", "rule": "E3"})

    assert [variables_of(api, case["id"])["same"] for case in (first, second, third)] == [0, 1, 1]


def test_an_unknown_key_is_unknown_and_never_zero(known: Server, api: ApiClient) -> None:
    case = api.start("facts_check", {"subjectId": None, "rule": "E3"})

    variables = variables_of(api, case["id"])
    assert (variables["letters"], variables["listed"], variables["same"]) == (None, None, None)


def facts_of(api: ApiClient, subject: str, **params: str) -> dict[str, dict[str, Any]]:
    shown = api.get(f"/subjects/{subject}/facts", **params)
    return {fact["name"]: fact for fact in shown["facts"]}


def test_all_facts_of_a_person_are_shown_with_their_source(known: Server, api: ApiClient) -> None:
    sent = letter(api, "facts.K4")
    api.call("PUT", "/subjects/facts.K4", {"kind": "INDIVIDUAL", "name": "赵某", "unitId": "facts.U1"})
    api.start("one_task", {"subjectId": "facts.K4", "matterId": "facts.M9", "number": "R-1", "outcome": "EXEMPT"})
    api.start("one_task", {"subjectId": "facts.K5", "matterId": "facts.M9", "number": "R-2", "outcome": "EXEMPT"})

    found = facts_of(api, "facts.K4", jurisdiction="facts_place", matterId="facts.M9")

    letters = found["letters"]
    assert (letters["count"], letters["declaredBy"], letters["source"], letters["displayName"]) == (1, "facts_place", "某规定", "函询")
    assert [entry["processInstanceId"] for entry in letters["entries"]] == [sent]
    assert (found["openCases"]["count"], found["openCases"]["declaredBy"]) == (1, "facts_above")
    assert (found["ofUnit"]["count"], found["ofUnit"]["key"]) == (1, ["facts.U1"])
    assert [entry["values"] for entry in found["filings"]["entries"]] == [{"number": "R-1"}]
    assert (found["sameIssue"]["count"], found["sameIssue"]["key"], found["sameIssue"]["entries"]) == (None, None, [])
    assert facts_of(api, "facts.K4", jurisdiction="facts_place")["filings"]["count"] is None
    assert facts_of(api, "facts.K4", jurisdiction="facts_above")["letters"]["count"] == 0


def test_what_waits_in_a_called_process_counts_while_it_waits(known: Server, api: ApiClient) -> None:
    case = api.start("facts_caller", {"subjectId": "facts.K7"})
    waiting = facts_of(api, "facts.K7", jurisdiction="facts_place")["waiting"]
    (task,) = case["openTasks"]
    assert api.complete(task["id"], {}, "clerk").status_code == 200

    assert [(entry["processInstanceId"], entry["definitionKey"]) for entry in waiting["entries"]] == [(case["id"], "facts_caller")]
    assert facts_of(api, "facts.K7", jurisdiction="facts_place")["waiting"]["count"] == 0


def test_whom_nobody_registered_has_facts_too(known: Server, api: ApiClient) -> None:
    letter(api, "facts.K6")

    shown = api.get("/subjects/facts.K6/facts", jurisdiction="facts_place")

    assert shown["registered"] is False
    assert {fact["name"]: fact["count"] for fact in shown["facts"]}["letters"] == 1
    assert {fact["name"]: fact["count"] for fact in shown["facts"]}["ofUnit"] is None
    assert problem(api.call("GET", "/subjects/facts.K6/facts", params={"jurisdiction": "nowhere"})) == (404, "not-found")
    assert pointers(api.call("GET", "/subjects/facts.K6/facts", params={"place": "x"})) == ["/query/place"]


def test_a_faulty_declaration_is_refused(known: Server, api: ApiClient) -> None:
    declared = "  a: {of: tasks, same: subjectId, basis: rule}\n  b: {of: instances, same: x, basis: rule, month: 3}\n"

    refused = api.deploy_files([place(f"id: facts_faulty\nname: x\nfacts:\n{declared}")])

    assert refused.status_code == 422
    errors = refused.json()["errors"]
    assert [(one["elementId"], one["code"]) for one in errors] == [("facts.a", "jurisdiction"), ("facts.b", "jurisdiction")]
    assert "instances or activities" in errors[0]["message"]
    assert "'month'" in errors[1]["message"]


def test_a_fact_that_is_not_declared_is_an_incident(known: Server, api: ApiClient) -> None:
    asking = diagram(
        "facts_undeclared",
        start(),
        script("visits", 'recorded("visits", subjectId)'),
        end("done"),
        flow("start", "visits"),
        flow("visits", "done"),
    )
    deployed(api, asking, jurisdiction="facts_place")

    case = api.start("facts_undeclared", {"subjectId": "facts.K1"})

    (incident,) = api.get("/incidents", processInstanceId=case["id"])["items"]
    assert (incident["elementId"], incident["kind"]) == ("visits", "definition")
    assert "'visits' is not configured under facts" in incident["message"]


def test_a_fact_that_can_count_nothing_is_warned_of(known: Server, api: ApiClient) -> None:
    declared = "elements: [facts_letter/ask, facts_letter/aks, facts_nowhere/ask, anywhere], same: subjectId, basis: rule"
    text = f"id: facts_warned\nname: x\nfacts:\n  a: {{of: activities, {declared}}}\n"
    text += "  b: {of: instances, processes: [facts_letter, facts_none], same: x, basis: rule}\n"

    warnings = deployed(api, place(text))["warnings"]

    assert [(one["elementId"], one["code"]) for one in warnings] == [
        ("facts.a", "fact-counts-nothing"),
        ("facts.a", "fact-counts-nothing"),
        ("facts.b", "fact-counts-nothing"),
    ]
    assert ["'aks'" in warnings[0]["message"], "'facts_nowhere'" in warnings[1]["message"]] == [True, True]


@pytest.fixture(scope="session")
def hubei(database: str, shared_server: SharedServer) -> Server:
    """The server with the built-in procedures, the same as in test_procedures."""
    return shared_server("procedures", database, builtin=True)


def test_a_running_impact_period_is_known_of_its_person(hubei: Server) -> None:
    subject = f"facts-{uuid4().hex[:8]}"
    period = {
        "subjectId": subject,
        "matterId": "M1",
        "decision": {"outcome": "REDUCE_LENIENT"},
        "sanction": {"kind": "DEMERIT", "effectiveOn": date.today().isoformat()},
    }
    with client_of(hubei) as api:
        case = api.start("common_aftercare", period)
        found = facts_of(api, subject, jurisdiction="hubei")

    running = found["runningImpactPeriods"]
    assert (running["count"], running["declaredBy"], running["basis"]) == (1, "common", "law")
    assert [(one["processInstanceId"], one["values"]["outcome"]) for one in running["entries"]] == [(case["id"], "REDUCE_LENIENT")]
    # What follows a decision carries it along, and is no further tolerance.
    assert (found["openCases"]["count"], found["toleratedCasesOfPerson"]["count"]) == (1, 0)
    assert "lettersOfInquiry" not in found
