"""An application is always answered: no opening of accountability swallows, ends or relabels it."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest

from api_tests.api_client import ApiClient, pointers
from api_tests.conftest import ADMIN_KEY, Server, SharedServer

CLERK, APPLICANT = "ja.clerk", "ja.applicant"
KNOWN = {"subjectType": "INDIVIDUAL", "organHasCadreAuthority": True, "organIsAccountabilityOrgan": True}
APPLIED = {"applicantRole": "SELF", "stage": "INQUIRY_OPEN", "hasFacts": True}
OPENED = {"applicantRole": "ORGAN_EX_OFFICIO", "hasFacts": False}
ABSENT = {"consideration": {"present": False, "reason": "没有可容的情形。"}}


@pytest.fixture(scope="module")
def server(database: str, shared_server: SharedServer) -> Server:
    return shared_server("departures", database, builtin=True)


@pytest.fixture
def api(server: Server) -> Iterator[ApiClient]:
    with closing(ApiClient(server.url, ADMIN_KEY)) as client:
        client.person(CLERK, "accountability_organ")
        client.person(APPLICANT, "applicant")
        yield client


@pytest.fixture
def matter() -> dict[str, str]:
    mark = uuid4().hex[:8]
    return {"subjectId": f"JA-{mark}", "matterId": f"M-{mark}"}


def send(api: ApiClient, name: str, matter: dict[str, str], facts: dict[str, Any], narrowed: bool = True, **more: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"name": name, "variables": {**matter, "facts": facts, **more}}
    sent = api.call("POST", "/messages", body | ({"correlationKeys": matter} if narrowed else {}), person=APPLICANT)
    assert sent.status_code in (200, 201), sent.text
    answer: dict[str, Any] = sent.json()
    return answer


def do(api: ApiClient, case: str, key: str, variables: dict[str, Any]) -> None:
    (task,) = api.get("/tasks", processInstanceId=case, taskDefinitionKey=key, state="created")["items"]
    done = api.complete(task["id"], variables, CLERK)
    assert done.status_code == 200, (key, done.text)


def stands_at(api: ApiClient, case: str) -> tuple[str, str, Any]:
    """The one open task: its id, its key, and what its form shows."""
    (task,) = api.get("/tasks", processInstanceId=case, state="created")["items"]
    return task["id"], task["taskDefinitionKey"], api.get(f"/tasks/{task['id']}/form")["data"]


def kinds(api: ApiClient, case: str) -> list[str]:
    return [event["kind"] for event in api.get(f"/process-instances/{case}/audit-events")["items"]]


@pytest.mark.parametrize("narrowed", [True, False], ids=["with-keys", "without-keys"])
@pytest.mark.parametrize("place", ["hubei", "yichang", "shiyan", "longxi"])
def test_who_applies_while_the_organ_considers_is_registered_though_the_organ_sees_no_ground(
    api: ApiClient, matter: dict[str, str], place: str, narrowed: bool
) -> None:
    case = send(api, f"{place}_accountability", matter, KNOWN)["id"]
    assert stands_at(api, case)[1] == "consider_tolerance"

    joined = send(api, f"{place}_application", matter, APPLIED, narrowed, application={"grounds": "先行先试。"})

    assert (joined["id"], joined["joined"]) == (case, True)
    assert "instance.joined" in kinds(api, case)
    _, _, considered = stands_at(api, case)
    assert considered["joinedApplications"][0]["application"] == {"grounds": "先行先试。"}
    do(api, case, "consider_tolerance", ABSENT)

    _, key, registered = stands_at(api, case)
    assert key == "register_application"
    assert registered["facts"]["applicantRole"] == "SELF"
    assert registered["application"]["grounds"] == "先行先试。"
    do(api, case, "register_application", {})
    _, key, accepting = stands_at(api, case)
    assert (key, accepting["admissibility"]["result"]) == ("accept", "ACCEPT")


@pytest.mark.parametrize(
    ("place", "narrowed"),
    # No process of tongren starts with the message, so there it needs the keys of the case that waits.
    [("tongren", True), *((place, narrowed) for place in ("hubei", "yichang", "shiyan", "sanshui") for narrowed in (True, False))],
)
def test_a_held_application_stays_the_applicants_when_accountability_opens(
    api: ApiClient, matter: dict[str, str], place: str, narrowed: bool
) -> None:
    case = send(api, f"{place}_application", matter, KNOWN | APPLIED | {"stage": "CLUE"})["id"]
    do(api, case, "register_application", {})
    do(api, case, "accept", {"acceptance": {"decision": "HOLD", "reason": "尚在线索阶段。"}})

    woken = send(api, f"{place}_accountability", matter, OPENED, narrowed)

    assert woken["id"] == case
    _, key, seen = stands_at(api, case)
    assert key == "accept"
    told = {name: seen["facts"][name] for name in APPLIED}
    assert told == APPLIED
    assert seen["admissibility"]["result"] == "ACCEPT"
    assert seen["inquiryOpened"]["facts"] == OPENED


@pytest.mark.parametrize("place", ["yichang", "longxi"])
def test_a_deviation_report_opens_nothing_and_the_application_stays_held(api: ApiClient, matter: dict[str, str], place: str) -> None:
    case = send(api, f"{place}_application", matter, KNOWN | APPLIED | {"stage": "CLUE"})["id"]
    do(api, case, "register_application", {})
    do(api, case, "accept", {"acceptance": {"decision": "HOLD", "reason": "尚在线索阶段。"}})

    send(api, f"{place}_accountability", matter, OPENED | {"stage": "CLUE"}, riskFilingId="备-1")

    _, key, seen = stands_at(api, case)
    assert (key, seen["facts"]["stage"], seen["admissibility"]["result"]) == ("accept", "CLUE", "HOLD")
    assert seen["riskFilingId"] == "备-1"


def test_sanshui_answers_an_application_that_comes_after_the_opening_of_accountability(api: ApiClient, matter: dict[str, str]) -> None:
    opening = send(api, "sanshui_accountability", matter, KNOWN, narrowed=False)
    assert opening["definitionKey"] == "sanshui_ex_officio"
    task, key, seen = stands_at(api, opening["id"])
    assert (key, seen["admissibility"]["rule"]) == ("refuse", "A4")

    applied = send(api, "sanshui_application", matter, KNOWN | APPLIED)

    assert applied["joined"] is False
    assert applied["definitionKey"] == "sanshui_tolerance"
    do(api, applied["id"], "register_application", {})
    assert stands_at(api, applied["id"])[1] == "accept"
    assert pointers(api.complete(task, {}, CLERK)) == ["/variables/acceptance/reason"]
    do(api, opening["id"], "refuse", {"acceptance": {"reason": "只依申请启动。"}})
    assert api.get(f"/process-instances/{opening['id']}")["state"] == "completed"
