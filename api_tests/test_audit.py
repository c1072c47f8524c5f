"""The audit trail verifies; what is changed behind the service's back is found."""

import pytest

from api_tests.api_client import ApiClient, pointers, problem


def test_the_trail_of_an_instance_is_chained_and_verifies(api: ApiClient) -> None:
    instance = api.start("one_task")
    api.complete(instance["openTasks"][0]["id"], {"review.decision": "AGREE"}, "clerk")

    events = api.get(f"/process-instances/{instance['id']}/audit-events")["items"]

    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["previousHash"] for event in events[1:]] == [event["hash"] for event in events[:-1]]
    assert any(event["actor"] == "clerk" for event in events)
    verification = api.get("/audit/verification", stream=instance["id"])
    assert verification == {"ok": True, "events": len(events), "firstBroken": None}
    assert api.get("/audit/verification", processInstanceId=instance["id"]) == verification
    assert api.get("/audit/verification", processInstanceId=instance["id"], stream=instance["id"]) == verification
    assert api.get("/audit/verification")["ok"] is True


@pytest.mark.parametrize("parameter", ["stream", "processInstanceId"])
def test_verifying_what_does_not_exist_is_not_found(api: ApiClient, parameter: str) -> None:
    assert problem(api.call("GET", "/audit/verification", params={parameter: "nothing"})) == (404, "not-found")


def test_the_services_own_stream_is_verified(api: ApiClient) -> None:
    verification = api.get("/audit/verification", stream="service")

    assert verification["ok"] is True
    assert verification["events"] > 0


def test_two_different_streams_are_refused(api: ApiClient) -> None:
    asked = api.call("GET", "/audit/verification", params={"stream": "service", "processInstanceId": "another"})

    assert pointers(asked) == ["/query/processInstanceId"]
