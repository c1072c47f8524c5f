"""Messages that one diagram throws and another takes: to the one place that is meant, or to nobody, which is told."""

from collections.abc import Iterator

import pytest

from api_tests.api_client import ApiClient
from api_tests.conftest import Server
from api_tests.crash_fixtures import client_of, deployed, end, flow, items, open_keys, start, user_task
from api_tests.event_diagrams import collaboration, correlation, event, file_of, message, of_message, payload, process

ASKING = file_of(
    "asking",
    message("question"),
    message("answer"),
    message("outside"),
    process(
        "asking",
        start(),
        event("intermediateThrowEvent", "ask", of_message("question"), payload(matter="${matter}", amount="${amount}")),
        event("intermediateCatchEvent", "answered", of_message("answer")),
        user_task("read"),
        event("endEvent", "tell", of_message("outside")),
        flow("start", "ask"),
        flow("ask", "answered"),
        flow("answered", "read"),
        flow("read", "tell"),
    ),
    process(
        "answering",
        event("startEvent", "asked", of_message("question")),
        user_task("consider"),
        '<bpmn:sendTask id="answer" name="answer" messageRef="message_answer" />',
        end("done"),
        flow("asked", "consider"),
        flow("consider", "answer"),
        flow("answer", "done"),
    ),
    collaboration(
        {"pool_asking": "asking", "pool_answering": "answering", "pool_others": None},
        [("ask", "asked"), ("answer", "answered"), ("tell", "pool_others")],
    ),
)
KEYED = file_of(
    "keyed",
    message("verdict"),
    process(
        "keyed_waiting",
        start(),
        event("intermediateCatchEvent", "wait", of_message("verdict"), correlation("matter")),
        user_task("after"),
        end("done"),
        flow("start", "wait"),
        flow("wait", "after"),
        flow("after", "done"),
    ),
    process(
        "keyed_sending",
        start("begin"),
        event("endEvent", "send", of_message("verdict"), payload(matter="${matter}", verdict="${verdict}")),
        flow("begin", "send"),
    ),
)
SAME_PROCESS = file_of(
    "same_process",
    message("echo"),
    process(
        "same_process",
        start(),
        '<bpmn:parallelGateway id="fork" />',
        event("intermediateCatchEvent", "wait", of_message("echo")),
        event("endEvent", "send", of_message("echo")),
        end("done"),
        flow("start", "fork"),
        flow("fork", "wait"),
        flow("fork", "send"),
        flow("wait", "done"),
    ),
)


@pytest.fixture(scope="module")
def talking(eventful_server: Server) -> Server:
    with client_of(eventful_server) as api:
        deployed(api, ASKING, KEYED, SAME_PROCESS)
    return eventful_server


@pytest.fixture
def client(talking: Server) -> Iterator[ApiClient]:
    with client_of(talking) as made:
        yield made


def undelivered(api: ApiClient, instance_id: str) -> list[dict[str, object]]:
    found = items(api, f"/process-instances/{instance_id}/audit-events")
    return [one["payload"] for one in found if one["kind"] == "message.not-delivered"]


def newest(api: ApiClient, key: str) -> dict[str, object]:
    return max(items(api, "/process-instances", definitionKey=key), key=lambda one: (one["startedAt"], one["id"]))


def test_a_message_starts_the_process_it_flows_to_and_the_answer_comes_back(client: ApiClient) -> None:
    asking = client.start("asking", {"matter": "M1", "amount": 10.50, "secret": "stays"}, businessKey="K1")

    answering = newest(client, "answering")
    assert answering["businessKey"] == "K1"
    assert answering["startedBy"] == "message"
    assert client.get(f"/process-instances/{answering['id']}/variables") == {"matter": "M1", "amount": 10.5}
    assert open_keys(client, asking["id"]) == []

    (task,) = items(client, "/tasks", processInstanceId=answering["id"])
    assert client.complete(task["id"], {}, "clerk").status_code == 200

    assert open_keys(client, asking["id"]) == ["read"]
    received = next(one for one in items(client, f"/process-instances/{asking['id']}/audit-events") if one["kind"] == "message.received")
    assert received["payload"]["from"] == {"processInstanceId": answering["id"], "elementId": "answer"}
    assert client.get(f"/process-instances/{asking['id']}/variables") == {"matter": "M1", "amount": 10.5, "secret": "stays"}
    assert undelivered(client, asking["id"]) == []


def test_a_message_reaches_the_case_with_the_business_key_of_its_sender(client: ApiClient) -> None:
    cases = {key: client.start("asking", {"matter": "M", "amount": 1}, businessKey=key)["id"] for key in ("B1", "B2")}
    answering = next(one for one in items(client, "/process-instances", definitionKey="answering") if one["businessKey"] == "B2")
    (task,) = items(client, "/tasks", processInstanceId=answering["id"])

    assert client.complete(task["id"], {}, "clerk").status_code == 200

    assert (open_keys(client, cases["B1"]), open_keys(client, cases["B2"])) == ([], ["read"])


def test_two_cases_that_fit_are_not_told_apart_by_guessing(client: ApiClient) -> None:
    cases = [client.start("asking", {"matter": "M", "amount": 1}, businessKey="TWIN")["id"] for _ in range(2)]
    answering = newest(client, "answering")
    (task,) = items(client, "/tasks", processInstanceId=answering["id"])

    assert client.complete(task["id"], {}, "clerk").status_code == 200

    assert [open_keys(client, case) for case in cases] == [[], []]
    (told,) = undelivered(client, str(answering["id"]))
    assert (told["reason"], told["processInstanceIds"]) == ("message-ambiguous", sorted(cases))


def test_correlation_keys_of_the_receiver_decide(client: ApiClient) -> None:
    cases = {matter: client.start("keyed_waiting", {"matter": matter}, businessKey="SAME")["id"] for matter in ("M1", "M2")}

    sender = client.start("keyed_sending", {"matter": "M2", "verdict": "fine"}, businessKey="OTHER")

    assert (open_keys(client, cases["M1"]), open_keys(client, cases["M2"])) == ([], ["after"])
    assert client.get(f"/process-instances/{cases['M2']}/variables") == {"matter": "M2", "verdict": "fine"}
    assert undelivered(client, sender["id"]) == []


def test_a_message_nobody_waits_for_is_noted_with_its_sender(client: ApiClient) -> None:
    sender = client.start("keyed_sending", {"matter": "M9", "verdict": "fine"})

    assert sender["state"] == "completed"
    (told,) = undelivered(client, sender["id"])
    assert (told["reason"], told["elementId"], told["definitionKey"]) == ("message-not-awaited", "send", "keyed_waiting")
    keyless = client.start("keyed_sending", {"matter": None, "verdict": "fine"})
    assert undelivered(client, keyless["id"])[0]["reason"] == "correlation-key-missing"
    assert client.get("/audit/verification")["ok"] is True


def test_a_message_never_goes_to_its_own_process(client: ApiClient) -> None:
    case = client.start("same_process")

    assert client.get(f"/process-instances/{case['id']}")["state"] == "active"
    assert undelivered(client, case["id"]) == []
    done = client.call("POST", "/messages", {"name": "echo", "processInstanceId": case["id"]})
    assert (done.status_code, done.json()["state"]) == (200, "completed")


def test_a_message_flow_to_what_takes_another_message_is_told(client: ApiClient) -> None:
    file = file_of(
        "crossed",
        message("one"),
        message("two"),
        process("crossed_sending", start(), event("endEvent", "send", of_message("one")), flow("start", "send")),
        process("crossed_taking", event("startEvent", "take", of_message("two")), end("done"), flow("take", "done")),
        collaboration({"pool_a": "crossed_sending", "pool_b": "crossed_taking"}, [("send", "take")]),
    )

    told = client.deploy_files([file], dryRun="true").json()["warnings"]

    assert ("send", "message-to-nobody") in {(one["elementId"], one["code"]) for one in told}
