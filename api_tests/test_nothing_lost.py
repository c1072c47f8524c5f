"""Nothing that was acknowledged is lost or done twice, whatever is killed; and what is changed behind the service's back is found."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
import psycopg
import pytest

from api_tests.api_client import ApiClient, problem
from api_tests.conftest import Server

Connect = Callable[..., ApiClient]
AGREED = {"review.decision": "AGREE"}


@pytest.fixture
def own_api(own_server: Server, connect: Connect) -> ApiClient:
    client = connect(own_server)
    assert client.deploy("one_task.bpmn", "review.form").status_code == 201
    for number in range(4):
        client.person(f"clerk{number}", "clerks")
    return client


def test_every_acknowledged_completion_survives_kill_9(own_server: Server, own_api: ApiClient, connect: Connect) -> None:
    waiting = [own_api.start("one_task")["openTasks"][0] for _ in range(60)]
    acknowledged: list[str] = []
    enough = Event()

    def complete(number: int) -> None:
        client = connect(own_server)
        for task in waiting[number::4]:
            try:
                response = client.complete(task["id"], AGREED, f"clerk{number}", repeat_key=f"k-{task['id']}")
            except httpx.TransportError:
                return
            assert response.status_code == 200
            acknowledged.append(task["id"])
            if len(acknowledged) >= 12:
                enough.set()

    with ThreadPoolExecutor(4) as pool:
        streams = [pool.submit(complete, number) for number in range(4)]
        assert enough.wait(60)
        own_server.kill()
        for stream in streams:
            stream.result()
    own_server.start()

    client = connect(own_server)
    done = {task["id"] for task in client.get("/tasks", state="completed", limit=200)["items"]}
    assert set(acknowledged) <= done
    for index, task in enumerate(waiting):
        # Every client that got no answer asks again: done once, whether or not the first request had come through.
        response = client.complete(task["id"], AGREED, f"clerk{index % 4}", repeat_key=f"k-{task['id']}")
        assert response.status_code == 200, response.text
        kinds = [event["kind"] for event in client.get(f"/process-instances/{task['processInstanceId']}/audit-events")["items"]]
        assert kinds.count("task.completed") == 1
    assert client.get("/tasks/count") == {"count": 0}
    assert client.get("/audit/verification")["ok"] is True


def test_of_two_clients_on_one_task_one_wins(api: ApiClient) -> None:
    for _ in range(5):
        task_id = api.start("one_task")["openTasks"][0]["id"]

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda person, task=task_id: api.complete(task, AGREED, person), ["clerk", "colleague"]))

        assert sorted(answer.status_code for answer in answers) == [200, 409]


def change_behind_the_back(server: Server, statements: list[str]) -> None:
    """Run SQL as somebody with the database's password would, the guards taken away first."""
    server.tampered = True
    if server.database_url is None:
        with sqlite3.connect(server.folder / "rongjiu.db") as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f'DROP TRIGGER "{name}"')
            for statement in statements:
                connection.execute(statement)
        connection.close()
    else:
        with psycopg.connect(server.database_url) as postgres:
            postgres.execute("ALTER TABLE audit_event DISABLE TRIGGER ALL")
            for statement in statements:
                postgres.execute(statement.encode())


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE audit_event SET actor = 'somebody' WHERE stream = '{stream}' AND seq = 2", "altered"),
        ("DELETE FROM audit_event WHERE stream = '{stream}' AND seq = 2", "missing"),
        ("DELETE FROM audit_event WHERE stream = '{stream}' AND seq >= 2", "truncated"),
    ],
)
def test_a_changed_trail_is_found(own_server: Server, own_api: ApiClient, statement: str, reason: str) -> None:
    instance = own_api.start("one_task")
    own_api.complete(instance["openTasks"][0]["id"], AGREED, "clerk1")
    own_api.start("one_task")
    assert own_api.get("/audit/verification")["ok"] is True

    change_behind_the_back(own_server, [statement.format(stream=instance["id"])])

    verification = own_api.get("/audit/verification")
    assert verification["ok"] is False
    assert verification["firstBroken"] == {"stream": instance["id"], "seq": 2, "reason": reason}
    verified = own_server.run("verify")
    assert verified.returncode == 1
    assert instance["id"] in verified.stdout + verified.stderr


def test_the_database_refuses_to_change_an_audit_event(own_server: Server, own_api: ApiClient) -> None:
    own_api.start("one_task")
    for statement in ("UPDATE audit_event SET actor = 'x'", "DELETE FROM audit_event"):
        if own_server.database_url is None:
            connection = sqlite3.connect(own_server.folder / "rongjiu.db")
            with pytest.raises(sqlite3.DatabaseError):
                connection.execute(statement)
            connection.close()
        else:
            with psycopg.connect(own_server.database_url) as postgres, pytest.raises(psycopg.Error):
                postgres.execute(statement.encode())


def test_a_repeated_key_after_a_restart_gets_the_stored_answer(own_server: Server, own_api: ApiClient, connect: Connect) -> None:
    body = {"definitionKey": "one_task", "businessKey": "restart"}
    first = own_api.call("POST", "/process-instances", body, repeat_key="restart")

    own_server.kill()
    own_server.start()

    again = connect(own_server).call("POST", "/process-instances", body, repeat_key="restart")
    assert (again.status_code, again.content) == (201, first.content)
    other = connect(own_server).call("POST", "/process-instances", body | {"businessKey": "y"}, repeat_key="restart")
    assert problem(other)[0] == 409
