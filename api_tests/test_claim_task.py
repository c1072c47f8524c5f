"""Claiming a task."""

from api_tests.api_client import ApiClient, problem


def open_task(api: ApiClient) -> str:
    task: str = api.start("one_task")["openTasks"][0]["id"]
    return task


def test_a_candidate_claims(api: ApiClient) -> None:
    task_id = open_task(api)

    response = api.call("POST", f"/tasks/{task_id}/claim", person="clerk")

    assert response.json()["assignee"] == "clerk"
    assert api.get(f"/tasks/{task_id}")["assignee"] == "clerk"


def test_a_claimed_task_is_not_claimed_by_another(api: ApiClient) -> None:
    task_id = open_task(api)
    api.call("POST", f"/tasks/{task_id}/claim", person="clerk")

    assert problem(api.call("POST", f"/tasks/{task_id}/claim", person="colleague")) == (409, "task-claimed")


def test_a_stranger_claims_nothing(api: ApiClient) -> None:
    assert problem(api.call("POST", f"/tasks/{open_task(api)}/claim", person="stranger")) == (403, "not-a-candidate")


def test_an_unknown_task_is_not_found(api: ApiClient) -> None:
    assert problem(api.call("POST", "/tasks/nothing/claim", person="clerk")) == (404, "not-found")
