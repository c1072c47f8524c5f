"""What a completion costs as its instance grows old: after 10, 100, 500 and 2 000 activities, and inside a multi-instance of 1 000."""

import json
from collections.abc import Sequence
from contextlib import closing

import httpx

from bench.connection import Connection
from bench.procedure import AUTHORIZATION, PERSON, checked
from bench.processes import Place, ServerProcess
from bench.report import Measurement

LOOP, CROWD = "bench_loop", "bench_crowd"
BODY = json.dumps({"variables": {"note": "seen"}}).encode()
SAMPLE = 40
"""Completions at each age: enough for the kernel's steps of 1/100 s of CPU."""
INSTANCES = 10
FIRST = 10
"""Activities after which the cost is taken as flat."""
TARGETS = {500: 2.0, 2_000: 4.0}
CROWD_SIZE = 1_000

_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="bench" targetNamespace="urn:rongjiu:bench">'
)


def loop_diagram() -> bytes:
    """One task, again and again: start → task → gateway → task … (two activities per completion)."""
    return (
        f'{_HEAD}<bpmn:process id="{LOOP}" isExecutable="true" camunda:historyTimeToLive="P30D"><bpmn:startEvent id="begin"/>'
        '<bpmn:userTask id="again" camunda:candidateGroups="clerks"/><bpmn:exclusiveGateway id="which" default="back"/>'
        '<bpmn:endEvent id="done"/><bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="again"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="again" targetRef="which"/><bpmn:sequenceFlow id="back" sourceRef="which" targetRef="again"/>'
        '<bpmn:sequenceFlow id="f3" sourceRef="which" targetRef="done"><bpmn:conditionExpression>${note == "end"}'
        "</bpmn:conditionExpression></bpmn:sequenceFlow></bpmn:process></bpmn:definitions>"
    ).encode()


def crowd_diagram() -> bytes:
    """As many parallel tasks as `people` has elements."""
    return (
        f'{_HEAD}<bpmn:process id="{CROWD}" isExecutable="true" camunda:historyTimeToLive="P30D"><bpmn:startEvent id="begin"/>'
        '<bpmn:userTask id="opinion" camunda:candidateGroups="clerks"><bpmn:multiInstanceLoopCharacteristics camunda:collection="people" '
        'camunda:elementVariable="person"/></bpmn:userTask><bpmn:endEvent id="done"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="opinion"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="opinion" targetRef="done"/>'
        "</bpmn:process></bpmn:definitions>"
    ).encode()


def deploy_growth(client: httpx.Client) -> None:
    """Deploy both procedures."""
    for key, content in ((LOOP, loop_diagram()), (CROWD, crowd_diagram())):
        files = {"files": (f"{key}.bpmn", content, "application/xml")}
        checked(client.post("/api/v1/deployments", files=files, data={"name": key}, headers=AUTHORIZATION), 201)


def _start(client: httpx.Client, key: str, variables: dict[str, object]) -> list[str]:
    body = {"definitionKey": key, "variables": variables}
    started = checked(client.post("/api/v1/process-instances", json=body, headers=AUTHORIZATION), 201)
    return [task["id"] for task in started["openTasks"]]


def _round(connection: Connection, tasks: list[str]) -> None:
    for index, task in enumerate(tasks):
        answer = connection.post(f"/api/v1/tasks/{task}/completion", BODY)
        tasks[index] = answer["processInstance"]["openTasks"][0]["id"]


def measure_growth(place: Place, service: ServerProcess, ages: Sequence[int]) -> list[Measurement]:
    """App CPU per completion when the instances have completed that many activities, against those that completed FIRST."""
    with httpx.Client(base_url=service.url, trust_env=False, timeout=120) as client:
        deploy_growth(client)
        tasks = [_start(client, LOOP, {})[0] for _ in range(INSTANCES)]
    connection = Connection(service, {**AUTHORIZATION, "On-Behalf-Of": PERSON})
    costs: dict[int, float] = {}
    done = 0
    with closing(connection):
        for age in ages:
            # Two activities per round: the task and the gateway.
            while done < age:
                _round(connection, tasks)
                done += 2
            rounds = max(1, SAMPLE // INSTANCES)
            cpu = service.cpu_seconds()
            for _ in range(rounds):
                _round(connection, tasks)
                done += 2
            costs[age] = (service.cpu_seconds() - cpu) * 1000 / (rounds * INSTANCES)
    flat = costs[min(costs)]
    return [
        Measurement(
            f"completion after {age} activities, {place.kind}: app CPU",
            cost,
            "ms",
            flat,
            cost / flat,
            f"≤ {TARGETS[age]:.0f} ×" if age in TARGETS else "",
            cost / flat <= TARGETS[age] if age in TARGETS else None,
        )
        for age, cost in costs.items()
    ]


def measure_crowd(place: Place, service: ServerProcess) -> list[Measurement]:
    """Completions inside a parallel multi-instance of CROWD_SIZE; floor: inside one of ten. The procedures must be deployed."""
    people = [f"p{number}" for number in range(CROWD_SIZE)]
    costs = []
    for size in (10, CROWD_SIZE):
        with httpx.Client(base_url=service.url, trust_env=False, timeout=120) as client:
            needed = SAMPLE if size > SAMPLE else SAMPLE // (size - 1) + 1
            opened = [_start(client, CROWD, {"people": people[:size]}) for _ in range(1 if size > SAMPLE else needed)]
        tasks = [task for group in opened for task in group[: min(SAMPLE, size - 1)]]
        connection = Connection(service, {**AUTHORIZATION, "On-Behalf-Of": PERSON})
        with closing(connection):
            cpu = service.cpu_seconds()
            for task in tasks:
                connection.post(f"/api/v1/tasks/{task}/completion", BODY)
            costs.append((service.cpu_seconds() - cpu) * 1000 / len(tasks))
    small, large = costs
    name = f"completion in a multi-instance of {CROWD_SIZE}, {place.kind}: app CPU (floor: of 10)"
    return [Measurement(name, large, "ms", small, large / small)]
