"""Risk filings of several places: whose suggestion it is, whose number, and who hears of a deviation."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from api_tests.api_client import ApiClient, exact, problem
from api_tests.case_steps import does, sent
from api_tests.conftest import Server, SharedServer
from api_tests.crash_fixtures import client_of, items, open_keys, until
from api_tests.test_documents_of_procedures import content, make

PEOPLE = {"rf_committee": "party_committee", "rf_organ": "discipline_organ", "rf_unit": "unit_party_org", "maker": "discipline_organ"}
FACTS = {"filingField": "LEGACY", "breaksConvention": True, "objectiveCauseForeseen": True, "fitsExemptionList": True}


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


def filed(api: ApiClient, place: str, unit: str, matter: str, number: str) -> str:
    """A filing of the place that was approved and got the number."""
    case = sent(api, f"{place}_risk_filing", {"subjectId": unit, "matterId": matter, "facts": FACTS})
    does(api, case, "review_filing", "rf_committee", {"filingReview": {"decision": "ACCEPT"}})
    does(api, case, "study_filing", "rf_committee", {"study": {"organ": "party_committee", "result": "AGREE"}})
    does(api, case, "record_filing", "rf_organ", {"riskFilingId": number, "filing": {"filedOn": "2026-03-02", "scope": "产权登记"}})
    return case


def cases_about(api: ApiClient, definition: str, subject: str) -> list[str]:
    return [case["id"] for case in items(api, "/process-instances", definitionKey=definition, variables=f"subjectId_eq_{subject}")]


def test_a_suggestion_goes_to_the_place_that_is_named(api: ApiClient, fresh: Callable[[str], str]) -> None:
    unit = fresh("某局")
    message = {"name": "common_risk_filing_suggestion", "variables": {"subjectId": unit, "matterId": "复工", "text": "宜先备案"}}

    for place in ({}, {"jurisdiction": "xianning"}):
        assert problem(api.call("POST", "/messages", message | place)) == (409, "message-ambiguous")
    begun = api.call("POST", "/messages", message | {"jurisdiction": "wuxi"})

    assert begun.status_code == 201, begun.text
    told = begun.json()
    assert (told["definitionKey"], told["jurisdiction"], open_keys(api, told["id"])) == ("wuxi_risk_filing", "wuxi", ["consider_filing"])


def test_a_number_in_force_is_taken_in_its_own_place_only(api: ApiClient, fresh: Callable[[str], str]) -> None:
    number, matter = fresh("备"), fresh("产权登记")
    first = filed(api, "wuxi", fresh("某局"), matter, number)
    second = filed(api, "wuxi", fresh("某局"), matter, number)
    elsewhere = filed(api, "yichang", fresh("某局"), matter, number)

    assert [open_keys(api, case) for case in (first, second, elsewhere)] == [[], ["record_filing"], []]

    told = api.get(f"/subjects/{fresh('某人')}/facts", jurisdiction="jiangsu", matterId=matter)["facts"]
    (filings,) = [fact for fact in told if fact["name"] == "riskFilings"]
    assert {(entry["jurisdiction"], entry["values"]["number"]) for entry in filings["entries"]} == {("wuxi", number), ("yichang", number)}


@pytest.mark.parametrize(("place", "receiver"), [("yichang", "yichang_tolerance"), ("wuxi", "jiangsu_tolerance")])
def test_a_deviation_begins_a_case_of_the_place_or_of_the_one_above_it(
    api: ApiClient, fresh: Callable[[str], str], place: str, receiver: str
) -> None:
    number, subject, matter = fresh("备"), fresh("赵某"), fresh("超期")
    filing = filed(api, place, fresh("某局"), fresh("电梯"), number)
    deviation = {"subjectId": subject, "matterId": matter, "actOn": "2026-05-06", "withinScope": True, "objective": True}

    sent(api, f"{place}_filing_deviation", {"deviation": deviation}, correlationKeys={"riskFilingId": number})

    (case,) = until(lambda: cases_about(api, receiver, subject), "a tolerance case has begun")
    begun = api.get(f"/process-instances/{case}/variables")
    assert (begun["riskFilingId"], begun["matterId"]) == (number, matter)
    assert begun["facts"] == {"riskFiling": "VALID_BEFORE_ACT", "deviationObjective": True}
    kept = api.get(f"/process-instances/{filing}/variables")
    assert (len(kept["uses"]), kept["repeatedUse"], kept["closure"]) == (1, None, None)
    told = api.get(f"/subjects/{subject}/facts", jurisdiction=place, matterId=matter)["facts"]
    assert [fact["count"] for fact in told if fact["name"] == "openCases"] == [1]


def test_the_form_of_a_filing_is_made_of_what_the_shared_steps_know(api: ApiClient, fresh: Callable[[str], str]) -> None:
    number = fresh("备")
    case = sent(api, "wuxi_risk_filing", {"subjectId": fresh("某局"), "matterId": "复工", "facts": FACTS})
    does(api, case, "review_filing", "rf_committee", {"filingReview": {"decision": "ACCEPT"}})
    does(api, case, "study_filing", "rf_committee", {"study": {"result": "AGREE", "opinion": "按程序办理"}})
    (task,) = items(api, "/tasks", processInstanceId=case, taskDefinitionKey="record_filing")
    variables = {"riskFilingId": number, "filing": {"filedOn": "2026-03-02", "scope": "垃圾焚烧厂复工"}}

    before = make(api, case, "common_risk_filing_form", taskId=task["id"], fields={"unit": "某局", "matter": "复工", "scope": "复工"})
    assert before.status_code == 201, before.text
    assert api.complete(task["id"], variables, "rf_organ").status_code == 200
    after = make(api, case, "common_risk_filing_form", taskId=task["id"], fields={"unit": "某局", "matter": "复工"})

    assert "按程序办理" in content(api, exact(before))
    assert after.status_code == 201, after.text
    assert all(text in content(api, exact(after)) for text in (number, "垃圾焚烧厂复工", "2026年3月2日"))
