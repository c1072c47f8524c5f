"""kill -9 and restarts in the middle of multi-instances and timer storms; on PostgreSQL two servers and two workers share the database.

In the end every instance came to its end, nothing happened twice, and the rows of every instance say what its state says.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from api_tests.api_client import ApiClient
from api_tests.conftest import ADMIN_KEY, Server, running_server
from api_tests.crash_fixtures import client_of, deployed, diagram, end, flow, items, start, until, user_task

ORGANS = 25
INSTANCES = 2
CLIENTS = 4
KILLS = 2
ANSWERS_BETWEEN_KILLS = 10
PAUSES = 10
SLOW_SECONDS = 60

MANY = (
    '<bpmn:multiInstanceLoopCharacteristics camunda:collection="organs" camunda:elementVariable="organ">{}'
    "</bpmn:multiInstanceLoopCharacteristics>"
)
RESULTS = '<bpmn:loopDataOutputRef>opinions</bpmn:loopDataOutputRef><bpmn:outputDataItem id="opinion_item" name="opinion" />'


def timed(kind: str, name: str, due: str, attributes: str = "") -> str:
    """An event with a timer, given as the element `due`."""
    return f'<bpmn:{kind} id="{name}" {attributes}><bpmn:timerEventDefinition>{due}</bpmn:timerEventDefinition></bpmn:{kind}>'


def repeated(inside: str, more: str = "") -> str:
    """A sub-process per organ."""
    return f'<bpmn:subProcess id="each">{MANY.format(more)}{inside}</bpmn:subProcess>'


OPINIONS = diagram(
    "storm_opinions",
    start(),
    repeated(
        start("asked")
        + user_task("give")
        + end("given")
        + timed("boundaryEvent", "remind", "<bpmn:timeDuration>PT1S</bpmn:timeDuration>", 'attachedToRef="give" cancelActivity="false"')
        + end("reminded")
        + flow("asked", "give")
        + flow("give", "given")
        + flow("remind", "reminded"),
        RESULTS,
    ),
    end("done"),
    flow("start", "each"),
    flow("each", "done"),
)
PAUSE = diagram(
    "storm_pauses",
    start(),
    repeated(
        start("begin")
        + timed("intermediateCatchEvent", "pause", "<bpmn:timeDate>${moment}</bpmn:timeDate>")
        + timed("intermediateCatchEvent", "breath", "<bpmn:timeDuration>PT1S</bpmn:timeDuration>")
        + end("over")
        + flow("begin", "pause")
        + flow("pause", "breath")
        + flow("breath", "over")
    ),
    end("done"),
    flow("start", "each"),
    flow("each", "done"),
)


@pytest.fixture
def fleet(database: str, tmp_path: Path) -> Iterator[list[Server]]:
    """All servers on one database: one beside SQLite, two (each with a worker) beside PostgreSQL."""
    with ExitStack() as stack:
        first = stack.enter_context(running_server(database, tmp_path))
        servers = [first]
        if first.database_url is not None:
            folder = tmp_path / "second"
            folder.mkdir()
            second = Server(folder, first.database_url)
            second.start()
            stack.callback(second.stop)
            servers.append(second)
        yield servers
        first.verify()


class Workforce:
    """People who complete what is open, on any server, until nothing is; an unanswered request is sent again."""

    def __init__(self, servers: list[Server]) -> None:
        self.servers = servers
        self.answered: Counter[str] = Counter()
        self.faults: list[str] = []
        self.stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(CLIENTS)]

    def __enter__(self) -> "Workforce":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, answers: int) -> None:
        """Until so many completions were acknowledged, or something went wrong."""
        until(lambda: bool(self.faults) or self.answered.total() >= answers, f"{answers} opinions come in", SLOW_SECONDS)

    def _work(self, number: int) -> None:
        api = ApiClient(self.servers[number % len(self.servers)].url, ADMIN_KEY)
        person = "clerk" if number % 2 else "colleague"
        try:
            while not self.stop.is_set():
                try:
                    listed = api.call("GET", "/tasks", params={"definitionKey": "storm_opinions", "limit": 40})
                    tasks = listed.json()["items"] if listed.status_code == 200 else []
                    # Each begins elsewhere, so that they meet, but not always.
                    for task in tasks[number * 7 % max(len(tasks), 1) :][:5]:
                        self._complete(api, task["id"], person)
                except httpx.TransportError:
                    self.stop.wait(0.2)
        except Exception as error:
            self.faults.append(repr(error))
            raise
        finally:
            api.close()

    def _complete(self, api: ApiClient, task_id: str, person: str) -> None:
        response = api.complete(task_id, {"opinion": {"of": task_id}}, person)
        if response.status_code == 200:
            self.answered[task_id] += 1
        elif response.status_code not in (409, 503):
            self.faults.append(f"{task_id}: {response.status_code} {response.text}")


def kill_in_turn(servers: list[Server], number: int) -> None:
    """kill -9 of a server and of its worker; then both again."""
    server = servers[number % len(servers)]
    server.kill()
    server.start()


def test_a_multi_instance_comes_to_its_end_under_kills(fleet: list[Server]) -> None:
    organs = [f"organ {number}" for number in range(ORGANS)]
    with client_of(fleet[0]) as api:
        deployed(api, OPINIONS)
        begun = [api.start("storm_opinions", variables={"organs": organs})["id"] for _ in range(INSTANCES)]

    with Workforce(fleet) as people:
        for number in range(KILLS):
            people.wait_for(number * ANSWERS_BETWEEN_KILLS + 5)
            kill_in_turn(fleet, number)
        # Work goes on, on both servers: what is verified is what one moment shows.
        fleet[0].verify()

        def all_ended() -> bool:
            return bool(people.faults) or {api.get(f"/process-instances/{one}")["state"] for one in begun} == {"completed"}

        with client_of(fleet[0]) as api:
            until(all_ended, "all opinions are there", SLOW_SECONDS)

    assert people.faults == []
    with client_of(fleet[-1]) as api:
        for instance_id in begun:
            opinions = api.get(f"/process-instances/{instance_id}/variables")["opinions"]
            assert len({opinion["of"] for opinion in opinions}) == ORGANS
            visits = items(api, f"/process-instances/{instance_id}/activities")
            given = Counter(visit["elementId"] for visit in visits if visit["state"] == "completed")
            assert (given["give"], given["given"], given["each"]) == (ORGANS, ORGANS, ORGANS)
            assert given["remind"] <= ORGANS
            fired = [event for event in items(api, f"/process-instances/{instance_id}/audit-events") if event["kind"] == "timer.fired"]
            assert len(fired) == given["remind"]


def test_timers_that_are_due_at_once_fire_once_each_under_kills(fleet: list[Server]) -> None:
    with client_of(fleet[0]) as api:
        deployed(api, PAUSE)
        # All are due now: the storm is there as soon as they are.
        variables = {"organs": [str(number) for number in range(PAUSES)], "moment": "2026-01-01T00:00:00+08:00"}
        begun = [api.start("storm_pauses", variables=variables)["id"] for _ in range(INSTANCES * 4)]

    for number in range(KILLS):
        kill_in_turn(fleet, number)

    with client_of(fleet[0]) as api:
        until(
            lambda: {api.get(f"/process-instances/{one}")["state"] for one in begun} == {"completed"}, "all timers have fired", SLOW_SECONDS
        )
        for instance_id in begun:
            visits = items(api, f"/process-instances/{instance_id}/activities")
            passed = Counter((visit["elementId"], visit["state"]) for visit in visits)
            assert (passed["pause", "completed"], passed["breath", "completed"]) == (PAUSES, PAUSES)
            fired = [event for event in items(api, f"/process-instances/{instance_id}/audit-events") if event["kind"] == "timer.fired"]
            assert len({event["payload"]["timerId"] for event in fired}) == len(fired) == 2 * PAUSES
