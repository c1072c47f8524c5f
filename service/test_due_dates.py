"""Due dates over time, all rooms joined: what a suspension does to them, and what becoming known does to the working days of a year."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from service.actions.answer import Answer
from service.actions.deadlines.adopt_published_years import adopt_published_years
from service.actions.deadlines.recount_due_dates import LATER_MS, recount_due_dates
from service.actions.deadlines.set_working_days import SetWorkingDays, set_working_days
from service.actions.deadlines.working_calendar import PUBLISHED
from service.actions.deployments.deploy import Deploy, deploy
from service.actions.events.fire_timers import fire_timer
from service.actions.instances.instance_operation import Operation
from service.actions.instances.resume_instance import resume_instance
from service.actions.instances.start_instance import StartInstance, start_instance
from service.actions.instances.suspend_instance import suspend_instance
from service.actions.instances.verify_instances import verify_instances
from service.actions.ports import Services
from service.actions.presentation import timestamp
from service.actions.views import page
from service.domain.errors import Conflict
from service.domain.json_values import Json, read_canonical
from service.engine import SpiffEngine
from service.moved_clock import ADMIN, HEAD, Clock, fresh_store, spoil, unspoil
from service.store.database import DatabaseStore
from service.worker import see_to_what_is_due

DAY = 86_400_000
PLACE = """
id: here
name: 本地
documents: []
deadlines:
  T_OURS: {workingDays: 5, basis: default, name: 受理}
  T_PLACE: {days: 10, basis: rule}
  T_LAW: {days: 30, basis: law}
  T_LONG: {workingDays: 40, basis: default}
  T_BRIEF: {duration: PT1H, basis: recommendation}
"""
DUE = {
    "ours": '=deadline("T_OURS")',
    "place": "${deadline('T_PLACE')}",
    "law": '=deadline("T_LAW")',
    "before": '=deadline("T_OURS") - duration("P1D")',
    "later": '=if today() > date("2020-01-01") then deadline("T_BRIEF") else null',
    "given": '=if given = null then deadline("T_OURS") else given',
    "earlier": '=min(deadline("T_PLACE"), date and time("2031-01-01T00:00:00+08:00"))',
    "fixed": "P3D",
    "counted": "=workingDays(6)",
    "long": '=deadline("T_LONG")',
}


def diagram() -> bytes:
    """All tasks at once, and a timer at the first."""
    tasks = "".join(
        f'<userTask id="{name}" camunda:dueDate="{due.replace(chr(34), "&quot;")}"/><sequenceFlow sourceRef="start" targetRef="{name}"/>'
        for name, due in DUE.items()
    )
    timer = (
        '<boundaryEvent id="reminder" attachedToRef="ours" cancelActivity="false"><timerEventDefinition>'
        '<timeDate>=deadline("T_OURS")</timeDate></timerEventDefinition></boundaryEvent>'
        '<userTask id="reminded"/><sequenceFlow sourceRef="reminder" targetRef="reminded"/>'
    )
    return f'{HEAD}<process id="dated" isExecutable="true"><startEvent id="start"/>{tasks}{timer}</process></definitions>'.encode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DatabaseStore]:
    with fresh_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def services(store: DatabaseStore, clock: Clock) -> Services:
    joined = Services(store, SpiffEngine(), clock)
    deploy(joined, ADMIN, Deploy("d", "here", (("jurisdiction.yaml", PLACE.encode()), ("dated.bpmn", diagram()))))
    return joined


def body(answer: Answer) -> dict[str, Json]:
    told = read_canonical(answer.body)
    assert isinstance(told, dict)
    return told


def case(services: Services, **variables: Json) -> str:
    return str(body(start_instance(services, ADMIN, StartInstance("dated", None, None, "here", variables)))["id"])


def tasks(services: Services, case_id: str) -> dict[str, Mapping[str, Json]]:
    rows = page(services, ADMIN, "tasks", {"processInstanceId": case_id}, [], 50, None).items
    return {str(row["taskDefinitionKey"]): row for row in rows}


def days_due(services: Services, case_id: str) -> dict[str, str]:
    """The day on which each task is due, in China, where it is due with the end of a day."""
    found = {}
    for key, row in tasks(services, case_id).items():
        if row["dueDate"] is not None:
            text = str(row["dueDate"])
            found[key] = datetime.fromisoformat(text).date().isoformat() if text.endswith("15:59:59.000Z") else text
    return found


def limit_at(row: Mapping[str, Json]) -> dict[str, Json]:
    limit = row["dueLimit"]
    assert isinstance(limit, dict)
    return limit


def trail(services: Services, case_id: str, kind: str) -> list[dict[str, Json]]:
    rows = page(services, ADMIN, "audit-events", {"stream": case_id, "kind": kind}, [], 50, None).items
    payloads = [row["payload"] for row in rows]
    return [payload for payload in payloads if isinstance(payload, dict)]


def held(services: Services, clock: Clock, case_id: str, milliseconds: int) -> None:
    """Suspend the case for that long."""
    suspend_instance(services, Operation(ADMIN, case_id, "等待"))
    clock.now += milliseconds
    resume_instance(services, Operation(ADMIN, case_id, "继续"))


def test_a_task_says_which_limit_it_is_due_by(services: Services, clock: Clock) -> None:
    found = tasks(services, case(services, given="2026-12-24"))

    assert found["ours"]["dueBasis"] == "default"
    assert limit_at(found["ours"]) == {
        "key": "T_OURS",
        "name": "受理",
        "status": "default",
        "unit": "workingDays",
        "amount": 5,
        "beganAt": timestamp(clock.now),
        "paused": [],
        "stoppedMs": 0,
        "offsetMs": 0,
        "derived": False,
        "derivation": None,
        "repeating": False,
        "provisional": False,
    }
    assert {key: limit_at(found[key])["status"] for key in ("place", "law", "later", "counted")} == {
        "place": "rule",
        "law": "law",
        "later": "recommendation",
        "counted": "diagram",
    }
    assert (limit_at(found["before"])["key"], limit_at(found["before"])["offsetMs"]) == ("T_OURS", -DAY)
    assert limit_at(found["earlier"])["derived"] is True
    assert [found[key]["dueLimit"] for key in ("given", "fixed")] == [None, None]
    assert [found[key]["dueBasis"] for key in ("given", "fixed")] == ["variable", "diagram"]
    assert {key: limit_at(found[key])["provisional"] for key in ("ours", "long")} == {"ours": False, "long": True}


def test_limits_of_ours_stand_still_while_a_case_is_suspended(services: Services, clock: Clock) -> None:
    held_case = case(services)  # Friday 2026-11-20
    before = days_due(services, held_case)
    clock.now += 3 * DAY  # Monday

    held(services, clock, held_case, 4 * DAY)  # resumed on Friday: Monday to Thursday do not count

    after = days_due(services, held_case)
    assert (before["ours"], after["ours"]) == ("2026-11-27", "2026-12-03")
    assert (before["given"], after["given"]) == ("2026-11-27", "2026-12-03")
    assert (before["place"], after["place"]) == ("2026-11-30", "2026-12-04")
    assert (before["before"], after["before"]) == ("2026-11-26", "2026-12-02")
    assert (before["earlier"], after["earlier"]) == ("2026-11-30", "2026-12-04"), "the smaller one is still the limit"
    assert {key: after[key] for key in ("law", "fixed", "counted")} == {key: before[key] for key in ("law", "fixed", "counted")}
    assert after["later"] == before["later"], "its hour was over when the case was suspended"
    resumed = trail(services, held_case, "instance.resumed")[0]["movedDueDates"]
    assert isinstance(resumed, list)
    told = {str(one["elementId"]): (one["from"], one["to"]) for one in resumed if isinstance(one, dict)}
    assert told["reminder"] == told["ours"] == ("2026-11-27T15:59:59.000Z", "2026-12-03T15:59:59.000Z")
    assert set(told) == {"reminder", "ours", "given", "place", "before", "earlier", "long"}
    paused = {"from": timestamp(clock.now - 4 * DAY), "to": timestamp(clock.now), "by": "suspension"}
    assert limit_at(tasks(services, held_case)["ours"])["paused"] == [paused]
    assert verify_instances(services).discrepancies == []


def test_a_timer_of_a_limit_fires_when_the_limit_ends(services: Services, clock: Clock) -> None:
    held_case = case(services)
    clock.now += 3 * DAY
    held(services, clock, held_case, 5 * DAY)  # past the moment at which the reminder was due

    see_to_what_is_due(services, clock.now)
    assert "reminded" not in tasks(services, held_case)

    clock.now += 7 * DAY
    see_to_what_is_due(services, clock.now)
    assert "reminded" in tasks(services, held_case)


def test_a_timer_that_is_due_later_since_it_was_claimed_does_not_fire(services: Services, clock: Clock) -> None:
    late_case = case(services)
    clock.now += 8 * DAY
    with services.store.begin() as tx:
        (claimed,) = tx.claim_due_timers(clock.now, 10)
    clock.now -= 8 * DAY  # as if its limit had been counted again meanwhile

    with services.store.begin() as tx:
        assert not fire_timer(services, tx, claimed)
    assert "reminded" not in tasks(services, late_case)


def test_working_days_after_the_last_year_are_an_incident_not_an_error(services: Services) -> None:
    flow = '<startEvent id="begin"/><sequenceFlow sourceRef="begin" targetRef="far"/>'
    task = '<userTask id="far" camunda:dueDate="=workingDays(3, since)"/>'
    endless = f'{HEAD}<process id="endless" isExecutable="true">{flow}{task}</process></definitions>'
    deploy(services, ADMIN, Deploy("e", "here", (("endless.bpmn", endless.encode()),)))

    begun = body(start_instance(services, ADMIN, StartInstance("endless", None, None, "e", {"since": "9999-12-31"})))

    assert begun["state"] == "incident"
    (incident,) = page(services, ADMIN, "incidents", {"processInstanceId": begun["id"]}, [], 50, None).items
    assert (incident["elementId"], incident["message"]) == ("far", "the time limit ends after the year 9999")


def test_a_case_may_stand_still_several_times(services: Services, clock: Clock) -> None:
    held_case = case(services)
    clock.now += 3 * DAY
    for _ in range(2):
        held(services, clock, held_case, DAY)

    assert days_due(services, held_case)["ours"] == "2026-12-01"
    paused = limit_at(tasks(services, held_case)["ours"])["paused"]
    assert isinstance(paused, list)
    assert len(paused) == 2


NEW_YEAR = SetWorkingDays(2027, [date(2027, 1, 1), date(2027, 1, 4)], [date(2027, 1, 3)], "国务院办公厅通知")


def test_a_known_year_moves_what_counted_its_days(services: Services, clock: Clock) -> None:
    waiting, suspended = case(services), case(services)
    suspend_instance(services, Operation(ADMIN, suspended, "等待"))
    before = days_due(services, waiting)
    assert before["long"] == "2027-01-15"

    set_working_days(services, ADMIN, NEW_YEAR)
    see_to_what_is_due(services, clock.now)

    for one in (waiting, suspended):
        assert days_due(services, one) == before | {"long": "2027-01-18"}, "two days off more, one worked more"
        assert limit_at(tasks(services, one)["long"])["provisional"] is False
        [told] = trail(services, one, "task.due-date-recomputed")
        assert (told["elementId"], told["from"], told["to"], told["year"]) == (
            "long",
            "2027-01-15T15:59:59.000Z",
            "2027-01-18T15:59:59.000Z",
            2027,
        )
    assert verify_instances(services).discrepancies == []
    later = case(services)
    assert days_due(services, later) == days_due(services, waiting)
    assert trail(services, later, "task.due-date-recomputed") == []


def test_a_step_that_had_read_the_old_table_is_found_by_a_later_look(services: Services, store: DatabaseStore, clock: Clock) -> None:
    set_working_days(services, ADMIN, NEW_YEAR)
    see_to_what_is_due(services, clock.now)
    late = case(services)
    as_before_the_table(store, late)

    see_to_what_is_due(services, clock.now)
    assert days_due(services, late)["long"] == "2027-01-15"
    clock.now += LATER_MS
    see_to_what_is_due(services, clock.now)
    assert days_due(services, late)["long"] == "2027-01-18"
    assert len(trail(services, late, "task.due-date-recomputed")) == 1
    with services.store.read() as questions:
        assert questions.recount_due(clock.now + DAY) is None, "nothing is left, and nothing can come any more"


def as_before_the_table(store: DatabaseStore, case_id: str) -> None:
    """As a step would have written it that had begun before the table was set."""
    due = int(datetime.fromisoformat("2027-01-15T15:59:59Z").timestamp()) * 1_000
    with store.begin() as transaction:
        changed = transaction._connection.execute(
            text("UPDATE task SET counted_version = 0, due_at = :due WHERE process_instance_id = :one AND task_definition_key = 'long'"),
            {"one": case_id, "due": due},
        )
        assert changed.rowcount == 1
        transaction.commit()


def test_a_corrected_table_counts_again(services: Services, clock: Clock) -> None:
    waiting = case(services)
    set_working_days(services, ADMIN, NEW_YEAR)
    see_to_what_is_due(services, clock.now)

    set_working_days(services, ADMIN, replace(NEW_YEAR, workdays=[]))
    see_to_what_is_due(services, clock.now)

    assert days_due(services, waiting)["long"] == "2027-01-19"
    assert len(trail(services, waiting, "task.due-date-recomputed")) == 2


def test_the_same_table_again_is_no_news(services: Services, clock: Clock) -> None:
    first = set_working_days(services, ADMIN, NEW_YEAR)
    clock.now += DAY

    assert set_working_days(services, ADMIN, replace(NEW_YEAR, holidays=list(reversed(NEW_YEAR.holidays)))) == first
    assert len(page(services, ADMIN, "audit-events", {"kind": "working-days.set"}, [], 50, None).items) == 1


def test_a_published_year_is_not_set(services: Services) -> None:
    with pytest.raises(Conflict) as refused:
        set_working_days(services, ADMIN, SetWorkingDays(2026, [], [], "x"))
    assert refused.value.code == "working-days-published"


def test_a_case_that_cannot_be_written_holds_up_no_other(services: Services, store: DatabaseStore, clock: Clock) -> None:
    cases = [case(services) for _ in range(3)]
    set_working_days(services, ADMIN, NEW_YEAR)
    spoil(store, cases[1])

    see_to_what_is_due(services, clock.now)
    assert [limit_at(tasks(services, one)["long"])["provisional"] for one in cases] == [False, True, False]

    unspoil(store, cases[1])
    clock.now += LATER_MS
    see_to_what_is_due(services, clock.now)
    assert limit_at(tasks(services, cases[1])["long"])["provisional"] is False


def test_many_cases_are_seen_to_in_portions(services: Services, clock: Clock) -> None:
    cases = [case(services) for _ in range(5)]
    set_working_days(services, ADMIN, NEW_YEAR)

    assert [recount_due_dates(services, 2) for _ in range(4)] == [2, 2, 1, 0]
    assert {days_due(services, one)["long"] for one in cases} == {"2027-01-18"}


def test_a_year_that_the_package_has_come_to_know_counts_again(services: Services, store: DatabaseStore, clock: Clock) -> None:
    """As after an upgrade: what had been counted by weekdays of a year that is published by now."""
    clock.now = int(datetime(2025, 11, 20, 5, tzinfo=UTC).timestamp()) * 1_000
    waiting = case(services)
    published = days_due(services, waiting)["long"]
    with store.begin() as transaction:
        transaction._connection.execute(
            text("UPDATE task SET counted_version = 0, counted_year = 2026, due_at = due_at - :day WHERE task_definition_key = 'long'"),
            {"day": DAY},
        )
        transaction.commit()

    assert adopt_published_years(services) == 2026
    assert adopt_published_years(services) is None
    see_to_what_is_due(services, clock.now)

    assert days_due(services, waiting)["long"] == published
    assert len(trail(services, waiting, "task.due-date-recomputed")) == 1
    assert len(page(services, ADMIN, "audit-events", {"kind": "working-days.published"}, [], 50, None).items) == 1


def test_each_published_year_is_adopted_once(services: Services, clock: Clock) -> None:
    assert adopt_published_years(services) is None, "nothing counts days of a year that is not published"
    waiting = case(services)

    assert adopt_published_years(services) == max(PUBLISHED)
    see_to_what_is_due(services, clock.now)

    assert trail(services, waiting, "task.due-date-recomputed") == [], "counted again, and as before"
    assert adopt_published_years(services) is None


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("task", "due_at = due_at + 1000", "by its limit T_OURS"),
        ("timer", "due_at = due_at + 1000", "by its limit T_OURS"),
        ("task", "due_limit = '{}'", "is not readable"),
        ("task", """due_limit = replace(due_limit, '"workingDays"', '"weeks"')""", "is not readable"),
    ],
)
def test_a_due_date_that_is_not_what_its_limit_gives_is_told(
    services: Services, store: DatabaseStore, table: str, change: str, words: str
) -> None:
    case(services)
    assert verify_instances(services).discrepancies == []
    at = "task_definition_key = 'ours'" if table == "task" else "element_id = 'reminder'"
    with store.begin() as transaction:
        transaction._connection.execute(text(f"UPDATE {table} SET {change} WHERE {at}"))
        transaction.commit()

    assert [words in one.message for one in verify_instances(services).discrepancies] == [True]


def test_a_timer_that_failed_to_fire_stays_due(services: Services, clock: Clock) -> None:
    body_of = (
        '<startEvent id="start"/><userTask id="work"/><sequenceFlow sourceRef="start" targetRef="work"/>'
        '<boundaryEvent id="late" attachedToRef="work"><timerEventDefinition><timeDate>=deadline("T_BRIEF")</timeDate>'
        '</timerEventDefinition></boundaryEvent><sequenceFlow sourceRef="late" targetRef="fails"/>'
        '<scriptTask id="fails" scriptFormat="feel" camunda:resultVariable="x"><script>1 + "a"</script></scriptTask>'
    )
    failing = f'{HEAD}<process id="failing" isExecutable="true">{body_of}</process></definitions>'.encode()
    deploy(services, ADMIN, Deploy("d", "here", (("jurisdiction.yaml", PLACE.encode()), ("failing.bpmn", failing))))
    failed = str(body(start_instance(services, ADMIN, StartInstance("failing", None, None, "here", {})))["id"])
    clock.now += 7_200_000
    see_to_what_is_due(services, clock.now)
    assert len(page(services, ADMIN, "incidents", {"processInstanceId": failed}, [], 50, None).items) == 1

    held(services, clock, failed, DAY)

    assert [resumed["movedDueDates"] for resumed in trail(services, failed, "instance.resumed")] == [[]]
    with services.store.begin() as tx:
        assert [timer.limit.paused for timer in tx.limited_timers(failed)] == [()]
    assert verify_instances(services).discrepancies == []
