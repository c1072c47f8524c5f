"""Time limits that move, all rooms joined: derived ones, repeating timers, clocks that a step stops, and days set in their place."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path

import pytest
from chinese_calendar import constants

from service.actions.answer import Answer
from service.actions.deadlines.adopt_published_years import adopt_published_years
from service.actions.deadlines.recount_due_dates import LATER_MS
from service.actions.deadlines.set_working_days import SetWorkingDays, set_working_days
from service.actions.deployments.deploy import Deploy, deploy
from service.actions.instances.instance_operation import Operation
from service.actions.instances.modify_instance import modify_instance
from service.actions.instances.resume_instance import resume_instance
from service.actions.instances.start_instance import StartInstance, start_instance
from service.actions.instances.suspend_instance import suspend_instance
from service.actions.instances.verify_instances import verify_instances
from service.actions.ports import Services
from service.actions.presentation import timestamp
from service.actions.tasks.complete_task import CompleteTask, complete_task
from service.actions.views import page
from service.domain.errors import Invalid
from service.domain.json_values import Json, read_canonical
from service.domain.operations import Instruction
from service.engine import SpiffEngine
from service.moved_clock import ADMIN, HEAD, Clock, fresh_store
from service.store.database import DatabaseStore
from service.worker import see_to_what_is_due

DAY = 86_400_000
PLACE = """
id: here
name: 本地
documents: []
deadlines:
  T_OURS: {workingDays: 5, basis: default, name: 受理}
  T_OPINION: {workingDays: 10, basis: default}
  T_RECTIFY: {days: 60, basis: default}
  T_LAW: {days: 30, basis: law}
  T_CLOSE: {days: 9, basis: law}
"""


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
    deploy(joined, ADMIN, Deploy("d", "here", (("jurisdiction.yaml", PLACE.encode()),)))
    return joined


def process(services: Services, inside: str) -> None:
    xml = f'{HEAD}<process id="dated" isExecutable="true">{inside}</process></definitions>'
    deploy(services, ADMIN, Deploy("p", "here", (("dated.bpmn", xml.encode()),)))


def due(name: str, expression: str) -> str:
    """A user task right after the start."""
    written = expression.replace('"', "&quot;")
    return f'<userTask id="{name}" camunda:dueDate="={written}"/><sequenceFlow sourceRef="start" targetRef="{name}"/>'


def case(services: Services, **variables: Json) -> str:
    return str(body(start_instance(services, ADMIN, StartInstance("dated", None, None, "here", variables)))["id"])


def body(answer: Answer) -> dict[str, Json]:
    told = read_canonical(answer.body)
    assert isinstance(told, dict)
    return told


def tasks(services: Services, case_id: str) -> dict[str, Mapping[str, Json]]:
    rows = page(services, ADMIN, "tasks", {"processInstanceId": case_id, "state": "created"}, [], 50, None).items
    return {str(row["taskDefinitionKey"]): row for row in rows}


def day_of(row: Mapping[str, Json], member: str = "dueDate") -> str:
    return datetime.fromisoformat(str(row[member])).date().isoformat()


def limit_of(row: Mapping[str, Json]) -> dict[str, Json]:
    limit = row["dueLimit"]
    assert isinstance(limit, dict)
    return limit


def timers(services: Services, case_id: str) -> list[Mapping[str, Json]]:
    return list(page(services, ADMIN, "timers", {"processInstanceId": case_id}, [], 50, None).items)


def held(services: Services, clock: Clock, case_id: str, milliseconds: int) -> None:
    suspend_instance(services, Operation(ADMIN, case_id, "等待"))
    clock.now += milliseconds
    resume_instance(services, Operation(ADMIN, case_id, "继续"))


def complete(services: Services, case_id: str, key: str, **variables: Json) -> None:
    complete_task(services, ADMIN, CompleteTask(str(tasks(services, case_id)[key]["id"]), variables))


START = '<startEvent id="start"/>'
DERIVED = (
    START
    + due("after", 'workingDays(5, deadline("T_OPINION"))')
    + due("sooner", 'min(deadline("T_RECTIFY"), date and time(date(plan.expectedBy), time("23:59:59+08:00")))')
    + due("of_law", 'max(deadline("T_LAW"), deadline("T_OURS"))')
    + due("asked_of_others", 'if currentUser() = "nobody" then null else min(deadline("T_OURS"), deadline("T_RECTIFY"))')
)


def test_a_derived_due_date_is_worked_out_again_from_its_limits(services: Services, clock: Clock) -> None:
    process(services, DERIVED)
    held_case = case(services, plan={"expectedBy": "2026-12-20", "secret": "x"})  # Friday 2026-11-20
    before = {key: day_of(row) for key, row in tasks(services, held_case).items()}
    assert before == {"after": "2026-12-11", "sooner": "2026-12-20", "of_law": "2026-12-20", "asked_of_others": "2026-11-27"}
    clock.now += 3 * DAY

    held(services, clock, held_case, 4 * DAY)  # Monday to Thursday do not count

    rows = tasks(services, held_case)
    assert {key: day_of(row) for key, row in rows.items()} == before | {"after": "2026-12-17"}
    derivation = limit_of(rows["sooner"])["derivation"]
    assert isinstance(derivation, dict)
    assert derivation["values"] == {"plan": {"expectedBy": "2026-12-20"}}, "only what the expression looks at"
    assert limit_of(rows["asked_of_others"])["derivation"] is None
    assert verify_instances(services).discrepancies == []


def test_the_smaller_of_two_moments_is_found_anew(services: Services, clock: Clock) -> None:
    process(services, START + due("visit", 'min(deadline("T_OURS"), date and time("2026-12-01T23:59:59+08:00"))'))
    held_case = case(services)
    clock.now += 3 * DAY

    held(services, clock, held_case, 4 * DAY)

    assert day_of(tasks(services, held_case)["visit"]) == "2026-12-01", "not the 3rd, to which the limit moved"


def test_the_one_of_two_limits_that_is_chosen_is_found_anew(services: Services, clock: Clock) -> None:
    sooner = 'if deadline("T_OURS") &lt; deadline("T_CLOSE") then deadline("T_OURS") else deadline("T_CLOSE")'
    process(services, START + due("visit", sooner))
    held_case = case(services)
    assert day_of(tasks(services, held_case)["visit"]) == "2026-11-27"
    clock.now += 3 * DAY

    held(services, clock, held_case, 4 * DAY)

    assert day_of(tasks(services, held_case)["visit"]) == "2026-11-29", "that of the law, since ours moved behind it"
    assert verify_instances(services).discrepancies == []


def test_a_known_year_moves_what_is_derived_from_its_days(services: Services, clock: Clock) -> None:
    clock.now += 30 * DAY  # 2026-12-20, a Sunday
    process(services, START + due("after", 'workingDays(5, deadline("T_OPINION"))'))
    waiting = case(services)
    assert day_of(tasks(services, waiting)["after"]) == "2027-01-08"

    set_working_days(services, ADMIN, SetWorkingDays(2027, [date(2027, 1, 1), date(2027, 1, 4)], [], "国务院办公厅通知"))
    see_to_what_is_due(services, clock.now)

    assert day_of(tasks(services, waiting)["after"]) == "2027-01-12"
    assert limit_of(tasks(services, waiting)["after"])["provisional"] is False


REMINDERS = (
    START
    + due("work", 'deadline("T_RECTIFY")')
    + """<boundaryEvent id="remind" attachedToRef="work" cancelActivity="false"><timerEventDefinition><timeCycle
    >="R3/" + string(deadline("T_RECTIFY") - duration("P20D")) + "/P5D"</timeCycle></timerEventDefinition></boundaryEvent>
    <userTask id="reminded"/><sequenceFlow sourceRef="remind" targetRef="reminded"/>
    <boundaryEvent id="weekly" attachedToRef="work" cancelActivity="false"><timerEventDefinition><timeCycle>R/P7D</timeCycle
    ></timerEventDefinition></boundaryEvent><userTask id="looked"/><sequenceFlow sourceRef="weekly" targetRef="looked"/>"""
)


def test_a_repeating_timer_keeps_its_distance_to_its_limit(services: Services, clock: Clock) -> None:
    process(services, REMINDERS)
    held_case = case(services)
    due_before = {str(row["elementId"]): day_of(row, "dueAt") for row in timers(services, held_case)}
    assert due_before == {"remind": "2026-12-30", "weekly": "2026-11-27"}
    clock.now += 3 * DAY

    held(services, clock, held_case, 4 * DAY)

    moved = {str(row["elementId"]): day_of(row, "dueAt") for row in timers(services, held_case)}
    assert moved == {"remind": "2027-01-03", "weekly": "2026-11-27"}, "the week is the diagram's and goes on"
    assert verify_instances(services).discrepancies == [], "its state says the same"
    clock.now += 38 * DAY
    see_to_what_is_due(services, clock.now)
    (second,) = [row for row in timers(services, held_case) if row["elementId"] == "remind"]
    assert day_of(second, "dueAt") == "2027-01-08"
    held(services, clock, held_case, 2 * DAY)
    (second,) = [row for row in timers(services, held_case) if row["elementId"] == "remind"]
    assert day_of(second, "dueAt") == "2027-01-10"
    assert limit_of(second)["offsetMs"] == -15 * DAY
    assert verify_instances(services).discrepancies == []


SUPPLEMENT = """<startEvent id="start"/><sequenceFlow sourceRef="start" targetRef="accept"/>
    <userTask id="accept" camunda:dueDate="=deadline(&quot;T_OURS&quot;, limits.accept)"/>
    <boundaryEvent id="late" attachedToRef="accept" cancelActivity="false"><timerEventDefinition><timeDate
    >=deadline("T_OURS", limits.accept)</timeDate></timerEventDefinition></boundaryEvent>
    <userTask id="reminded"/><sequenceFlow sourceRef="late" targetRef="reminded"/>
    <sequenceFlow sourceRef="accept" targetRef="which"/><exclusiveGateway id="which" default="back"/>
    <sequenceFlow sourceRef="which" targetRef="supplement"><conditionExpression>=way = "supplement"</conditionExpression></sequenceFlow>
    <sequenceFlow id="back" sourceRef="which" targetRef="wait"/>
    <userTask id="wait"/><sequenceFlow sourceRef="wait" targetRef="accept"/>
    <userTask id="supplement" camunda:dueDate="=deadline(&quot;T_OPINION&quot;)"><extensionElements><camunda:properties
    ><camunda:property name="stopsClockOf" value="accept"/></camunda:properties></extensionElements></userTask>
    <sequenceFlow sourceRef="supplement" targetRef="accept"/>"""


def test_the_rest_of_a_limit_runs_on_after_a_step_that_stops_it(services: Services, clock: Clock) -> None:
    process(services, SUPPLEMENT)
    open_case = case(services)  # Friday 2026-11-20: due on Friday 27
    clock.now += 3 * DAY
    complete(services, open_case, "accept", way="supplement")  # on Monday
    stopped_at = clock.now
    assert [row["elementId"] for row in timers(services, open_case)] == []
    clock.now += 8 * DAY
    complete(services, open_case, "supplement")  # on Tuesday 2026-12-01

    accept = tasks(services, open_case)["accept"]
    assert day_of(accept) == "2026-12-07", "of five days Tuesday to Friday and Monday are left"
    assert limit_of(accept)["paused"] == [{"from": timestamp(stopped_at), "to": timestamp(clock.now), "by": "supplement"}]
    assert limit_of(accept)["stoppedMs"] == 8 * DAY
    (late,) = timers(services, open_case)
    assert (late["elementId"], late["dueAt"]) == ("late", accept["dueDate"])
    held(services, clock, open_case, DAY)
    accept = tasks(services, open_case)["accept"]
    assert day_of(accept) == "2026-12-08"
    clock.now += DAY  # Thursday
    complete(services, open_case, "accept", way="supplement")
    clock.now += 4 * DAY
    complete(services, open_case, "supplement")  # on Monday
    again = tasks(services, open_case)["accept"]
    paused = limit_of(again)["paused"]
    assert isinstance(paused, list)
    assert [one["by"] for one in paused if isinstance(one, dict)] == ["supplement", "suspension", "supplement"]
    assert day_of(again) == "2026-12-10"
    assert verify_instances(services).discrepancies == []


def test_a_span_in_which_both_a_step_and_a_suspension_stop_the_limit_counts_once(services: Services, clock: Clock) -> None:
    process(services, SUPPLEMENT)
    open_case = case(services)
    complete(services, open_case, "accept", way="supplement")
    clock.now += DAY
    suspend_instance(services, Operation(ADMIN, open_case, "等待"))
    clock.now += 2 * DAY
    back = [Instruction("cancel", "supplement"), Instruction("startBeforeActivity", "accept")]
    modify_instance(services, Operation(ADMIN, open_case, "改正"), back, {})
    clock.now += DAY

    resume_instance(services, Operation(ADMIN, open_case, "继续"))

    limit = limit_of(tasks(services, open_case)["accept"])
    assert limit["stoppedMs"] == 4 * DAY
    paused = limit["paused"]
    assert isinstance(paused, list)
    assert [one["by"] for one in paused if isinstance(one, dict)] == ["supplement", "suspension"]


def test_another_way_back_begins_the_limit_anew(services: Services, clock: Clock) -> None:
    process(services, SUPPLEMENT)
    open_case = case(services)
    clock.now += 3 * DAY
    complete(services, open_case, "accept", way="wait")
    clock.now += 8 * DAY
    complete(services, open_case, "wait")

    accept = tasks(services, open_case)["accept"]
    assert (day_of(accept), limit_of(accept)["paused"]) == ("2026-12-08", [])


@pytest.mark.parametrize(("value", "expected"), [("BEGIN_ANEW", "2026-12-08"), ("GO_ON", "2026-12-07")])
def test_a_place_says_whether_the_limit_goes_on(services: Services, clock: Clock, value: str, expected: str) -> None:
    setting = f"settings:\n  stoppedClocks: {{value: {value}, basis: default}}\n"
    deploy(services, ADMIN, Deploy("s", "here", (("jurisdiction.yaml", (PLACE + setting).encode()),)))
    process(services, SUPPLEMENT)
    open_case = case(services)
    clock.now += 3 * DAY
    complete(services, open_case, "accept", way="supplement")
    clock.now += 8 * DAY
    complete(services, open_case, "supplement")

    assert day_of(tasks(services, open_case)["accept"]) == expected


def test_a_day_set_in_place_of_a_limit_counts(services: Services) -> None:
    process(services, SUPPLEMENT)

    accept = tasks(services, case(services, limits={"accept": "2026-12-24"}))["accept"]

    assert (accept["dueDate"], accept["dueBasis"], accept["dueLimit"]) == ("2026-12-24T15:59:59.000Z", "variable", None)


@pytest.mark.parametrize(
    ("limits", "pointer"),
    [
        ({"accept": "24.12.2026"}, "/variables/limits/accept"),
        ({"accept": "2026-12-32"}, "/variables/limits/accept"),
        ({"accept": "2026-12-24T10:00:00Z"}, "/variables/limits/accept"),
        ({"accept": 20261224}, "/variables/limits/accept"),
        ("2026-12-24", "/variables/limits"),
    ],
)
def test_what_is_no_day_is_refused_at_the_door(services: Services, limits: Json, pointer: str) -> None:
    process(services, SUPPLEMENT)
    with pytest.raises(Invalid) as refused:
        case(services, limits=limits)
    assert [error.pointer for error in refused.value.errors] == [pointer]

    open_case = case(services)
    with pytest.raises(Invalid) as refused:
        complete(services, open_case, "accept", limits=limits)
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_what_a_diagram_sets_as_a_day_and_is_none_is_an_incident(services: Services) -> None:
    process(services, START + due("work", 'deadline("T_OURS", "tomor" + "row")'))
    failing = case(services)

    (incident,) = page(services, ADMIN, "incidents", {"processInstanceId": failing}, [], 50, None).items
    assert incident["elementId"] == "work"
    assert "tomorrow" in str(incident["message"])


def test_a_published_year_with_other_days_is_adopted_once(services: Services, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    process(services, START + due("work", 'deadline("T_OURS")'))
    waiting = case(services)
    assert adopt_published_years(services) is None, "the days that are there first count as adopted"
    assert day_of(tasks(services, waiting)["work"]) == "2026-11-27"

    monkeypatch.setitem(constants.holidays, date(2026, 11, 25), "更正")
    assert adopt_published_years(services) == 2026
    assert adopt_published_years(services) is None
    see_to_what_is_due(services, clock.now)

    assert day_of(tasks(services, waiting)["work"]) == "2026-11-30"
    (told,) = page(services, ADMIN, "audit-events", {"stream": waiting, "kind": "task.due-date-recomputed"}, [], 50, None).items
    assert isinstance(told["payload"], dict)
    assert told["payload"]["year"] == 2026
    clock.now += LATER_MS
    see_to_what_is_due(services, clock.now)
    with services.store.read() as questions:
        assert questions.recount_due(clock.now + DAY) is None
