"""Support for the tests of the engine: a law with real decisions, and a walker that plays people, clock and correspondents."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.actions.deadlines.time_limits import counted
from service.actions.ports import Circumstances, DecisionSource, ProcessSource
from service.dmn import read_model
from service.domain.ballot import BallotBox
from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.law import DAYS, ClockStops, DueDate, TimeLimit
from service.domain.step import ActivityChange, ArmedTimer, CalledProcess, OpenedTask, Step, Subscription
from service.engine import InstanceExecution, SpiffEngine

FIXTURES = Path(__file__).parent / "fixtures"
NOON = 1_790_000_000_000
"""An arbitrary moment, epoch milliseconds."""

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="test">'
    '<message id="ask" name="question"/><message id="tell" name="answer"/><message id="nameless"/>'
)


@dataclass(frozen=True)
class FixedLaw:
    """One model, time limits in days and settings, whatever was in force when."""

    days: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, Json] = field(default_factory=dict)
    model_file: str = "risk.dmn"
    processes: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    """Deployed files by process key, version 1 first."""
    facts: Mapping[str, int] = field(default_factory=dict)
    """How often each fact was recorded, whatever the key."""

    def decision(self, element_id: str, key: str, binding: str | None, version: int | str | None) -> DecisionSource:
        model = read_model((FIXTURES / self.model_file).read_bytes(), file_name=self.model_file)
        if key not in model.decisions:
            raise StepFailed(element_id, "definition", f"no decision {key!r}")
        return DecisionSource(key, version if isinstance(version, int) else 1, model)

    def deadline(self, element_id: str, key: str, now_ms: int, clock: ClockStops | None = None) -> DueDate:
        if key not in self.days:
            raise StepFailed(element_id, "definition", f"no time limit {key!r}")
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=now_ms, days=self.days[key])
        return DueDate(moment, TimeLimit(key, None, "law", DAYS, self.days[key], now_ms))

    def counted(self, element_id: str, limit: TimeLimit) -> DueDate:
        return counted(limit, dict)

    def process(self, element_id: str, key: str, binding: str | None, version: int | str | None) -> ProcessSource:
        versions = self.processes.get(key, ())
        number = version if isinstance(version, int) else len(versions)
        if not 0 < number <= len(versions):
            raise StepFailed(element_id, "definition", f"no process {key!r}")
        return source_of(versions[number - 1], key, number)

    def within(self, called: CalledProcess | None) -> "FixedLaw":
        return self

    def recorded(self, element_id: str, name: str, key: Json, now_ms: int) -> int | None:
        found = self.records(element_id, name, key, now_ms)
        return None if found is None else len(found)

    def records(self, element_id: str, name: str, key: Json, now_ms: int) -> list[Json] | None:
        if name not in self.facts:
            raise StepFailed(element_id, "definition", f"no fact {name!r}")
        return None if key is None else [{"processInstanceId": str(key), "number": number} for number in range(self.facts[name])]

    def precedents(self, element_id: str, facts: Json, advice: Json) -> Json:
        return {"facts": facts, "advice": advice}

    def subject(self, element_id: str, subject_id: Json, day: Json, now_ms: int) -> Json:
        return None if subject_id is None else {"id": subject_id, "on": day}

    def ballots(self, element_id: str, box: BallotBox) -> Json:
        return {"box": box.id, "voters": box.voters, "form": box.form_key}

    def signatures(self, element_id: str, task_definition_key: str) -> list[Json]:
        return []

    def setting(self, element_id: str, key: str) -> Json:
        if key not in self.settings:
            raise StepFailed(element_id, "definition", f"no setting {key!r}")
        return self.settings[key]


@dataclass
class Walker:
    """Drives one instance; the state is dumped and restored before every move. Keeps what is open, as a store would."""

    engine: SpiffEngine
    source: ProcessSource
    law: FixedLaw
    now: int = NOON
    actor: str = "li"
    last: Step | None = None
    tasks: dict[str, OpenedTask] = field(default_factory=dict)
    timers: dict[str, ArmedTimer] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    visits: dict[str, ActivityChange] = field(default_factory=dict)
    messages: list[tuple[str, Mapping[str, Json]]] = field(default_factory=list)

    @property
    def circumstances(self) -> Circumstances:
        return Circumstances(self.now, self.law, self.actor)

    @property
    def step(self) -> Step:
        assert self.last is not None, "start first"
        return self.last

    @property
    def variables(self) -> Mapping[str, Json]:
        return self.step.variables

    @property
    def finished(self) -> bool:
        return self.step.finished is not None

    @property
    def open(self) -> list[str]:
        return sorted(task.element_id for task in self.tasks.values())

    @property
    def path(self) -> list[str]:
        return [visit.element_id for visit in self.visits.values() if visit.state == "completed"]

    def start(self, at: str = "start", **variables: Json) -> "Walker":
        return self.take(self.engine.start(self.source, at, variables, self.circumstances))

    def take(self, step: Step) -> "Walker":
        self.last = step
        for task_id in step.closed_tasks:
            del self.tasks[task_id]
        for timer_id in step.cancelled_timers:
            del self.timers[timer_id]
        for subscription_id in step.unsubscribed:
            del self.subscriptions[subscription_id]
        self.tasks.update({task.id: task for task in step.opened_tasks})
        self.timers.update({timer.id: timer for timer in step.armed_timers})
        self.subscriptions.update({subscription.id: subscription for subscription in step.subscribed})
        self.visits.update({change.id: change for change in step.activities})
        self.messages.extend((message.name, message.payload) for message in step.messages)
        if step.finished is not None:
            assert not self.tasks
            assert not self.timers
            assert not self.subscriptions
        return self

    def execution(self) -> InstanceExecution:
        return self.engine.resume(self.source, self.step.state_data, self.law)

    def task(self, element_id: str, number: int = 0) -> OpenedTask:
        return [task for task in self.tasks.values() if task.element_id == element_id][number]

    def complete(self, element_id: str, number: int = 0, **variables: Json) -> "Walker":
        paths = [(tuple(name.split("__")), value) for name, value in variables.items()]
        return self.take(self.execution().complete_task(self.task(element_id, number).id, paths, self.circumstances))

    def fire(self, element_id: str, number: int = 0) -> "Walker":
        timer = [timer for timer in self.timers.values() if timer.element_id == element_id][number]
        return self.take(self.execution().fire_timer(timer.id, self.circumstances))

    def deliver(self, element_id: str, number: int = 0, **variables: Json) -> "Walker":
        waiting = [subscription for subscription in self.subscriptions.values() if subscription.element_id == element_id][number]
        return self.take(self.execution().deliver_message(waiting.id, variables, self.circumstances))


Walk = Callable[..., Walker]
Inspect = Callable[[str], dict[str, list[str | None]]]


@pytest.fixture(scope="session")
def engine() -> SpiffEngine:
    return SpiffEngine()


def document(body: str, key: str = "p") -> bytes:
    """The body of a process as a whole file."""
    return f'{HEAD}<process id="{key}" isExecutable="true">{body}</process></definitions>'.encode()


def source_of(xml: bytes, key: str, version: int = 1) -> ProcessSource:
    """A file as the engine takes it."""
    return ProcessSource(key, version, hashlib.sha256(xml).hexdigest(), xml)


@pytest.fixture
def inspect(engine: SpiffEngine) -> Callable[[str], dict[str, list[str | None]]]:
    """Errors of a process body: code → ids of the elements."""

    def errors(body: str) -> dict[str, list[str | None]]:
        found: dict[str, list[str | None]] = {}
        for finding in engine.inspect("test.bpmn", document(body)).findings:
            if finding.severity == "error":
                found.setdefault(finding.code, []).append(finding.element_id)
        return found

    return errors


@pytest.fixture
def walk(engine: SpiffEngine) -> Callable[..., Walker]:
    """A walker for a process body, or for a file among the fixtures (`file=`, `key=`)."""

    def make(body: str = "", *, file: str | None = None, key: str = "p", law: FixedLaw | None = None) -> Walker:
        xml = (FIXTURES / file).read_bytes() if file else document(body)
        errors = [finding for finding in engine.inspect(file or "test.bpmn", xml).findings if finding.severity == "error"]
        assert errors == []
        return Walker(engine, source_of(xml, key), law or FixedLaw(days={"T_OPINION": 10, "T_OPINION_CLOSE": 15}, settings={"joint": True}))

    return make
