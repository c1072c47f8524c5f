"""Siyang's procedures hand cases on to one another: a filing that was used, a clue that needs accountability."""

from collections.abc import Callable, Iterator
from typing import Any, cast
from uuid import uuid4

import pytest

from api_tests.api_client import ApiClient, pointers, problem
from api_tests.case_steps import does, sent
from api_tests.conftest import Server, SharedServer
from api_tests.crash_fixtures import client_of, items, open_keys, until

PEOPLE = {
    "sy_petitions": "petition_office",
    "sy_organ": "discipline_organ",
    "sy_committee": "party_committee",
    "sy_investigator": "investigation_dept",
    "sy_trial": "trial_office",
    "sy_person": "applicant",
    "sy_colleague": "colleagues_leaders",
    "sy_branch": "party_branch",
    "sy_department": "unit_dept_meeting",
    "sy_unit": "unit_party_committee",
}


@pytest.fixture(scope="session")
def hubei(database: str, shared_server: SharedServer) -> Server:
    """The server with the built-in procedures, the same as in test_procedures."""
    return shared_server("procedures", database, builtin=True)


@pytest.fixture
def api(hubei: Server) -> Iterator[ApiClient]:
    with client_of(hubei) as client:
        for person, group in PEOPLE.items():
            client.person(person, group)
        yield client


@pytest.fixture
def fresh() -> Callable[[str], str]:
    """Makes names that no other test uses."""
    return lambda name: f"{name}-{uuid4().hex[:8]}"


def variables_of(api: ApiClient, case: str) -> dict[str, Any]:
    return cast(dict[str, Any], api.get(f"/process-instances/{case}/variables"))


def tolerance_cases(api: ApiClient, subject: str) -> list[str]:
    found = items(api, "/process-instances", definitionKey="siyang_tolerance")
    return [str(case["id"]) for case in found if variables_of(api, case["id"])["subjectId"] == subject]


def filed(api: ApiClient, unit: str, number: str, matter: str = "遗留问题") -> str:
    """A filing that was approved and has a number."""
    facts = {"filingField": "LEGACY", "breaksConvention": True, "objectiveCauseForeseen": True, "fitsExemptionList": True}
    case = sent(api, "siyang_risk_filing", {"subjectId": unit, "matterId": matter, "facts": facts})
    does(api, case, "review_filing", "sy_committee", {"filingReview": {"decision": "ACCEPT"}})
    does(api, case, "study_filing", "sy_committee", {"study": {"result": "AGREE"}})
    filing = {"filedOn": "2026-03-02", "scope": "历史遗留的产权登记"}
    does(api, case, "record_filing", "sy_organ", {"riskFilingId": number, "filing": filing})
    return case


def deviates(api: ApiClient, number: str, subject: str) -> None:
    """Under the filing something goes wrong after it was made, within its scope."""
    deviation = {"subjectId": subject, "matterId": "产权登记", "actOn": "2026-05-06", "withinScope": True, "objective": True}
    sent(api, "siyang_filing_deviation", {"deviation": deviation}, correlationKeys={"riskFilingId": number})


def test_a_deviation_under_a_filing_begins_a_case_that_weighs_it_and_no_exemption(api: ApiClient, fresh: Callable[[str], str]) -> None:
    subject, number = fresh("赵某"), fresh("泗备")
    filing = filed(api, fresh("某局"), number)

    deviates(api, number, subject)

    (case,) = until(lambda: tolerance_cases(api, subject), "a tolerance case has begun")
    begun = variables_of(api, case)
    # The negative list cannot be excluded before the facts are known.
    assert (begun["riskFilingId"], begun["riskFilingLink"]["result"]) == (number, "MANUAL")
    assert begun["filingLookup"]["result"] == "CONFIRMED"
    assert open_keys(api, case) == ["appraise_by_others", "appraise_self"]
    assert "advice" not in begun
    assert len(variables_of(api, filing)["uses"]) == 1
    assert open_keys(api, filing) == []


def test_a_deviation_joins_the_open_case_and_a_second_use_is_flagged(api: ApiClient, fresh: Callable[[str], str]) -> None:
    subject, number = fresh("钱某"), fresh("泗备")
    filing = filed(api, fresh("某局"), number)
    facts = {"motive": "PUBLIC", "personalGain": True, "riskFiling": "NONE"}
    case = sent(api, "siyang_tolerance", {"subjectId": subject, "matterId": "产权登记", "facts": facts})
    assert variables_of(api, case)["riskFilingLink"]["result"] == "NOT_APPLICABLE"

    deviates(api, number, subject)
    until(lambda: variables_of(api, case)["riskFilingLink"]["result"] != "NOT_APPLICABLE", "the filing has been linked")
    linked = variables_of(api, case)
    deviates(api, number, subject)

    assert tolerance_cases(api, subject) == [case]
    assert linked["facts"] == {**facts, "riskFiling": "VALID_BEFORE_ACT", "deviationObjective": True}
    # A hit of the negative list takes the weight away: the filing protects nobody who gained.
    assert (linked["riskFilingLink"]["result"], linked["advice"]["outcome"]) == ("NO_PROTECTION", "NOT_TOLERATED")
    ended = api.get(f"/process-instances/{filing}")
    assert (ended["state"], variables_of(api, filing)["repeatedUse"]["flag"]) == ("completed", "F5.4")


MALFORMED: list[tuple[Any, str]] = [
    ("text", "/variables/deviation"),
    ([], "/variables/deviation"),
    ({"actOn": "garbage"}, "/variables/deviation/actOn"),
    ({"actOn": 20260303}, "/variables/deviation/actOn"),
    ({"withinScope": "yes"}, "/variables/deviation/withinScope"),
    ({"objective": 1}, "/variables/deviation/objective"),
    ({"subjectId": {"a": 1}}, "/variables/deviation/subjectId"),
    ({"matterId": ""}, "/variables/deviation/matterId"),
]


def test_a_deviation_that_cannot_be_read_is_refused_and_the_filing_stays(api: ApiClient, fresh: Callable[[str], str]) -> None:
    number = fresh("泗备")
    filing = filed(api, fresh("某局"), number)
    before = variables_of(api, filing)

    for deviation, pointer in MALFORMED:
        message = {"name": "siyang_filing_deviation", "variables": {"deviation": deviation}, "correlationKeys": {"riskFilingId": number}}
        assert pointers(api.call("POST", "/messages", message)) == [pointer]

    assert (variables_of(api, filing), open_keys(api, filing)) == (before, [])


def looked_up(api: ApiClient, subject: str, matter: str, number: Any) -> dict[str, Any]:
    """The variables of a tolerance case that names a filing by its number."""
    facts = {"personalGain": False, "riskFiling": "VALID_BEFORE_ACT", "deviationObjective": True}
    given = {"subjectId": subject, "matterId": matter, "riskFilingId": number, "facts": facts}
    return variables_of(api, sent(api, "siyang_tolerance", given))


def test_a_case_that_names_a_filing_is_told_what_is_registered_under_the_number(api: ApiClient, fresh: Callable[[str], str]) -> None:
    number, matter = fresh("泗备"), fresh("遗留问题")
    filed(api, fresh("某局"), number, matter)

    own = looked_up(api, fresh("甲"), matter, number)
    assert (own["filingLookup"]["result"], own["filingLookup"]["flag"]) == ("CONFIRMED", None)
    assert [one["values"]["number"] for one in own["filingsFound"]] == [number]
    other = looked_up(api, fresh("乙"), "另一事项", number)
    assert (other["filingLookup"]["result"], other["filingLookup"]["flag"]) == ("OTHER_MATTER", "F5.4")
    assert (other["riskFilingLink"]["result"], other["facts"]["riskFiling"]) == ("MANUAL", "VALID_BEFORE_ACT")
    unknown = looked_up(api, fresh("丙"), matter, fresh("没有这个编号"))
    assert (unknown["filingLookup"]["result"], unknown["riskFilingLink"]["result"]) == ("NOT_FOUND", "MANUAL")

    for malformed in (123, ""):
        message = {"name": "siyang_tolerance", "variables": {"subjectId": fresh("丁"), "matterId": matter, "riskFilingId": malformed}}
        assert pointers(api.call("POST", "/messages", message)) == ["/variables/riskFilingId"]


def test_a_filing_that_is_over_is_found_by_its_number(api: ApiClient, fresh: Callable[[str], str]) -> None:
    number, matter = fresh("泗备"), fresh("遗留问题")
    filing = filed(api, fresh("某局"), number, matter)
    sent(api, "siyang_filing_completed", {}, correlationKeys={"riskFilingId": number})
    assert api.get(f"/process-instances/{filing}")["state"] == "completed"

    case = looked_up(api, fresh("戊"), matter, number)

    assert case["filingLookup"]["result"] == "CONFIRMED"
    assert [one["values"]["closure"] for one in case["filingsFound"]] == ["COMPLETED"]


def test_a_clue_that_needs_accountability_begins_a_case_whose_investigators_do_not_judge(
    api: ApiClient, fresh: Callable[[str], str]
) -> None:
    subject = fresh("孙某")
    clue = sent(api, "siyang_clue_triage", {"subjectId": subject, "matterId": "反映工程变更"})
    seen = {"belongsTo": "OWN", "contentConcrete": True, "obviouslyUntrue": False, "duplicate": False, "toleranceFactsVisible": True}
    does(api, clue, "register_clue", "sy_petitions", {"facts": seen})
    does(api, clue, "choose_handling", "sy_organ", {"handling": {"mode": "VERIFY"}})
    found = {"report": "应予追责。", "accountabilityNeeded": True, "investigators": "sy_trial、马某"}
    does(api, clue, "verify_preliminarily", "sy_investigator", {"verification": found, "facts": {"untrue": "NO"}})

    (case,) = until(lambda: tolerance_cases(api, subject), "a tolerance case has begun")
    begun = variables_of(api, case)
    assert (begun["toleranceHint"], begun["investigatingPersons"], begun["facts"]["stage"]) == (True, ["sy_trial", "马某"], "INQUIRY_OPEN")

    voters = [{"name": name} for name in "甲乙丙"]
    votes = {"entitled": 3, "present": 3, "inFavour": 3, "against": 0, "abstained": 0, "voters": voters, "result": "PASSED"}
    does(api, case, "appraise_self", "sy_person", {"selfAppraisal": {"statement": "说明情况。"}})
    does(api, case, "appraise_by_others", "sy_colleague", {"peerAppraisal": {"summary": "工作积极。"}})
    does(api, case, "review_branch", "sy_branch", {"branchReview": votes})
    does(api, case, "review_department", "sy_department", {"departmentReview": votes})
    does(api, case, "review_party_committee", "sy_unit", {"committeeReview": votes, "preliminary": {"outcome": "REDUCE"}})
    (task,) = items(api, "/tasks", processInstanceId=case, taskDefinitionKey="examine")
    examined = {"examination": {"participants": "周主任", "recusal": "NONE", "result": "PASSED"}}
    assert problem(api.complete(task["id"], examined, "sy_trial"))[1] == "separation-of-duties"
    assert open_keys(api, case) == ["examine"]


def test_who_is_recused_or_unknown_is_not_counted_among_the_voters(api: ApiClient, fresh: Callable[[str], str]) -> None:
    subject = fresh("郑某")
    case = sent(api, "siyang_tolerance", {"subjectId": subject, "matterId": "招标"})
    declared = {"userId": "sy_unit", "subjectId": subject, "ground": "CLOSE_RELATIVE"}
    assert api.call("POST", "/recusals", declared, person="sy_unit").status_code == 201
    does(api, case, "appraise_self", "sy_person", {"selfAppraisal": {"statement": "说明情况。"}})
    does(api, case, "appraise_by_others", "sy_colleague", {"peerAppraisal": {"summary": "工作积极。"}})
    (task,) = items(api, "/tasks", processInstanceId=case, taskDefinitionKey="review_branch")

    def sheet(*voters: dict[str, str]) -> dict[str, Any]:
        votes = {"entitled": 3, "present": 3, "inFavour": 3, "against": 0, "abstained": 0, "result": "PASSED"}
        return {"branchReview": votes | {"voters": list(voters)}}

    nobody, recused = {"name": "甲", "userId": "sy_nobody"}, {"name": "乙", "userId": "sy_unit"}
    refused = api.complete(task["id"], sheet(nobody, recused, {"name": "丙"}), "sy_branch")
    assert problem(refused) == (422, "invalid")
    assert {(error["pointer"], error["code"]) for error in refused.json()["errors"]} == {
        ("/variables/branchReview/voters/0/userId", "unknown-person"),
        ("/variables/branchReview/voters/1/userId", "recused"),
    }
    assert "review_branch" in open_keys(api, case)
    does(api, case, "review_branch", "sy_branch", sheet({"name": "甲", "userId": "sy_branch"}, {"name": "乙"}, {"name": "丙"}))


def inquiry(api: ApiClient, subject: str, matter: str, kind: str = "LETTER") -> str:
    """A clue about the cadre for which an inquiry by letter or talk was chosen."""
    clue = sent(api, "siyang_clue_triage", {"subjectId": subject, "matterId": matter})
    does(api, clue, "register_clue", "sy_petitions", {"facts": {"belongsTo": "OWN", "contentConcrete": True}})
    does(api, clue, "choose_handling", "sy_organ", {"handling": {"mode": "INQUIRY", "inquiryKind": kind, "lettersElsewhere": 0}})
    return clue


def test_letters_that_are_about_to_be_sent_count_towards_the_limit(api: ApiClient, fresh: Callable[[str], str]) -> None:
    subject = fresh("吴某")
    clues = [inquiry(api, subject, f"反映之{number}") for number in range(4)]

    assert [open_keys(api, clue) for clue in clues] == [["inquire"], ["inquire"], ["approve_exception"], ["approve_exception"]]
    does(api, clues[0], "inquire", "sy_organ", {"inquiry": {"sentOn": "2026-06-01"}})
    fifth = inquiry(api, subject, "反映之五")
    counted = variables_of(api, fifth)
    assert (counted["facts"]["lettersInWindow"], {one["values"]["matterId"] for one in counted["letters"]}) == (2, {"反映之0", "反映之1"})


def test_a_case_finds_the_filings_of_its_matter_and_leaves_their_weight_to_people(api: ApiClient, fresh: Callable[[str], str]) -> None:
    unit, number, matter = fresh("某局"), fresh("泗备"), fresh("产权登记")
    filed(api, unit, number, matter)

    case = sent(api, "siyang_tolerance", {"subjectId": fresh("周某"), "matterId": matter})

    begun = variables_of(api, case)
    assert [(one["values"]["number"], one["values"]["unit"]) for one in begun["filingsFound"]] == [(number, unit)]
    assert begun["riskFilingLink"]["result"] == "MANUAL"


def test_the_letters_to_one_cadre_count_across_cases_and_the_third_needs_approval(api: ApiClient, fresh: Callable[[str], str]) -> None:
    subject = fresh("吴某")
    for matter, kind in (("一", "LETTER"), ("二", "TALK"), ("三", "LETTER")):
        does(api, inquiry(api, subject, matter, kind), "inquire", "sy_organ", {"inquiry": {"sentOn": "2026-06-01"}})
    third = inquiry(api, subject, "四")

    known = variables_of(api, third)
    assert open_keys(api, third) == ["approve_exception"]
    assert (known["facts"]["lettersInWindow"], known["inquiryLimit"]["result"]) == (2, "BLOCKED_UNLESS_OVERRIDE")
    assert sorted(letter["values"]["matterId"] for letter in known["letters"]) == ["一", "三"]


def test_a_letter_that_was_sent_counts_after_the_step_was_taken_back(api: ApiClient, fresh: Callable[[str], str]) -> None:
    subject = fresh("郑某")
    first = inquiry(api, subject, "一")
    does(api, first, "inquire", "sy_organ", {"inquiry": {"sentOn": "2026-06-01"}})
    (reply,) = items(api, "/tasks", processInstanceId=first, taskDefinitionKey="check_reply")
    back = {"fromTaskId": reply["id"], "toActivityId": "choose_handling", "reason": "改为谈话。"}
    assert api.call("POST", f"/process-instances/{first}/move-back", back).status_code == 200
    handling = {"mode": "INQUIRY", "inquiryKind": "TALK", "lettersElsewhere": 0}
    does(api, first, "choose_handling", "sy_organ", {"handling": handling})

    # The case itself sees what it sent, and so does every later one; the talk is not counted.
    assert variables_of(api, first)["facts"]["lettersInWindow"] == 1
    does(api, first, "inquire", "sy_organ", {"inquiry": {"sentOn": "2026-06-02"}})
    second = inquiry(api, subject, "二")
    assert variables_of(api, second)["facts"]["lettersInWindow"] == 1
    assert [letter["elementId"] for letter in variables_of(api, second)["letters"]] == ["record_letter"]
