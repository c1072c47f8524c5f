"""Starting a process instance."""

import pytest

from api_tests.api_client import ApiClient, exact, pointers, problem


def test_an_instance_waits_at_its_first_task(api: ApiClient) -> None:
    instance = api.start("one_task", {"subjectId": "P-1"}, businessKey="start-1")

    assert instance["definitionKey"] == "one_task"
    assert instance["definitionId"] == f"one_task:{instance['version']}"
    assert instance["businessKey"] == "start-1"
    assert instance["state"] == "active"
    assert instance["startedBy"] == "key:admin"
    assert [(task["taskDefinitionKey"], task["candidateGroups"], task["formKey"]) for task in instance["openTasks"]] == [
        ("review", ["clerks"], "review_form")
    ]
    detail = api.get(f"/process-instances/{instance['id']}")
    assert detail["openTasks"] == instance["openTasks"]


def test_numbers_keep_their_digits(api: ApiClient) -> None:
    digits = "12345678901234567890.12345678901234567890"

    response = api.call(
        "POST", "/process-instances", content=f'{{"definitionKey":"one_task","variables":{{"amount":{digits},"n":1.10}}}}'.encode()
    )

    variables = api.call("GET", f"/process-instances/{response.json()['id']}/variables")
    assert variables.text == f'{{"amount":{digits},"n":1.10}}'


@pytest.mark.parametrize("named", [{}, {"definitionKey": "one_task", "definitionId": "one_task:1"}])
def test_exactly_one_definition_is_named(api: ApiClient, named: dict[str, str]) -> None:
    assert problem(api.call("POST", "/process-instances", named)) == (422, "invalid")


@pytest.mark.parametrize("named", [{"definitionKey": "nowhere"}, {"definitionId": "one_task:999"}])
def test_an_unknown_definition_is_not_found(api: ApiClient, named: dict[str, str]) -> None:
    assert problem(api.call("POST", "/process-instances", named)) == (404, "not-found")


def test_an_unknown_start_event_is_refused_with_the_known_ones(api: ApiClient) -> None:
    response = api.call("POST", "/process-instances", {"definitionKey": "one_task", "startElementId": "elsewhere"})

    assert pointers(response) == ["/startElementId"]
    assert "start" in response.json()["errors"][0]["message"]


def test_a_repeated_request_starts_nothing_new(api: ApiClient) -> None:
    body = {"definitionKey": "one_task", "businessKey": "start-repeated"}
    first = api.call("POST", "/process-instances", body, repeat_key="start-repeated-1")

    again = api.call("POST", "/process-instances", body, repeat_key="start-repeated-1")
    other = api.call("POST", "/process-instances", body | {"businessKey": "x"}, repeat_key="start-repeated-1")

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert problem(other) == (409, "idempotency-key-reused")
    assert len(api.get("/process-instances", businessKey="start-repeated")["items"]) == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 256])
def test_an_idempotency_key_is_visible_ascii(api: ApiClient, key: str) -> None:
    response = api.call("POST", "/process-instances", {"definitionKey": "one_task"}, repeat_key=key)

    assert pointers(response) == ["/header/Idempotency-Key"]


def test_a_second_start_on_the_same_matter_joins_the_open_case(api: ApiClient) -> None:
    keys = {"subjectId": "join-P", "matterId": "join-M"}
    first = api.start("two_steps", keys)

    response = api.call("POST", "/process-instances", {"definitionKey": "two_steps", "variables": keys})

    assert response.status_code == 200
    assert exact(response)["id"] == first["id"]
    assert exact(response)["joined"] is True


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b'{"definitionKey":"one_task","variables":{"a":NaN}}', 400),
        (b'{"definitionKey":"one_task","odd":1}', 422),
        (b"[]", 422),
    ],
)
def test_a_faulty_body_is_refused(api: ApiClient, content: bytes, status: int) -> None:
    assert problem(api.call("POST", "/process-instances", content=content))[0] == status


def test_a_caller_without_a_key_is_refused(api: ApiClient) -> None:
    response = api.call("POST", "/process-instances", {"definitionKey": "one_task"}, key=None)

    assert problem(response) == (401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"
