"""Procedures that places share (folder `common`): a case of them belongs to the place that it is for, with that place's time limits."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from api_tests.api_client import ApiClient
from api_tests.conftest import Server
from api_tests.crash_fixtures import client_of, deployed, end, flow, items, start
from api_tests.event_diagrams import event, file_of, message, of_message, payload, process

ZONE = ZoneInfo("Asia/Shanghai")
SHARED = file_of(
    "shared_review",
    message("shared_review"),
    process(
        "shared_review",
        event("startEvent", "asked", of_message("shared_review")),
        '<bpmn:userTask id="review" name="review" camunda:candidateGroups="clerks" camunda:dueDate="${deadline(\'T_REVIEW\')}" />',
        end("done"),
        flow("asked", "review"),
        flow("review", "done"),
    ),
)
ELSEWHERE = (
    '<bpmn:collaboration id="all"><bpmn:participant id="own" processRef="east_case"/><bpmn:participant id="review" name="review">'
    '<bpmn:extensionElements><camunda:properties><camunda:property name="definitionKey" value="shared_review"/></camunda:properties>'
    '</bpmn:extensionElements></bpmn:participant><bpmn:messageFlow id="over" sourceRef="ask" targetRef="review"/></bpmn:collaboration>'
)
EAST = file_of(
    "east_case",
    message("shared_review"),
    process(
        "east_case",
        start(),
        event("endEvent", "ask", of_message("shared_review"), payload(matter="${matter}")),
        flow("start", "ask"),
    ),
    ELSEWHERE,
)


def place(key: str, days: int | None = None) -> tuple[str, bytes]:
    limits = "{}" if days is None else f"{{T_REVIEW: {{days: {days}, basis: default, name: 复查}}}}"
    return "jurisdiction.yaml", f"id: {key}\nname: {key}\nparent: null\ndocuments: []\ndeadlines: {limits}\n".encode()


@pytest.fixture(scope="module")
def shared(eventful_server: Server) -> Server:
    with client_of(eventful_server) as api:
        deployed(api, place("common", 30), SHARED, jurisdiction="common")
        deployed(api, place("east", 3), EAST, jurisdiction="east")
        deployed(api, place("west"), jurisdiction="west")
    return eventful_server


@pytest.fixture
def client(shared: Server) -> Iterator[ApiClient]:
    with client_of(shared) as made:
        yield made


def days_given(api: ApiClient, instance_id: str) -> int:
    """From the day the case began, in the zone of the service, to the day its task is due."""
    (task,) = items(api, "/tasks", processInstanceId=instance_id)
    began = api.get(f"/process-instances/{instance_id}")["startedAt"]
    first, last = (datetime.fromisoformat(moment).astimezone(ZONE).date() for moment in (began, task["dueDate"]))
    return (last - first).days


def test_a_case_that_another_file_asks_for_belongs_to_the_asking_place(client: ApiClient) -> None:
    client.start("east_case", {"matter": "M1"})

    (case,) = items(client, "/process-instances", definitionKey="shared_review", jurisdiction="east")
    assert client.get(f"/process-instances/{case['id']}/variables") == {"matter": "M1"}
    assert days_given(client, case["id"]) == 3


def test_a_case_is_started_for_a_place_with_the_limits_it_leaves_to_all(client: ApiClient) -> None:
    begun = client.call("POST", "/messages", {"name": "shared_review", "variables": {}, "jurisdiction": "west"})
    assert (begun.status_code, begun.json()["jurisdiction"]) == (201, "west")
    assert days_given(client, begun.json()["id"]) == 30

    started = client.call("POST", "/process-instances", {"definitionKey": "shared_review", "variables": {}, "jurisdiction": "east"})
    assert (started.status_code, started.json()["jurisdiction"]) == (201, "east")
    nowhere = client.call("POST", "/process-instances", {"definitionKey": "shared_review", "variables": {}})
    assert nowhere.json()["jurisdiction"] == "common"


@pytest.mark.parametrize(
    ("key", "jurisdiction", "code"), [("shared_review", "nowhere", "unknown"), ("east_case", "west", "other-jurisdiction")]
)
def test_a_place_that_cannot_be_is_refused(client: ApiClient, key: str, jurisdiction: str, code: str) -> None:
    before = len(items(client, "/process-instances", definitionKey=key))
    refused = client.call("POST", "/process-instances", {"definitionKey": key, "variables": {"matter": "M"}, "jurisdiction": jurisdiction})
    assert refused.status_code == 422
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [("/jurisdiction", code)]
    assert len(items(client, "/process-instances", definitionKey=key)) == before
