"""What starts a process besides a person: the clock, messages to receive tasks and event-based gateways, several start events."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from api_tests.api_client import ApiClient, problem
from api_tests.conftest import Server
from api_tests.crash_fixtures import client_of, deployed, end, flow, items, open_keys, start, until, user_task
from api_tests.event_diagrams import correlation, event, file_of, message, of_message, of_signal, of_timer, process, signal


def by_clock(key: str, kind: str, text: str) -> tuple[str, bytes]:
    return file_of(
        key,
        process(
            key,
            event("startEvent", "clock", of_timer(kind, text)),
            user_task("work"),
            end("done"),
            flow("clock", "work"),
            flow("work", "done"),
        ),
    )


@pytest.fixture
def client(eventful_server: Server) -> Iterator[ApiClient]:
    with client_of(eventful_server) as made:
        yield made


def started(api: ApiClient, key: str) -> list[dict[str, object]]:
    return items(api, "/process-instances", definitionKey=key)


def wait_for_another_start(api: ApiClient, key: str) -> None:
    """Until a process that is due after all that went before has been started: the workers have looked again."""
    deployed(api, by_clock(key, "timeDuration", "PT1S"))
    until(lambda: started(api, key), "a later process has been started")


def test_a_cycle_starts_a_process_as_often_as_it_says(client: ApiClient) -> None:
    deployed(client, by_clock("clock_cycle", "timeCycle", "R3/PT1S"))

    until(lambda: len(started(client, "clock_cycle")) == 3, "the process has been started three times")
    wait_for_another_start(client, "clock_after_cycle")

    cases = started(client, "clock_cycle")
    assert len(cases) == 3
    assert {case["startedBy"] for case in cases} == {"timer"}
    assert all(open_keys(client, str(case["id"])) == ["work"] for case in cases)


def test_a_date_that_has_passed_starts_at_once_and_once(client: ApiClient) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds")
    deployed(client, by_clock("clock_date", "timeDate", yesterday))

    until(lambda: started(client, "clock_date"), "the process has been started")
    wait_for_another_start(client, "clock_after_date")

    assert len(started(client, "clock_date")) == 1


def test_only_the_latest_version_is_started(client: ApiClient) -> None:
    deployed(client, by_clock("clock_version", "timeCycle", "R/PT1S"))
    until(lambda: started(client, "clock_version"), "the first version has been started")

    deployed(client, by_clock("clock_version", "timeCycle", "R2/PT1S"))
    before = len(started(client, "clock_version"))
    until(lambda: len(started(client, "clock_version")) == before + 2, "the second version has been started twice")
    wait_for_another_start(client, "clock_after_version")

    versions = [case["version"] for case in started(client, "clock_version")]
    assert (versions.count(2), len(versions)) == (2, before + 2)


def test_a_new_version_without_a_timer_ends_it(client: ApiClient) -> None:
    deployed(client, by_clock("clock_gone", "timeDuration", "PT3S"))
    deployed(
        client,
        file_of("clock_gone", process("clock_gone", start(), user_task("work"), end("done"), flow("start", "work"), flow("work", "done"))),
    )

    deployed(client, by_clock("clock_late", "timeDuration", "PT3S"))
    until(lambda: started(client, "clock_late"), "a timer armed later has fired")

    assert started(client, "clock_gone") == []


def test_a_start_that_fails_is_an_incident_and_the_clock_goes_on(client: ApiClient) -> None:
    script = (
        '<bpmn:scriptTask id="count" name="count" scriptFormat="feel" camunda:resultVariable="n">'
        "<bpmn:script>1 + missing</bpmn:script></bpmn:scriptTask>"
    )
    deployed(
        client,
        file_of(
            "clock_failing",
            process(
                "clock_failing",
                event("startEvent", "clock", of_timer("timeCycle", "R2/PT1S")),
                script,
                end("done"),
                flow("clock", "count"),
                flow("count", "done"),
            ),
        ),
    )

    until(lambda: len(started(client, "clock_failing")) == 2, "both starts are there")

    cases = started(client, "clock_failing")
    incidents = [incident for case in cases for incident in items(client, "/incidents", processInstanceId=case["id"])]
    assert [incident["elementId"] for incident in incidents] == ["count", "count"]
    retried = client.call("POST", f"/incidents/{incidents[0]['id']}/retry", {"variables": {"missing": 1}})
    assert retried.status_code == 200, retried.text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("timeDate", "tomorrow"),
        ("timeDuration", "1 hour"),
        ("timeCycle", "R/PT0.5S"),
        ("timeCycle", "0 0 * * * ?"),
        ("timeDate", "${when}"),
        ("timeDate", "=deadline(&quot;verify&quot;)"),
    ],
)
def test_a_start_timer_without_a_moment_is_refused(client: ApiClient, kind: str, text: str) -> None:
    response = client.deploy_files([by_clock("clock_refused", kind, text)])

    assert problem(response)[0] == 422
    told = {(error["elementId"], error["code"]) for error in response.json()["errors"]}
    assert told == {("clock", "invalid-timer")}, response.text
    dry = client.deploy_files([by_clock("clock_refused", kind, text)], dryRun="true")
    assert dry.json()["errors"] == response.json()["errors"]


def test_a_start_by_a_condition_is_refused_by_name(client: ApiClient) -> None:
    condition = '<bpmn:condition xsi:type="bpmn:tFormalExpression">${a > 1}</bpmn:condition>'
    about = f"<bpmn:conditionalEventDefinition>{condition}</bpmn:conditionalEventDefinition>"
    file = file_of("by_condition", process("by_condition", event("startEvent", "sudden", about), end("done"), flow("sudden", "done")))

    response = client.deploy_files([file])

    assert [(error["elementId"], error["code"]) for error in response.json()["errors"]] == [("sudden", "unsupported-element")]


def test_definitions_tell_what_starts_them(client: ApiClient) -> None:
    deployed(
        client,
        file_of(
            "several_starts",
            message("ask"),
            signal("alarm"),
            process(
                "several_starts",
                start(),
                event("startEvent", "asked", of_message("ask")),
                event("startEvent", "alarmed", of_signal("alarm") + of_timer("timeDuration", "P10D")),
                user_task("work"),
                end("done"),
                flow("start", "work"),
                flow("asked", "work"),
                flow("alarmed", "work"),
                flow("work", "done"),
            ),
        ),
    )

    starts = client.get("/process-definitions/several_starts:1")["starts"]

    assert [(one["elementId"], one["eventKind"], one["eventName"]) for one in starts] == [
        ("start", "none", None),
        ("asked", "message", "ask"),
        ("alarmed", "signal", "alarm"),
        ("alarmed", "timer", None),
    ]
    assert client.start("several_starts")["openTasks"][0]["taskDefinitionKey"] == "work"
    assert client.call("POST", "/messages", {"name": "ask"}).status_code == 201
    assert client.call("POST", "/signals", {"name": "alarm"}).json()["startedDefinitionIds"] == ["several_starts:1"]
    assert len(started(client, "several_starts")) == 3


def test_a_receive_task_starts_a_process(client: ApiClient) -> None:
    receive = '<bpmn:receiveTask id="receive" name="receive" messageRef="message_order" instantiate="true" />'
    deployed(
        client,
        file_of(
            "by_receive",
            message("order"),
            process("by_receive", receive, user_task("work"), end("done"), flow("receive", "work"), flow("work", "done")),
        ),
    )

    response = client.call("POST", "/messages", {"name": "order", "variables": {"amount": 1}})

    assert response.status_code == 201, response.text
    case = response.json()["id"]
    assert open_keys(client, case) == ["work"]
    done = [(row["elementId"], row["state"]) for row in items(client, f"/process-instances/{case}/activities")]
    assert done == [("receive", "completed"), ("work", "active")]


def test_an_event_gateway_starts_a_process_by_the_first_message(client: ApiClient) -> None:
    deployed(
        client,
        file_of(
            "by_gateway",
            message("yes"),
            message("no"),
            process(
                "by_gateway",
                '<bpmn:eventBasedGateway id="choice" name="choice" instantiate="true" />',
                event("intermediateCatchEvent", "said_yes", of_message("yes"), correlation("matter")),
                event("intermediateCatchEvent", "said_no", of_message("no")),
                user_task("accept"),
                user_task("refuse"),
                end("done"),
                flow("choice", "said_yes"),
                flow("choice", "said_no"),
                flow("said_yes", "accept"),
                flow("said_no", "refuse"),
                flow("accept", "done"),
                flow("refuse", "done"),
            ),
        ),
    )

    refused = client.call("POST", "/messages", {"name": "no"})
    accepted = client.call("POST", "/messages", {"name": "yes", "variables": {"matter": "M1"}})
    joined = client.call("POST", "/messages", {"name": "yes", "variables": {"matter": "M1"}})

    assert (refused.status_code, accepted.status_code, joined.status_code) == (201, 201, 200)
    assert open_keys(client, refused.json()["id"]) == ["refuse"]
    assert open_keys(client, accepted.json()["id"]) == ["accept"]
    assert joined.json()["id"] == accepted.json()["id"]
    done = [(row["elementId"], row["state"]) for row in items(client, f"/process-instances/{refused.json()['id']}/activities")]
    assert done == [("choice", "completed"), ("said_no", "completed"), ("refuse", "active")]


def test_what_instantiates_stands_at_the_beginning(client: ApiClient) -> None:
    receive = '<bpmn:receiveTask id="receive" name="receive" messageRef="message_order" instantiate="true" />'
    file = file_of(
        "in_the_middle",
        message("order"),
        process("in_the_middle", start(), receive, end("done"), flow("start", "receive"), flow("receive", "done")),
    )

    response = client.deploy_files([file])

    assert "receive" in {error["elementId"] for error in response.json()["errors"]}
