"""Timers that start processes and the settings of their places, all rooms joined: armed, followed, armed again by a deployment."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from service.actions.deployments.deploy import Deploy, deploy
from service.actions.ports import Services
from service.actions.presentation import timestamp
from service.actions.views import page
from service.domain.errors import Refused
from service.domain.json_values import Json
from service.engine import SpiffEngine
from service.moved_clock import ADMIN, HEAD, Clock, fresh_store
from service.worker import see_to_what_is_due

HOUR = 3_600_000
DAY = 24 * HOUR
METERED = (
    '<process id="KEY" isExecutable="true"><startEvent id="clock"><timerEventDefinition><timeCycle>="R/" + setting("period")</timeCycle>'
    '</timerEventDefinition></startEvent><userTask id="work"/><sequenceFlow sourceRef="clock" targetRef="work"/></process></definitions>'
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(tmp_path: Path, clock: Clock) -> Iterator[Services]:
    with fresh_store(tmp_path) as store:
        yield Services(store, SpiffEngine(), clock)


def place(name: str, parent: str | None, period: str | None) -> tuple[str, bytes]:
    settings = "{}" if period is None else f"{{period: {{value: {period}, basis: default}}}}"
    return "jurisdiction.yaml", f"id: {name}\nname: {name}\nparent: {parent or 'null'}\ndocuments: []\nsettings: {settings}\n".encode()


def put(services: Services, name: str, *files: tuple[str, bytes], dry_run: bool = False) -> None:
    deploy(services, ADMIN, Deploy("d", name, files, dry_run))


def process(key: str) -> tuple[str, bytes]:
    return f"{key}.bpmn", (HEAD + METERED.replace("KEY", key)).encode()


def starts(services: Services) -> dict[str, Mapping[str, Json]]:
    return {str(row["definitionKey"]): row for row in page(services, ADMIN, "start-timers", {}, [], 50, None).items}


def due(services: Services, key: str) -> Json:
    return starts(services)[key]["dueAt"]


def test_a_new_period_arms_the_timer_again_in_the_same_transaction(services: Services, clock: Clock) -> None:
    began = clock.now
    put(services, "here", place("here", None, "P10D"), process("metered"))
    assert due(services, "metered") == timestamp(began + 10 * DAY)

    clock.now += 2 * DAY
    put(services, "here", place("here", None, "P30D"))

    assert due(services, "metered") == timestamp(began + 30 * DAY), "from when it was armed"
    events = page(services, ADMIN, "audit-events", {"kind": "deployment.created"}, [("seq", True)], 1, None).items
    payload = events[0]["payload"]
    assert isinstance(payload, dict)
    assert payload["rearmedStartTimers"] == [{"startTimerId": starts(services)["metered"]["id"], "dueAt": timestamp(began + 30 * DAY)}]


def test_settings_that_change_nothing_leave_the_timer(services: Services, clock: Clock) -> None:
    put(services, "here", place("here", None, "P10D"), process("metered"))
    before = starts(services)
    clock.now += 2 * DAY

    name, text = place("here", None, "P10D")
    put(services, "here", (name, text + b"groups: []\n"))

    assert starts(services) == before


def test_a_shorter_period_that_is_over_starts_at_once(services: Services, clock: Clock) -> None:
    put(services, "here", place("here", None, "P10D"), process("metered"))
    clock.now += 5 * DAY

    put(services, "here", place("here", None, "P3D"))
    see_to_what_is_due(services, clock.now)

    assert len(page(services, ADMIN, "process-instances", {"definitionKey": "metered"}, [], 50, None).items) == 1
    assert due(services, "metered") == timestamp(clock.now + DAY), "the 6th day after it was armed"


def test_the_place_comes_before_its_parent_and_common(services: Services, clock: Clock) -> None:
    put(services, "common", place("common", None, "P1D"))
    put(services, "above", place("above", None, "P2D"))
    put(services, "below", place("below", "above", None), process("metered"))
    put(services, "beside", place("beside", None, None), process("other"))
    assert [due(services, key) for key in ("metered", "other")] == [timestamp(clock.now + days * DAY) for days in (2, 1)]

    put(services, "above", place("above", None, "P4D"))
    put(services, "common", place("common", None, "P6D"))

    assert [due(services, key) for key in ("metered", "other")] == [timestamp(clock.now + days * DAY) for days in (4, 6)]
    put(services, "below", place("below", "above", "P9D"))
    assert due(services, "metered") == timestamp(clock.now + 9 * DAY)


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("period", ["soon", "P0D", "3", None])
def test_a_setting_that_makes_no_timer_refuses_the_deployment(services: Services, period: str | None, dry_run: bool) -> None:
    put(services, "here", place("here", None, "P10D"), process("metered"))
    before = starts(services)

    with pytest.raises(Refused) as refused:
        put(services, "here", place("here", None, period), dry_run=dry_run)

    (finding,) = refused.value.findings
    assert (finding.file, finding.code) == ("jurisdiction.yaml", "invalid-timer")
    assert "metered" in finding.message
    assert starts(services) == before
    with pytest.raises(Refused):
        put(services, "here", place("here", None, period), process("metered"), dry_run=dry_run)
    assert starts(services) == before


def test_the_period_goes_on_from_when_it_was_due(services: Services, clock: Clock) -> None:
    began = clock.now
    put(services, "here", place("here", None, "P10D"), process("metered"))
    clock.now += 10 * DAY + HOUR
    see_to_what_is_due(services, clock.now)
    assert due(services, "metered") == timestamp(began + 20 * DAY)

    put(services, "here", place("here", None, "P15D"))

    assert due(services, "metered") == timestamp(began + 25 * DAY)
