"""Ending an instance early."""

from api_tests.api_client import ApiClient, pointers, problem


def test_a_cancelled_instance_keeps_its_reason_and_withdraws_its_tasks(api: ApiClient) -> None:
    instance = api.start("one_task")

    response = api.call("POST", f"/process-instances/{instance['id']}/cancellation", {"reason": "重复"})

    assert response.status_code == 200
    assert (response.json()["state"], response.json()["endReason"], response.json()["openTasks"]) == ("cancelled", "重复", [])
    assert api.get(f"/tasks/{instance['openTasks'][0]['id']}")["state"] == "cancelled"


def test_what_has_ended_cannot_be_cancelled(api: ApiClient) -> None:
    path = f"/process-instances/{api.start('one_task')['id']}/cancellation"
    api.call("POST", path, {"reason": "x"})

    assert problem(api.call("POST", path, {"reason": "y"}))[0] == 409


def test_a_reason_is_required(api: ApiClient) -> None:
    path = f"/process-instances/{api.start('one_task')['id']}/cancellation"

    assert pointers(api.call("POST", path, {})) == ["/reason"]
    assert pointers(api.call("POST", path, {"reason": "  "})) == ["/reason"]
