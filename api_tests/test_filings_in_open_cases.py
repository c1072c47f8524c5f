"""A risk filing is seen where a case is verified and decided, however the case came to it: weight, never exemption."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from api_tests.api_client import ApiClient
from api_tests.conftest import Server, SharedServer
from api_tests.crash_fixtures import audit_kinds, client_of, items, until
from api_tests.test_risk_filing import PEOPLE, cases_about, does, filed, sent

HANDLERS = {"rf_clerk": "accountability_organ", "rf_second": "accountability_organ", "rf_org": "org_dept"}
KNOWN = {
    "applicantRole": "ORGAN_EX_OFFICIO",
    "stage": "INQUIRY_OPEN",
    "subjectType": "INDIVIDUAL",
    "organIsAccountabilityOrgan": True,
    "organHasCadreAuthority": True,
}
VERIFIED = {
    "nature": "PROCEDURAL_FLAW",
    "explicitProhibition": "RULE_BREACH",
    "workBasis": "BOUNDARY_UNCLEAR",
    "achievementBias": False,
    "motive": "PUBLIC",
    "personalGain": False,
    "intent": "INADVERTENT",
    "decisionProcess": "EMERGENCY_REPORTED",
    "personOpposed": False,
    "consequence": "NONE",
    "overallBenefit": True,
    "urgentPublicDanger": False,
    "procedureCompletedAfterwards": False,
    "remedy": "PARTIAL",
    "forceMajeure": True,
    "duePerformance": True,
    "cooperative": True,
    "majorFault": False,
    "majorPublicInterest": False,
    "organsInvolved": 1,
    "personsInvolved": 1,
    "complexCase": False,
    "doubtOnTolerance": False,
}
"""Those of the case that Yichang published: nothing that calls for a joint deliberation."""
ACCEPTED = ("accept", "rf_clerk", {"acceptance": {"decision": "ACCEPT", "reason": "符合受理条件。"}})
CONSIDERED = (("consider_tolerance", "rf_clerk", {"consideration": {"present": True}}), ACCEPTED)
PLACES: dict[str, tuple[str, tuple[tuple[str, str, Any], ...], str]] = {
    "yichang": ("accountability", CONSIDERED, "verify"),
    "shiyan": ("accountability", CONSIDERED, "verify"),
    "sanshui": ("application", (("register_application", "rf_clerk", {}), ACCEPTED), "verify"),
    "zhangjiagang": ("accountability", CONSIDERED, "verify"),
    "jiangsu": ("accountability", (), "investigate"),
}
"""Of some places: the message that begins a case, what is done before the facts are verified, and the task that verifies them."""


@pytest.fixture(scope="session")
def server(database: str, shared_server: SharedServer) -> Server:
    """The server with the built-in procedures, the same as in test_procedures."""
    return shared_server("procedures", database, builtin=True)


@pytest.fixture
def api(server: Server) -> Iterator[ApiClient]:
    with client_of(server) as client:
        for person, group in (PEOPLE | HANDLERS).items():
            client.person(person, group)
        yield client


@pytest.fixture
def fresh() -> Callable[[str], str]:
    """Makes names that no other test uses."""
    return lambda name: f"{name}-{uuid4().hex[:8]}"


def opened(api: ApiClient, place: str, subject: str, matter: str, **given: Any) -> str:
    """A case of the place about the matter, which is being verified."""
    start, steps, _ = PLACES[place]
    case = sent(api, f"{place}_{start}", {"subjectId": subject, "matterId": matter, "facts": KNOWN, **given})
    for key, person, variables in steps:
        does(api, case, key, person, variables)
    return case


def deviates(api: ApiClient, number: str, subject: str, matter: str) -> None:
    """A deviation within the filing, after it, for an objective reason."""
    deviation = {"subjectId": subject, "matterId": matter, "actOn": "2026-05-06", "withinScope": True, "objective": True}
    sent(api, "yichang_filing_deviation", {"deviation": deviation}, correlationKeys={"riskFilingId": number})


def linked(api: ApiClient, case: str) -> None:
    """Waits until the message of the filing has joined the case."""
    until(lambda: "instance.joined" in audit_kinds(api, case), "it has joined")


def seen(api: ApiClient, case: str, key: str) -> Any:
    """What the form of the open task `key` tells of filings; null: the form says nothing of them."""
    (task,) = items(api, "/tasks", processInstanceId=case, taskDefinitionKey=key)
    return api.get(f"/tasks/{task['id']}/form")["data"].get("filingFindings")


def verified(api: ApiClient, case: str, **given: Any) -> None:
    """The facts are verified, the person is heard, and where it is asked for, the opinion of an organ is given."""
    facts = VERIFIED | given.pop("facts", {})
    does(api, case, "verify", "rf_clerk", {"facts": facts, "organsAsked": ["org_dept"], **given})
    does(api, case, "hear_person", "rf_clerk", {"hearing": {"statement": "没有异议。"}})
    if items(api, "/tasks", processInstanceId=case, taskDefinitionKey="give_opinion"):
        does(api, case, "give_opinion", "rf_org", {"opinion": {"position": "AGREE"}})


def test_a_deviation_linked_to_an_open_case_is_seen_when_it_is_decided(api: ApiClient, fresh: Callable[[str], str]) -> None:
    number, subject, matter = fresh("备"), fresh("赵某"), fresh("电梯")
    case = opened(api, "yichang", subject, matter)
    assert seen(api, case, "verify") is None
    filed(api, "yichang", fresh("某局"), fresh("另一事项"), number)

    deviates(api, number, subject, matter)
    linked(api, case)
    verified(api, case)

    told = seen(api, case, "decide")
    assert [part for part in (number, "规则 FR-used", "规则 RF-2", "不自动免责") if part not in told] == []
    assert cases_about(api, "yichang_tolerance", subject) == [case]


def test_a_case_that_the_filing_began_shows_it_from_the_verification_on(api: ApiClient, fresh: Callable[[str], str]) -> None:
    number, subject, matter = fresh("备"), fresh("赵某"), fresh("电梯")
    filed(api, "yichang", fresh("某局"), matter, number)
    deviates(api, number, subject, matter)
    (case,) = until(lambda: cases_about(api, "yichang_tolerance", subject), "a tolerance case has begun")

    does(api, case, "consider_tolerance", "rf_clerk", {"consideration": {"present": True}})
    does(api, case, "accept", "rf_clerk", ACCEPTED[2] | {"facts": KNOWN})

    told = seen(api, case, "verify")
    assert [part for part in (number, "规则 FR-agrees", "规则 RF-6") if part not in told] == []


@pytest.mark.parametrize(
    ("said", "typed", "filing", "rule"),
    [("NONE", False, True, "FR-differs"), ("VALID_BEFORE_ACT", True, False, "FR-number"), ("VALID_BEFORE_ACT", False, False, "FR-stated")],
)
def test_what_is_said_stays_and_what_the_register_says_otherwise_is_told(
    api: ApiClient, fresh: Callable[[str], str], said: str, typed: bool, filing: bool, rule: str
) -> None:
    number, subject, matter = fresh("备"), fresh("赵某"), fresh("电梯")
    case = opened(api, "shiyan", subject, matter)
    if filing:
        filed(api, "yichang", fresh("某局"), matter, number)
        deviates(api, number, subject, matter)
        until(lambda: cases_about(api, "yichang_tolerance", subject), "the deviation is judged")

    verified(api, case, facts={"riskFiling": said}, **({"riskFilingId": number} if typed else {}))

    told = seen(api, case, "determine")
    differs = rule != "FR-stated"
    assert f"规则 {rule}" in told
    assert ("所述与登记不一致" in told, number in told, "由人研判" in told) == (differs, differs, True)


def test_what_is_linked_while_it_is_decided_is_told_before_the_conclusion_goes_out(api: ApiClient, fresh: Callable[[str], str]) -> None:
    number, subject, matter = fresh("备"), fresh("赵某"), fresh("电梯")
    case = opened(api, "yichang", subject, matter)
    verified(api, case, facts={"riskFiling": "NONE"})
    assert seen(api, case, "decide") is None
    filed(api, "yichang", fresh("某局"), matter, number)

    does(api, case, "decide", "rf_second", {"decision": {"outcome": "NOT_TOLERATED", "reason": "没有看到备案。"}})

    (task,) = items(api, "/tasks", processInstanceId=case, taskDefinitionKey="feed_back")
    assert api.get(f"/tasks/{task['id']}/form")["data"]["filingsSince"] == number


@pytest.mark.parametrize("place", PLACES)
def test_every_shared_procedure_shows_the_filing_of_another_place(api: ApiClient, fresh: Callable[[str], str], place: str) -> None:
    number, subject, matter = fresh("备"), fresh("赵某"), fresh("电梯")
    filed(api, "yichang", fresh("某局"), matter, number)

    case = opened(api, place, subject, matter)

    told = seen(api, case, PLACES[place][2])
    assert [part for part in (number, "（yichang）", "规则 FR-filed") if part not in told] == []
