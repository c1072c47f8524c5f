"""Persons and units: registering them, their dated posts, and their cases."""

from typing import Any

import pytest

from api_tests.api_client import ApiClient, pointers, problem
from api_tests.crash_fixtures import items

FORMER = {
    "post": "科长",
    "rank": "正科级",
    "authority": {"id": "county_org", "name": "县委组织部"},
    "from": "2020-01-01",
    "to": "2024-02-29",
}
PRESENT = {"post": "副局长", "rank": None, "authority": {"id": "city_org", "name": None}, "from": "2024-03-01", "to": None}
SIDE = {"post": "工会主席", "rank": None, "authority": None, "from": "2023-01-01", "to": "2024-03-01"}


def person(**members: Any) -> dict[str, Any]:
    return {"kind": "INDIVIDUAL", "name": "张三", **members}


def test_a_person_is_registered_replaced_and_audited(api: ApiClient) -> None:
    path = "/subjects/subject.zhang"
    first = api.call("PUT", path, person(unitId="subject.unit", posts=[PRESENT, FORMER]))
    again = api.call("PUT", path, person(unitId="subject.unit", posts=[PRESENT, FORMER]))
    changed = api.call("PUT", path, person(name="张三丰"))

    assert (first.status_code, again.status_code, changed.status_code) == (201, 200, 200)
    assert first.json() == again.json()
    assert first.json()["posts"] == [FORMER, PRESENT]
    assert changed.json() == first.json() | {"name": "张三丰", "unitId": None, "posts": []}
    told = [one for one in items(api, "/audit-events", stream="service") if one["payload"].get("id") == "subject.zhang"]
    assert sorted(one["kind"] for one in told) == ["subject.changed", "subject.created"]


@pytest.mark.parametrize(
    ("day", "held"),
    [("2019-12-31", []), ("2024-02-29", ["工会主席", "科长"]), ("2024-03-01", ["副局长", "工会主席"]), ("2030-01-01", ["副局长"])],
)
def test_the_posts_in_force_on_a_day(api: ApiClient, day: str, held: list[str]) -> None:
    api.call("PUT", "/subjects/subject.posts", person(posts=[FORMER, PRESENT, SIDE]))

    found = api.get("/subjects/subject.posts", at=day)

    assert [post["post"] for post in found["postsInForce"]] == held
    assert (found["on"], found["registered"], len(found["posts"])) == (day, True, 3)


def test_the_list_is_filtered_and_paged(api: ApiClient) -> None:
    for number in range(3):
        api.call("PUT", f"/subjects/subject.list.{number}", person(name=f"李_{number}%", unitId="subject.list.unit"))
    api.call("PUT", "/subjects/subject.list.unit", {"kind": "UNIT", "name": "某某局"})

    first = api.get("/subjects", unitId="subject.list.unit", limit=2)
    second = api.get("/subjects", unitId="subject.list.unit", limit=2, cursor=first["nextCursor"])

    assert [one["id"] for one in first["items"] + second["items"]] == [f"subject.list.{number}" for number in range(3)]
    assert second["nextCursor"] is None
    assert [one["id"] for one in api.get("/subjects", q="李_1%")["items"]] == ["subject.list.1"]
    assert api.get("/subjects", q="李%1")["items"] == []
    assert [one["id"] for one in api.get("/subjects", q="subject.list.", kind="UNIT")["items"]] == ["subject.list.unit"]


def test_a_case_may_name_whom_nobody_registered(api: ApiClient) -> None:
    assert problem(api.call("GET", "/subjects/subject.unknown")) == (404, "not-found")
    case = api.start("one_task", {"subjectId": "subject.unknown"})
    api.start("one_task", {"subjectId": "subject.other"})

    found = api.get("/subjects/subject.unknown")

    assert (found["registered"], found["kind"], found["posts"], found["postsInForce"]) == (False, None, [], [])
    assert [one["id"] for one in api.get("/subjects/subject.unknown/process-instances")["items"]] == [case["id"]]
    assert api.get("/subjects/subject.unknown/process-instances", state="completed")["items"] == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (person(kind="ROBOT"), "/kind"),
        (person(name=" "), "/name"),
        (person(unitId="subject.faulty"), "/unitId"),
        (person(posts=[PRESENT | {"from": "2024-02-30"}]), "/posts/0/from"),
        (person(posts=[PRESENT | {"from": None}]), "/posts/0/from"),
        (person(posts=[FORMER, PRESENT | {"to": "2024-02-01"}]), "/posts/1/to"),
        (person(posts=[PRESENT | {"authority": "city_org"}]), "/posts/0/authority"),
        ({"kind": "UNIT", "name": "某某局", "posts": [PRESENT]}, "/posts"),
        (person(age=50), "/age"),
    ],
)
def test_a_faulty_description_is_refused_and_changes_nothing(api: ApiClient, body: dict[str, Any], fault: str) -> None:
    assert pointers(api.call("PUT", "/subjects/subject.faulty", body)) == [fault]
    assert problem(api.call("GET", "/subjects/subject.faulty")) == (404, "not-found")


def test_only_an_administrator_registers(api: ApiClient) -> None:
    secret = api.call("POST", "/api-keys", {"name": "subjects-oa", "scopes": ["read", "work"]}).json()["secret"]

    assert problem(api.call("PUT", "/subjects/subject.key", person(), key=secret)) == (403, "missing-scope")
    assert api.call("GET", "/subjects", key=secret).status_code == 200
    assert pointers(api.call("GET", "/subjects/subject.key", params={"at": "today"})) == ["/query/at"]
