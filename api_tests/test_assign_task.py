"""Handing a task to a person."""

from api_tests.api_client import ApiClient, pointers, problem


def test_an_administrator_assigns_and_takes_back(api: ApiClient) -> None:
    task_id = api.start("one_task")["openTasks"][0]["id"]

    assigned = api.call("POST", f"/tasks/{task_id}/assignment", {"assignee": "colleague"})
    taken_back = api.call("POST", f"/tasks/{task_id}/assignment", {"assignee": None})

    assert assigned.json()["assignee"] == "colleague"
    assert taken_back.json()["assignee"] is None


def test_the_assignee_must_be_known(api: ApiClient) -> None:
    task_id = api.start("one_task")["openTasks"][0]["id"]

    assert pointers(api.call("POST", f"/tasks/{task_id}/assignment", {"assignee": "nobody"})) == ["/assignee"]


def test_a_key_that_may_not_administer_needs_to_be_the_assignee(api: ApiClient) -> None:
    task_id = api.start("one_task")["openTasks"][0]["id"]
    key = api.call("POST", "/api-keys", {"name": "oa", "scopes": ["actAs", "work", "read"]}).json()["secret"]

    response = api.call("POST", f"/tasks/{task_id}/assignment", {"assignee": "clerk"}, person="colleague", key=key)

    assert problem(response) == (403, "may-not-assign")
