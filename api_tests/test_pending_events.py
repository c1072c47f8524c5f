"""Signals and messages that cannot be brought to their receiver are seen, with the reason; they are tried again or dropped by hand."""

from collections.abc import Iterator
from typing import Any

import pytest

from api_tests.api_client import ApiClient, pointers, problem
from api_tests.conftest import Server
from api_tests.crash_fixtures import client_of, deployed, end, flow, items, open_keys, start, until, user_task
from api_tests.event_diagrams import collaboration, event, file_of, message, of_message, of_signal, of_timer, process, signal

LETTERS = file_of(
    "letters_between",
    message("letter"),
    process(
        "letter_reading",
        start(),
        event("intermediateCatchEvent", "wait", of_message("letter")),
        user_task("read"),
        end("done"),
        flow("start", "wait"),
        flow("wait", "read"),
        flow("read", "done"),
    ),
    process("letter_writing", start("begin"), event("endEvent", "send", of_message("letter")), flow("begin", "send")),
    collaboration({"pool_reading": "letter_reading", "pool_writing": "letter_writing"}, [("send", "wait")]),
)
ALARM = file_of(
    "alarm_waiting",
    signal("alarm"),
    process(
        "alarm_waiting",
        start(),
        event("intermediateCatchEvent", "wait", of_signal("alarm")),
        user_task("after"),
        end("done"),
        flow("start", "wait"),
        flow("wait", "after"),
        flow("after", "done"),
    ),
)


@pytest.fixture(scope="module")
def writing(eventful_server: Server) -> Server:
    with client_of(eventful_server) as api:
        deployed(api, LETTERS, ALARM)
    return eventful_server


@pytest.fixture
def client(writing: Server) -> Iterator[ApiClient]:
    with client_of(writing) as made:
        yield made


def act(api: ApiClient, instance_id: str, what: str) -> None:
    response = api.call("POST", f"/process-instances/{instance_id}/{what}", {"reason": "test"})
    assert response.status_code == 200, response.text


def undeliverable(api: ApiClient, business_key: str) -> tuple[str, dict[str, Any]]:
    """The id of a suspended reader, and the row of the letter that was written to it."""
    reader = api.start("letter_reading", businessKey=business_key)["id"]
    act(api, reader, "suspension")
    writer = api.start("letter_writing", businessKey=business_key)["id"]
    (row,) = until(lambda: items(api, "/pending-events", processInstanceId=writer, failing="true"), "the letter could not be brought")
    return reader, row


def of_event(api: ApiClient, kind: str, event_id: str) -> list[dict[str, Any]]:
    return [one for one in items(api, "/audit-events", stream="service", kind=kind) if one["payload"]["eventId"] == event_id]


def test_a_message_that_cannot_be_brought_says_why_and_is_brought_when_told_to(client: ApiClient) -> None:
    reader, row = undeliverable(client, "letter-1")

    assert (row["kind"], row["name"], row["targetKind"], row["sourceElementId"]) == ("message", "letter", "correlate", "send")
    assert (row["definitionKey"], row["thrownBy"], row["processInstanceId"]) == ("letter_reading", "message", None)
    assert row["attempts"] >= 1
    assert row["problem"] == "the process instance is suspended"
    assert row["nextAttemptAt"] > row["thrownAt"]

    act(client, reader, "resumption")
    retried = client.call("POST", f"/pending-events/{row['eventId']}/retry")
    # A worker may have been as fast.
    assert retried.status_code == 404 or retried.json() == {"eventId": row["eventId"], "deliveries": 1}

    until(lambda: open_keys(client, reader) == ["read"], "the letter is read")
    assert items(client, "/pending-events", eventId=row["eventId"]) == []
    assert problem(client.call("POST", f"/pending-events/{row['eventId']}/retry")) == (404, "not-found")


def test_a_retry_that_fails_again_says_so_again(client: ApiClient) -> None:
    reader, row = undeliverable(client, "letter-2")

    retried = client.call("POST", f"/pending-events/{row['eventId']}/retry", {"target": row["target"]}, repeat_key="letter-2-retry")

    assert (retried.status_code, retried.json()["deliveries"]) == (200, 1)
    (again,) = until(lambda: items(client, "/pending-events", eventId=row["eventId"], failing="true"), "it failed again")
    assert (again["problem"], open_keys(client, reader)) == ("the process instance is suspended", [])
    repeated = client.call("POST", f"/pending-events/{row['eventId']}/retry", {"target": row["target"]}, repeat_key="letter-2-retry")
    assert repeated.content == retried.content
    assert len(of_event(client, "event.retried", row["eventId"])) == 1


def test_a_message_is_dropped_for_a_reason_that_is_kept(client: ApiClient) -> None:
    reader, row = undeliverable(client, "letter-3")
    body = {"target": row["target"], "reason": "已另行答复"}
    key = client.call("POST", "/api-keys", {"name": "letters", "scopes": ["read", "work"]}).json()["secret"]
    assert problem(client.call("POST", f"/pending-events/{row['eventId']}/drop", body, key=key)) == (403, "missing-scope")

    assert client.call("POST", f"/pending-events/{row['eventId']}/drop", body).status_code == 200

    act(client, reader, "resumption")
    assert items(client, "/pending-events", processInstanceId=row["sourceProcessInstanceId"]) == []
    (dropped,) = of_event(client, "event.dropped", row["eventId"])
    assert (dropped["payload"]["reason"], dropped["payload"]["name"]) == ("已另行答复", "letter")
    assert problem(client.call("POST", f"/pending-events/{row['eventId']}/drop", body)) == (404, "not-found")
    assert open_keys(client, reader) == []


def test_a_signal_to_a_suspended_instance_waits_and_is_seen(client: ApiClient) -> None:
    case = client.start("alarm_waiting")["id"]
    act(client, case, "suspension")
    told = client.call("POST", "/signals", {"name": "alarm", "processInstanceId": case}).json()

    (row,) = items(client, "/pending-events", processInstanceId=case)
    assert (row["eventId"], row["suspended"], row["problem"], row["attempts"]) == (told["id"], True, None, 0)
    assert (row["definitionKey"], row["sourceProcessInstanceId"]) == ("alarm_waiting", None)
    assert items(client, "/pending-events", processInstanceId=case, failing="true") == []
    assert items(client, "/pending-events", processInstanceId=case, failing="false", kind="signal", name="alarm") == [row]

    act(client, case, "resumption")
    until(lambda: open_keys(client, case) == ["after"], "the signal is heard")
    assert items(client, "/pending-events", processInstanceId=case) == []


def test_pages_of_events_on_their_way(client: ApiClient) -> None:
    cases = [client.start("alarm_waiting")["id"] for _ in range(3)]
    for case in cases:
        act(client, case, "suspension")
    event_id = client.call("POST", "/signals", {"name": "alarm"}).json()["id"]

    first = client.get("/pending-events", eventId=event_id, limit=2)
    rest = client.get("/pending-events", eventId=event_id, limit=2, cursor=first["nextCursor"])

    assert sorted(row["processInstanceId"] for row in first["items"] + rest["items"]) == sorted(cases)
    assert rest["nextCursor"] is None
    for case in cases:
        act(client, case, "resumption")


def test_the_next_start_by_the_clock_is_seen(client: ApiClient) -> None:
    def version(about: str) -> tuple[str, bytes]:
        return file_of(
            "yearly_review",
            process(
                "yearly_review",
                event("startEvent", "begin", about),
                user_task("look"),
                end("done"),
                flow("begin", "look"),
                flow("look", "done"),
            ),
        )

    deployed(client, version(of_timer("timeDate", "2199-01-01T00:00:00Z")))

    (row,) = items(client, "/start-timers", definitionKey="yearly_review")
    assert (row["definitionId"], row["elementId"], row["attempts"], row["problem"]) == ("yearly_review:1", "begin", 0, None)
    assert row["dueAt"] == row["nextAttemptAt"] == "2199-01-01T00:00:00.000Z"
    assert items(client, "/start-timers", definitionKey="yearly_review", failing="true") == []
    assert problem(client.call("POST", f"/start-timers/{row['id']}/retry")) == (404, "not-found"), "nothing starts early"
    deployed(client, version(""))
    assert items(client, "/start-timers", definitionKey="yearly_review") == []


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("retry", {"target": ""}, "/target"),
        ("retry", {"target": "x" * 601}, "/target"),
        ("retry", {"other": 1}, "/other"),
        ("drop", {"reason": "r"}, "/target"),
        ("drop", {"target": "0"}, "/reason"),
        ("drop", {"target": "0", "reason": " "}, "/reason"),
    ],
)
def test_bad_requests_are_refused(client: ApiClient, path: str, body: dict[str, object], pointer: str) -> None:
    assert pointers(client.call("POST", f"/pending-events/nothing/{path}", body)) == [pointer]


def test_a_key_without_rights_does_nothing(client: ApiClient) -> None:
    key = client.call("POST", "/api-keys", {"name": "reader", "scopes": ["read"]}).json()["secret"]

    assert client.call("GET", "/pending-events", key=key).status_code == 200
    assert client.call("GET", "/start-timers", key=key).status_code == 200
    for path in ("/pending-events/nothing/retry", "/start-timers/nothing/retry"):
        assert problem(client.call("POST", path, key=key)) == (403, "missing-scope")
        assert problem(client.call("POST", path)) == (404, "not-found")
