"""Timers: fired once, whoever asks and whoever is killed; a failing step after one is an incident that waits for a person."""

from collections import Counter
from collections.abc import Iterator

import pytest

from api_tests.api_client import ApiClient, pointers, problem
from api_tests.conftest import Server
from api_tests.crash_fixtures import (
    audit_kinds,
    client_of,
    deployed,
    diagram,
    end,
    flow,
    gateway,
    items,
    open_keys,
    start,
    timer,
    until,
    user_task,
)

CASES = 12

REMINDED = diagram(
    "timer_reminded",
    start(),
    user_task("work"),
    timer("soon", "work", "PT1S", interrupting=False),
    user_task("reminded"),
    end("done"),
    end("noted"),
    flow("start", "work"),
    flow("work", "done"),
    flow("soon", "reminded"),
    flow("reminded", "noted"),
)
REPEATED = diagram(
    "timer_repeated",
    start(),
    user_task("work"),
    timer("often", "work", "R3/PT1S", interrupting=False, kind="timeCycle"),
    user_task("reminded"),
    end("done"),
    end("noted"),
    flow("start", "work"),
    flow("work", "done"),
    flow("often", "reminded"),
    flow("reminded", "noted"),
)
CLOSED = diagram(
    "timer_closed",
    start(),
    user_task("work"),
    timer("over", "work", "PT1S", interrupting=True),
    user_task("late"),
    end("done"),
    end("closed"),
    flow("start", "work"),
    flow("work", "done"),
    flow("over", "late"),
    flow("late", "closed"),
)
FAILING = diagram(
    "timer_failing",
    start(),
    user_task("work"),
    timer("soon", "work", "PT1S", interrupting=False),
    gateway("enough", default="enough_noted"),
    user_task("reminded"),
    end("done"),
    end("noted"),
    end("answered"),
    flow("start", "work"),
    flow("work", "done"),
    flow("soon", "enough"),
    flow("enough", "reminded", "amount &gt; 10"),
    flow("enough", "noted"),
    flow("reminded", "answered"),
)
LATER = diagram(
    "timer_later",
    start(),
    user_task("work"),
    timer("much_later", "work", "PT1H", interrupting=True),
    end("done"),
    end("closed"),
    flow("start", "work"),
    flow("work", "done"),
    flow("much_later", "closed"),
)
DATED = diagram(
    "timer_dated",
    start(),
    user_task("work", 'camunda:dueDate="=deadline(&quot;T_ACCEPT&quot;, limits.work)"'),
    end("done"),
    flow("start", "work"),
    flow("work", "done"),
)


@pytest.fixture(scope="module")
def timed(eventful_server: Server) -> Server:
    with client_of(eventful_server) as api:
        deployed(api, REMINDED, REPEATED, CLOSED, FAILING, LATER, DATED)
    return eventful_server


@pytest.fixture
def client(timed: Server) -> Iterator[ApiClient]:
    with client_of(timed) as made:
        yield made


@pytest.mark.parametrize(("given", "where"), [({"work": "next Friday"}, "/variables/limits/work"), ("2030-01-31", "/variables/limits")])
def test_a_day_in_place_of_a_limit_that_is_none_is_refused(client: ApiClient, given: object, where: str) -> None:
    refused = client.call("POST", "/process-instances", {"definitionKey": "timer_dated", "variables": {"limits": given}})

    assert (refused.status_code, pointers(refused)) == (422, [where])
    set_day = client.start("timer_dated", {"limits": {"work": "2030-01-31"}})["id"]
    (task,) = client.get("/tasks", processInstanceId=set_day)["items"]
    assert (task["dueDate"], task["dueBasis"], task["dueLimit"]) == ("2030-01-31T15:59:59.000Z", "variable", None)


def test_timers_of_a_case_are_listed_with_their_moments(client: ApiClient) -> None:
    instance_id = client.start("timer_later")["id"]
    (shown,) = client.get("/timers", processInstanceId=instance_id)["items"]

    assert (shown["elementId"], shown["state"], shown["attempts"], shown["problem"]) == ("much_later", "waiting", 0, None)
    assert shown["nextAttemptAt"] == shown["dueAt"]
    assert client.get("/timers", processInstanceId=instance_id, postponed="true")["items"] == []
    assert client.call("POST", f"/timers/{shown['id']}/retry").status_code == 404, "nothing fires early"


def fired(api: ApiClient, instance_id: str) -> int:
    return audit_kinds(api, instance_id).count("timer.fired")


def wait_for_another_timer(api: ApiClient) -> None:
    """Until a timer that is due after all that went before has fired: the workers have looked again."""
    last = api.start("timer_reminded")["id"]
    until(lambda: fired(api, last), "the timer of a later case fires")


def test_each_timer_fires_once(client: ApiClient) -> None:
    cases = [client.start("timer_reminded")["id"] for _ in range(CASES)]

    until(lambda: all(fired(client, case) for case in cases), "all timers have fired")
    wait_for_another_timer(client)

    assert [fired(client, case) for case in cases] == [1] * CASES
    assert [open_keys(client, case) for case in cases] == [["reminded", "work"]] * CASES


def test_a_timer_that_does_not_interrupt_leaves_the_task_open(client: ApiClient) -> None:
    instance = client.start("timer_reminded")
    until(lambda: len(open_keys(client, instance["id"])) == 2, "the reminder is there")

    assert client.complete(instance["openTasks"][0]["id"], {}, "clerk").status_code == 200
    assert open_keys(client, instance["id"]) == ["reminded"]
    reminder = items(client, "/tasks", processInstanceId=instance["id"])[0]
    ended = client.complete(reminder["id"], {}, "clerk")
    assert ended.json()["processInstance"]["state"] == "completed"


def test_a_timer_of_a_completed_task_never_fires(client: ApiClient) -> None:
    instance = client.start("timer_reminded")

    assert client.complete(instance["openTasks"][0]["id"], {}, "clerk").json()["processInstance"]["state"] == "completed"
    wait_for_another_timer(client)

    assert fired(client, instance["id"]) == 0


def test_an_interrupting_timer_cancels_the_task(client: ApiClient) -> None:
    instance = client.start("timer_closed")
    task_id = instance["openTasks"][0]["id"]

    until(lambda: open_keys(client, instance["id"]) == ["late"], "the interrupting timer has fired")

    assert client.get(f"/tasks/{task_id}")["state"] == "cancelled"
    assert problem(client.complete(task_id, {}, "clerk"))[0] == 409
    states = {row["elementId"]: row["state"] for row in items(client, f"/process-instances/{instance['id']}/activities")}
    assert (states["work"], states["late"]) == ("cancelled", "active")
    assert Counter(audit_kinds(client, instance["id"]))["task.cancelled"] == 1


def test_a_timer_that_is_not_due_waits(client: ApiClient) -> None:
    instance = client.start("timer_later")
    wait_for_another_timer(client)

    assert open_keys(client, instance["id"]) == ["work"]
    assert fired(client, instance["id"]) == 0


def test_a_repeating_timer_fires_as_often_as_it_says(client: ApiClient) -> None:
    instance_id = client.start("timer_repeated")["id"]

    until(lambda: fired(client, instance_id) == 3, "the timer has fired three times")
    wait_for_another_timer(client)

    assert fired(client, instance_id) == 3
    assert open_keys(client, instance_id) == ["reminded", "reminded", "reminded", "work"]


def test_a_failing_step_after_a_timer_is_parked_and_retried(client: ApiClient) -> None:
    instance = client.start("timer_failing")
    listed = {"processInstanceId": instance["id"]}

    until(lambda: items(client, "/incidents", **listed), "the failed step is an incident")
    wait_for_another_timer(client)

    incidents = items(client, "/incidents", **listed)
    assert len(incidents) == 1, "a failing timer is one incident, whatever number of workers looks at it"
    incident = incidents[0]
    assert incident["elementId"] in ("enough", "enough_reminded")
    assert "amount" in incident["message"]
    assert client.get(f"/process-instances/{instance['id']}")["state"] == "incident"
    assert open_keys(client, instance["id"]) == ["work"]
    assert fired(client, instance["id"]) == 0

    retried = client.call("POST", f"/incidents/{incident['id']}/retry", {"variables": {"amount": 11}})

    assert retried.status_code == 200, retried.text
    assert client.get(f"/process-instances/{instance['id']}")["state"] == "active"
    assert open_keys(client, instance["id"]) == ["reminded", "work"]
    wait_for_another_timer(client)
    assert open_keys(client, instance["id"]) == ["reminded", "work"], "a timer fired by a retry is fired"
    assert fired(client, instance["id"]) == 1


def test_several_failing_timers_do_not_hold_up_the_others(client: ApiClient) -> None:
    cases = [client.start("timer_failing")["id"] for _ in range(2 * CASES)]

    until(lambda: all(items(client, "/incidents", processInstanceId=case) for case in cases), "each failing case has an incident")
    wait_for_another_timer(client)

    kinds = [Counter(audit_kinds(client, case)) for case in cases]
    assert [(kind["incident.opened"], kind["timer.fired"]) for kind in kinds] == [(1, 0)] * len(cases)
    assert client.get("/audit/verification")["ok"] is True


def kill_what_fires(server: Server) -> None:
    """kill -9 of everything that fires timers: the worker, or with the embedded database the server."""
    if server.database_url is None:
        server.kill()
        return
    for worker in server._processes[1:]:
        worker.kill()
        worker.wait()
    del server._processes[1:]


def start_again(server: Server) -> None:
    if server.database_url is None:
        server.start()
        return
    for _ in range(2):
        server._begin("worker")


def test_timers_fire_once_when_the_worker_is_killed_in_between(own_server: Server) -> None:
    with client_of(own_server) as api:
        deployed(api, REMINDED)
        cases = [api.start("timer_reminded")["id"] for _ in range(2 * CASES)]
        until(lambda: items(api, "/audit-events", kind="timer.fired"), "the first timer fires")
    kill_what_fires(own_server)
    start_again(own_server)

    with client_of(own_server) as api:
        until(lambda: len(items(api, "/audit-events", kind="timer.fired")) >= len(cases), "all timers have fired", 20)
        wait_for_another_timer(api)

        assert [fired(api, case) for case in cases] == [1] * len(cases)
        assert [open_keys(api, case) for case in cases] == [["reminded", "work"]] * len(cases)
        assert api.get("/audit/verification")["ok"] is True
