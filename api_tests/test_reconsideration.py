"""What becomes of a remedy: who decided first is barred, the case is considered anew, and only the conclusion that stands is counted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest

from api_tests.api_client import ApiClient, pointers, problem
from api_tests.conftest import Server, SharedServer
from api_tests.crash_fixtures import client_of, items, until

PEOPLE = {
    "re_first": ["accountability_organ"],
    "re_second": ["accountability_organ"],
    "re_third": ["accountability_organ"],
    "re_unit": ["unit_party_org"],
    "re_superior": ["competent_authority", "org_dept"],
    "re_higher": ["competent_authority", "org_dept", "discipline_organ"],
    "re_organ": ["discipline_organ"],
}
FACTS = {
    "nature": "PROCEDURAL_FLAW",
    "explicitProhibition": "RULE_BREACH",
    "workBasis": "CLEAR_BASIS",
    "motive": "PUBLIC",
    "personalGain": False,
    "intent": "INADVERTENT",
    "decisionProcess": "LEADER_APPROVED",
    "personOpposed": False,
    "consequence": "NONE",
    "overallBenefit": True,
    "forceMajeure": False,
    "duePerformance": True,
    "remedy": "TIMELY",
    "cooperative": True,
    "urgentPublicDanger": True,
    "procedureCompletedAfterwards": True,
    "riskFiling": "NONE",
    "majorFault": False,
    "majorPublicInterest": False,
    "complexCase": False,
    "doubtOnTolerance": False,
    "achievementBias": False,
}
EX_OFFICIO = {"subjectType": "INDIVIDUAL", "applicantRole": "ORGAN_EX_OFFICIO", "stage": "INQUIRY_OPEN", "organIsAccountabilityOrgan": True}


@pytest.fixture(scope="session")
def hubei(database: str, shared_server: SharedServer) -> Server:
    """The server with the built-in procedures, the same as in test_procedures."""
    return shared_server("procedures", database, builtin=True)


@pytest.fixture
def api(hubei: Server) -> Iterator[ApiClient]:
    with client_of(hubei) as client:
        for person, groups in PEOPLE.items():
            client.person(person, *groups)
        yield client


@pytest.fixture
def person() -> str:
    """A subject that no other test uses."""
    return f"钱某-{uuid4().hex[:8]}"


def sent(api: ApiClient, name: str, variables: Any, **members: Any) -> str:
    """The instance that the message started or continued."""
    response = api.call("POST", "/messages", {"name": name, "variables": variables, **members})
    assert response.status_code in (200, 201), response.text
    return str(response.json()["id"])


def tries(api: ApiClient, case: str, key: str, person: str, variables: Any) -> Any:
    """What the person's attempt at the open task `key` is answered."""
    (task,) = until(lambda: items(api, "/tasks", processInstanceId=case, taskDefinitionKey=key), key)
    return api.complete(task["id"], variables, person)


def does(api: ApiClient, case: str, key: str, person: str, variables: Any) -> None:
    response = tries(api, case, key, person, variables)
    assert response.status_code == 200, response.text


def variables_of(api: ApiClient, case: str) -> dict[str, Any]:
    return cast(dict[str, Any], api.get(f"/process-instances/{case}/variables"))


def cases_of(api: ApiClient, subject: str, definition: str) -> list[dict[str, Any]]:
    """The cases of the person, the oldest first."""
    found = api.get("/process-instances", definitionKey=definition, variables=f'subjectId_eq_"{subject}"', sort="startedAt")["items"]
    return cast(list[dict[str, Any]], found)


def decided(api: ApiClient, subject: str, decision: dict[str, Any]) -> str:
    """A case of Hubei that `re_first` decided so; it has gone as far as the feedback."""
    case = sent(
        api, "hubei_accountability", {"subjectId": subject, "matterId": "采购", "facts": EX_OFFICIO | {"organHasCadreAuthority": True}}
    )
    does(api, case, "consider_tolerance", "re_first", {"consideration": {"present": True}})
    does(api, case, "accept", "re_first", {"acceptance": {"decision": "ACCEPT"}})
    does(api, case, "verify", "re_second", {"facts": FACTS, "organsAsked": ["unit_party_org"]})
    does(api, case, "hear_person", "re_second", {})
    does(api, case, "give_opinion", "re_unit", {"opinion": {"position": "AGREE"}})
    does(api, case, "decide", "re_first", {"decision": {"reason": "集体研究。", **decision}})
    if decision["outcome"] != "NOT_TOLERATED":
        does(api, case, "set_rectification", "re_first", {"rectification": {"demand": "补齐手续。"}})
    refused = {"feedback": {"refusalReason": "不符合条件。", "remedyNotice": True}} if decision["outcome"] == "NOT_TOLERATED" else {}
    does(api, case, "feed_back", "re_first", refused)
    return case


def applied_again(api: ApiClient, subject: str) -> None:
    """The applicant applies in the matter that was decided and is sent to the remedy."""
    facts = {"subjectType": "INDIVIDUAL", "applicantRole": "SELF", "stage": "DECIDED"}
    again = sent(api, "hubei_application", {"subjectId": subject, "matterId": "采购", "facts": facts})
    does(api, again, "register_application", "re_second", {})
    does(api, again, "accept", "re_second", {"acceptance": {"decision": "DECIDED", "reason": "已作出结论。"}})


def remedied(api: ApiClient, subject: str, result: dict[str, Any]) -> dict[str, Any]:
    """The remedy of the conclusion ends so: the case that considers it anew."""
    (remedy,) = until(lambda: cases_of(api, subject, "common_remedy"), "the remedy")
    application = {"kind": "TOLERANCE_CONCLUSION", "stage": "FIRST", "receivedOn": "2026-02-05", "request": "重新审查。"}
    does(api, remedy["id"], "register_remedy", "re_second", {"remedy": application})
    does(api, remedy["id"], "accept_remedy", "re_superior", {})
    does(api, remedy["id"], "review_remedy", "re_superior", {"review": {"reason": "主要事实不清。", **result}})
    (anew,) = until(lambda: cases_of(api, subject, "common_reconsideration"), "the new case")
    return anew


def tolerated(api: ApiClient, subject: str) -> Any:
    """How many tolerated cases of the person count in Hubei."""
    found = api.get(f"/subjects/{subject}/facts", jurisdiction="hubei")["facts"]
    return next(fact["count"] for fact in found if fact["name"] == "toleratedCasesOfPerson")


def test_a_revoked_conclusion_is_considered_anew_by_others_and_superseded(api: ApiClient, person: str) -> None:
    original = decided(api, person, {"outcome": "NOT_TOLERATED"})
    before = variables_of(api, original)
    assert before["deciders"] == ["re_first"]
    assert tolerated(api, person) == 0

    applied_again(api, person)
    anew = remedied(api, person, {"result": "REVOKE"})

    (remedy,) = cases_of(api, person, "common_remedy")
    asked = variables_of(api, remedy["id"])
    assert (remedy["jurisdiction"], asked["firstDecider"], asked["originInstanceId"]) == ("hubei", ["re_first"], original)
    found = variables_of(api, anew["id"])
    assert anew["jurisdiction"] == "hubei"
    assert (found["trigger"], found["original"]["processInstanceId"], found["facts"]["motive"]) == ("REEXAMINATION", original, "PUBLIC")
    does(api, anew["id"], "establish_facts", "re_second", {"facts": {"cooperative": True}, "reestablished": {"text": "已查清。"}})
    decision = {"decision": {"outcome": "EXEMPT", "exemptKind": "EXEMPTED", "reason": "事实已查清。"}}
    barred = tries(api, anew["id"], "decide_anew", "re_first", decision)
    assert problem(barred) == (403, "separation-of-duties")
    does(api, anew["id"], "decide_anew", "re_third", decision)
    does(api, anew["id"], "feed_back", "re_second", {"feedback": {"text": "已反馈。"}})
    does(api, anew["id"], "register_use", "re_superior", {"usage": {"effect": "不作负面评价。"}})

    assert api.get(f"/process-instances/{anew['id']}")["state"] == "completed"
    assert variables_of(api, anew["id"])["supersedes"] == original
    assert variables_of(api, original) == before
    assert tolerated(api, person) == 1
    standing = api.get(f"/subjects/{person}/facts", jurisdiction="hubei", matterId="采购")["facts"]
    (conclusion,) = next(fact["entries"] for fact in standing if fact["name"] == "conclusionsOfMatter")
    assert (conclusion["processInstanceId"], conclusion["values"]["outcome"]) == (anew["id"], "EXEMPT")


def test_a_correction_is_no_heavier_and_counts_once(api: ApiClient, person: str) -> None:
    original = decided(api, person, {"outcome": "REDUCE_MITIGATED"})
    assert tolerated(api, person) == 1

    sent(api, "common_remedy", {"subjectId": person, "matterId": "采购"}, jurisdiction="hubei")
    anew = remedied(api, person, {"result": "CHANGE", "newResult": "免责", "notHeavier": True})

    found = variables_of(api, anew["id"])
    assert (found["trigger"], found["original"]["state"], found["barredPersons"]) == ("CORRECTION", "active", ["re_first"])
    does(api, anew["id"], "establish_facts", "re_second", {"reestablished": {"text": "没有新事实。"}})
    for heavier in ("NOT_TOLERATED", "REDUCE_LENIENT"):
        refused = tries(api, anew["id"], "decide_anew", "re_third", {"decision": {"outcome": heavier, "reason": "加重。"}})
        assert pointers(refused) == ["/variables/decision/outcome"]
    does(api, anew["id"], "decide_anew", "re_third", {"decision": {"outcome": "EXEMPT", "reason": "更正。"}})
    unsaid = tries(api, anew["id"], "feed_back", "re_second", {"feedback": {"text": "已反馈。"}})
    assert pointers(unsaid) == ["/variables/feedback/originalCase"]
    does(api, anew["id"], "feed_back", "re_second", {"feedback": {"text": "已反馈。", "originalCase": "撤销原案的整改。"}})

    assert tolerated(api, person) == 1
    assert variables_of(api, anew["id"])["supersedes"] == original


def test_who_decided_stays_barred_whoever_else_is_stated(api: ApiClient, person: str) -> None:
    decided(api, person, {"outcome": "NOT_TOLERATED"})
    remedy = sent(api, "common_remedy", {"subjectId": person, "matterId": "采购", "firstDecider": "re_unit"}, jurisdiction="hubei")
    application = {"kind": "PARTY_DISCIPLINE", "stage": "FIRST", "receivedOn": "2026-02-05", "request": "复查。"}
    does(api, remedy, "register_remedy", "re_second", {"remedy": application | {"firstDeciders": "re_third， re_unit、"}})
    way = {"decision": "ADMIT", "way": "申诉", "groups": ["accountability_organ"], "basis": "所指明的规定。", "decideBy": "2099-12-31"}
    does(api, remedy, "indicate_way", "re_organ", {"indicated": way})

    found = variables_of(api, remedy)
    assert (found["firstDecider"], found["recordedDeciders"]) == (["re_third", "re_unit"], ["re_first"])
    for barred in ("re_first", "re_third"):
        assert problem(tries(api, remedy, "accept_remedy", barred, {})) == (403, "separation-of-duties")
    does(api, remedy, "accept_remedy", "re_second", {})
    upheld = {"review": {"result": "UPHOLD", "reason": "处分适当。"}}
    for barred in ("re_first", "re_third"):
        assert problem(tries(api, remedy, "review_remedy", barred, upheld)) == (403, "separation-of-duties")
    does(api, remedy, "review_remedy", "re_second", upheld)


@pytest.mark.parametrize("decided_on", ["2006-11-21", "2031-01-01", None])
def test_a_tolerated_case_counts_from_when_it_was_decided_here(api: ApiClient, person: str, decided_on: str | None) -> None:
    """The day a person wrote, whether a slip of the pen or not, takes no case out of the months that are looked at and keeps none in."""
    case = decided(api, person, {"outcome": "REDUCE_MITIGATED", "decidedOn": decided_on})
    (fact,) = (
        one for one in api.get(f"/subjects/{person}/facts", jurisdiction="hubei")["facts"] if one["name"] == "toleratedCasesOfPerson"
    )
    (entry,) = fact["entries"]
    assert (fact["count"], entry["processInstanceId"]) == (1, case)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(entry["at"])) < timedelta(minutes=10)


def test_a_later_result_ends_the_case_and_begins_another(api: ApiClient, person: str) -> None:
    application = {"kind": "SUPERVISORY", "stage": "FIRST", "knownOn": "2026-01-31", "receivedOn": "2026-02-05", "request": "撤销。"}
    began = {"subjectId": person, "matterId": "采购", "firstDecider": "re_first"}
    remedy = sent(api, "common_remedy", began, jurisdiction="hubei")
    does(api, remedy, "register_remedy", "re_second", {"remedy": application})
    does(api, remedy, "accept_remedy", "re_organ", {})
    changed = {"result": "CHANGE", "newResult": "警告", "notHeavier": True, "reason": "情节认定有误。"}
    does(api, remedy, "review_remedy", "re_organ", {"review": changed})
    (first,) = until(lambda: cases_of(api, person, "common_reconsideration"), "the new case")
    does(api, remedy, "deliver_result", "re_organ", {"delivery": {"deliveredOn": "2099-12-31"}})
    keys = {"subjectId": person, "matterId": "采购"}
    sent(api, "common_remedy_appeal", {"appeal": {"receivedOn": "2100-01-31"}}, correlationKeys=keys)
    does(api, remedy, "accept_remedy", "re_higher", {})
    does(api, remedy, "review_remedy", "re_higher", {"review": {"result": "REVOKE", "reason": "主要事实不清。"}})

    def two() -> list[dict[str, Any]]:
        found = cases_of(api, person, "common_reconsideration")
        return found if len(found) == 2 else []

    earlier, later = until(two, "another case")
    assert (earlier["id"], earlier["state"]) == (first["id"], "completed")
    assert (later["state"], later["jurisdiction"], variables_of(api, later["id"])["trigger"]) == ("active", "hubei", "REEXAMINATION")


def test_an_early_warning_reaches_the_clue_procedure_of_its_place_or_tells_that_there_is_none(api: ApiClient, person: str) -> None:
    def warned(place: str, matter: str) -> str:
        case = sent(api, "common_early_warning", {"subjectId": person, "matterId": matter}, jurisdiction=place)
        does(api, case, "assess_sign", "re_organ", {"assessment": {"needed": True, "reason": "程序有缺。"}})
        does(api, case, "send_reminder", "re_organ", {"reminder": {"text": "请补办。"}})
        does(api, case, "respond", "re_unit", {})
        does(api, case, "check_response", "re_organ", {"check": {"result": "NOT_CORRECTED", "text": "未纠正。"}})
        return case

    def not_delivered(case: str) -> list[tuple[str, str]]:
        events = api.get(f"/process-instances/{case}/audit-events", limit=200)["items"]
        told = [one["payload"] for one in events if one["kind"] == "message.not-delivered"]
        return [(one["definitionKey"], one["reason"]) for one in told]

    warned("siyang", "电梯")
    (clue,) = until(lambda: cases_of(api, person, "siyang_clue_triage"), "the clue")
    assert (clue["jurisdiction"], variables_of(api, clue["id"])["text"]) == ("siyang", "未纠正。")

    elsewhere = warned("hubei", "采购")
    assert until(lambda: not_delivered(elsewhere), "the note") == [("hubei_clue_triage", "message-not-awaited")]
