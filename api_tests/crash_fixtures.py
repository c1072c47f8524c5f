"""What the tests of crashes, races and refusals need besides conftest: small diagrams, calls at one moment, waiting on a condition."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx

from api_tests.api_client import ApiClient
from api_tests.conftest import ADMIN_KEY, Server

T = TypeVar("T")

WAIT_SECONDS = 15
POLL_SECONDS = 0.05

DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="definitions_of_{key}" targetNamespace="urn:test">
  <bpmn:process id="{key}" name="{key}" isExecutable="true" camunda:historyTimeToLive="P30D">
    {inside}
  </bpmn:process>
</bpmn:definitions>
"""

DECISION = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="definitions_of_{key}" name="{key}" namespace="urn:test">
  <decision id="{key}" name="{key}">
    <variable id="{key}_variable" name="{key}" typeRef="number" />
    <decisionTable id="{key}_table" hitPolicy="FIRST">
      <output id="{key}_output" name="{key}" typeRef="number" />
      <rule id="{key}_rule"><description>test</description><outputEntry id="{key}_entry"><text>{value}</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>
"""


def diagram(key: str, *parts: str) -> tuple[str, bytes]:
    """A file (name, content) with one process of these elements."""
    return f"{key}.bpmn", DIAGRAM.format(key=key, inside="\n    ".join(parts)).encode()


def start(element_id: str = "start") -> str:
    return f'<bpmn:startEvent id="{element_id}" />'


def end(element_id: str) -> str:
    return f'<bpmn:endEvent id="{element_id}" />'


def user_task(element_id: str, attributes: str = "") -> str:
    """A user task of the group `clerks`."""
    return f'<bpmn:userTask id="{element_id}" name="{element_id}" camunda:candidateGroups="clerks" {attributes} />'


def gateway(element_id: str, default: str | None = None) -> str:
    named = "" if default is None else f'default="{default}"'
    return f'<bpmn:exclusiveGateway id="{element_id}" {named} />'


def timer(element_id: str, host: str, duration: str, *, interrupting: bool, kind: str = "timeDuration") -> str:
    """A boundary timer on `host`."""
    return (
        f'<bpmn:boundaryEvent id="{element_id}" attachedToRef="{host}" cancelActivity="{str(interrupting).lower()}">'
        f'<bpmn:timerEventDefinition id="{element_id}_definition">'
        f'<bpmn:{kind} xsi:type="bpmn:tFormalExpression">{duration}</bpmn:{kind}>'
        "</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )


def flow(source: str, target: str, condition: str | None = None) -> str:
    """A sequence flow `source_target`, with a FEEL condition."""
    told = (
        ""
        if condition is None
        else (f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression" language="feel">{condition}</bpmn:conditionExpression>')
    )
    return f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{told}</bpmn:sequenceFlow>'


def constant_decision(key: str, value: int) -> tuple[str, bytes]:
    """A file with a decision whose result is always `value`."""
    return f"{key}.dmn", DECISION.format(key=key, value=value).encode()


def until(condition: Callable[[], T], what: str, seconds: float = WAIT_SECONDS) -> T:
    """Ask until the answer is true (anything but empty) and return it; AssertionError when it is not within `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {seconds} s: {what} (last answer: {answer!r})"
        time.sleep(POLL_SECONDS)


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Run the calls, each in a thread of its own, released at the same moment; the results in the order of the calls."""
    ready = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        ready.wait(WAIT_SECONDS)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@contextmanager
def clients(url: str, number: int) -> Iterator[list[ApiClient]]:
    """Clients with connections of their own that are already open, so that calls at once arrive at once."""
    made = [ApiClient(url, ADMIN_KEY) for _ in range(number)]
    try:
        for client in made:
            client.get("/jurisdictions")
        yield made
    finally:
        for client in made:
            client.close()


def kill_and_serve_again(server: Server) -> None:
    """kill -9 of `rongjiu serve` alone, and a new one on the same port; a worker beside it goes on."""
    serving = server._processes.pop(0)
    serving.kill()
    serving.wait()
    server._begin("serve", "--port", str(server.port))
    server._processes.insert(0, server._processes.pop())
    until(lambda: is_ready(server), "the server is ready again", 60)


def is_ready(server: Server) -> bool:
    try:
        return httpx.get(f"{server.url}/readyz", trust_env=False, verify=False).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def client_of(server: Server) -> Iterator[ApiClient]:
    """A client of that server, with the persons clerk and colleague known."""
    with clients(server.url, 1) as (client,):
        client.person("clerk", "clerks")
        client.person("colleague", "clerks")
        yield client


def deployed(api: ApiClient, *files: tuple[str, bytes], **fields: str) -> dict[str, Any]:
    """Deploy files that must be accepted."""
    response = api.deploy_files(list(files), **fields)
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


def items(api: ApiClient, path: str, **params: Any) -> list[dict[str, Any]]:
    """All rows of a list, page after page."""
    rows: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        page = api.get(path, limit=200, **params, **cursor)
        rows += page["items"]
        if page["nextCursor"] is None:
            return rows
        cursor = {"cursor": page["nextCursor"]}


def audit_kinds(api: ApiClient, instance_id: str) -> list[str]:
    """The kinds of the instance's audit events, in order."""
    return [event["kind"] for event in items(api, f"/process-instances/{instance_id}/audit-events")]


def open_keys(api: ApiClient, instance_id: str) -> list[str]:
    """The taskDefinitionKeys of the open tasks, sorted."""
    return sorted(task["taskDefinitionKey"] for task in items(api, "/tasks", processInstanceId=instance_id))
