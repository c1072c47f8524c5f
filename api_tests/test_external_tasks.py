"""External tasks over HTTP: workers that fetch, finish and fail, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from api_tests.api_client import ApiClient, exact, pointers, problem
from api_tests.conftest import ADMIN_KEY, Server
from api_tests.crash_fixtures import at_once, audit_kinds, clients, diagram, end, flow, start, until, user_task

MINUTE = 60_000


def work(topic: str, inside: str = "", kind: str = "serviceTask") -> str:
    return f'<bpmn:{kind} id="work" camunda:type="external" camunda:topic="{topic}">{inside}</bpmn:{kind}>'


def boundary(element_id: str, definition: str) -> str:
    return f'<bpmn:boundaryEvent id="{element_id}" attachedToRef="work">{definition}</bpmn:boundaryEvent>'


MANY = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="people" camunda:elementVariable="person" />'
TIMER = (
    '<bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">${wait}</bpmn:timeDuration>'
    "</bpmn:timerEventDefinition>"
)


def deploy(api: ApiClient, name: str, *inside: str) -> str:
    """A process of start, work, what is given, and end; its topic is its name."""
    file = diagram(name, start(), *inside, end("end"), flow("start", "work"), flow("work", "end"))
    response = api.deploy_files([file])
    assert response.status_code == 201, response.text
    return name


def fetch(api: ApiClient, topic: str, worker: str = "w1", lock: int = MINUTE, **members: Any) -> list[Any]:
    body = {"workerId": worker, "maxTasks": 10, "topics": [{"topicName": topic, "lockDuration": lock}], **members}
    response = api.call("POST", "/external-tasks/fetch-and-lock", body)
    assert response.status_code == 200, response.text
    found: list[Any] = exact(response)["items"]
    return found


def report(api: ApiClient, task_id: str, act: str, worker: str = "w1", **members: Any) -> Any:
    return api.call("POST", f"/external-tasks/{task_id}/{act}", {"workerId": worker, **members})


def test_a_worker_does_its_work(api: ApiClient) -> None:
    topic = deploy(api, "ext_done", work("ext_done"))
    instance = api.start(topic, {"amount": 12.50}, businessKey="ext-1")
    waiting = api.get("/external-tasks", topicName=topic)["items"]
    assert [(row["state"], row["businessKey"]) for row in waiting] == [("waiting", "ext-1")]

    (task,) = fetch(api, topic)
    assert task["variables"] == {"amount": Decimal("12.5")}
    assert (task["state"], task["workerId"], task["retries"]) == ("locked", "w1", None)
    assert api.get(f"/external-tasks/{task['id']}") == {name: value for name, value in task.items() if name != "variables"}

    done = report(api, task["id"], "complete", variables={"sent": True})

    assert done.status_code == 200, done.text
    assert done.json()["processInstance"]["state"] == "completed"
    assert api.get(f"/process-instances/{instance['id']}/variables") == {"amount": Decimal("12.5"), "sent": True}
    assert audit_kinds(api, instance["id"]).count("external-task.completed") == 1
    assert problem(api.call("GET", f"/external-tasks/{task['id']}")) == (404, "not-found")
    assert report(api, task["id"], "complete", variables={"sent": True}).content == done.content
    assert problem(report(api, task["id"], "complete", variables={"sent": False})) == (404, "not-found")
    assert [row["state"] for row in api.get(f"/process-instances/{instance['id']}/activities")["items"]] == ["completed"] * 3


def test_two_workers_never_have_the_same_task(api: ApiClient, server: Server) -> None:
    topic = deploy(api, "ext_shared", work("ext_shared", MANY))
    api.start(topic, {"people": [f"p{number}" for number in range(60)]})

    with clients(server.url, 4) as workers, ThreadPoolExecutor(4) as pool:

        def share(number: int) -> list[str]:
            found: list[str] = []
            while tasks := fetch(workers[number], topic, f"w{number}", maxTasks=4):
                found.extend(task["variables"]["person"] for task in tasks)
            return found

        shares = list(pool.map(share, range(4)))

    assert sorted(person for share in shares for person in share) == sorted(f"p{number}" for number in range(60))


def test_a_report_sent_several_times_at_once_counts_once(api: ApiClient, server: Server) -> None:
    topic = deploy(api, "ext_at_once", work("ext_at_once"))
    instance = api.start(topic)
    (task,) = fetch(api, topic)

    with clients(server.url, 4) as workers:
        answers = at_once([partial(report, worker, task["id"], "complete", variables={"n": 1}) for worker in workers])

    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert audit_kinds(api, instance["id"]).count("external-task.completed") == 1


def test_a_lock_runs_out_and_its_worker_is_told(api: ApiClient) -> None:
    topic = deploy(api, "ext_lock", work("ext_lock"))
    api.start(topic)
    (task,) = fetch(api, topic, "slow", lock=1)

    until(lambda: fetch(api, topic, "quick"), "the lock runs out")

    for act, members in (("complete", {}), ("failure", {}), ("bpmn-error", {"errorCode": "X"}), ("extend-lock", {"newDuration": 10})):
        assert problem(report(api, task["id"], act, "slow", **members)) == (409, "lock-lost")
    assert report(api, task["id"], "extend-lock", "quick", newDuration=2 * MINUTE).status_code == 200
    assert problem(report(api, task["id"], "unlock", "slow")) == (409, "lock-lost")
    assert report(api, task["id"], "unlock", "quick").json()["state"] == "waiting"
    assert report(api, fetch(api, topic, "slow")[0]["id"], "complete", "slow").status_code == 200


def test_a_failure_without_retries_is_an_incident_that_can_be_retried(api: ApiClient) -> None:
    topic = deploy(api, "ext_fail", work("ext_fail"))
    instance = api.start(topic)
    (task,) = fetch(api, topic)
    again = report(api, task["id"], "failure", errorMessage="busy", retries=1, retryTimeout=0)
    assert (again.json()["state"], again.json()["retries"], again.json()["errorMessage"]) == ("waiting", 1, "busy")

    (task,) = fetch(api, topic)
    failed = report(api, task["id"], "failure", errorMessage="broken", errorDetails="trace", retries=0)

    assert failed.json()["state"] == "incident"
    (incident,) = api.get("/incidents", kind="external-task", elementId="work", definitionKey=topic)["items"]
    assert incident["message"] == "broken"
    assert api.get(f"/incidents/{incident['id']}") == incident
    assert fetch(api, topic) == []
    assert [row["id"] for row in api.get("/external-tasks", state="incident", processInstanceId=instance["id"])["items"]] == [task["id"]]

    retried = api.call("POST", f"/incidents/{incident['id']}/retry", {"retries": 4, "variables": {"host": "b"}})

    assert retried.status_code == 200, retried.text
    (task,) = fetch(api, topic)
    assert (task["retries"], task["variables"]["host"]) == (4, "b")
    assert report(api, task["id"], "failure", retries=0).json()["state"] == "incident"
    assert api.call("POST", f"/external-tasks/{task['id']}/retries", {"retries": 2}).json()["state"] == "waiting"
    assert api.get("/incidents", processInstanceId=instance["id"])["items"] == []
    assert api.get(f"/process-instances/{instance['id']}")["state"] == "active"


def test_a_timer_withdraws_the_work(api: ApiClient) -> None:
    inside = (user_task("remind"), end("late_end"), flow("late", "remind"), flow("remind", "late_end"))
    topic = deploy(api, "ext_timer", work("ext_timer"), boundary("late", TIMER), *inside)
    instance = api.start(topic, {"wait": "PT0.2S"})
    (task,) = fetch(api, topic)

    until(lambda: api.get(f"/process-instances/{instance['id']}")["openTasks"], "the timer fires")

    assert problem(report(api, task["id"], "complete")) == (404, "not-found")
    assert api.get("/external-tasks", processInstanceId=instance["id"])["items"] == []
    assert audit_kinds(api, instance["id"]).count("external-task.cancelled") == 1


def test_a_completion_that_cannot_go_on_is_kept_as_an_incident(api: ApiClient) -> None:
    gate = '<bpmn:exclusiveGateway id="gate" default="gate_ok" />'
    file = diagram(
        "ext_kept", start(), work("ext_kept"), gate, end("ok"), end("bad"), flow("start", "work"), flow("work", "gate"),
        flow("gate", "ok"), flow("gate", "bad", "=amount &gt; limit"),
    )  # fmt: skip
    assert api.deploy_files([file]).status_code == 201
    api.start("ext_kept")
    (task,) = fetch(api, "ext_kept", lock=1)

    failed = report(api, task["id"], "complete", variables={"amount": 3})

    assert problem(failed) == (409, "step-incident")
    assert fetch(api, "ext_kept", "other") == []
    retried = api.call("POST", f"/incidents/{failed.json()['incidentId']}/retry", {"variables": {"limit": 5}})
    assert retried.json()["processInstance"]["state"] == "completed"
    assert report(api, task["id"], "complete", variables={"amount": 3}).status_code == 200


def test_an_idempotency_key_gives_the_same_tasks_again(api: ApiClient) -> None:
    topic = deploy(api, "ext_again", work("ext_again"))
    api.start(topic)
    api.start(topic)
    body = {"workerId": "w", "maxTasks": 1, "topics": [{"topicName": topic, "lockDuration": MINUTE}]}

    first = api.call("POST", "/external-tasks/fetch-and-lock", body, repeat_key="fetch-1")
    again = api.call("POST", "/external-tasks/fetch-and-lock", body, repeat_key="fetch-1")

    assert len(first.json()["items"]) == 1
    assert again.content == first.content
    task_id = first.json()["items"][0]["id"]
    failure = {"workerId": "w", "retries": 5}
    once = api.call("POST", f"/external-tasks/{task_id}/failure", failure, repeat_key="fail-1")
    assert api.call("POST", f"/external-tasks/{task_id}/failure", failure, repeat_key="fail-1").content == once.content
    assert len(fetch(api, topic)) == 2


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("fetch-and-lock", {"workerId": "w", "maxTasks": 0, "topics": [{"topicName": "t", "lockDuration": 1}]}, "/maxTasks"),
        ("fetch-and-lock", {"workerId": "w", "maxTasks": 1, "topics": []}, "/topics"),
        ("fetch-and-lock", {"workerId": "w", "maxTasks": 1, "topics": [{"topicName": "t", "lockDuration": 0}]}, "/topics/0/lockDuration"),
        ("fetch-and-lock", {"workerId": "", "maxTasks": 1, "topics": [{"topicName": "t", "lockDuration": 1}]}, "/workerId"),
        ("fetch-and-lock", {"workerId": "w", "maxTasks": 1, "topics": [{"topicName": "t", "lockDuration": 1, "x": 1}]}, "/topics/0/x"),
        ("x/complete", {"variables": {}}, "/workerId"),
        ("x/failure", {"workerId": "w", "retries": -1}, "/retries"),
        ("x/failure", {"workerId": "w", "retryTimeout": 1.5}, "/retryTimeout"),
        ("x/bpmn-error", {"workerId": "w"}, "/errorCode"),
        ("x/extend-lock", {"workerId": "w", "newDuration": 0}, "/newDuration"),
        ("x/retries", {"retries": 0}, "/retries"),
    ],
)  # fmt: skip
def test_a_wrong_report_is_refused_with_its_place(api: ApiClient, path: str, body: dict[str, Any], pointer: str) -> None:
    assert pointers(api.call("POST", f"/external-tasks/{path}", body)) == [pointer]


@pytest.mark.parametrize(
    ("act", "body"),
    [("complete", {}), ("failure", {}), ("bpmn-error", {"errorCode": "X"}), ("extend-lock", {"newDuration": 1}), ("unlock", {})],
)
def test_an_unknown_task_is_not_found(api: ApiClient, act: str, body: dict[str, Any]) -> None:
    assert problem(report(api, "nothing", act, **body)) == (404, "not-found")
    assert problem(api.call("POST", "/external-tasks/nothing/retries", {"retries": 1})) == (404, "not-found")


def test_a_workers_key_opens_nothing_else(api: ApiClient, server: Server, connect: Callable[..., ApiClient]) -> None:
    topic = deploy(api, "ext_scope", work("ext_scope"))
    api.start(topic)
    made = api.call("POST", "/api-keys", {"name": "mailer", "scopes": ["external"]})
    worker = connect(server, made.json()["secret"])

    (task,) = fetch(worker, topic)
    for method, path, body in (
        ("GET", "/external-tasks", None),
        ("GET", "/tasks", None),
        ("POST", "/process-instances", {"definitionKey": topic}),
    ):
        assert problem(worker.call(method, path, body)) == (403, "missing-scope")
    assert report(worker, task["id"], "complete").status_code == 200
    assert problem(worker.call("POST", f"/external-tasks/{task['id']}/unlock")) == (403, "missing-scope")


def test_locks_and_reports_outlive_a_crash(own_server: Server) -> None:
    api = ApiClient(own_server.url, ADMIN_KEY)
    topic = deploy(api, "ext_crash", work("ext_crash"))
    api.start(topic)
    api.start(topic)
    (held,) = fetch(api, topic, maxTasks=1)
    (given,) = [task for task in api.get("/external-tasks", topicName=topic)["items"] if task["id"] != held["id"]]
    assert [task["id"] for task in fetch(api, topic)] == [given["id"]]
    done = report(api, given["id"], "complete", variables={"n": 1})
    assert done.status_code == 200, done.text

    own_server.kill()
    own_server.start()

    assert fetch(api, topic, "other") == []
    assert report(api, given["id"], "complete", variables={"n": 1}).content == done.content
    assert report(api, held["id"], "complete").status_code == 200
    assert own_server.run("verify").returncode == 0
    api.close()
