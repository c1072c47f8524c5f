"""What a worker sees to: nothing that one case meets holds up the others, and nothing that is due is forgotten."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import text

from service.actions.events.broadcast_signal import BroadcastSignal, broadcast_signal
from service.actions.events.drop_pending_event import DropPendingEvent, drop_pending_event
from service.actions.events.fire_timers import LONGEST_MS, fire_due_timers
from service.actions.events.pending_events import deliver_at_once, deliver_due_events
from service.actions.events.retry_pending_event import RetryPendingEvent, retry_pending_event
from service.actions.events.retry_start_timer import retry_start_timer
from service.actions.events.retry_timer import retry_timer
from service.actions.events.start_by_timer import start_due_processes
from service.actions.incidents.retry_incident import RetryIncident, retry_incident
from service.actions.instances.instance_operation import Operation
from service.actions.instances.suspend_instance import suspend_instance
from service.actions.ports import Law, ProcessSource, Services
from service.actions.presentation import timestamp
from service.actions.retry_later import FIRST_MS, UNEXPECTED
from service.actions.views import page
from service.domain.errors import NotFound
from service.domain.event import HANDOVER_MS
from service.domain.json_values import Json
from service.engine import InstanceExecution, SpiffEngine
from service.moved_clock import (
    ADMIN,
    BY_CLOCK,
    HEAD,
    PLAIN,
    SLEEP,
    WAIT,
    Clock,
    deployed,
    fresh_store,
    open_tasks,
    process,
    spoil,
    started,
    unspoil,
)
from service.store.counting import count_statements
from service.store.database import DatabaseStore
from service.worker import see_to_what_is_due


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DatabaseStore]:
    with fresh_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def services(store: DatabaseStore, clock: Clock) -> Services:
    """Without after_throwing: as if the process that wrote an event down had been killed right after."""
    return Services(store, SpiffEngine(), clock)


def listed(services: Services, what: str, **filters: object) -> list[Mapping[str, Json]]:
    return list(page(services, ADMIN, what, filters, [], 50, None).items)


def test_a_case_that_cannot_be_written_holds_up_no_other_timer(services: Services, store: DatabaseStore, clock: Clock) -> None:
    deployed(services, process("sleeping", PLAIN, SLEEP))
    cases = [started(services, "sleeping") for _ in range(5)]
    spoil(store, cases[2])
    clock.now += 60_000

    assert fire_due_timers(services) == 4
    assert open_tasks(services) == 4
    assert fire_due_timers(services) == 0, "the spoilt one waits for its next attempt"


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
    with store.read() as questions:
        assert not questions.anything_due(clock.now), "the broken one waits for its next attempt"


def test_a_timer_that_can_neither_fire_nor_be_parked_is_tried_less_and_less_often(
    services: Services, store: DatabaseStore, clock: Clock
) -> None:
    deployed(services, process("sleeping", PLAIN, SLEEP))
    case = started(services, "sleeping")
    spoil(store, case)
    clock.now += 60_000
    due_at = clock.now

    def anything_due() -> bool:
        with store.read() as questions:
            return questions.anything_due(clock.now)

    assert anything_due()
    for wait in (FIRST_MS, 2 * FIRST_MS, 4 * FIRST_MS):
        assert see_to_what_is_due(services, clock.now) == 0
        assert not anything_due()
        clock.now += wait - 1
        assert not anything_due()
        clock.now += 1
        assert anything_due()
    with store.read() as questions:
        (stored,) = questions.stored_instances("", 10, case)
        assert set(stored.standing.due_at.values()) == {due_at}, "people still see when it was due"

    unspoil(store, case)
    assert see_to_what_is_due(services, clock.now) == 1
    assert open_tasks(services) == 1


def test_a_postponed_timer_is_listed_with_its_cause_and_can_be_tried_at_once(
    services: Services, store: DatabaseStore, clock: Clock
) -> None:
    deployed(services, process("sleeping", PLAIN, SLEEP))
    case, other = started(services, "sleeping"), started(services, "sleeping")
    assert [row["state"] for row in listed(services, "timers")] == ["waiting", "waiting"]
    suspend_instance(services, Operation(ADMIN, other, "等待"))
    spoil(store, case)
    clock.now += 60_000
    due_at = timestamp(clock.now)
    see_to_what_is_due(services, clock.now)

    (row,) = listed(services, "timers", postponed=True)
    assert (row["processInstanceId"], row["state"], row["dueAt"], row["attempts"]) == (case, "postponed", due_at, 1)
    assert row["nextAttemptAt"] == timestamp(clock.now + FIRST_MS)
    assert row["problem"] == "another request changed the same thing at the same moment"
    assert [row["state"] for row in listed(services, "timers", postponed=False)] == ["suspended"]
    with store.read() as questions:
        assert questions.gauges(clock.now)["postponedTimers"] == 1

    unspoil(store, case)
    retry_timer(services, ADMIN, str(row["id"]))
    assert listed(services, "timers", postponed=True) == []
    assert see_to_what_is_due(services, clock.now) == 1
    (told,) = listed(services, "audit-events", kind="timer.retried")
    payload = told["payload"]
    assert isinstance(payload, dict)
    assert (payload["timerId"], payload["processInstanceId"], payload["problem"]) == (row["id"], case, row["problem"])
    with pytest.raises(NotFound):
        retry_timer(services, ADMIN, str(row["id"]))


def test_a_postponed_timer_that_became_an_incident_is_not_listed_as_postponed(
    services: Services, store: DatabaseStore, clock: Clock
) -> None:
    deployed(services, process("sleeping", PLAIN, SLEEP))
    spoil(store, started(services, "sleeping"))
    clock.now += 60_000
    see_to_what_is_due(services, clock.now)
    (row,) = listed(services, "timers", postponed=True)

    with store.begin() as tx:
        tx.park_timer(str(row["id"]))
        tx.commit()

    assert listed(services, "timers", postponed=True) == []
    assert [one["state"] for one in listed(services, "timers", postponed=False)] == ["incident"]


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
LETTERS = """<message id="m" name="letter"/>
<process id="reading" isExecutable="true"><startEvent id="start"/>
<intermediateCatchEvent id="wait"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>
<userTask id="after" camunda:candidateGroups="g"/><endEvent id="end"/><sequenceFlow sourceRef="start" targetRef="wait"/>
<sequenceFlow sourceRef="wait" targetRef="after"/><sequenceFlow sourceRef="after" targetRef="end"/></process>
<process id="writing" isExecutable="true"><startEvent id="begin"/>
<endEvent id="send"><messageEventDefinition messageRef="m"/></endEvent><sequenceFlow sourceRef="begin" targetRef="send"/></process>
</definitions>"""


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
    (row,) = listed(services, "pending-events", failing=True)
    assert (row["attempts"], row["problem"], row["processInstanceId"]) == (
        1,
        "another request changed the same thing at the same moment",
        cases[0],
    )
    unspoil(store, cases[0])
    clock.now += 500
    assert deliver_due_events(services, 10) == 1
    assert open_tasks(services) == 4
    assert listed(services, "pending-events") == []


class FaultyEngine(SpiffEngine):
    """The engine with a fault of which nobody knows while `faulty`."""

    faulty = False

    def resume(self, source: ProcessSource, state_data: bytes, law: Law) -> InstanceExecution:
        if self.faulty:
            raise ZeroDivisionError("words for the log")
        return super().resume(source, state_data, law)


@pytest.mark.parametrize("way", ["signal", "message"])
def test_an_unexpected_error_in_the_step_of_a_receiver_is_an_incident_of_it(store: DatabaseStore, clock: Clock, way: str) -> None:
    engine = FaultyEngine()
    services = Services(store, engine, clock)
    deployed(services, process("waiting", PLAIN, WAIT), ("letters.bpmn", (HEAD + LETTERS).encode()))
    case = started(services, "waiting" if way == "signal" else "reading")
    if way == "signal":
        broadcast_signal(services, ADMIN, BroadcastSignal("go", {}))
    else:
        started(services, "writing")
    clock.now += HANDOVER_MS
    engine.faulty = True

    assert deliver_due_events(services, 10) == 1

    assert listed(services, "pending-events") == []
    (incident,) = listed(services, "incidents", open=True)
    assert (incident["processInstanceId"], incident["elementId"], incident["kind"]) == (case, "wait", "internal")
    assert incident["message"] == UNEXPECTED
    engine.faulty = False
    retry_incident(services, ADMIN, RetryIncident(str(incident["id"]), {}))
    assert open_tasks(services) == 1
    assert listed(services, "incidents", open=True) == []


def test_a_failing_event_is_tried_when_told_to_or_dropped(services: Services, store: DatabaseStore, clock: Clock) -> None:
    deployed(services, process("waiting", PLAIN, WAIT))
    cases = [started(services, "waiting") for _ in range(3)]
    for case in cases:
        spoil(store, case)
    store.after_throwing = lambda events: deliver_at_once(services, events)
    event_id = str(json.loads(broadcast_signal(services, ADMIN, BroadcastSignal("go", {"why": "x"})).body)["id"])
    assert len(listed(services, "pending-events", failing=True)) == 3

    unspoil(store, cases[0])
    assert json.loads(retry_pending_event(services, ADMIN, RetryPendingEvent(event_id)).body)["deliveries"] == 3
    assert open_tasks(services) == 1, "at once, not at the next attempt"
    left = listed(services, "pending-events", failing=True)
    assert sorted(str(row["processInstanceId"]) for row in left) == sorted(cases[1:])

    first, second = left
    with count_statements(store) as sent:
        drop_pending_event(services, ADMIN, DropPendingEvent(event_id, str(first["target"]), "no longer needed"))
    locks = [next(place for place, one in enumerate(sent) if f"FROM {table}" in one) for table in ("service_stream", "event_delivery")]
    assert locks == sorted(locks), "in the order of a retry: else the two could wait for each other"
    assert listed(services, "pending-events") == [second]
    with pytest.raises(NotFound):
        drop_pending_event(services, ADMIN, DropPendingEvent(event_id, str(first["target"]), "again"))
    (dropped,) = listed(services, "audit-events", kind="event.dropped")
    payload = dropped["payload"]
    assert isinstance(payload, dict)
    assert (payload["variables"], payload["reason"], payload["targetKind"]) == ({"why": "x"}, "no longer needed", "continue")
    with store.read() as questions:
        assert questions.verify_audit("service")[1] is None


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


def test_a_start_that_fails_says_why_and_is_made_when_told_to(services: Services, store: DatabaseStore, clock: Clock) -> None:
    deployed(services, process("by_clock", BY_CLOCK), process("other", BY_CLOCK))
    with store.begin() as transaction:
        transaction._connection.execute(text("UPDATE start_timer SET definition_id = 'gone:1' WHERE definition_key = 'by_clock'"))
        transaction.commit()
    before = {row["definitionKey"]: row for row in listed(services, "start-timers")}
    assert [row["dueAt"] == row["nextAttemptAt"] for row in before.values()] == [True, True]
    with pytest.raises(NotFound):
        retry_start_timer(services, ADMIN, str(before["by_clock"]["id"]))
    clock.now += 60_000

    assert start_due_processes(services, 10) == 2, "the other is started all the same"

    assert open_tasks(services) == 1
    (failing,) = listed(services, "start-timers", failing=True)
    assert (failing["definitionKey"], failing["attempts"], failing["dueAt"]) == ("by_clock", 1, before["by_clock"]["dueAt"])
    assert failing["problem"] == "no process definition with the id or key 'gone:1'"
    assert str(failing["nextAttemptAt"]) > str(failing["dueAt"])

    with store.begin() as transaction:
        transaction._connection.execute(text("UPDATE start_timer SET definition_id = 'by_clock:1' WHERE definition_key = 'by_clock'"))
        transaction.commit()
    assert start_due_processes(services, 10) == 0
    retry_start_timer(services, ADMIN, str(failing["id"]))
    assert start_due_processes(services, 10) == 1
    assert open_tasks(services) == 2
    assert listed(services, "start-timers", failing=True) == []
    assert [row["actor"] for row in listed(services, "audit-events", kind="start-timer.retried")] == ["li"]


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
