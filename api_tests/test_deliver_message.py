"""Messages start a process or continue an instance."""

import pytest

from api_tests.api_client import ApiClient, exact, problem


def waiting(api: ApiClient, matter: str) -> str:
    response = api.call(
        "POST", "/messages", {"name": "test_begin", "businessKey": matter, "variables": {"subjectId": "P", "matterId": matter}}
    )
    assert response.status_code == 201, response.text
    instance = exact(response)
    assert api.complete(instance["openTasks"][0]["id"], {}, "clerk").status_code == 200
    found: str = instance["id"]
    return found


@pytest.mark.parametrize("address", ["businessKey", "processInstanceId", "correlationKeys"])
def test_a_waiting_instance_goes_on(api: ApiClient, address: str) -> None:
    matter = f"message-{address}"
    instance_id = waiting(api, matter)
    by = {"businessKey": matter, "processInstanceId": instance_id, "correlationKeys": {"matterId": matter}}[address]

    response = api.call("POST", "/messages", {"name": "test_answer", address: by, "variables": {"amount": 10.01}})

    assert response.status_code == 200
    assert response.json()["id"] == instance_id
    assert [task["taskDefinitionKey"] for task in response.json()["openTasks"]] == ["second"]


def test_a_second_start_message_joins(api: ApiClient) -> None:
    body = {"name": "test_begin", "variables": {"subjectId": "P", "matterId": "message-join"}}
    first = api.call("POST", "/messages", body)

    second = api.call("POST", "/messages", body)

    assert first.status_code == 201
    assert (second.status_code, second.json()["id"], second.json()["joined"]) == (200, first.json()["id"], True)
    kinds = [event["kind"] for event in api.get(f"/process-instances/{first.json()['id']}/audit-events")["items"]]
    assert "instance.joined" in kinds


def test_a_start_needs_its_correlation_keys(api: ApiClient) -> None:
    response = api.call("POST", "/messages", {"name": "test_begin", "variables": {"subjectId": "P"}})

    assert problem(response)[0] == 422
    assert [error["pointer"] for error in response.json()["errors"]] == ["/variables/matterId"]


@pytest.mark.parametrize(("subject", "code"), [(" ", "required"), ("\u3000", "required"), ("P ", "not-allowed"), ("\tP", "not-allowed")])
def test_a_correlation_key_is_no_blank_and_has_none_around_it(api: ApiClient, subject: str, code: str) -> None:
    response = api.call("POST", "/messages", {"name": "test_begin", "variables": {"subjectId": subject, "matterId": "M"}})

    assert problem(response)[0] == 422
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [("/variables/subjectId", code)]


@pytest.mark.parametrize("body", [{"name": "nobody_waits"}, {"name": "test_answer", "businessKey": "nothing-here"}])
def test_nothing_waiting_is_a_conflict(api: ApiClient, body: dict[str, str]) -> None:
    assert problem(api.call("POST", "/messages", body))[0] == 409


def test_a_repeated_message_is_answered_and_not_delivered_twice(api: ApiClient) -> None:
    waiting(api, "message-repeat")
    body = {"name": "test_answer", "businessKey": "message-repeat", "variables": {"amount": 11}}
    first = api.call("POST", "/messages", body, repeat_key="message-repeat")

    again = api.call("POST", "/messages", body, repeat_key="message-repeat")

    assert (again.status_code, again.content) == (200, first.content)
    assert problem(api.call("POST", "/messages", body)) == (409, "message-not-awaited")
