"""Several clients wanting the same thing at the same moment: one gets it, the others are told so."""

import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from api_tests.api_client import ApiClient, problem
from api_tests.conftest import Server
from api_tests.crash_fixtures import (
    at_once,
    audit_kinds,
    clients,
    deployed,
    diagram,
    end,
    flow,
    gateway,
    items,
    start,
    user_task,
)
from api_tests.place_files import deploy_places

AGREED = {"review.decision": "AGREE"}
NUMBERS = [2, 8]

Call = Callable[[ApiClient, str], httpx.Response]


@pytest.fixture
def many(server: Server, api: ApiClient) -> Iterator[list[ApiClient]]:
    """Eight clients and the persons p0 … p7, all candidates."""
    for number in range(max(NUMBERS)):
        api.person(f"p{number}", "clerks")
    with clients(server.url, max(NUMBERS)) as made:
        yield made


def race(many: list[ApiClient], number: int, call: Call) -> list[httpx.Response]:
    """The answers of `number` different persons who call at the same moment."""

    def by(index: int) -> Callable[[], httpx.Response]:
        return lambda: call(many[index], f"p{index}")

    return at_once([by(index) for index in range(number)])


def completing(task_id: str) -> Call:
    return lambda client, person: client.complete(task_id, AGREED, person)


def repeating(task_id: str, key: str | None) -> Call:
    """The same person, whichever client."""
    return lambda client, _: client.complete(task_id, AGREED, "p0", repeat_key=key)


def completing_well_by(good: str, task_id: str) -> Call:
    """One person gives the data that the process needs, the others do not."""
    return lambda client, person: client.complete(task_id, {"amount": 11} if person == good else {}, person)


def claiming(task_id: str) -> Call:
    return lambda client, person: client.call("POST", f"/tasks/{task_id}/claim", person=person)


def losers(answers: list[httpx.Response], won: int = 200) -> list[tuple[int, str]]:
    """Status and code of all that did not win; exactly one did."""
    assert [answer.status_code for answer in answers].count(won) == 1, [answer.text for answer in answers]
    return [problem(answer) for answer in answers if answer.status_code != won]


@pytest.mark.parametrize("number", NUMBERS)
def test_one_of_several_persons_completes(api: ApiClient, many: list[ApiClient], number: int) -> None:
    for _ in range(3):
        instance = api.start("one_task")
        task_id = instance["openTasks"][0]["id"]

        answers = race(many, number, completing(task_id))

        assert {status for status, _ in losers(answers)} == {409}
        winner = next(f"p{index}" for index, answer in enumerate(answers) if answer.status_code == 200)
        assert api.get(f"/tasks/{task_id}")["completedBy"] == winner
        assert audit_kinds(api, instance["id"]).count("task.completed") == 1


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("key", [None, "same"])
def test_the_same_person_sending_the_same_at_once_gets_one_answer(
    api: ApiClient, many: list[ApiClient], number: int, key: str | None
) -> None:
    for _ in range(3):
        instance = api.start("one_task")
        task_id = instance["openTasks"][0]["id"]

        answers = race(many, number, repeating(task_id, None if key is None else f"{key}-{task_id}"))

        assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
        assert audit_kinds(api, instance["id"]).count("task.completed") == 1


@pytest.mark.parametrize("number", NUMBERS)
def test_one_of_several_persons_claims(api: ApiClient, many: list[ApiClient], number: int) -> None:
    for _ in range(3):
        instance = api.start("one_task")
        task_id = instance["openTasks"][0]["id"]

        answers = race(many, number, claiming(task_id))

        assert set(losers(answers)) == {(409, "task-claimed")}
        winner = next(f"p{index}" for index, answer in enumerate(answers) if answer.status_code == 200)
        assert api.get(f"/tasks/{task_id}")["assignee"] == winner
        assert audit_kinds(api, instance["id"]).count("task.claimed") == 1


@pytest.mark.parametrize("number", NUMBERS)
def test_a_claim_against_a_completion_leaves_one_truth(api: ApiClient, many: list[ApiClient], number: int) -> None:
    task_id = api.start("one_task")["openTasks"][0]["id"]

    def act(client: ApiClient, person: str) -> httpx.Response:
        if person == "p0":
            return client.complete(task_id, AGREED, person)
        return client.call("POST", f"/tasks/{task_id}/claim", person=person)

    completion, *claims = race(many, number, act)

    task = api.get(f"/tasks/{task_id}")
    if completion.status_code == 200:
        assert (task["state"], task["completedBy"]) == ("completed", "p0")
    else:
        assert problem(completion)[0] == 409
        assert task["state"] == "created"
    claimed = [answer for answer in claims if answer.status_code == 200]
    assert len(claimed) <= 1
    assert {answer.status_code for answer in claims} <= {200, 409}
    assert (completion.status_code == 200) != bool(claimed)


FAILING = diagram(
    "two_clients_failing",
    start(),
    user_task("work"),
    gateway("enough", default="enough_done"),
    user_task("more"),
    end("done"),
    end("ended"),
    flow("start", "work"),
    flow("work", "enough"),
    flow("enough", "more", "amount &gt; 10"),
    flow("enough", "done"),
    flow("more", "ended"),
)


def test_a_failing_completion_beside_a_good_one_leaves_no_incident(api: ApiClient, many: list[ApiClient]) -> None:
    """The failed one may come first (its incident is resolved by the good one) or too late; it never marks what went on without it."""
    deployed(api, FAILING)
    for turn in range(10):
        instance = api.start("two_clients_failing")
        task_id = instance["openTasks"][0]["id"]

        answers = race(many, 4, completing_well_by(f"p{turn % 4}", task_id))

        assert answers[turn % 4].status_code == 200
        assert set(losers(answers)) <= {(409, "step-incident"), (409, "task-not-open"), (409, "stale")}
        assert api.get(f"/process-instances/{instance['id']}")["state"] == "active"
        assert [row for row in items(api, "/incidents", processInstanceId=instance["id"]) if row["resolvedAt"] is None] == []


def test_an_incident_retried_at_once_is_retried_once(api: ApiClient, many: list[ApiClient]) -> None:
    deployed(api, FAILING)
    instance = api.start("two_clients_failing")
    incident_id = api.complete(instance["openTasks"][0]["id"], {}, "p0").json()["incidentId"]

    answers = race(many, 4, lambda client, _: client.call("POST", f"/incidents/{incident_id}/retry", {"variables": {"amount": 11}}))

    assert set(losers(answers)) == {(409, "incident-resolved")}
    kinds = audit_kinds(api, instance["id"])
    assert (kinds.count("incident.retried"), kinds.count("task.completed")) == (1, 1)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("how", ["process-instances", "messages"])
def test_starts_on_one_matter_at_once_are_one_case(api: ApiClient, many: list[ApiClient], number: int, how: str) -> None:
    deploy_places(api, "common", "china", "hubei")
    matter = f"at-once-{how}-{number}-{time.monotonic_ns()}"
    variables = {
        "subjectId": "S-1",
        "matterId": matter,
        "facts": {"subjectType": "INDIVIDUAL", "applicantRole": "ORGAN_EX_OFFICIO", "stage": "INQUIRY_OPEN"},
    }

    def begin(client: ApiClient, person: str) -> httpx.Response:
        # Both tracks: every second one comes as an application.
        message = "hubei_application" if int(person[1:]) % 2 else "hubei_accountability"
        if how == "messages":
            return client.call("POST", "/messages", {"name": message, "variables": variables}, person=person)
        element = starts[message]
        body = {"definitionKey": "hubei_tolerance", "startElementId": element, "variables": variables}
        return client.call("POST", "/process-instances", body, person=person)

    starts = start_elements(api)
    answers = race(many, number, begin)

    assert sorted(answer.status_code for answer in answers) == [200] * (number - 1) + [201], [answer.text for answer in answers]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [answer.json()["joined"] for answer in answers] == [answer.status_code == 200 for answer in answers]
    found = items(api, "/process-instances", definitionKey="hubei_tolerance", variables=f"matterId_eq_{matter}")
    assert [row["id"] for row in found] == [answers[0].json()["id"]]
    kinds = audit_kinds(api, answers[0].json()["id"])
    assert (kinds.count("instance.started"), kinds.count("instance.joined")) == (1, number - 1)


def start_elements(api: ApiClient) -> dict[str, str]:
    """Message name → start element of hubei_tolerance, as the refusal of an unnamed start lists them."""
    refused = api.call("POST", "/process-instances", {"definitionKey": "hubei_tolerance", "variables": {}})
    assert refused.status_code == 422, refused.text
    listed = refused.json()["errors"][0]["message"].removeprefix("one of: ")
    return {part.partition(" (")[2].removesuffix(")"): part.partition(" (")[0] for part in listed.split(", ")}
