"""Completing a task over HTTP: CPU of the server per request against the floor, and the SQL it sends."""

import json
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import httpx
from pydantic import SecretStr
from sqlalchemy import Engine, event, func, select

from bench import floor
from bench.connection import Connection
from bench.procedure import AUTHORIZATION, PERSON, TASKS, VARIABLES, checked, prepare_service, start_instance
from bench.processes import ADMIN_KEY, Place, ServerProcess, served_here
from bench.report import Measurement
from service.main import create_app
from service.settings import Settings
from service.store.tables import process_instance

MAX_RATIO, MAX_STATEMENTS = 4.0, 12
BODY = json.dumps({"variables": {"note": "seen"}}).encode()


@dataclass(slots=True)
class Round:
    """CPU milliseconds per request and the latencies, in milliseconds, of one round on one server."""

    cpu: float
    latencies: list[float]


def _round(server: ServerProcess, requests: list[Callable[[], None]]) -> Round:
    latencies: list[float] = []
    cpu = server.cpu_seconds()
    for request in requests:
        began = time.perf_counter()
        request()
        latencies.append((time.perf_counter() - began) * 1000)
    return Round((server.cpu_seconds() - cpu) * 1000 / len(requests), latencies)


class _ServiceCases:
    """Instances in the service, each with one open task."""

    def __init__(self, server: ServerProcess, count: int) -> None:
        with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
            self.tasks = [start_instance(client) for _ in range(count)]
        self.connection = Connection(server, {**AUTHORIZATION, "On-Behalf-Of": PERSON})

    def complete(self, index: int) -> None:
        answer = self.connection.post(f"/api/v1/tasks/{self.tasks[index]}/completion", BODY)
        (opened,) = answer["processInstance"]["openTasks"]
        self.tasks[index] = opened["id"]


class _FloorCases:
    """The same in the floor."""

    def __init__(self, server: ServerProcess, pairs: list[tuple[str, str]]) -> None:
        self.instances = [instance for instance, _ in pairs]
        self.tasks = [task for _, task in pairs]
        self.connection = Connection(server, {})

    def complete(self, index: int) -> None:
        answer = self.connection.post(f"/{self.instances[index]}/{self.tasks[index]}", BODY)
        (opened,) = answer["processInstance"]["openTasks"]
        self.tasks[index] = opened["id"]


def _state_of_an_instance(url: str) -> bytes:
    """The state of one instance as the service stores it: the floor reads and writes the same bytes."""
    engine = floor.open_engine(url)
    with engine.connect() as connection:
        states = select(process_instance.c.state_data).order_by(func.length(process_instance.c.state_data).desc())
        state = connection.execute(states.limit(1)).scalar_one()
    engine.dispose()
    return bytes(state)


def measure_cpu(
    place: Place, service: ServerProcess, bare: ServerProcess, instances: int, out_of_time: Callable[[], bool]
) -> list[Measurement]:
    """Rounds of one completion per instance, service and floor in turn; the first round warms up and is not counted.

    The procedure must be deployed already (measure_statements does it).
    """
    kind = place.kind
    cases = _ServiceCases(service, instances)
    state = _state_of_an_instance(place.url)
    floor_cases = _FloorCases(bare, floor.prepare(place.floor_url, instances, state, json.dumps(VARIABLES)))
    rounds: list[tuple[Round, Round]] = []
    with closing(cases.connection), closing(floor_cases.connection):
        # The last task of the chain would open none.
        for _ in range(TASKS - 1):
            ours = _round(service, [lambda index=index: cases.complete(index) for index in range(instances)])  # type: ignore[misc]
            base = _round(bare, [lambda index=index: floor_cases.complete(index) for index in range(instances)])  # type: ignore[misc]
            rounds.append((ours, base))
            if out_of_time() and len(rounds) > 3:
                break
    rounds = rounds[1:]
    # Sums, not medians: the kernel counts CPU in steps of 1/100 s, too coarse for a single round.
    cpu, floor_cpu = (sum(pair[side].cpu for pair in rounds) / len(rounds) for side in (0, 1))
    ratio = cpu / floor_cpu
    wall, floor_wall = (statistics.median(value for pair in rounds for value in pair[side].latencies) for side in (0, 1))
    return [
        Measurement(f"completion, {kind}: app CPU per request", cpu, "ms", floor_cpu, ratio, f"≤ {MAX_RATIO:.0f} ×", ratio <= MAX_RATIO),
        Measurement(f"completion, {kind}: median latency, 1 client", wall, "ms", floor_wall, wall / floor_wall),
        Measurement(f"completion, {kind}: stored state", len(state), "bytes"),
    ]


def measure_statements(place: Place) -> list[Measurement]:
    """Statements sent to the database for one completion, and the transactions that wrote; counted in this process."""
    kind = place.kind
    sent: list[str] = []
    commits: list[str] = []
    settings = Settings(database_url=place.url, admin_key=SecretStr(ADMIN_KEY), builtin_procedures=False, log_level="ERROR")
    app = create_app(settings)

    def executed(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    def committed(_connection: object) -> None:
        commits.append("commit")

    headers = {**AUTHORIZATION, "On-Behalf-Of": PERSON, "Content-Type": "application/json"}
    with served_here(app) as address, httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        prepare_service(client)
        task = start_instance(client)
        for _ in range(2):  # the first one also reads what is then kept: the definition and its diagram
            sent.clear()
            commits.clear()
            event.listen(Engine, "before_cursor_execute", executed)
            event.listen(Engine, "commit", committed)
            try:
                answer = client.post(f"/api/v1/tasks/{task}/completion", content=BODY, headers=headers)
            finally:
                event.remove(Engine, "before_cursor_execute", executed)
                event.remove(Engine, "commit", committed)
            task = checked(answer, 200)["processInstance"]["openTasks"][0]["id"]
    app.state.services.store.close()
    return [
        Measurement(f"completion, {kind}: SQL statements", len(sent), "", 6, None, f"≤ {MAX_STATEMENTS}", len(sent) <= MAX_STATEMENTS),
        Measurement(f"completion, {kind}: transactions that write", len(commits), "", 1, None, "1", len(commits) == 1),
    ]
