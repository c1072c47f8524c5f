"""Siyang's procedures hand cases on to one another: a filing that was used, a clue that needs accountability."""

from collections.abc import Callable, Iterator
from typing import Any, cast
from uuid import uuid4

import pytest

from api_tests.api_client import ApiClient, problem
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


def sent(api: ApiClient, name: str, variables: Any, **members: Any) -> str:
    """The instance that the message started or continued."""
    response = api.call("POST", "/messages", {"name": name, "variables": variables, **members})
    assert response.status_code in (200, 201), response.text
    return str(response.json()["id"])


def does(api: ApiClient, case: str, key: str, person: str, variables: Any) -> None:
    """The person completes the open task `key`."""
    (task,) = items(api, "/tasks", processInstanceId=case, taskDefinitionKey=key)
    response = api.complete(task["id"], variables, person)
    assert response.status_code == 200, response.text


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
