"""Giving a task back to its candidates."""

from api_tests.api_client import ApiClient, problem


def test_the_assignee_releases(api: ApiClient) -> None:
    task_id = api.start("one_task")["openTasks"][0]["id"]
    api.call("POST", f"/tasks/{task_id}/claim", person="clerk")

    response = api.call("POST", f"/tasks/{task_id}/release", person="clerk")

    assert response.status_code == 200
    assert response.json()["assignee"] is None


def test_what_nobody_claimed_cannot_be_released(api: ApiClient) -> None:
    task_id = api.start("one_task")["openTasks"][0]["id"]

    assert problem(api.call("POST", f"/tasks/{task_id}/release", person="clerk"))[0] == 409
