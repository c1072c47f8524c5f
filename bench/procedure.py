"""The procedure that is completed step by step: a chain of plain user tasks, so that every completion opens one task."""

from itertools import pairwise
from typing import Any

import httpx

from bench.processes import ADMIN_KEY

KEY = "bench_chain"
TASKS = 12
"""About as many as a case of Hubei's procedure has."""
PERSON, GROUP = "clerk", "clerks"
AUTHORIZATION = {"Authorization": f"Bearer {ADMIN_KEY}"}
VARIABLES = {
    "subjectId": "subject-0001",
    "matterId": "matter-0001",
    "facts": {
        "nature": "PROCEDURAL_FLAW",
        "motive": "PUBLIC",
        "personalGain": False,
        "consequence": "NONE",
        "amount": 12345.67,
        "remedy": "TIMELY",
    },
}
"""Of the size that a case carries."""


def diagram() -> bytes:
    """The BPMN file."""
    ids = ["begin", *(f"task_{number}" for number in range(1, TASKS + 1)), "done"]
    elements = [f'<bpmn:userTask id="{name}" name="{name}" camunda:candidateGroups="{GROUP}" />' for name in ids[1:-1]]
    flows = [
        f'<bpmn:sequenceFlow id="flow_{number}" sourceRef="{left}" targetRef="{right}" />'
        for number, (left, right) in enumerate(pairwise(ids))
    ]
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="bench" targetNamespace="urn:rongjiu:bench">'
        f'<bpmn:process id="{KEY}" name="{KEY}" isExecutable="true" camunda:historyTimeToLive="P30D">'
        f'<bpmn:startEvent id="begin" />{"".join(elements)}<bpmn:endEvent id="done" />{"".join(flows)}'
        "</bpmn:process></bpmn:definitions>"
    ).encode()


def checked(response: httpx.Response, status: int) -> Any:
    """The body of an answer that must have that status."""
    if response.status_code != status:
        raise RuntimeError(f"{response.request.method} {response.request.url} answered {response.status_code}: {response.text[:500]}")
    return response.json()


def prepare_service(client: httpx.Client) -> None:
    """Deploy the procedure and make the person known."""
    files = {"files": (f"{KEY}.bpmn", diagram(), "application/xml")}
    checked(client.post("/api/v1/deployments", files=files, data={"name": "bench"}, headers=AUTHORIZATION), 201)
    person = {"id": PERSON, "name": PERSON, "groups": [GROUP]}
    checked(client.post("/api/v1/users", json=person, headers=AUTHORIZATION), 201)


def start_instance(client: httpx.Client) -> str:
    """Start an instance; returns its first task."""
    body = {"definitionKey": KEY, "variables": VARIABLES}
    task: str = checked(client.post("/api/v1/process-instances", json=body, headers=AUTHORIZATION), 201)["openTasks"][0]["id"]
    return task
