"""The audit trail verifies; what is changed behind the service's back is found."""

from api_tests.api_client import ApiClient


def test_the_trail_of_an_instance_is_chained_and_verifies(api: ApiClient) -> None:
    instance = api.start("one_task")
    api.complete(instance["openTasks"][0]["id"], {"review.decision": "AGREE"}, "clerk")

    events = api.get(f"/process-instances/{instance['id']}/audit-events")["items"]

    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["previousHash"] for event in events[1:]] == [event["hash"] for event in events[:-1]]
    assert any(event["actor"] == "clerk" for event in events)
    verification = api.get("/audit/verification", stream=instance["id"])
    assert verification == {"ok": True, "events": len(events), "firstBroken": None}
    assert api.get("/audit/verification")["ok"] is True
