"""What a worker sees to: nothing that one case meets holds up the others, and nothing that is due is forgotten."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from service.actions.broadcast_signal import BroadcastSignal, broadcast_signal
from service.actions.deploy import Deploy, deploy
from service.actions.fire_timers import LONGEST_MS, fire_due_timers
from service.actions.pending_events import deliver_at_once, deliver_due_events
from service.actions.ports import Services
from service.actions.start_by_timer import start_due_processes
from service.actions.start_instance import StartInstance, start_instance
from service.domain.event import HANDOVER_MS
from service.domain.json_values import read_canonical
from service.domain.principal import SCOPE_ADMIN, Principal
from service.engine import SpiffEngine
from service.store import migrate, open_store
from service.store.database import DatabaseStore
from service.worker import see_to_what_is_due

NOW = 1_795_150_800_000
ADMIN = Principal("k", "tests", frozenset({SCOPE_ADMIN}), "li")
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t"><signal id="s" name="go"/>'
)


class Clock:
    """The moment the test says it is."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DatabaseStore]:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def services(store: DatabaseStore, clock: Clock) -> Services:
    """Without after_throwing: as if the process that wrote an event down had been killed right after."""
    return Services(store, SpiffEngine(), clock)


def process(key: str, first: str, *rest: str) -> tuple[str, bytes]:
    row = (first, *rest, '<userTask id="after" camunda:candidateGroups="g"/>', '<endEvent id="end"/>')
    ids = [element.split('id="', 1)[1].split('"', 1)[0] for element in row]
    flows = "".join(f'<sequenceFlow sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids))
    return f"{key}.bpmn", f'{HEAD}<process id="{key}" isExecutable="true">{"".join(row)}{flows}</process></definitions>'.encode()


PLAIN = '<startEvent id="start"/>'
WAIT = '<intermediateCatchEvent id="wait"><signalEventDefinition signalRef="s"/></intermediateCatchEvent>'
SLEEP = (
    '<intermediateCatchEvent id="sleep"><timerEventDefinition><timeDuration>PT1M</timeDuration></timerEventDefinition>'
    "</intermediateCatchEvent>"
)
BY_CLOCK = '<startEvent id="clock"><timerEventDefinition><timeCycle>R3/PT1M</timeCycle></timerEventDefinition></startEvent>'


def deployed(services: Services, *files: tuple[str, bytes]) -> None:
    deploy(services, ADMIN, Deploy("d", None, files))


def started(services: Services, key: str) -> str:
    body = read_canonical(start_instance(services, ADMIN, StartInstance(key, None, None, None, {})).body)
    assert isinstance(body, dict)
    return str(body["id"])


def open_tasks(services: Services) -> int:
    with services.store.read() as questions:
        return questions.count_tasks({"state": ["created"]}, NOW, None)


def spoil(store: DatabaseStore, instance_id: str) -> None:
    """The next event of the instance's trail is there already: no step of the instance can be written."""
    with store.begin() as transaction:
        transaction._connection.execute(
            text(
                "INSERT INTO audit_event SELECT stream, seq + 1, occurred_at, actor, kind, payload, previous_hash, hash FROM audit_event"
                " WHERE stream = :one AND seq = (SELECT max(seq) FROM audit_event WHERE stream = :one)"
            ),
            {"one": instance_id},
        )
        transaction.commit()


def test_a_case_that_cannot_be_written_holds_up_no_other_timer(services: Services, store: DatabaseStore, clock: Clock) -> None:
    deployed(services, process("sleeping", PLAIN, SLEEP))
    cases = [started(services, "sleeping") for _ in range(5)]
    spoil(store, cases[2])
    clock.now += 60_000

    assert fire_due_timers(services) == 4
    assert open_tasks(services) == 4
    assert fire_due_timers(services) == 0, "the spoilt one is still due"


def test_a_case_whose_incident_cannot_be_written_holds_up_no_other_timer(services: Services, store: DatabaseStore, clock: Clock) -> None:
    deployed(services, process("sleeping", PLAIN, SLEEP))
    cases = [started(services, "sleeping") for _ in range(5)]
    with store.begin() as transaction:
        transaction._connection.execute(
            text(
                "INSERT INTO incident (id, process_instance_id, kind, message, created_at, operation)"
                " VALUES ('broken', :one, 'internal', 'broken', 1, 'no JSON')"
            ),
            {"one": cases[0]},
        )
        transaction._connection.execute(text("UPDATE process_instance SET state = 'incident' WHERE id = :one"), {"one": cases[0]})
        transaction.commit()
    clock.now += 60_000

    assert fire_due_timers(services) == 4
    assert open_tasks(services) == 4


def test_slow_steps_do_not_keep_the_cases_of_others_locked(store: DatabaseStore) -> None:
    class SlowClock(Clock):
        """Each look at it takes a while."""

        def __call__(self) -> int:
            self.now += self.step
            return self.now

        step = 0

    clock = SlowClock()
    services = Services(store, SpiffEngine(), clock)
    deployed(services, process("sleeping", PLAIN, SLEEP))
    for _ in range(5):
        started(services, "sleeping")
    clock.now += 60_000
    clock.step = LONGEST_MS // 4

    fired = []
    while handled := fire_due_timers(services):
        fired.append(handled)

    assert sum(fired) == open_tasks(services) == 5
    assert len(fired) > 1


def test_a_signal_whose_sender_was_killed_is_brought_by_a_worker_in_time(services: Services, clock: Clock) -> None:
    deployed(services, process("waiting", PLAIN, WAIT))
    for _ in range(3):
        started(services, "waiting")
    broadcast_signal(services, ADMIN, BroadcastSignal("go", {}))

    assert see_to_what_is_due(services, clock.now) == 0, "it is for the sender's process first"
    clock.now += HANDOVER_MS
    assert see_to_what_is_due(services, clock.now) == 3
    assert open_tasks(services) == 3
    assert see_to_what_is_due(services, clock.now) == 0


LISTENING = """<process id="listening" isExecutable="true"><startEvent id="start"/><userTask id="work" camunda:candidateGroups="g"/>
<boundaryEvent id="heard" attachedToRef="work" cancelActivity="false"><signalEventDefinition signalRef="s"/></boundaryEvent>
<userTask id="note" camunda:candidateGroups="g"/><endEvent id="done"/><endEvent id="noted"/>
<sequenceFlow sourceRef="start" targetRef="work"/><sequenceFlow sourceRef="work" targetRef="done"/>
<sequenceFlow sourceRef="heard" targetRef="note"/><sequenceFlow sourceRef="note" targetRef="noted"/></process></definitions>"""


def test_of_several_signals_on_their_way_to_one_listener_none_is_lost(services: Services, clock: Clock) -> None:
    deployed(services, ("listening.bpmn", (HEAD + LISTENING).encode()))
    started(services, "listening")
    for _ in range(3):
        broadcast_signal(services, ADMIN, BroadcastSignal("go", {}))
    clock.now += HANDOVER_MS

    assert deliver_due_events(services, 10) == 3

    assert open_tasks(services) == 1 + 3
    broadcast_signal(services, ADMIN, BroadcastSignal("go", {}))
    clock.now += HANDOVER_MS
    assert deliver_due_events(services, 10) == 1
    assert open_tasks(services) == 1 + 4


def test_a_receiver_that_cannot_be_written_holds_up_no_other_and_is_not_forgotten(
    services: Services, store: DatabaseStore, clock: Clock
) -> None:
    deployed(services, process("waiting", PLAIN, WAIT))
    cases = [started(services, "waiting") for _ in range(4)]
    spoil(store, cases[0])
    store.after_throwing = lambda events: deliver_at_once(services, events)

    broadcast_signal(services, ADMIN, BroadcastSignal("go", {}))

    assert open_tasks(services) == 3
    with store.begin() as transaction:
        transaction._connection.execute(text("DROP TRIGGER audit_event_no_delete"))
        transaction._connection.execute(
            text("DELETE FROM audit_event WHERE stream = :one AND seq = (SELECT max(seq) FROM audit_event WHERE stream = :one)"),
            {"one": cases[0]},
        )
        transaction.commit()
    clock.now += 500
    assert deliver_due_events(services, 10) == 1
    assert open_tasks(services) == 4


def test_the_clock_starts_each_instance_once(services: Services, clock: Clock) -> None:
    deployed(services, process("by_clock", BY_CLOCK))

    assert start_due_processes(services, 10) == 0
    clock.now += 60_000
    assert start_due_processes(services, 10) == 1
    assert start_due_processes(services, 10) == 0
    clock.now += 600_000
    assert start_due_processes(services, 10) == 2, "a cycle with a number makes all its starts"
    assert start_due_processes(services, 10) == 0
    assert open_tasks(services) == 3


def test_an_idle_poll_writes_nothing(services: Services, store: DatabaseStore, clock: Clock) -> None:
    with store.begin():  # The only writer: a poll that wanted to write would wait for it.
        assert see_to_what_is_due(services, clock.now) == 0


def test_a_case_that_no_longer_listens_says_that_it_did_not_hear_the_signal(services: Services, store: DatabaseStore, clock: Clock) -> None:
    deployed(services, process("waiting", PLAIN, WAIT))
    case = started(services, "waiting")
    for _ in range(2):
        broadcast_signal(services, ADMIN, BroadcastSignal("go", {}))
    clock.now += HANDOVER_MS

    assert deliver_due_events(services, 10) == 2

    assert open_tasks(services) == 1
    with store.begin() as transaction:
        kinds = transaction._connection.execute(text("SELECT kind FROM audit_event WHERE stream = :case ORDER BY seq"), {"case": case})
        assert [kind for (kind,) in kinds if kind.startswith("signal.")] == ["signal.received", "signal.not-received"]
    with store.read() as questions:
        assert questions.verify_audit(case)[1] is None
