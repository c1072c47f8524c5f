"""Decisions that rest on other cases, and recusals, at the moment in which others are at them: real requests, sent at once."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from api_tests.api_client import ApiClient
from api_tests.conftest import Server
from api_tests.crash_fixtures import at_once, clients, deployed, diagram, end, flow, gateway, start, user_task

ROUNDS = 4
"""So often the same is sent at once: without the second look before the commit the first one goes wrong already, on PostgreSQL."""
PLACE = """
id: races_place
name: 某地
parent: null
documents: []
facts:
  sent: {of: activities, elements: [races_letter/inquire], same: subjectId, months: 12, basis: rule, name: 一年内的函询}
  underWay: {of: activities, elements: [races_letter/inquire], state: active, same: subjectId, basis: default, name: 将要发出的函询}
  filings: {of: activities, elements: [races_filing/valid], state: active, same: number, basis: default, name: 编号已用的备案}
"""


def script(element_id: str, text: str) -> str:
    written = text.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
    return (
        f'<bpmn:scriptTask id="{element_id}" scriptFormat="feel" camunda:resultVariable="{element_id}">'
        f"<bpmn:script>{written}</bpmn:script></bpmn:scriptTask>"
    )


LETTER = diagram(
    "races_letter",
    start(),
    user_task("choose"),
    script("letters", 'recorded("sent", subjectId) + recorded("underWay", subjectId)'),
    gateway("limit", "limit_approve"),
    user_task("inquire"),
    user_task("approve"),
    end("done"),
    end("asked"),
    *(flow(*pair) for pair in [("start", "choose"), ("choose", "letters"), ("letters", "limit"), ("limit", "approve")]),
    flow("limit", "inquire", "letters &lt; 2"),
    *(flow(*pair) for pair in [("inquire", "done"), ("approve", "asked")]),
)
FILING = diagram(
    "races_filing",
    start(),
    user_task("record"),
    script("taken", 'recorded("filings", number) > 0'),
    gateway("free", "free_valid"),
    user_task("valid"),
    end("done"),
    *(flow(*pair) for pair in [("start", "record"), ("record", "taken"), ("taken", "free"), ("free", "valid"), ("valid", "done")]),
    flow("free", "record", "taken"),
)
HANDLED = diagram(
    "races_handled",
    start(),
    user_task("handle", 'camunda:assignee="${handler}"'),
    end("done"),
    flow("start", "handle"),
    flow("handle", "done"),
)
NAMED_LATER = diagram(
    "races_named",
    start(),
    '<bpmn:parallelGateway id="both" />',
    user_task("name"),
    user_task("handle"),
    end("named"),
    end("done"),
    *(flow(*pair) for pair in [("start", "both"), ("both", "name"), ("both", "handle"), ("name", "named"), ("handle", "done")]),
)


@pytest.fixture(scope="module")
def known(server: Server) -> Server:
    with clients(server.url, 1) as (api,):
        for person in ("clerk", "colleague"):
            api.person(person, "clerks")
        deployed(api, ("jurisdiction.yaml", PLACE.encode()), LETTER, FILING, HANDLED, NAMED_LATER)
    return server


@pytest.fixture(scope="module")
def doors(known: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[ApiClient]]:
    """Eight clients; beside PostgreSQL half of them are connected to a second server process."""
    with ExitStack() as stack:
        urls = [known.url, known.url]
        if known.database_url is not None:
            second = Server(Path(tmp_path_factory.mktemp("second")), known.database_url)
            stack.callback(second.stop)
            second.start()
            urls[1] = second.url
        yield [api for url in urls for api in stack.enter_context(clients(url, 4))]


def keys_of(api: ApiClient, case: Any) -> list[str]:
    return sorted(task["taskDefinitionKey"] for task in api.get("/tasks", processInstanceId=case["id"])["items"])


def all_complete(doors: list[ApiClient], cases: list[Any], values: Any) -> list[int]:
    tasks = [(api, case["openTasks"][0]["id"]) for api, case in zip(doors, cases, strict=True)]
    answers = at_once([partial(api.complete, task, values, "clerk") for api, task in tasks])
    return [answer.status_code for answer in answers]


def test_letters_of_inquiry_that_are_decided_at_once_stay_within_the_limit(doors: list[ApiClient]) -> None:
    for _ in range(ROUNDS):
        subject = f"races.{uuid4().hex[:12]}"
        cases = [api.start("races_letter", {"subjectId": subject}) for api in doors]

        assert all_complete(doors, cases, {}) == [200] * len(doors)

        reached = [keys_of(doors[0], case) for case in cases]
        assert sorted(reached) == [["approve"]] * (len(doors) - 2) + [["inquire"]] * 2
        counted = [doors[0].get(f"/process-instances/{case['id']}/variables")["letters"] for case in cases]
        assert sorted(counted) == [0, 1] + [2] * (len(doors) - 2)


def test_a_number_that_is_filed_twice_at_once_is_taken_once(doors: list[ApiClient]) -> None:
    for _ in range(ROUNDS):
        number = uuid4().hex[:12]
        cases = [api.start("races_filing", {"subjectId": f"races.{number}"}) for api in doors]

        assert all_complete(doors, cases, {"number": number}) == [200] * len(doors)

        assert sorted(keys_of(doors[0], case) for case in cases) == [["record"]] * (len(doors) - 1) + [["valid"]]


def declare(api: ApiClient, subject: str) -> Any:
    body = {"userId": "clerk", "subjectId": subject, "ground": "WITNESS"}
    response = api.call("POST", "/recusals", body, person="colleague")
    assert response.status_code == 201, response.text
    return response.json()


def told(api: ApiClient, case: Any) -> dict[str, Any]:
    return {event["kind"]: event["payload"] for event in api.get("/audit-events", stream=case["id"], limit=200)["items"]}


def test_a_case_that_begins_while_a_recusal_is_declared_gives_that_person_nothing(doors: list[ApiClient]) -> None:
    for _ in range(2 * ROUNDS):
        subject = f"races.{uuid4().hex[:12]}"
        begin = [partial(api.start, "races_handled", {"subjectId": subject, "handler": "clerk"}) for api in doors[1:]]

        recusal, *cases = at_once([partial(declare, doors[0], subject), *begin])

        for case in cases:
            (task,) = doors[0].get("/tasks", processInstanceId=case["id"])["items"]
            assert task["assignee"] is None
            released = told(doors[0], case)["task.released"]
            assert (released["taskId"], released["previousAssignee"], released["recusalId"]) == (task["id"], "clerk", recusal["id"])


def with_held_task(api: ApiClient, subject: str | None = None) -> tuple[Any, Any, Any]:
    """A case whose task `handle` the clerk has claimed; the task `name` is still open."""
    case = api.start("races_named", {} if subject is None else {"subjectId": subject})
    tasks = {task["taskDefinitionKey"]: task for task in case["openTasks"]}
    assert api.call("POST", f"/tasks/{tasks['handle']['id']}/claim", person="clerk").status_code == 200
    return case, tasks["name"], tasks["handle"]


def test_a_step_that_names_the_subject_releases_what_a_recused_person_has(known: Server, api: ApiClient) -> None:
    subject = f"races.{uuid4().hex[:12]}"
    case, naming, handling = with_held_task(api, f"{subject}.other")
    recusal = declare(api, subject)
    assert api.get(f"/tasks/{handling['id']}")["assignee"] == "clerk"

    done = api.complete(naming["id"], {"subjectId": subject}, "colleague")

    (left,) = done.json()["processInstance"]["openTasks"]
    assert (done.status_code, left["id"], left["assignee"]) == (200, handling["id"], None)
    assert api.get(f"/tasks/{handling['id']}")["assignee"] is None
    assert told(api, case)["task.released"]["recusalId"] == recusal["id"]
    assert api.complete(handling["id"], {}, "clerk").status_code == 403
    assert api.complete(handling["id"], {}, "colleague").status_code == 200


def test_a_case_that_comes_to_be_about_somebody_while_a_recusal_is_declared_is_not_overlooked(doors: list[ApiClient]) -> None:
    for _ in range(ROUNDS):
        subject = f"races.{uuid4().hex[:12]}"
        cases = [with_held_task(api) for api in doors[1:]]
        values = {"subjectId": subject}
        steps = [partial(api.complete, naming["id"], values, "colleague") for api, (_, naming, _) in zip(doors[1:], cases, strict=True)]

        _, *answers = at_once([partial(declare, doors[0], subject), *steps])

        assert [answer.status_code for answer in answers] == [200] * len(cases)
        assert [doors[0].get(f"/tasks/{handling['id']}")["assignee"] for _, _, handling in cases] == [None] * len(cases)
