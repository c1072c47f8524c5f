"""Many clients at once: starting instances and completing tasks with 1, 8 and 32 clients, on one server process or two."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass

import httpx

from bench.connection import Connection
from bench.procedure import AUTHORIZATION, KEY, PERSON, TASKS, VARIABLES, start_instance
from bench.processes import Place, ServerProcess, service_processes
from bench.report import percentile, table

START = json.dumps({"definitionKey": KEY, "variables": VARIABLES}).encode()
COMPLETION = json.dumps({"variables": {"note": "seen"}}).encode()
HEADINGS = ("requests", "database", "processes", "clients", "per second", "p50 ms", "p95 ms", "p99 ms", "app CPU ms each")


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one combination gave. `cpu` is milliseconds of all server processes per request, latencies are milliseconds."""

    what: str
    kind: str
    processes: int
    clients: int
    rate: float
    latencies: tuple[float, ...]
    cpu: float


def traffic_table(found: Sequence[Traffic]) -> str:
    """All combinations as a Markdown table."""
    rows = [
        (
            one.what,
            one.kind,
            str(one.processes),
            str(one.clients),
            f"{one.rate:.0f}",
            *(f"{percentile(one.latencies, percent):.1f}" for percent in (50, 95, 99)),
            f"{one.cpu:.2f}",
        )
        for one in found
    ]
    return table(HEADINGS, rows)


def measure_traffic(place: Place, clients: Sequence[int], processes: Sequence[int], requests: int) -> list[Traffic]:
    """`requests` of each kind per combination, shared among the clients. The procedure must be deployed already."""
    found: list[Traffic] = []
    for number in processes:
        with service_processes(place.url, number) as servers:
            for many in clients:
                each = max(1, requests // many)
                found.append(_measure("start", place.kind, servers, many, [_starter(each)] * many))
                ready = [_completer(server_of(servers, client), each) for client in range(many)]
                found.append(_measure("complete", place.kind, servers, many, ready))
    return found


def server_of(servers: Sequence[ServerProcess], client: int) -> ServerProcess:
    """Clients are spread evenly."""
    return servers[client % len(servers)]


Work = Callable[[Connection], list[float]]


def _starter(count: int) -> Work:
    def start(connection: Connection) -> list[float]:
        return [_timed(lambda: connection.post("/api/v1/process-instances", START)) for _ in range(count)]

    return start


def _completer(server: ServerProcess, count: int) -> Work:
    """Prepares as many instances as `count` completions need; the last task of each is left open."""
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        tasks = [start_instance(client) for _ in range(count // (TASKS - 1) + 1)]

    def complete(connection: Connection) -> list[float]:
        taken: list[float] = []
        for first in tasks:
            task = first
            for _ in range(min(TASKS - 1, count - len(taken))):
                began = time.perf_counter()
                answer = connection.post(f"/api/v1/tasks/{task}/completion", COMPLETION)
                taken.append((time.perf_counter() - began) * 1000)
                task = answer["processInstance"]["openTasks"][0]["id"]
        return taken

    return complete


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _measure(what: str, kind: str, servers: Sequence[ServerProcess], clients: int, works: Sequence[Work]) -> Traffic:
    gate = threading.Barrier(clients + 1)

    def run(connection: Connection, work: Work) -> list[float]:
        gate.wait()
        return work(connection)

    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(clients))
        running = []
        for number, work in enumerate(works):
            headers = {**AUTHORIZATION, "On-Behalf-Of": PERSON}
            connection = stack.enter_context(closing(Connection(server_of(servers, number), headers)))
            running.append(pool.submit(run, connection, work))
        cpu = sum(server.cpu_seconds() for server in servers)
        gate.wait()
        began = time.perf_counter()
        latencies = [latency for one in running for latency in one.result()]
        took = time.perf_counter() - began
        cpu = sum(server.cpu_seconds() for server in servers) - cpu
    return Traffic(what, kind, len(servers), clients, len(latencies) / took, tuple(latencies), cpu * 1000 / len(latencies))
