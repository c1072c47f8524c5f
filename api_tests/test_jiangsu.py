"""Jiangsu's synchronous track and Zhangjiagang's chain: people assess, filings weigh, nothing exempts by itself."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest

from api_tests.api_client import ApiClient, pointers
from api_tests.conftest import ADMIN_KEY, Server, SharedServer

PERSONS = {
    "js.inquirer": ("accountability_organ",),
    "js.decider": ("accountability_organ",),
    "js.staff": ("org_dept",),
    "js.unit": ("unit_party_org",),
    "js.committee": ("party_committee",),
    "js.discipline": ("discipline_organ",),
}
FACTS = {
    "nature": "PIONEERING",
    "explicitProhibition": "NONE",
    "motive": "PUBLIC",
    "personalGain": False,
    "intent": "INADVERTENT",
    "decisionProcess": "COLLECTIVE",
    "consequence": "MINOR",
}
FILING = {"filingField": "LIVELIHOOD", "breaksConvention": True, "objectiveCauseForeseen": True, "fitsExemptionList": True}
UNASSESSED = {
    f"{kind}{number}": {"finding": "NOT_ASSESSABLE"}
    for kind, count in (("condition", 5), ("situation", 8))
    for number in range(1, count + 1)
}


@pytest.fixture(scope="module")
def server(database: str, shared_server: SharedServer) -> Server:
    return shared_server("departures", database, builtin=True)


@pytest.fixture
def api(server: Server) -> Iterator[ApiClient]:
    with closing(ApiClient(server.url, ADMIN_KEY)) as client:
        for person, groups in PERSONS.items():
            client.person(person, *groups)
        yield client


def send(api: ApiClient, name: str, variables: dict[str, Any], person: str) -> None:
    keys = {key: variables[key] for key in ("subjectId", "matterId")}
    sent = api.call("POST", "/messages", {"name": name, "variables": variables, "correlationKeys": keys}, person=person)
    assert sent.status_code in (200, 201), sent.text


def case_of(api: ApiClient, key: str, matter: str) -> str:
    (instance,) = api.get("/process-instances", variables=f"matterId_eq_{matter}", definitionKey=key)["items"]
    return str(instance["id"])


def do(api: ApiClient, instance: str, *steps: tuple[str, str, dict[str, Any]]) -> None:
    for key, person, variables in steps:
        (task,) = api.get("/tasks", processInstanceId=instance, taskDefinitionKey=key, state="created")["items"]
        done = api.complete(task["id"], variables, person)
        assert done.status_code == 200, (key, done.text)


def open_task(api: ApiClient, instance: str) -> tuple[str, Any]:
    (task,) = api.get("/tasks", processInstanceId=instance, state="created")["items"]
    return task["id"], api.get(f"/tasks/{task['id']}/form")["data"]


def matter_of(prefix: str) -> dict[str, str]:
    mark = uuid4().hex[:8]
    return {"subjectId": f"{prefix}-{mark}", "matterId": f"M-{mark}"}


def filed(api: ApiClient, matter: dict[str, str]) -> str:
    """The number of a filing in force."""
    send(api, "zhangjiagang_risk_filing", {**matter, "facts": FILING}, "js.unit")
    number = f"张备-{matter['matterId']}"
    record = {"riskFilingId": number, "filing": {"filedOn": "2026-03-02", "scope": "老旧小区加装电梯的审批顺序"}}
    do(
        api,
        case_of(api, "zhangjiagang_risk_filing", matter["matterId"]),
        ("review_filing", "js.committee", {"filingReview": {"decision": "ACCEPT"}}),
        ("study_filing", "js.committee", {"study": {"organ": "party_committee", "result": "AGREE"}}),
        ("record_filing", "js.discipline", record),
    )
    return number


def judged(api: ApiClient, instance: str, filing: str) -> Any:
    """What the person who determines sees of the chain's case."""
    do(
        api,
        instance,
        ("consider_tolerance", "js.inquirer", {"consideration": {"present": True}}),
        ("accept", "js.inquirer", {"acceptance": {"decision": "ACCEPT", "reason": "本机关有权办理。"}}),
        ("verify", "js.inquirer", {"facts": {**FACTS, "riskFiling": filing, "deviationObjective": True}}),
        ("hear_person", "js.inquirer", {"hearing": {"statement": "没有异议。"}}),
        ("review_error", "js.inquirer", {"facts": {"untrue": "NO"}}),
    )
    return open_task(api, instance)


def test_a_deviation_within_the_filing_comes_with_its_number_and_only_weighs(api: ApiClient) -> None:
    matter = matter_of("Z")
    number = filed(api, matter)
    deviation = {"actOn": "2026-05-06", "withinScope": True, "objective": True}
    send(api, "zhangjiagang_filing_deviation", {**matter, "deviation": deviation}, "js.discipline")

    instance = case_of(api, "zhangjiagang_tolerance", matter["matterId"])
    task, seen = judged(api, instance, "VALID_BEFORE_ACT")

    assert seen["advice"]["outcome"] == "MANUAL"
    told = seen["filingFindings"]
    assert [part for part in ("规则 FR-agrees", "有利证据，分析研判时加重考虑，不自动免责", number) if part not in told] == []
    refused = api.complete(task, {"decision": {"outcome": "EXEMPT"}}, "js.decider")
    assert {"/variables/decision/reason", "/variables/rectification/demand"} <= set(pointers(refused))


def test_a_filing_in_force_that_nobody_mentioned_is_shown_all_the_same(api: ApiClient) -> None:
    matter = matter_of("Y")
    send(api, "zhangjiagang_accountability", matter, "js.inquirer")
    number = filed(api, matter)

    _, seen = judged(api, case_of(api, "zhangjiagang_tolerance", matter["matterId"]), "NONE")

    told = seen["filingFindings"]
    assert [part for part in ("规则 FR-denied", "所述与登记不一致", "**编号**：没有写明", number) if part not in told] == []


@pytest.mark.parametrize("place", ["jiangsu", "suqian"])
def test_people_assess_each_item_and_nobody_fills_one_for_them(api: ApiClient, place: str) -> None:
    matter = matter_of("J")
    send(api, f"{place}_accountability", matter, "js.inquirer")
    instance = case_of(api, f"{place}_tolerance", matter["matterId"])
    do(
        api,
        instance,
        ("investigate", "js.inquirer", {"facts": {**FACTS, "riskFiling": "NONE"}}),
        ("assess_tolerance", "js.inquirer", {"assessment": {"situationPresent": "UNCLEAR", "conditionsMet": "UNCLEAR"}}),
        ("compare_conduct", "js.staff", {"conduct": {"comparison": "CONSISTENT", "summary": "相印证。"}}),
        ("hear_person", "js.inquirer", {"hearing": {"statement": "没有异议。"}}),
    )
    task, seen = open_task(api, instance)
    assert seen.get("items") is None
    assert [(entry["textKnown"], entry["count"]) for entry in seen["advice"]["unknownLists"]] == [(0, 5), (0, 8)]
    refused = api.complete(task, {}, "js.decider")
    assert {f"/variables/items/{item}/finding" for item in UNASSESSED} <= set(pointers(refused))

    do(api, instance, ("assess_items", "js.decider", {"items": {**UNASSESSED, "summary": "不持有文本。"}}))

    _, seen = open_task(api, instance)
    assert seen["advice"]["outcome"] == "MANUAL"
    assert "条件（文本已知 0 / 5，须全部符合 [D]）：符合 0，不符合 0，无法评估 5" in seen["placeFindings"]
    assert "情形（文本已知 0 / 8，有一即可 [D]）：属于 0，不属于 0，无法评估 8" in seen["placeFindings"]
    assert "为公与为私 有利" in seen["placeFindings"]
    assert "一贯表现：相印证" in seen["placeFindings"]
    assert "风险备案" not in seen["placeFindings"]
