"""A signal that fails at its receiver is an incident of its own: another one to the same place neither replaces nor mends it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from service.actions.answer import Answer
from service.actions.events.broadcast_signal import BroadcastSignal, broadcast_signal
from service.actions.events.pending_events import deliver_due_events
from service.actions.incidents.resolve_incident import ResolveIncident, resolve_incident
from service.actions.incidents.retry_incident import RetryIncident, retry_incident
from service.actions.instances.instance_operation import Operation
from service.actions.instances.migrate_instance import Migration, migrate_instance
from service.actions.ports import Services
from service.actions.tasks.complete_task import CompleteTask, complete_task
from service.actions.views import one, page
from service.domain.errors import StepIncident
from service.domain.event import HANDOVER_MS
from service.domain.json_values import Json
from service.engine import SpiffEngine
from service.moved_clock import ADMIN, HEAD, Clock, deployed, fresh_store, started

LISTENING = """<process id="listening" isExecutable="true"><startEvent id="start"/><userTask id="work" camunda:candidateGroups="g"/>
<boundaryEvent id="heard" attachedToRef="work" cancelActivity="false"><signalEventDefinition signalRef="s"/></boundaryEvent>
<exclusiveGateway id="enough" default="small"/>
<userTask id="note" camunda:candidateGroups="g"/><endEvent id="done"/><endEvent id="noted"/><endEvent id="unnoted"/>
<sequenceFlow id="f" sourceRef="start" targetRef="work"/><sequenceFlow id="d" sourceRef="work" targetRef="done"/>
<sequenceFlow id="h" sourceRef="heard" targetRef="enough"/><sequenceFlow id="small" sourceRef="enough" targetRef="unnoted"/>
<sequenceFlow id="large" sourceRef="enough" targetRef="note"><conditionExpression>${threshold > 10}</conditionExpression></sequenceFlow>
<sequenceFlow id="n" sourceRef="note" targetRef="noted"/></process></definitions>"""


class World:
    """One case whose listener cannot go on before the variable `threshold` is known."""

    def __init__(self, services: Services, clock: Clock) -> None:
        self.services, self.clock = services, clock
        deployed(services, ("listening.bpmn", (HEAD + LISTENING).encode()))
        self.case = started(services, "listening")

    def tell(self, **variables: Json) -> None:
        """Broadcast the signal and let a worker bring it."""
        broadcast_signal(self.services, ADMIN, BroadcastSignal("go", variables))
        self.clock.now += HANDOVER_MS
        assert deliver_due_events(self.services, 10) == 1

    def incidents(self) -> list[str]:
        found = page(self.services, ADMIN, "incidents", {"open": True, "processInstanceId": self.case}, [], 50, None)
        return [str(row["id"]) for row in found.items]

    def instance(self) -> Mapping[str, Any]:
        return one(self.services, ADMIN, "process-instances", self.case)

    def open_keys(self) -> list[str]:
        return sorted(task["taskDefinitionKey"] for task in self.instance()["openTasks"])

    def heard(self) -> list[Any]:
        """The variables of the signals that were received, in that order."""
        events = page(self.services, ADMIN, "audit-events", {"processInstanceId": self.case}, [], 200, None).items
        told: list[Any] = [event["payload"] for event in events if event["kind"] == "signal.received"]
        return [payload["variables"] for payload in told]

    def retry(self, incident: str, **variables: Json) -> Answer:
        return retry_incident(self.services, ADMIN, RetryIncident(incident, variables))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    clock = Clock()
    with fresh_store(tmp_path) as store:
        yield World(Services(store, SpiffEngine(), clock), clock)


def test_each_of_two_signals_that_fail_at_one_place_is_kept(world: World) -> None:
    world.tell(number=1)
    world.tell(number=2)

    first, second = world.incidents()
    with pytest.raises(StepIncident) as again:
        world.retry(second)
    assert again.value.incident_id == second
    assert world.incidents() == [first, second]
    world.retry(first, threshold=Decimal(11))
    assert world.incidents() == [second]
    assert world.instance()["state"] == "incident"
    world.retry(second)

    assert world.heard() == [{"number": 1}, {"number": 2}]
    assert world.open_keys() == ["note", "note", "work"]
    assert (world.incidents(), world.instance()["state"]) == ([], "active")


def test_a_later_signal_that_succeeds_does_not_mend_the_earlier_one(world: World) -> None:
    world.tell(number=1)
    (incident,) = world.incidents()

    world.tell(number=2, threshold=11)
    world.tell(number=3)

    assert world.incidents() == [incident]
    world.retry(incident)
    assert world.heard() == [{"number": 2, "threshold": 11}, {"number": 3}, {"number": 1}]
    assert world.open_keys() == ["note", "note", "note", "work"]
    assert world.incidents() == []


def test_a_kept_signal_can_be_dropped_after_another_one_was_heard(world: World) -> None:
    world.tell(number=1)
    (incident,) = world.incidents()
    world.tell(number=2, threshold=11)

    given = json.loads(resolve_incident(world.services, ADMIN, ResolveIncident(incident, {}, "superseded")).body)

    assert given["processInstance"]["state"] == "active"
    assert world.heard() == [{"number": 2, "threshold": 11}]


def test_a_kept_signal_stays_with_its_place_in_a_newer_version(world: World) -> None:
    world.tell(number=1)
    (incident,) = world.incidents()
    deployed(world.services, ("listening.bpmn", (HEAD + LISTENING.replace('"heard"', '"told"')).encode()))
    plan = Migration("listening:2", {"heard": "told"}, map_equal=True, target_law=False)
    assert migrate_instance(world.services, Operation(ADMIN, world.case, "a clearer name"), plan).status == 200

    world.tell(number=2, threshold=11)

    assert world.incidents() == [incident]
    world.retry(incident)
    assert world.heard() == [{"number": 2, "threshold": 11}, {"number": 1}]
    assert world.open_keys() == ["note", "note", "work"]


def test_a_place_that_is_gone_takes_its_kept_signals_along(world: World) -> None:
    world.tell(number=1)
    world.tell(number=2)
    (work,) = world.instance()["openTasks"]

    complete_task(world.services, replace(ADMIN, groups=frozenset({"g"})), CompleteTask(work["id"], {}))

    assert world.incidents() == []
    assert world.instance()["state"] == "completed"
