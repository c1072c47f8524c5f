"""The joint meeting of 某开发区: all matters go there, the discipline organ convenes it, the organs of the source are listed already."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest

from api_tests.api_client import ApiClient
from api_tests.conftest import ADMIN_KEY, Server, SharedServer

ORGANS = [{"organ": "区人大"}, {"organ": "区政协"}, {"organ": "区委组织部"}]
PERSONS = {"zone.clerk": "accountability_organ", "zone.second": "accountability_organ", "zone.discipline": "discipline_organ"}
FACTS = {
    "subjectType": "UNIT",
    "applicantRole": "ORGAN_EX_OFFICIO",
    "stage": "INQUIRY_OPEN",
    "organHasCadreAuthority": True,
    "organIsAccountabilityOrgan": True,
}


@pytest.fixture(scope="module")
def server(database: str, shared_server: SharedServer) -> Server:
    return shared_server("departures", database, builtin=True)


@pytest.fixture
def api(server: Server) -> Iterator[ApiClient]:
    with closing(ApiClient(server.url, ADMIN_KEY)) as client:
        for person, group in PERSONS.items():
            client.person(person, group)
        yield client


def heard(api: ApiClient, place: str, complex_case: bool) -> Any:
    """The tasks open once the facts are verified and the person is heard."""
    mark = uuid4().hex[:8]
    given = {"subjectId": f"Z-{mark}", "matterId": f"M-{mark}", "facts": FACTS}
    begun = api.call("POST", "/messages", {"name": f"{place}_accountability", "variables": given}, person="zone.clerk")
    assert begun.status_code in (200, 201), begun.text
    (instance,) = api.get("/process-instances", variables=f"matterId_eq_M-{mark}", definitionKey=f"{place}_tolerance")["items"]
    verified = {"facts": {"complexCase": complex_case, "organsInvolved": 1, "personsInvolved": 1, "riskFiling": "NONE"}}
    for key, person, variables in (
        ("consider_tolerance", "zone.clerk", {"consideration": {"present": True}}),
        ("accept", "zone.clerk", {"acceptance": {"decision": "ACCEPT"}}),
        ("verify", "zone.clerk", verified | {"organsAsked": ["org_dept"]}),
        ("hear_person", "zone.second", {"hearing": {"statement": "没有异议。"}}),
    ):
        (task,) = api.get("/tasks", processInstanceId=instance["id"], taskDefinitionKey=key, state="created")["items"]
        done = api.complete(task["id"], variables, person)
        assert done.status_code == 200, done.text
    return api.get("/tasks", processInstanceId=instance["id"], state="created")["items"]


@pytest.mark.parametrize("complex_case", [True, False])
def test_every_matter_of_the_zone_goes_to_the_meeting_with_the_organs_of_the_source(api: ApiClient, complex_case: bool) -> None:
    (task,) = heard(api, "hubei_zone", complex_case)

    assert (task["taskDefinitionKey"], task["candidateGroups"]) == ("determine_organs", ["discipline_organ"])
    assert api.get(f"/tasks/{task['id']}/form")["data"]["deliberation"]["organs"] == ORGANS


def test_elsewhere_in_hubei_only_complex_matters_do_and_nobody_is_named_beforehand(api: ApiClient) -> None:
    (task,) = heard(api, "wuhan", True)
    assert (task["taskDefinitionKey"], task["candidateGroups"]) == ("determine_organs", ["accountability_organ"])
    assert api.get(f"/tasks/{task['id']}/form")["data"].get("deliberation") is None

    (task,) = heard(api, "wuhan", False)
    assert task["taskDefinitionKey"] == "give_opinion"
