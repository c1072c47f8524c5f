"""Users, groups and API keys."""

import pytest

from api_tests.api_client import ApiClient, pointers, problem


def test_a_user_lives(api: ApiClient) -> None:
    created = api.call("POST", "/users", {"id": "people.zhang", "name": "张三", "email": "z@example.cn", "groups": ["made_on_the_way"]})
    changed = api.call("PATCH", "/users/people.zhang", {"name": "张三丰"})

    assert created.status_code == 201
    assert changed.json() == created.json() | {"name": "张三丰"}
    assert api.get("/users/people.zhang")["groups"] == ["made_on_the_way"]
    assert [user["id"] for user in api.get("/users", group="made_on_the_way")["items"]] == ["people.zhang"]
    assert problem(api.call("POST", "/users", {"id": "people.zhang", "name": "x"})) == (409, "exists")
    assert api.call("DELETE", "/users/people.zhang").status_code == 204
    assert problem(api.call("GET", "/users/people.zhang")) == (404, "not-found")


def test_a_group_lives(api: ApiClient) -> None:
    assert api.call("POST", "/groups", {"id": "people_group", "name": "组"}).status_code == 201
    assert api.call("PATCH", "/groups/people_group", {"name": "小组"}).json()["name"] == "小组"
    assert api.call("DELETE", "/groups/people_group").status_code == 204
    assert problem(api.call("DELETE", "/groups/people_group")) == (404, "not-found")


def test_a_secret_is_shown_once_and_works_until_revoked(api: ApiClient) -> None:
    created = api.call("POST", "/api-keys", {"name": "people-oa", "scopes": ["read"]}).json()

    assert api.call("GET", "/tasks", key=created["secret"]).status_code == 200
    assert problem(api.call("POST", "/users", {"id": "x", "name": "x"}, key=created["secret"])) == (403, "missing-scope")
    assert created["secret"] not in api.call("GET", "/api-keys").text
    assert api.call("PATCH", f"/api-keys/{created['id']}", {"revoked": True}).json()["revokedAt"] is not None
    assert problem(api.call("GET", "/tasks", key=created["secret"])) == (401, "unauthenticated")


def test_only_a_key_that_may_act_names_a_person(api: ApiClient) -> None:
    secret = api.call("POST", "/api-keys", {"name": "people-plain", "scopes": ["read", "work"]}).json()["secret"]

    assert problem(api.call("GET", "/tasks", key=secret, person="clerk")) == (403, "missing-scope")


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"name": "x", "scopes": ["everything"]}, "/scopes/0"),
        ({"name": "", "scopes": ["read"]}, "/name"),
        ({"name": "x", "scopes": []}, "/scopes"),
    ],
)
def test_a_faulty_key_is_refused(api: ApiClient, body: dict[str, object], fault: str) -> None:
    assert pointers(api.call("POST", "/api-keys", body)) == [fault]
