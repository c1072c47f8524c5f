"""Work without a caller that is overtaken by others on PostgreSQL, and who waits for whom there."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from service.actions.answer import Answer
from service.actions.deployments.deploy import Deploy, deploy
from service.actions.events.broadcast_signal import BroadcastSignal, broadcast_signal
from service.actions.events.pending_events import deliver_due_events
from service.actions.events.start_by_timer import start_due_processes
from service.actions.people import create_user
from service.actions.ports import Services
from service.actions.precedents.create_precedent import CreatePrecedent, create_precedent
from service.actions.recusals.declare_recusal import DeclareRecusal, declare_recusal
from service.actions.views import page
from service.domain.event import HANDOVER_MS
from service.domain.json_values import Json
from service.domain.recusal import INTEREST
from service.engine import SpiffEngine
from service.moved_clock import ADMIN, HEAD, PLAIN, Clock, deployed, open_tasks, process, started
from service.store.conftest import a_store
from service.store.counting import count_statements
from service.store.database import DatabaseStore

PLACE = """
id: town
name: A made-up town
parent: null
documents: []
facts:
  cases: {of: instances, same: kind, basis: default, name: cases}
"""
COUNT = (
    '<scriptTask id="mine" scriptFormat="feel" camunda:resultVariable="kind"><script>"A"</script></scriptTask>',
    '<scriptTask id="count" scriptFormat="feel" camunda:resultVariable="seen"><script>recorded("cases", "A")</script></scriptTask>',
)
BY_CLOCK = '<startEvent id="clock"><timerEventDefinition><timeCycle>R1/PT1M</timeCycle></timerEventDefinition></startEvent>'


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DatabaseStore]:
    with a_store("postgresql", tmp_path) as opened:
        yield opened


def listed(services: Services, what: str) -> list[Mapping[str, Json]]:
    return list(page(services, ADMIN, what, {}, [], 50, None).items)


def test_a_start_by_the_clock_that_is_overtaken_is_made_at_once(
    store: DatabaseStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = Services(store, SpiffEngine(), clock)
    files = (process("counting", BY_CLOCK, *COUNT), process("plain", PLAIN), ("jurisdiction.yaml", PLACE.encode()))
    deploy(services, ADMIN, Deploy("d", "town", files))
    real, starts = SpiffEngine.start, list[str]()

    def start(engine: SpiffEngine, source: Any, *arguments: Any) -> Any:
        step = real(engine, source, *arguments)
        starts.append(source.key)
        if starts == ["counting"]:
            with ThreadPoolExecutor(1) as others:
                others.submit(started, services, "plain", kind="A").result(timeout=10)
        return step

    monkeypatch.setattr(SpiffEngine, "start", start)
    clock.now += 60_000

    assert start_due_processes(services, 10) == 1

    assert starts == ["counting", "plain", "counting"]
    assert (open_tasks(services), listed(services, "start-timers")) == (2, [])
    (case,) = [row for row in listed(services, "process-instances") if row["definitionKey"] == "counting"]
    with store.read() as questions:
        assert (questions.variables(str(case["id"])) or {})["seen"] == 1


def test_a_message_does_not_wait_for_its_sender(store: DatabaseStore, clock: Clock) -> None:
    """Else two cases that write to each other at the same moment would wait for each other."""
    services = Services(store, SpiffEngine(), clock)
    pool = (
        f'{HEAD}<message id="m" name="news"/><collaboration id="c"><participant id="a" processRef="sending"/>'
        '<participant id="b" processRef="hearing"/><messageFlow id="f" sourceRef="send" targetRef="hear"/></collaboration>'
        '<process id="sending" isExecutable="true"><startEvent id="s1"/>'
        '<intermediateThrowEvent id="send"><messageEventDefinition messageRef="m"/></intermediateThrowEvent>'
        '<userTask id="t1" camunda:candidateGroups="g"/><endEvent id="e1"/>'
        '<sequenceFlow id="x1" sourceRef="s1" targetRef="send"/><sequenceFlow id="x2" sourceRef="send" targetRef="t1"/>'
        '<sequenceFlow id="x3" sourceRef="t1" targetRef="e1"/></process>'
        '<process id="hearing" isExecutable="true"><startEvent id="s2"/>'
        '<intermediateCatchEvent id="hear"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
        '<userTask id="t2" camunda:candidateGroups="g"/><endEvent id="e2"/>'
        '<sequenceFlow id="y1" sourceRef="s2" targetRef="hear"/><sequenceFlow id="y2" sourceRef="hear" targetRef="t2"/>'
        '<sequenceFlow id="y3" sourceRef="t2" targetRef="e2"/></process></definitions>'
    )
    deployed(services, ("pool.bpmn", pool.encode()))
    started(services, "hearing")
    sender = started(services, "sending")
    clock.now += HANDOVER_MS
    with store.begin() as busy:
        assert busy.load_instance(sender) is not None
        assert deliver_due_events(services, 10) == 1
        assert open_tasks(services) == 2
    assert listed(services, "pending-events") == []


def test_the_trail_of_the_service_is_locked_before_any_case(store: DatabaseStore, clock: Clock) -> None:
    """As a deployment has them that moves a place with its cases: else each could hold what the other waits for."""
    services = Services(store, SpiffEngine(), clock)
    deployed(services, process("plain", PLAIN))
    case = started(services, "plain", subjectId="K1")
    create_user(services, ADMIN, "li", "李", None, [])
    source: Json = {"title": "某通报", "note": "内部"}
    content: dict[str, Json] = {"title": "某案", "sources": [source], "outcome": "EXEMPT", "scope": "PUBLIC", "anonymised": True}
    acts: list[Callable[[], Answer]] = [
        lambda: declare_recusal(services, ADMIN, DeclareRecusal("li", "K1", None, None, INTEREST, None, False, None, None)),
        lambda: declare_recusal(services, ADMIN, DeclareRecusal("li", None, None, case, INTEREST, None, False, None, None)),
        lambda: create_precedent(services, ADMIN, CreatePrecedent(content, None, case)),
        lambda: broadcast_signal(services, ADMIN, BroadcastSignal("go", {}, case)),
    ]
    for act in acts:
        with count_statements(store) as sent:
            assert act().status < 300
        locked = [
            table for one in sent for table in ("service_stream", "process_instance") if f"FROM {table}" in one and "FOR UPDATE" in one
        ]
        assert locked[0] == "service_stream"
        assert "process_instance" in locked
