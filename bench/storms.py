"""Many timers due at once, fired by one, two or four worker processes: how fast, and each exactly once."""

import json
import time
from collections.abc import Sequence
from contextlib import closing

import httpx
from sqlalchemy import Engine, text

from bench import floor
from bench.connection import Connection
from bench.procedure import AUTHORIZATION, checked
from bench.processes import Place, ServerProcess, service_processes, worker_processes
from bench.report import Measurement

KEY = "bench_storm"
START = json.dumps({"definitionKey": KEY, "variables": {}}).encode()
PATIENCE_SECONDS = 600


def diagram() -> bytes:
    """Start → timer of an hour → task."""
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="bench" targetNamespace="urn:rongjiu:bench">'
        f'<bpmn:process id="{KEY}" isExecutable="true" camunda:historyTimeToLive="P30D"><bpmn:startEvent id="begin"/>'
        '<bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration>'
        '</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent><bpmn:userTask id="then" camunda:candidateGroups="clerks"/>'
        '<bpmn:endEvent id="done"/><bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="wait"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="wait" targetRef="then"/><bpmn:sequenceFlow id="f3" sourceRef="then" targetRef="done"/>'
        "</bpmn:process></bpmn:definitions>"
    ).encode()


def _count(engine: Engine, sql: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(sql)).scalar_one())


def measure_storm(place: Place, timers: int, workers: Sequence[int]) -> list[Measurement]:
    """Per number of workers: `timers` instances wait, all timers become due, and the time until none waits is taken.

    Raises RuntimeError when a timer fired not exactly once.
    """
    engine = floor.open_engine(place.url)
    found: list[Measurement] = []
    with service_processes(place.url, 1) as (service,):
        with httpx.Client(base_url=service.url, trust_env=False, timeout=60) as client:
            files = {"files": (f"{KEY}.bpmn", diagram(), "application/xml")}
            checked(client.post("/api/v1/deployments", files=files, data={"name": KEY}, headers=AUTHORIZATION), 201)
        for number in workers:
            _start_many(service, timers)
            before = _count(engine, "SELECT count(*) FROM task WHERE task_definition_key = 'then'")
            with engine.begin() as connection:
                connection.execute(text("UPDATE timer SET due_at = 0"))
            with worker_processes(place.url, number):
                began = time.perf_counter()
                while _count(engine, "SELECT count(*) FROM timer") and time.perf_counter() - began < PATIENCE_SECONDS:
                    time.sleep(0.1)
                took = time.perf_counter() - began
            fired = _count(engine, "SELECT count(*) FROM task WHERE task_definition_key = 'then'") - before
            if fired != timers:
                raise RuntimeError(f"{timers} timers were due, {fired} tasks were opened after {took:.0f} s")
            found.append(Measurement(f"{timers} timers due at once, {place.kind}, {number} workers: fired per second", timers / took, "/s"))
    engine.dispose()
    return found


def _start_many(service: ServerProcess, count: int) -> None:
    with closing(Connection(service, AUTHORIZATION)) as connection:
        for _ in range(count):
            connection.post("/api/v1/process-instances", START)
