"""干部管理权限: what is registered on the day of the matter fills what the case does not state, and is shown at acceptance."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest

from api_tests.api_client import ApiClient
from api_tests.conftest import ADMIN_KEY, Server, SharedServer

OURS, FORMER = {"id": "our-organ", "name": "某市纪委监委"}, {"id": "other-organ", "name": "某县纪委监委"}
POSTS = [
    {"post": "股长", "rank": "股级", "authority": FORMER, "from": "2019-01-01", "to": "2023-12-31"},
    {"post": "副局长", "rank": "副科级", "authority": OURS, "from": "2024-01-01"},
]
FACTS = {
    "subjectType": "INDIVIDUAL",
    "applicantRole": "SELF",
    "stage": "INQUIRY_OPEN",
    "hasFacts": True,
    "organIsAccountabilityOrgan": True,
}


@pytest.fixture(scope="module")
def server(database: str, shared_server: SharedServer) -> Server:
    return shared_server("departures", database, builtin=True)


@pytest.fixture
def api(server: Server) -> Iterator[ApiClient]:
    with closing(ApiClient(server.url, ADMIN_KEY)) as client:
        client.person("auth.clerk", "accountability_organ")
        yield client


def at_acceptance(api: ApiClient, place: str, registered: bool = True, facts: Any = None, **variables: Any) -> tuple[Any, Any]:
    """(instance, what the acceptance task shows) of an application at that place."""
    mark = uuid4().hex[:8]
    if registered:
        person = {"kind": "INDIVIDUAL", "name": "张某", "posts": POSTS}
        assert api.call("PUT", f"/subjects/A-{mark}", person).status_code == 201
    given = {"subjectId": f"A-{mark}", "matterId": f"M-{mark}", "facts": FACTS | (facts or {}), **variables}
    begun = api.call("POST", "/messages", {"name": f"{place}_application", "variables": given}, person="auth.clerk")
    assert begun.status_code in (200, 201), begun.text
    (instance,) = api.get("/process-instances", variables=f"matterId_eq_M-{mark}", definitionKey=f"{place}_tolerance")["items"]
    while True:
        (task,) = api.get("/tasks", processInstanceId=instance["id"], state="created")["items"]
        if task["taskDefinitionKey"] == "accept":
            return instance, api.get(f"/tasks/{task['id']}/form")["data"]
        done = api.complete(task["id"], {}, "auth.clerk")
        assert done.status_code == 200, done.text


@pytest.mark.parametrize("place", ["hubei", "shiyan", "jingmen"])
@pytest.mark.parametrize(
    ("day", "post", "has", "rule"),
    [("2024-06-01", "副局长", True, "O2"), ("2023-06-01", "股长", False, "O3"), (None, "副局长", True, "O2")],
)
def test_the_register_answers_what_the_case_does_not_state(
    api: ApiClient, place: str, day: str | None, post: str, has: bool, rule: str
) -> None:
    dated = {} if day is None else {"matterDate": day}

    instance, shown = at_acceptance(api, place, organId=OURS["id"], **dated)

    registration = shown["registration"]
    assert (registration["day"], registration["registered"]["post"]) == (day, post)
    assert (registration["organHasCadreAuthority"], registration["used"], registration["contradicts"]) == (has, True, False)
    assert shown["authority"]["rule"] == rule
    assert "organHasCadreAuthority" not in shown["facts"]
    taken = api.get("/decision-evaluations", processInstanceId=instance["id"], decisionKey=f"{place}_authority")["items"]
    (asked,) = [one for one in taken if one["elementId"] == "decide_authority"]
    (given,) = [one["value"] for one in asked["inputs"] if one["expression"] == "facts"]
    assert given["organHasCadreAuthority"] is has


def test_what_the_case_states_is_kept_and_a_contradiction_is_shown(api: ApiClient) -> None:
    _instance, shown = at_acceptance(api, "hubei", facts={"organHasCadreAuthority": False}, organId=OURS["id"], matterDate="2024-06-01")

    registration = shown["registration"]
    assert (registration["stated"], registration["organHasCadreAuthority"]) == (False, True)
    assert (registration["used"], registration["contradicts"]) == (False, True)
    assert shown["facts"]["organHasCadreAuthority"] is False
    assert (shown["authority"]["rule"], shown["authority"]["alert"]) == ("O3", "cadreAuthority")


@pytest.mark.parametrize(
    ("registered", "variables"),
    [(False, {"organId": "our-organ"}), (True, {}), (True, {"organId": "our-organ", "matterDate": "2018-01-01"})],
)
def test_what_nobody_registered_stays_unknown(api: ApiClient, registered: bool, variables: Any) -> None:
    _instance, shown = at_acceptance(api, "hubei", registered, **variables)

    registration = shown["registration"]
    assert (registration["registered"] is not None) is registered
    assert (registration["organHasCadreAuthority"], registration["used"], registration["contradicts"]) == (None, False, False)
    assert (shown["authority"]["result"], shown["authority"]["rule"]) == ("MANUAL", "O6")
