"""Published cases: deployed, recorded, left behind by a case that publishes itself, and shown beside the cases they are like."""

import re
from pathlib import Path
from typing import Any

import pytest

from api_tests.api_client import DIAGRAMS, ApiClient, pointers, problem
from api_tests.crash_fixtures import items

PROJECT = Path(__file__).parent.parent
VOCABULARY = PROJECT / "dmn" / "common" / "vocabulary.dmn"
TYPICAL_CASE = PROJECT / "bpmn" / "common" / "common_typical_case.bpmn"
SOURCE = {"title": "某市发布典型案例", "quote": "予以容错免责", "address": "https://example.org/1", "note": None}
FILE = """
precedents:
  - id: {prefix}-A
    title: 应急抢修未先招标
    sources: [{{title: 某市发布典型案例, quote: 予以容错免责, address: "https://example.org/1"}}]
    situation: {prefix} 应急
    rules: [{prefix}-R1]
    facts: {{motive: {motive}, consequence: NONE}}
    assumedFacts: {{remedy: TIMELY}}
    outcome: EXEMPT
    exemptKind: EXEMPTED
    scope: PUBLIC
    anonymised: true
  - id: {prefix}-B
    title: 集体决策未备案
    sources: [{{title: 内部通报, note: 不公开}}]
    facts: {{motive: PUBLIC, personalGain: false}}
    outcome: REDUCE
    scope: LIMITED
    anonymised: true
"""


def deploy(api: ApiClient, prefix: str, motive: str = "PUBLIC", **fields: str) -> Any:
    place = f"id: {prefix}\nname: 某县\nparent: null\n".encode()
    vocabulary = api.deploy_files([("vocabulary.dmn", VOCABULARY.read_bytes())], jurisdiction="common")
    assert vocabulary.status_code == 201, vocabulary.text
    content = FILE.format(prefix=prefix, motive=motive).encode()
    return api.deploy_files([("jurisdiction.yaml", place), ("precedents.yaml", content)], jurisdiction=prefix, **fields)


def start(api: ApiClient, place: str | None, variables: Any) -> Any:
    """A case with one open task, of that place or of none."""
    if place is None:
        return api.start("one_task", variables)
    diagram = (DIAGRAMS / "one_task.bpmn").read_text("utf-8").replace("one_task", f"{place}_task")
    deployed = api.deploy_files([(f"{place}_task.bpmn", diagram.encode())], jurisdiction=place)
    assert deployed.status_code == 201, deployed.text
    return api.start(f"{place}_task", variables)


def ids(page: Any) -> list[str]:
    return [one["id"] for one in page["items"]]


def test_a_deployed_file_is_searched_by_situation_rule_outcome_place_and_text(api: ApiClient) -> None:
    deployed = deploy(api, "prec1")
    assert deployed.status_code == 201, deployed.text
    assert [one["id"] for one in deployed.json()["resources"][1]["definitions"]] == ["prec1-A:1", "prec1-B:1"]

    assert ids(api.get("/precedents", jurisdiction="prec1")) == ["prec1-A", "prec1-B"]
    assert ids(api.get("/precedents", situation="prec1 应急")) == ids(api.get("/precedents", rule="prec1-R1")) == ["prec1-A"]
    assert ids(api.get("/precedents", jurisdiction="prec1", outcome="REDUCE")) == ["prec1-B"]
    assert ids(api.get("/precedents", jurisdiction="prec1", text="内部通报")) == ["prec1-B"]
    first = api.get("/precedents", jurisdiction="prec1", limit=1)
    assert ids(api.get("/precedents", jurisdiction="prec1", limit=1, cursor=first["nextCursor"])) == ["prec1-B"]
    assert problem(api.call("GET", "/precedents", params={"outcome": "GOOD"})) == (422, "invalid")
    assert problem(api.call("GET", "/precedents/prec1-C")) == (404, "not-found")
    one = api.get("/precedents/prec1-A")
    assert one == first["items"][0]
    assert (one["force"], one["origin"], one["version"], one["sources"]) == ("PRECEDENT", "built-in", 1, [SOURCE])
    assert (one["facts"], one["assumedFacts"]) == ({"motive": "PUBLIC", "consequence": "NONE"}, {"remedy": "TIMELY"})


def test_a_changed_file_is_a_new_version_and_a_wrong_one_changes_nothing(api: ApiClient) -> None:
    assert deploy(api, "prec2").status_code == 201
    assert [one["unchanged"] for one in deploy(api, "prec2").json()["resources"]] == [True, True]

    wrong = deploy(api, "prec2", motive="GOOD")
    assert problem(wrong) == (422, "deployment-refused")
    assert [(one["elementId"], one["code"]) for one in wrong.json()["errors"]] == [("prec2-A", "precedents")]
    assert api.get("/precedents/prec2-A")["version"] == 1

    assert deploy(api, "prec2", motive="MIXED").status_code == 201
    changed = api.get("/precedents/prec2-A")
    assert (changed["version"], changed["facts"]["motive"]) == (2, "MIXED")


def test_a_case_is_shown_the_nearest_with_what_they_share_and_where_they_differ(api: ApiClient) -> None:
    assert deploy(api, "prec3").status_code == 201
    variables = {
        "facts": {"motive": "PUBLIC", "consequence": "MINOR", "remedy": "LATE", "personalGain": None, "intent": "RECKLESS"},
        "advice": {"reasons": [{"rule": "prec3-R1"}, {"rule": "prec3-B"}, {"rule": "N4"}]},
    }
    case, elsewhere = start(api, "prec3", variables), start(api, None, variables)
    path = f"/process-instances/{case['id']}/precedents"

    found = api.get(path, limit=2)

    assert (found["rules"], found["knownFacts"]) == (["prec3-R1", "prec3-B", "N4"], ["consequence", "intent", "motive", "remedy"])
    assert [one["precedent"]["id"] for one in found["items"]] == ["prec3-B", "prec3-A"]
    near = found["items"][1]
    assert (near["sharedRules"], near["agreeingFacts"]) == (["prec3-R1"], ["motive"])
    assert near["differingFacts"] == [{"name": "consequence", "here": "MINOR", "there": "NONE"}]
    assert near["assumedFacts"] == [{"name": "remedy", "here": "LATE", "there": "TIMELY"}]
    assert (near["unknownHere"], near["unknownThere"]) == ([], ["intent", "remedy"])
    assert found["items"][0]["unknownHere"] == ["personalGain"]
    assert near["precedent"] == api.get("/precedents/prec3-A")
    assert len(api.get(path, limit=1)["items"]) == 1
    (task,) = case["openTasks"]
    of_task = api.get(f"/tasks/{task['id']}/precedents", limit=2)
    assert of_task == found | {"taskId": task["id"]}
    shown = api.get(f"/process-instances/{elsewhere['id']}/precedents", limit=50)["items"]
    assert "prec3-B" not in [one["precedent"]["id"] for one in shown]
    assert problem(api.call("GET", "/tasks/none/precedents")) == problem(api.call("GET", "/process-instances/none/precedents"))
    assert problem(api.call("GET", path, params={"limit": 51})) == (422, "invalid")


def given(**members: Any) -> dict[str, Any]:
    return {"title": "某案", "sources": [SOURCE], "outcome": "EXEMPT", "scope": "PUBLIC", "anonymised": True, **members}


def test_a_published_case_is_recorded_once_and_audited(api: ApiClient) -> None:
    assert deploy(api, "prec4").status_code == 201
    case = start(api, "prec4", {"facts": {}})
    body = given(processInstanceId=case["id"], scope="LIMITED", rules=["N4"], facts={"motive": "PUBLIC"}, published="2026-03")

    first = api.call("POST", "/precedents", body, repeat_key="prec4")
    again = api.call("POST", "/precedents", body, repeat_key="prec4")

    assert (first.status_code, again.json()) == (201, first.json())
    one = first.json()
    assert (one["origin"], one["jurisdiction"], one["processInstanceId"]) == ("case", "prec4", case["id"])
    assert api.get(f"/precedents/{one['id']}") == one
    assert ids(api.get("/precedents", processInstanceId=case["id"])) == [one["id"]]
    beside = api.get(f"/process-instances/{case['id']}/precedents", limit=50)["items"]
    assert one["id"] not in [near["precedent"]["id"] for near in beside]
    told = [event for event in items(api, "/audit-events", stream="service") if event["payload"].get("id") == one["id"]]
    assert [event["kind"] for event in told] == ["precedent.recorded"]


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({}, ["/anonymised", "/outcome", "/scope", "/sources", "/title"]),
        (given(scope="NONE"), ["/scope"]),
        (given(scope="UNIT"), ["/jurisdiction"]),
        (given(jurisdiction="nowhere", processInstanceId="none"), ["/jurisdiction", "/processInstanceId"]),
        (given(sources=[{"title": "通报"}]), ["/sources/0/address"]),
        (given(outcome="OTHER"), ["/outcomeText"]),
        (given(published="2026-02-30"), ["/published"]),
        (given(facts={"motive": "GOOD", "mood": 1}), ["/facts/mood", "/facts/motive"]),
        (given(force="LAW"), ["/force"]),
    ],
)
def test_every_fault_of_a_request_is_pointed_at(api: ApiClient, body: Any, places: list[str]) -> None:
    assert deploy(api, "prec5").status_code == 201

    assert pointers(api.call("POST", "/precedents", body)) == places


WALK = [
    ("compile_case", "prec.clerk", {"compilation": {"facts": "某项目程序有瑕疵。", "outcome": "EXEMPT"}}),
    ("review_case", "prec.head", {"caseReview": {"result": "SUITABLE"}}),
    (
        "select_case",
        "prec.head",
        {"selection": {"title": "先行先试", "situation": "PREC6", "rules": "SY-E1、依规定", "meaning": "界限"}},
    ),
    ("anonymise_case", "prec.clerk", {"anonymisation": {"text": "某单位某干部。", "confirmed": True}}),
    ("approve_publication", "prec.chief", {"publication": {"approved": True}}),
    ("publish_case", "prec.head", {"publication": {"publishedOn": "2026-03-01", "source": "内部通报第3期"}}),
]


def test_a_case_that_publishes_itself_becomes_a_precedent(api: ApiClient) -> None:
    diagram = TYPICAL_CASE.read_text("utf-8")
    forms = sorted(set(re.findall(r'camunda:formRef="(\w+)"', diagram)))
    templates = sorted(set(re.findall(r'name="document" value="(\w+)"', diagram)))
    files = [TYPICAL_CASE, *(TYPICAL_CASE.parent / f"{name}.form" for name in forms)]
    files += [TYPICAL_CASE.parent / "documents" / f"{name}.docx" for name in templates]
    deployed = api.deploy_files([(path.name, path.read_bytes()) for path in files], jurisdiction="common")
    assert deployed.status_code == 201, deployed.text
    for person, group in (("prec.clerk", "trial_office"), ("prec.head", "trial_office"), ("prec.chief", "discipline_organ")):
        api.person(person, group)
    payload = {
        "subjectId": "prec6",
        "matterId": "prec6",
        "originInstanceId": "the-case",
        "decision": {"outcome": "EXEMPT", "exemptKind": "NOT_PURSUED"},
        "advice": {"reasons": [{"rule": "N4"}, {"rule": "SY-E1"}]},
        "facts": {"motive": "PUBLIC", "personalGain": False, "remedy": None},
    }
    started = api.call("POST", "/messages", {"name": "common_typical_case", "variables": payload}, person="prec.clerk")
    assert started.status_code in (200, 201), started.text
    (case,) = api.get("/process-instances", definitionKey="common_typical_case", variables="matterId_eq_prec6")["items"]
    for key, person, variables in WALK:
        (task,) = api.get("/tasks", processInstanceId=case["id"], state="created")["items"]
        assert task["taskDefinitionKey"] == key
        assert ids(api.get("/precedents", processInstanceId=case["id"])) == []
        done = api.complete(task["id"], variables, person)
        assert done.status_code == 200, done.text

    (one,) = api.get("/precedents", processInstanceId=case["id"])["items"]

    assert (one["origin"], one["scope"], one["outcome"], one["exemptKind"]) == ("case", "LIMITED", "EXEMPT", "NOT_PURSUED")
    assert (one["title"], one["situation"], one["published"]) == ("先行先试", "PREC6", "2026-03-01")
    assert (one["rules"], one["facts"]) == (["N4", "SY-E1"], {"motive": "PUBLIC", "personalGain": False})
    assert (one["originInstanceId"], one["text"], one["sources"][0]["title"]) == ("the-case", "某单位某干部。", "内部通报第3期")
    events = api.get(f"/process-instances/{case['id']}/audit-events", limit=200)["items"]
    assert [event["payload"]["precedentId"] for event in events if event["kind"] == "precedent.recorded"] == [one["id"]]
    assert withdraw(api, one["id"]).status_code == 200
    assert ids(api.get("/precedents", processInstanceId=case["id"], withdrawn="true")) == [one["id"]]


UNFINISHED = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
    targetNamespace="urn:test">
  <process id="prec7_task" isExecutable="true" camunda:historyTimeToLive="P30D">
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="write"/>
    <userTask id="write" name="write"/>
    <sequenceFlow id="f2" sourceRef="write" targetRef="end"/>
    <endEvent id="end"><extensionElements><camunda:properties>
      <camunda:property name="precedentVariable" value="told"/>
    </camunda:properties></extensionElements></endEvent>
  </process>
</definitions>"""


def test_a_case_does_not_end_without_the_precedent_it_announces(api: ApiClient) -> None:
    assert api.deploy_files([("prec7.bpmn", UNFINISHED.encode())]).status_code == 201
    api.person("prec.clerk", "trial_office")
    case = api.start("prec7_task")
    (task,) = case["openTasks"]

    refused = api.complete(task["id"], {"told": {"title": "没有来源", "outcome": "EXEMPT", "scope": "NONE"}}, "prec.clerk")

    assert problem(refused) == (409, "step-incident")
    assert "sources" in refused.json()["detail"]
    assert [one["kind"] for one in api.get("/incidents", processInstanceId=case["id"])["items"]] == ["data"]
    assert ids(api.get("/precedents", processInstanceId=case["id"])) == []

    nowhere = api.complete(task["id"], {"told": given(scope="LIMITED")}, "prec.clerk")
    assert problem(nowhere) == (409, "step-incident")
    assert "no jurisdiction" in nowhere.json()["detail"]

    done = api.complete(task["id"], {"told": given(scope="PUBLIC")}, "prec.clerk")
    assert (done.status_code, done.json()["processInstance"]["state"]) == (200, "completed")
    assert [one["title"] for one in api.get("/precedents", processInstanceId=case["id"])["items"]] == ["某案"]


def withdraw(api: ApiClient, precedent_id: str, reason: str = "原单位撤回发布", **options: Any) -> Any:
    return api.call("POST", f"/precedents/{precedent_id}/withdrawal", {"reason": reason}, person="clerk", **options)


def test_a_recorded_precedent_is_withdrawn_and_stays_readable(api: ApiClient) -> None:
    assert deploy(api, "prec8").status_code == 201
    one, other = (
        api.call("POST", "/precedents", given(jurisdiction="prec8", scope="LIMITED", title=title, rules=["N8"])).json()
        for title in ("撤回的案", "留下的案")
    )
    case = start(api, "prec8", {"facts": {}, "advice": {"reasons": [{"rule": "N8"}]}})
    task = case["openTasks"][0]["id"]

    def beside() -> list[str]:
        shown = [api.get(f"/{what}/precedents", limit=50)["items"] for what in (f"process-instances/{case['id']}", f"tasks/{task}")]
        assert shown[0] == shown[1]
        return [near["precedent"]["id"] for near in shown[0] if near["sharedRules"] == ["N8"]]

    assert sorted(beside()) == sorted([one["id"], other["id"]])

    first = withdraw(api, one["id"], repeat_key="prec8")
    again = withdraw(api, one["id"], repeat_key="prec8")

    assert (first.status_code, again.json()) == (200, first.json())
    told = first.json()
    assert (told["withdrawn"], told["withdrawnBy"]) == ("原单位撤回发布", "clerk")
    assert {name: value for name, value in told.items() if not name.startswith("withdrawn")} == {
        name: value for name, value in one.items() if not name.startswith("withdrawn")
    }
    assert api.get(f"/precedents/{one['id']}") == told
    assert ids(api.get("/precedents", jurisdiction="prec8", withdrawn="true")) == [one["id"]]
    assert ids(api.get("/precedents", jurisdiction="prec8", rule="N8", withdrawn="false")) == [other["id"]]
    assert beside() == [other["id"]]
    events = [event for event in items(api, "/audit-events", stream="service") if event["payload"].get("id") == one["id"]]
    assert [(event["kind"], event["actor"], event["payload"].get("reason")) for event in events][1:] == [
        ("precedent.withdrawn", "clerk", "原单位撤回发布")
    ]
    assert problem(withdraw(api, one["id"])) == (409, "already-withdrawn")
    assert api.get(f"/precedents/{one['id']}") == told


def test_what_cannot_be_withdrawn_is_told_why(api: ApiClient) -> None:
    assert deploy(api, "prec9").status_code == 201

    assert problem(withdraw(api, "prec9-A")) == (409, "precedent-deployed")
    assert problem(withdraw(api, "nowhere")) == (404, "not-found")
    assert pointers(withdraw(api, "prec9-A", "  ")) == ["/reason"]
    assert api.get("/precedents/prec9-A")["withdrawn"] is None
    content = FILE.format(prefix="prec9", motive="PUBLIC").replace("outcome: EXEMPT", "withdrawn: 已撤回\n    outcome: EXEMPT").encode()
    assert api.deploy_files([("precedents.yaml", content)], jurisdiction="prec9").status_code == 201
    found = api.get("/precedents/prec9-A")
    assert (found["withdrawn"], found["withdrawnAt"], found["withdrawnBy"]) == ("已撤回", None, None)
