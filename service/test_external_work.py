"""External tasks through the actions, on a real store with a clock that the test moves: locks, retries, incidents, repeated reports."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from service.actions.answer import NO_REPEAT, Answer
from service.actions.deployments.deploy import Deploy, deploy
from service.actions.external_tasks.complete_external_task import CompleteExternalTask, complete_external_task
from service.actions.external_tasks.extend_lock import extend_lock, unlock
from service.actions.external_tasks.fail_external_task import FailExternalTask, fail_external_task
from service.actions.external_tasks.fetch_external_tasks import FetchExternalTasks, fetch_external_tasks
from service.actions.external_tasks.set_retries import set_retries
from service.actions.external_tasks.throw_bpmn_error import ThrowBpmnError, throw_bpmn_error
from service.actions.incidents.failed_steps import StepFailedIn, recording_incidents
from service.actions.incidents.resolve_incident import ResolveIncident, resolve_incident
from service.actions.incidents.retry_incident import RetryIncident, retry_incident
from service.actions.instances.cancel_instance import cancel_instance
from service.actions.instances.instance_operation import Operation
from service.actions.instances.resume_instance import resume_instance
from service.actions.instances.start_instance import StartInstance, start_instance
from service.actions.instances.suspend_instance import suspend_instance
from service.actions.ports import Services
from service.actions.tasks.complete_task import CompleteTask, complete_task
from service.actions.views import one, page
from service.domain.errors import Conflict, Forbidden, Invalid, NotFound, StepFailed, StepIncident
from service.domain.external_task import TopicRequest
from service.domain.principal import SCOPE_ADMIN, SCOPE_EXTERNAL, SCOPE_READ, SCOPE_WORK, Principal
from service.engine import SpiffEngine
from service.store import migrate, open_store
from service.store.database import DatabaseStore
from service.store.tables import process_instance

NOW = 1_795_150_800_000
ADMIN = Principal("k", "tests", frozenset({SCOPE_ADMIN}), "li")
WORKER = Principal("w", "worker", frozenset({SCOPE_EXTERNAL}))
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' targetNamespace="t"><error id="bad" errorCode="BAD"/>'
)
BODY = """
<process id="p" isExecutable="true">
  <startEvent id="start"/><endEvent id="end"/><endEvent id="refused"/><endEvent id="told"/>
  <serviceTask id="work" camunda:type="external" camunda:topic="mail" camunda:taskPriority="${priority}">
    <extensionElements>
      <camunda:errorEventDefinition errorRef="bad" expression="${externalTask.errorMessage == 'a business error'}"/>
    </extensionElements>
  </serviceTask>
  <boundaryEvent id="caught" attachedToRef="work"><errorEventDefinition errorRef="bad"/></boundaryEvent>
  <userTask id="repair"/><userTask id="next"/>
  <exclusiveGateway id="gate" default="gate_next"/>
  <sequenceFlow id="s" sourceRef="start" targetRef="work"/>
  <sequenceFlow id="w" sourceRef="work" targetRef="gate"/>
  <sequenceFlow id="gate_next" sourceRef="gate" targetRef="next"/>
  <sequenceFlow id="gate_end" sourceRef="gate" targetRef="told"><conditionExpression>${sent}</conditionExpression></sequenceFlow>
  <sequenceFlow id="n" sourceRef="next" targetRef="end"/>
  <sequenceFlow id="c" sourceRef="caught" targetRef="repair"/>
  <sequenceFlow id="r" sourceRef="repair" targetRef="refused"/>
</process></definitions>
"""


@dataclass
class World:
    """The actions with a clock at `now`."""

    path: Path
    now: int = NOW
    services: Services = field(init=False)
    store: DatabaseStore = field(init=False)

    def __post_init__(self) -> None:
        url = f"sqlite:///{self.path / 'rongjiu.db'}"
        migrate(url)
        self.store = open_store(url)
        self.services = Services(self.store, SpiffEngine(), lambda: self.now)
        assert deploy(self.services, ADMIN, Deploy("d", None, (("p.bpmn", (HEAD + BODY).encode()),))).status == 201

    def start(self, **variables: Any) -> dict[str, Any]:
        given = {"priority": None, **variables}
        return body(start_instance(self.services, ADMIN, StartInstance("p", None, None, "case", numbers(given))))

    def fetch(self, worker: str = "w1", lock: int = 1_000, limit: int = 10, **narrowed: Any) -> list[dict[str, Any]]:
        command = FetchExternalTasks(worker, limit, [TopicRequest("mail", lock, **narrowed)], use_priority=False)
        found: list[dict[str, Any]] = body(fetch_external_tasks(self.services, WORKER, command))["items"]
        return found

    def complete(self, task_id: str, worker: str = "w1", **variables: Any) -> dict[str, Any]:
        return body(complete_external_task(self.services, WORKER, CompleteExternalTask(task_id, worker, numbers(variables), {})))

    def fail(self, task_id: str, message: str | None = "no network", retries: int | None = None, wait: int = 0) -> dict[str, Any]:
        return body(fail_external_task(self.services, WORKER, FailExternalTask(task_id, "w1", message, "a long trace", retries, wait)))

    def throw(self, task_id: str, code: str = "BAD") -> dict[str, Any]:
        return body(throw_bpmn_error(self.services, WORKER, ThrowBpmnError(task_id, "w1", code, "words", {"why": code})))

    def row(self, task_id: str) -> Mapping[str, Any]:
        return one(self.services, ADMIN, "external-tasks", task_id)

    def incidents(self, **filters: object) -> list[Mapping[str, Any]]:
        return list(page(self.services, ADMIN, "incidents", {"open": True, **filters}, [], 50, None).items)

    def instance(self, instance_id: str) -> Mapping[str, Any]:
        return one(self.services, ADMIN, "process-instances", instance_id)

    def audit(self, instance_id: str) -> list[tuple[str, str]]:
        rows = page(self.services, ADMIN, "audit-events", {"processInstanceId": instance_id}, [], 200, None).items
        return [(str(row["kind"]), str(row["actor"])) for row in rows]


def numbers(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Exact, as the HTTP door gives them."""
    found: dict[str, Any] = json.loads(json.dumps(variables), parse_int=Decimal)
    return found


def body(given: Answer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(given.body)
    return found


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.store.close()


def test_work_is_fetched_done_and_told(world: World) -> None:
    started = world.start(priority=4, subject="li")

    (task,) = world.fetch()

    assert (task["topicName"], task["elementId"], task["priority"], task["retries"]) == ("mail", "work", 4, None)
    assert task["variables"] == {"priority": 4, "subject": "li"}
    done = world.complete(task["id"], sent=False, at="noon")
    assert [one["taskDefinitionKey"] for one in done["processInstance"]["openTasks"]] == ["next"]
    trail = world.audit(started["id"])
    assert ("external-task.created", "li") in trail
    assert ("external-task.completed", "key:worker") in trail
    assert "external-task.cancelled" not in dict(trail)
    with pytest.raises(NotFound):
        world.row(task["id"])


def test_only_the_variables_asked_for_come(world: World) -> None:
    world.start(subject="li")

    assert world.fetch(lock=1, variables=("subject", "nothing"))[0]["variables"] == {"subject": "li"}
    world.now += 1
    assert world.fetch(variables=())[0]["variables"] == {}


def test_a_lock_ends_by_the_clock_and_its_worker_loses_the_task(world: World) -> None:
    world.start()
    (task,) = world.fetch("w1", lock=1_000)
    assert world.fetch("w2") == []
    world.now += 1_000
    assert [one["id"] for one in world.fetch("w2")] == [task["id"]]

    with pytest.raises(Conflict) as lost:
        world.complete(task["id"], "w1", sent=True)
    assert lost.value.code == "lock-lost"
    assert world.complete(task["id"], "w2", sent=True)["processInstance"]["state"] == "completed"


def test_work_done_after_its_lock_counts_while_nobody_else_has_it(world: World) -> None:
    world.start()
    (task,) = world.fetch(lock=10)
    world.now += 10_000

    assert world.complete(task["id"], sent=True)["processInstance"]["state"] == "completed"


def test_a_lock_is_extended_while_it_runs_and_given_back(world: World) -> None:
    world.start()
    (task,) = world.fetch(lock=1_000)

    extend_lock(world.services, WORKER, task["id"], "w1", 5_000)
    world.now += 4_999
    assert world.fetch("w2") == []
    for worker in ("w2", "w1"):
        world.now += 1
        with pytest.raises(Conflict) as lost:
            extend_lock(world.services, WORKER, task["id"], worker, 5_000)
        assert lost.value.code == "lock-lost"

    (task,) = world.fetch("w2")
    with pytest.raises(Conflict):
        unlock(world.services, WORKER, task["id"], "w1")
    with pytest.raises(Forbidden):
        unlock(world.services, WORKER, task["id"], None)
    assert body(unlock(world.services, WORKER, task["id"], "w2"))["workerId"] is None
    assert [one["id"] for one in world.fetch("w1")] == [task["id"]]
    assert body(unlock(world.services, ADMIN, task["id"], None))["state"] == "waiting"


def test_a_failure_is_tried_again_later_then_is_an_incident(world: World) -> None:
    started = world.start()
    (task,) = world.fetch()

    assert (world.fail(task["id"], retries=1, wait=60_000)["retries"], world.fetch()) == (1, [])
    world.now += 60_000
    (task,) = world.fetch()
    assert (task["errorMessage"], task["errorDetails"], task["retries"]) == ("no network", "a long trace", 1)

    failed = world.fail(task["id"], message="still no network")

    assert (failed["state"], failed["retries"]) == ("incident", 0)
    (incident,) = world.incidents(definitionKey="p", elementId="work", kind="external-task")
    assert incident["message"] == "still no network"
    assert world.incidents(definitionKey="other") == []
    assert world.instance(started["id"])["state"] == "incident"
    world.now += 3_600_000
    assert world.fetch() == []
    with pytest.raises(Conflict):
        extend_lock(world.services, WORKER, task["id"], "w1", 1)


def test_without_a_word_about_retries_the_services_number_counts(world: World) -> None:
    world.start()
    left = []
    for _ in range(3):
        (task,) = world.fetch()
        left.append(world.fail(task["id"])["retries"])

    assert left == [2, 1, 0]
    assert len(world.incidents()) == 1


def test_retrying_the_incident_hands_the_work_out_again(world: World) -> None:
    started = world.start()
    (task,) = world.fetch()
    world.fail(task["id"], retries=0)
    (incident,) = world.incidents()

    given = body(retry_incident(world.services, ADMIN, RetryIncident(str(incident["id"]), {"server": "b"}, retries=5)))

    assert given["incident"]["resolvedAt"] is not None
    assert given["processInstance"]["state"] == "active"
    (task,) = world.fetch("w2")
    assert (task["retries"], task["variables"]["server"]) == (5, "b")
    assert world.instance(started["id"])["state"] == "active"
    assert world.complete(task["id"], "w2", sent=True)["processInstance"]["state"] == "completed"


def test_setting_retries_resolves_the_incident_too(world: World) -> None:
    started = world.start()
    (task,) = world.fetch()
    world.fail(task["id"], retries=0)

    with pytest.raises(Forbidden):
        set_retries(world.services, WORKER, task["id"], 2)
    assert body(set_retries(world.services, Principal("x", "x", frozenset({SCOPE_WORK})), task["id"], 2))["retries"] == 2

    assert world.incidents() == []
    assert world.instance(started["id"])["state"] == "active"
    assert len(world.fetch()) == 1


def test_only_an_administrator_drops_what_a_worker_has_reported(world: World) -> None:
    """Setting the retries lets the work be done a second time."""
    started = world.start()
    (task,) = world.fetch()
    with pytest.raises(StepIncident) as failed:
        world.complete(task["id"], sent="yes")

    with pytest.raises(Forbidden) as refused:
        set_retries(world.services, Principal("x", "x", frozenset({SCOPE_WORK})), task["id"], 2)
    assert refused.value.code == "may-not-drop-report"
    assert [one["id"] for one in world.incidents()] == [failed.value.incident_id]
    assert world.fetch("w2") == []

    set_retries(world.services, ADMIN, task["id"], 2)
    assert world.incidents() == []
    assert [one["id"] for one in world.fetch("w2")] == [task["id"]]
    events = page(
        world.services, ADMIN, "audit-events", {"processInstanceId": started["id"], "kind": "external-task.retries-set"}, [], 5, None
    )
    payload: Any = events.items[0]["payload"]
    (dropped,) = payload["droppedReports"]
    assert (dropped["incidentId"], dropped["do"], dropped["variables"]) == (failed.value.incident_id, "complete-external", {"sent": "yes"})


def test_a_completion_after_which_nothing_can_go_on_is_kept(world: World) -> None:
    """Doing the work twice could be as wrong as losing it."""
    started = world.start()
    (task,) = world.fetch(lock=10)

    with pytest.raises(StepIncident) as failed:
        world.complete(task["id"], sent="yes")
    assert failed.value.element_id == "gate_end"
    world.now += 3_600_000
    assert world.fetch("w2") == []
    assert world.row(task["id"])["state"] == "incident"
    with pytest.raises(Conflict) as refused:
        world.fail(task["id"])
    assert refused.value.code == "external-task-incident"

    # What was reported is not lost; only the variable that no condition can read is mended... by the worker itself, or by a retry.
    with pytest.raises(StepIncident) as again:
        retry_incident(world.services, ADMIN, RetryIncident(failed.value.incident_id, {"note": "x"}))
    assert again.value.incident_id == failed.value.incident_id
    assert world.complete(task["id"], sent=True)["processInstance"]["state"] == "completed"
    assert world.incidents() == []
    assert world.instance(started["id"])["state"] == "completed"


def test_the_same_report_again_is_answered_alike(world: World) -> None:
    world.start()
    (task,) = world.fetch()
    first = world.complete(task["id"], sent=False)

    assert world.complete(task["id"], sent=False) == first
    for worker, variables in (("w2", {"sent": False}), ("w1", {"sent": True})):
        with pytest.raises(NotFound):
            world.complete(task["id"], worker, **variables)


def test_a_business_error_goes_where_the_diagram_says(world: World) -> None:
    world.start()
    (task,) = world.fetch()

    thrown = world.throw(task["id"])

    assert [one["taskDefinitionKey"] for one in thrown["processInstance"]["openTasks"]] == ["repair"]
    assert world.throw(task["id"]) == thrown
    assert world.fetch() == []


def test_an_error_that_nothing_catches_is_an_incident(world: World) -> None:
    started = world.start()
    (task,) = world.fetch(lock=1)

    with pytest.raises(StepIncident):
        world.throw(task["id"], "UNKNOWN")

    (incident,) = world.incidents(processInstanceId=started["id"])
    assert (incident["kind"], incident["elementId"]) == ("error-event", "work")
    world.now += 10
    assert world.fetch() == []
    resolved = body(resolve_incident(world.services, ADMIN, ResolveIncident(str(incident["id"]), {"server": "c"}, "the worker is mended")))
    assert resolved["processInstance"]["state"] == "active"
    (again,) = world.fetch()
    assert (again["id"], again["variables"]["server"]) == (task["id"], "c")
    assert ("incident.resolved", "li") in world.audit(started["id"])


def test_a_failure_that_the_diagram_calls_an_error_is_thrown(world: World) -> None:
    world.start()
    (task,) = world.fetch()

    thrown = world.fail(task["id"], message="a business error", retries=0)

    assert [one["taskDefinitionKey"] for one in thrown["processInstance"]["openTasks"]] == ["repair"]
    assert world.incidents() == []


def test_what_a_timer_cannot_do_for_somebody_must_be_retried(world: World) -> None:
    with pytest.raises(NotFound):
        resolve_incident(world.services, ADMIN, ResolveIncident("nothing", {}, "x"))
    started = world.start(priority="high")
    (incident,) = world.incidents(processInstanceId=started["id"])

    with pytest.raises(Conflict) as refused:
        resolve_incident(world.services, ADMIN, ResolveIncident(str(incident["id"]), {}, "x"))
    assert refused.value.code == "incident-needs-retry"
    with pytest.raises(Invalid):
        retry_incident(world.services, ADMIN, RetryIncident(str(incident["id"]), {}, retries=3))
    retry_incident(world.services, ADMIN, RetryIncident(str(incident["id"]), numbers({"priority": 1})))
    assert len(world.fetch()) == 1


def test_a_task_that_failed_is_done_anew_after_the_incident_is_resolved(world: World) -> None:
    started = world.start()
    (task,) = world.fetch()
    open_task = world.throw(task["id"])["processInstance"]["openTasks"][0]["id"]
    with pytest.raises(Forbidden):
        resolve_incident(world.services, WORKER, ResolveIncident("x", {}, "x"))

    complete_task(world.services, ADMIN, CompleteTask(open_task, {}))

    assert world.instance(started["id"])["state"] == "completed"


def test_a_case_that_cannot_be_read_keeps_no_work_from_others(world: World) -> None:
    damaged, fine = world.start(), world.start()
    with world.store.writing.connect() as connection:
        connection.execute(update(process_instance).where(process_instance.c.id == damaged["id"]).values(state_data=b"nonsense"))
        connection.commit()

    assert [task["processInstanceId"] for task in world.fetch()] == [fine["id"]]

    (incident,) = world.incidents(processInstanceId=damaged["id"])
    assert (incident["kind"], incident["elementId"]) == ("definition", "work")
    world.now += 60_000
    assert [task["processInstanceId"] for task in world.fetch()] == [fine["id"]]
    with pytest.raises(StepIncident) as again:
        retry_incident(world.services, ADMIN, RetryIncident(str(incident["id"]), {}))
    assert again.value.incident_id == incident["id"]


def test_cancelling_the_case_withdraws_the_work(world: World) -> None:
    started = world.start()
    (task,) = world.fetch()

    cancel_instance(world.services, Operation(ADMIN, started["id"], "by mistake", NO_REPEAT))

    with pytest.raises(NotFound):
        world.complete(task["id"])
    assert list(page(world.services, ADMIN, "external-tasks", {}, [], 50, None).items) == []


def test_a_suspended_case_gives_no_work_and_takes_none(world: World) -> None:
    started, other = world.start(), world.start()
    held = next(task for task in world.fetch() if task["processInstanceId"] == started["id"])
    suspend_instance(world.services, Operation(ADMIN, started["id"], "wait", NO_REPEAT))

    attempts: tuple[Callable[[], object], ...] = (
        lambda: world.complete(held["id"], sent=True),
        lambda: world.fail(held["id"]),
        lambda: world.throw(held["id"]),
    )
    for attempt in attempts:
        with pytest.raises(Conflict) as refused:
            attempt()
        assert refused.value.code == "instance-suspended"
    world.now += 60_000
    assert [task["processInstanceId"] for task in world.fetch()] == [other["id"]]
    assert world.row(held["id"])["suspended"] is True

    resume_instance(world.services, Operation(ADMIN, started["id"], "go on", NO_REPEAT))
    assert [task["id"] for task in world.fetch()] == [held["id"]]


def test_an_incident_of_an_earlier_step_wakes_no_suspended_case(world: World) -> None:
    started = world.start()
    suspend_instance(world.services, Operation(ADMIN, started["id"], "wait", NO_REPEAT))
    with world.services.store.read() as questions:
        seen = questions.instance(started["id"])
    assert seen is not None
    operation = {"do": "work", "externalTaskId": "x", "elementId": "work", "topicName": "mail"}

    def unreadable() -> None:
        raise StepFailedIn(seen, StepFailed("work", "definition", "not readable"), operation)

    with pytest.raises(Conflict) as refused:
        recording_incidents(world.services, "worker", unreadable)
    assert refused.value.code == "instance-suspended"
    assert world.instance(started["id"])["state"] == "suspended"
    assert world.incidents(processInstanceId=started["id"]) == []


def test_each_task_comes_as_the_first_request_that_fits_it_asks(world: World) -> None:
    started, other = world.start(subject="li"), world.start(subject="wu")
    narrow = TopicRequest("mail", 1_000, (), process_instance_id=started["id"])
    wide = TopicRequest("mail", 9_000, ("subject",))

    found = body(fetch_external_tasks(world.services, WORKER, FetchExternalTasks("w1", 10, [narrow, wide], False)))["items"]

    assert {task["processInstanceId"]: task["variables"] for task in found} == {started["id"]: {}, other["id"]: {"subject": "wu"}}
    world.now += 1_000
    assert [task["processInstanceId"] for task in world.fetch()] == [started["id"]]


@pytest.mark.parametrize("scope", [SCOPE_READ, SCOPE_WORK])
def test_only_workers_work(world: World, scope: str) -> None:
    other = Principal("o", "other", frozenset({scope}), "li")
    world.start()
    (task,) = world.fetch()

    attempts: tuple[Callable[[], Answer], ...] = (
        lambda: fetch_external_tasks(world.services, other, FetchExternalTasks("w1", 1, [TopicRequest("mail", 1)], False)),
        lambda: complete_external_task(world.services, other, CompleteExternalTask(task["id"], "w1", {}, {})),
        lambda: fail_external_task(world.services, other, FailExternalTask(task["id"], "w1", None, None, 0, 0)),
        lambda: throw_bpmn_error(world.services, other, ThrowBpmnError(task["id"], "w1", "BAD", None, {})),
        lambda: extend_lock(world.services, other, task["id"], "w1", 10),
    )
    for attempt in attempts:
        with pytest.raises(Forbidden):
            attempt()
