"""kill -9 of the server under a stream of completions: what was acknowledged is there, once; what was asked again is answered the same."""

import threading
from collections import Counter
from dataclasses import dataclass, field

import httpx

from api_tests.api_client import ApiClient
from api_tests.conftest import ADMIN_KEY, Server
from api_tests.crash_fixtures import (
    client_of,
    clients,
    deployed,
    diagram,
    end,
    flow,
    gateway,
    items,
    kill_and_serve_again,
    start,
    until,
    user_task,
)

WORKERS = 4
CASES_PER_WORKER = 2
KILLS = 3
ANSWERS_BETWEEN_KILLS = 20

ROUNDS = diagram(
    "kill_rounds",
    start(),
    gateway("again"),
    user_task("work"),
    gateway("enough", default="enough_again"),
    end("done"),
    flow("start", "again"),
    flow("again", "work"),
    flow("work", "enough"),
    flow("enough", "again"),
    flow("enough", "done", "round &lt; 0"),
)


@dataclass(frozen=True)
class Acknowledged:
    """A completion the server said yes to."""

    instance_id: str
    task_id: str
    round: int
    person: str
    repeat_key: str | None
    answer: bytes


@dataclass
class Stream:
    """Clients that complete tasks, one after the other, whatever happens to the server; an unanswered request is sent again."""

    url: str
    acknowledged: list[Acknowledged] = field(default_factory=list)
    started: dict[str, bytes] = field(default_factory=dict)
    unanswered: int = 0
    faults: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def insist(self, api: ApiClient, path: str, body: object, person: str, repeat_key: str | None) -> httpx.Response:
        """Send the same request until it is answered; an error of the transport says nothing about what the server did."""
        while True:
            try:
                return api.call("POST", path, body, person=person, repeat_key=repeat_key)
            except httpx.TransportError:
                self.unanswered += 1
                self.stop.wait(0.2)

    def complete_rounds(self, number: int, tasks: list[tuple[str, str]]) -> None:
        """Complete round after round of some instances, given as (instance id, open task id)."""
        person = "clerk" if number % 2 else "colleague"
        waiting = dict(tasks)
        turn = 0
        api = ApiClient(self.url, ADMIN_KEY)
        try:
            while not self.stop.is_set():
                turn += 1
                for instance_id, task_id in list(waiting.items()):
                    # Half of the clients name their requests, the others rely on "same person, same body".
                    key = f"{task_id}-{turn}" if number < WORKERS // 2 else None
                    response = self.insist(api, f"/tasks/{task_id}/completion", {"variables": {"round": turn}}, person, key)
                    if response.status_code != 200:
                        self.faults.append(f"round {turn} of {instance_id}: {response.status_code} {response.text}")
                        return
                    self.acknowledged.append(Acknowledged(instance_id, task_id, turn, person, key, response.content))
                    waiting[instance_id] = response.json()["processInstance"]["openTasks"][0]["id"]
        finally:
            api.close()

    def start_instances(self) -> None:
        """Start named instances, one after the other."""
        api = ApiClient(self.url, ADMIN_KEY)
        try:
            while not self.stop.is_set():
                name = f"started-{len(self.started)}"
                response = self.insist(api, "/process-instances", {"definitionKey": "kill_rounds", "businessKey": name}, "clerk", name)
                if response.status_code != 201:
                    self.faults.append(f"start {name}: {response.status_code} {response.text}")
                    return
                self.started[name] = response.content
                self.stop.wait(0.2)
        finally:
            api.close()


def run_under_kills(server: Server, api: ApiClient) -> Stream:
    """Let the clients work while the server is killed and started again."""
    stream = Stream(server.url)
    threads = [threading.Thread(target=stream.start_instances)]
    for number in range(WORKERS):
        begun = [api.start("kill_rounds", businessKey=f"rounds-{number}-{case}") for case in range(CASES_PER_WORKER)]
        tasks = [(instance["id"], instance["openTasks"][0]["id"]) for instance in begun]
        threads.append(threading.Thread(target=stream.complete_rounds, args=(number, tasks)))
    for thread in threads:
        thread.start()

    def more() -> bool:
        return bool(stream.faults) or len(stream.acknowledged) >= wanted

    try:
        for _ in range(KILLS):
            wanted = len(stream.acknowledged) + ANSWERS_BETWEEN_KILLS
            until(more, "the stream of completions goes on")
            kill_and_serve_again(server)
        wanted = len(stream.acknowledged) + ANSWERS_BETWEEN_KILLS
        until(more, "the stream of completions goes on after the last kill")
    finally:
        stream.stop.set()
        for thread in threads:
            thread.join()
    return stream


def test_what_was_acknowledged_is_there_once(own_server: Server) -> None:
    with client_of(own_server) as api:
        deployed(api, ROUNDS)
        stream = run_under_kills(own_server, api)

    assert stream.faults == []
    assert stream.unanswered > 0, "no kill hit a request"
    with clients(own_server.url, 1) as (api,):
        by_instance: dict[str, list[Acknowledged]] = {}
        for acknowledged in stream.acknowledged:
            by_instance.setdefault(acknowledged.instance_id, []).append(acknowledged)
        assert len(by_instance) == WORKERS * CASES_PER_WORKER
        for instance_id, rounds in by_instance.items():
            check_instance(api, instance_id, rounds)
        check_starts(api, stream)
        check_repeated(api, stream)
        assert api.get("/audit/verification")["ok"] is True
    own_server.verify()


def check_instance(api: ApiClient, instance_id: str, rounds: list[Acknowledged]) -> None:
    """Each acknowledged completion is there, by that person, once; and nothing else is."""
    events = items(api, f"/process-instances/{instance_id}/audit-events")
    completed = [(event["payload"]["taskId"], event["actor"]) for event in events if event["kind"] == "task.completed"]
    assert completed == [(done.task_id, done.person) for done in rounds]

    tasks = {task["id"]: task for task in items(api, "/tasks", processInstanceId=instance_id, state="completed")}
    assert {(task_id, task["completedBy"]) for task_id, task in tasks.items()} == {(done.task_id, done.person) for done in rounds}
    opened = items(api, "/tasks", processInstanceId=instance_id)
    last = rounds[-1]
    assert [task["id"].encode() in last.answer for task in opened] == [True]
    assert api.get(f"/process-instances/{instance_id}/variables") == {"round": last.round}
    entered = Counter(row["state"] for row in items(api, f"/process-instances/{instance_id}/activities") if row["elementId"] == "work")
    assert entered == {"completed": len(rounds), "active": 1}


def check_starts(api: ApiClient, stream: Stream) -> None:
    """Each start that was acknowledged is one instance, however often it was sent."""
    assert stream.started
    known = Counter(row["businessKey"] for row in items(api, "/process-instances", definitionKey="kill_rounds"))
    assert {name: known[name] for name in stream.started} == dict.fromkeys(stream.started, 1)
    for name, answer in stream.started.items():
        body = {"definitionKey": "kill_rounds", "businessKey": name}
        again = api.call("POST", "/process-instances", body, person="clerk", repeat_key=name)
        assert (again.status_code, again.content) == (201, answer)


def check_repeated(api: ApiClient, stream: Stream) -> None:
    """The same request again gets the stored answer, byte for byte, also after the restarts."""
    for done in stream.acknowledged:
        again = api.complete(done.task_id, {"round": done.round}, done.person, repeat_key=done.repeat_key)
        assert (again.status_code, again.content) == (200, done.answer)
