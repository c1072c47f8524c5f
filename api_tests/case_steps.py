"""What tests of the shipped procedures do to a case: send it a message, complete its open task."""

from typing import Any

from api_tests.api_client import ApiClient
from api_tests.crash_fixtures import items


def sent(api: ApiClient, name: str, variables: Any, **members: Any) -> str:
    """The instance that the message started or continued."""
    response = api.call("POST", "/messages", {"name": name, "variables": variables, **members})
    assert response.status_code in (200, 201), response.text
    return str(response.json()["id"])


def does(api: ApiClient, case: str, key: str, person: str, variables: Any) -> None:
    """The person completes the open task `key`."""
    (task,) = items(api, "/tasks", processInstanceId=case, taskDefinitionKey=key)
    response = api.complete(task["id"], variables, person)
    assert response.status_code == 200, response.text
