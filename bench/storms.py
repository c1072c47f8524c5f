"""Many timers due at once, fired by one, two or four worker processes: how fast, and each exactly once."""

import json
import time
from collections.abc import Sequence
from contextlib import closing
from itertools import pairwise

import httpx
from sqlalchemy import Engine, text

from bench import floor
from bench.connection import Connection
from bench.procedure import AUTHORIZATION, checked
from bench.processes import Place, service_processes, worker_processes
from bench.report import Measurement

KEY = "bench_storm"
START = json.dumps({"definitionKey": KEY, "variables": {}}).encode()
PATIENCE_SECONDS = 600


def diagram(storms: int) -> bytes:
    """Start → a timer of an hour for each storm and one more, in a row → task."""
    nodes = ["begin", *(f"wait{number}" for number in range(storms + 1)), "then", "done"]
    waits = "".join(
        f'<bpmn:intermediateCatchEvent id="{name}"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
        for name in nodes[1:-2]
    )
    flows = "".join(
        f'<bpmn:sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>'
        for number, (source, target) in enumerate(pairwise(nodes))
    )
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="bench" targetNamespace="urn:rongjiu:bench">'
        f'<bpmn:process id="{KEY}" isExecutable="true" camunda:historyTimeToLive="P30D"><bpmn:startEvent id="begin"/>'
        f'{waits}<bpmn:userTask id="then" camunda:candidateGroups="clerks"/><bpmn:endEvent id="done"/>{flows}'
        "</bpmn:process></bpmn:definitions>"
    ).encode()


def _count(engine: Engine, sql: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(sql)).scalar_one())


def _fired(engine: Engine) -> int:
    return _count(engine, "SELECT count(*) FROM audit_event WHERE kind = 'timer.fired'")


def measure_storm(place: Place, timers: int, workers: Sequence[int]) -> list[Measurement]:
    """`timers` instances wait; per number of workers, once these poll, all timers become due, and the time until none is due is taken.

    Each instance waits for its next timer then, so the storms are alike. Raises RuntimeError when a timer fired not exactly once.
    """
    engine, watching = floor.open_engine(place.url), floor.open_engine(place.url, writing=False)
    found: list[Measurement] = []
    with service_processes(place.url, 1) as (service,):
        with httpx.Client(base_url=service.url, trust_env=False, timeout=60) as client:
            files = {"files": (f"{KEY}.bpmn", diagram(len(workers)), "application/xml")}
            checked(client.post("/api/v1/deployments", files=files, data={"name": KEY}, headers=AUTHORIZATION), 201)
        with closing(Connection(service, AUTHORIZATION)) as connection:
            for _ in range(timers):
                connection.post("/api/v1/process-instances", START)
    for storm, number in enumerate(workers):
        before = _fired(watching)
        with worker_processes(place.url, number):
            began = time.perf_counter()
            with engine.begin() as connection:
                connection.execute(text("UPDATE timer SET due_at = 0"))
            while _count(watching, "SELECT count(*) FROM timer WHERE due_at = 0") and time.perf_counter() - began < PATIENCE_SECONDS:
                time.sleep(0.1)
            took = time.perf_counter() - began
        fired = _fired(watching) - before
        waiting = _count(watching, f"SELECT count(*) FROM timer WHERE element_id = 'wait{storm + 1}'")
        if not fired == waiting == timers:
            raise RuntimeError(f"{timers} timers were due, {fired} fired and {waiting} opened after {took:.0f} s")
        found.append(Measurement(f"{timers} timers due at once, {place.kind}, {number} workers: fired per second", timers / took, "/s"))
    engine.dispose()
    watching.dispose()
    return found
