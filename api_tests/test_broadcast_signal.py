"""Signals reach all who wait for them and all processes that start with them, each once, whoever is killed in between."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

from api_tests.api_client import ApiClient, exact, problem
from api_tests.conftest import Server
from api_tests.crash_fixtures import (
    audit_kinds,
    client_of,
    clients,
    deployed,
    end,
    flow,
    gateway,
    items,
    open_keys,
    start,
    until,
    user_task,
)
from api_tests.event_diagrams import event, file_of, of_signal, passed, process, signal

WAITING = file_of(
    "signal_waiting",
    signal("go"),
    process(
        "signal_waiting",
        start(),
        event("intermediateCatchEvent", "wait", of_signal("go")),
        user_task("after"),
        end("done"),
        flow("start", "wait"),
        flow("wait", "after"),
        flow("after", "done"),
    ),
)
ANSWERING = file_of(
    "signal_answering",
    signal("go"),
    process(
        "signal_answering",
        event("startEvent", "by_signal", of_signal("go")),
        user_task("answer"),
        end("done"),
        flow("by_signal", "answer"),
        flow("answer", "done"),
    ),
)
FAILING = file_of(
    "signal_failing",
    signal("go"),
    process(
        "signal_failing",
        start(),
        event("intermediateCatchEvent", "wait", of_signal("go")),
        gateway("enough", default="enough_small"),
        user_task("large"),
        end("small"),
        end("done"),
        flow("start", "wait"),
        flow("wait", "enough"),
        flow("enough", "large", "threshold &gt; 10"),
        flow("enough", "small"),
        flow("large", "done"),
    ),
)
THROWING = file_of(
    "signal_throwing",
    signal("go"),
    process(
        "signal_throwing",
        start(),
        user_task("before"),
        event("intermediateThrowEvent", "throw", of_signal("go", passed("amount", "told"))),
        end("done"),
        flow("start", "before"),
        flow("before", "throw"),
        flow("throw", "done"),
    ),
)
ENDLESS = file_of(
    "signal_endless",
    signal("again"),
    process(
        "signal_endless",
        event("startEvent", "by_signal", of_signal("again")),
        event("endEvent", "throw", of_signal("again")),
        flow("by_signal", "throw"),
    ),
)
LISTENING = file_of(
    "signal_listening",
    signal("news"),
    process(
        "signal_listening",
        start(),
        user_task("work"),
        event("boundaryEvent", "heard", of_signal("news"), attributes='attachedToRef="work" cancelActivity="false"'),
        user_task("read"),
        end("done"),
        end("noted"),
        flow("start", "work"),
        flow("work", "done"),
        flow("heard", "read"),
        flow("read", "noted"),
    ),
)


@pytest.fixture(scope="module")
def signalled(eventful_server: Server) -> Server:
    with client_of(eventful_server) as api:
        deployed(api, WAITING, ANSWERING, FAILING, THROWING, LISTENING)
    return eventful_server


@pytest.fixture
def client(signalled: Server) -> Iterator[ApiClient]:
    with client_of(signalled) as made:
        yield made


def broadcast(api: ApiClient, name: str, **members: object) -> dict[str, object]:
    response = api.call("POST", "/signals", {"name": name, **members})
    assert response.status_code == 200, response.text
    body: dict[str, object] = exact(response)
    return body


def test_all_who_wait_go_on_before_the_answer(client: ApiClient) -> None:
    cases = [client.start("signal_waiting")["id"] for _ in range(5)]

    told = broadcast(client, "go", variables={"reason": "new rules"})

    assert set(cases) <= set(told["processInstanceIds"])  # type: ignore[arg-type]
    assert told["startedDefinitionIds"] == ["signal_answering:1"]
    assert [open_keys(client, case) for case in cases] == [["after"]] * 5
    assert client.get(f"/process-instances/{cases[0]}/variables")["reason"] == "new rules"
    assert audit_kinds(client, cases[0]).count("signal.received") == 1


def test_a_process_starts_with_a_signal(client: ApiClient) -> None:
    before = len(items(client, "/process-instances", definitionKey="signal_answering"))

    broadcast(client, "go", variables={"amount": 3})

    started = items(client, "/process-instances", definitionKey="signal_answering")
    assert len(started) == before + 1
    newest = started[0] if started[0]["startedAt"] >= started[-1]["startedAt"] else started[-1]
    assert client.get(f"/process-instances/{newest['id']}/variables") == {"amount": 3}


def test_one_instance_can_be_meant(client: ApiClient) -> None:
    meant, other = (client.start("signal_waiting")["id"] for _ in range(2))

    told = broadcast(client, "go", processInstanceId=meant)

    assert (told["deliveries"], told["processInstanceIds"], told["startedDefinitionIds"]) == (1, [meant], [])
    assert (open_keys(client, meant), open_keys(client, other)) == (["after"], [])
    assert problem(client.call("POST", "/signals", {"name": "go", "processInstanceId": "none"})) == (404, "not-found")


def test_a_signal_to_nobody_is_no_error(client: ApiClient) -> None:
    assert broadcast(client, "nobody_listens")["deliveries"] == 0


def test_a_failing_step_is_an_incident_and_stops_nobody_else(client: ApiClient) -> None:
    fine = client.start("signal_waiting")["id"]
    failing = [client.start("signal_failing")["id"] for _ in range(3)]

    broadcast(client, "go")

    assert open_keys(client, fine) == ["after"]
    for case in failing:
        (incident,) = items(client, "/incidents", processInstanceId=case)
        assert "threshold" in incident["message"]
        retried = client.call("POST", f"/incidents/{incident['id']}/retry", {"variables": {"threshold": 11}})
        assert retried.status_code == 200, retried.text
        assert open_keys(client, case) == ["large"]


def test_a_signal_without_anything_waiting_any_more_does_nothing(client: ApiClient) -> None:
    case = client.start("signal_waiting")["id"]
    broadcast(client, "go", processInstanceId=case)

    assert broadcast(client, "go", processInstanceId=case)["deliveries"] == 0
    assert audit_kinds(client, case).count("signal.received") == 1


def test_a_boundary_event_hears_a_signal_again_and_again(client: ApiClient) -> None:
    case = client.start("signal_listening")["id"]

    for _ in range(3):
        broadcast(client, "news")

    assert open_keys(client, case) == ["read", "read", "read", "work"]


def test_a_repeated_request_is_answered_and_not_broadcast_twice(client: ApiClient) -> None:
    case = client.start("signal_listening")["id"]
    first = client.call("POST", "/signals", {"name": "news"}, repeat_key="signal-once")

    again = client.call("POST", "/signals", {"name": "news"}, repeat_key="signal-once")

    assert (again.status_code, again.content) == (200, first.content)
    assert open_keys(client, case) == ["read", "work"]


def test_a_diagram_signals_to_other_cases_and_starts_processes(client: ApiClient) -> None:
    cases = [client.start("signal_waiting")["id"] for _ in range(3)]
    before = len(items(client, "/process-instances", definitionKey="signal_answering"))
    thrower = client.start("signal_throwing", {"amount": 12.5, "secret": "stays here"})

    assert client.complete(thrower["openTasks"][0]["id"], {}, "clerk").status_code == 200

    assert [open_keys(client, case) for case in cases] == [["after"]] * 3
    assert client.get(f"/process-instances/{cases[0]}/variables") == {"told": 12.5}
    assert len(items(client, "/process-instances", definitionKey="signal_answering")) == before + 1
    assert "signal.sent" in audit_kinds(client, thrower["id"])
    received = next(one for one in items(client, f"/process-instances/{cases[0]}/audit-events") if one["kind"] == "signal.received")
    assert received["payload"]["from"] == {"processInstanceId": thrower["id"], "elementId": "throw"}


def test_signals_that_follow_from_one_another_without_end_become_an_incident(client: ApiClient) -> None:
    deployed(client, ENDLESS)
    broadcast(client, "again")

    def stopped() -> list[dict[str, object]]:
        return [one for one in items(client, "/incidents") if one["kind"] == "budget"]

    (incident,) = until(stopped, "the chain of signals is stopped", 40)
    count = len(items(client, "/process-instances", definitionKey="signal_endless"))
    assert "endless" in str(incident["message"])
    assert count == 51, "the first and fifty that follow, the last of them with the incident"
    deployed(client, file_of("signal_endless", process("signal_endless", start(), end("done"), flow("start", "done"))))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({}, "/name"), ({"name": " "}, "/name"), ({"name": "go", "variables": []}, "/variables"), ({"name": "go", "other": 1}, "/other")],
)
def test_bad_signals_are_refused(client: ApiClient, body: dict[str, object], pointer: str) -> None:
    response = client.call("POST", "/signals", body)

    assert problem(response)[0] == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


def test_nothing_is_lost_and_nothing_doubled_when_everything_is_killed_in_between(own_server: Server) -> None:
    number = 120
    with client_of(own_server) as api, ThreadPoolExecutor(1) as thread:
        deployed(api, WAITING)
        cases = [api.start("signal_waiting")["id"] for _ in range(number)]
        sent = thread.submit(broadcast_or_die, own_server)
        until(lambda: items(api, "/audit-events", kind="signal.received"), "the first has been told")
        own_server.kill()
        sent.result(30)
    own_server.start()

    with client_of(own_server) as api:
        until(lambda: len(items(api, "/audit-events", kind="signal.received")) >= number, "all have been told", 30)
        assert [open_keys(api, case) for case in cases] == [["after"]] * number
        assert len(items(api, "/audit-events", kind="signal.received")) == number
        assert api.get("/audit/verification")["ok"] is True


def broadcast_or_die(server: Server) -> None:
    """The answer may never come: the server is killed meanwhile."""
    with clients(server.url, 1) as (api,), suppress(httpx.TransportError):
        api.call("POST", "/signals", {"name": "go"})
