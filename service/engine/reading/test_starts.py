"""What starts a process, when the clock does, and where thrown messages go."""

import hashlib
from dataclasses import dataclass, field

import pytest

from service.actions.ports import MessageRoute, ProcessSource
from service.domain.errors import StepFailed
from service.domain.event import StartTimer
from service.domain.json_values import Json
from service.engine import SpiffEngine
from service.engine.reading.start_timers import following_start

HOUR = 3_600_000
NOW = 1_790_000_000_000


@dataclass(frozen=True)
class Place:
    """A place with these settings."""

    settings: dict[str, Json] = field(default_factory=dict)

    def setting(self, element_id: str, key: str) -> Json:
        if key not in self.settings:
            raise StepFailed(element_id, "definition", f"no setting {key!r}")
        return self.settings[key]


HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t"><message id="m1" name="one"/><message id="m2" name="two"/>'
)


def document(inside: str) -> bytes:
    return f"{HEAD}{inside}</definitions>".encode()


def timed(*timers: str) -> ProcessSource:
    definitions = "".join(f"<timerEventDefinition>{timer}</timerEventDefinition>" for timer in timers)
    xml = document(
        f'<process id="p" isExecutable="true"><startEvent id="clock">{definitions}</startEvent>'
        '<sequenceFlow id="f" sourceRef="clock" targetRef="e"/><endEvent id="e"/></process>'
    )
    return ProcessSource("p", 1, hashlib.sha256(xml).hexdigest(), xml)


FIELDS = "<extensionElements><camunda:formData><camunda:formField id='a' type='string'/></camunda:formData></extensionElements>"


@pytest.mark.parametrize(
    ("attributes", "inside", "form"),
    [
        ("", "", (None, None, None)),
        ("camunda:formRef='f'", "", ("f", None, None)),
        ("camunda:formRef='f' camunda:formRefBinding='version' camunda:formRefVersion='2'", "", ("f", "version", 2)),
        ("camunda:formKey='embedded:app:f.html'", "", ("embedded:app:f.html", "external", None)),
        ("", FIELDS, ("p.s", "deployment", None)),
        ("camunda:formRef='f'", "<messageEventDefinition messageRef='m1'/>", (None, None, None)),
        ("", FIELDS + "<messageEventDefinition messageRef='m1'/>", (None, None, None)),
    ],
)
def test_a_plain_start_says_which_form_it_has_and_every_other_is_warned(
    attributes: str, inside: str, form: tuple[str | None, str | None, int | None]
) -> None:
    inspection = SpiffEngine().inspect(
        "x.bpmn",
        document(
            f'<process id="p" isExecutable="true"><startEvent id="s" {attributes}>{inside}</startEvent>'
            '<sequenceFlow id="f1" sourceRef="s" targetRef="e"/><endEvent id="e"/></process>'
        ),
    )

    (described,) = inspection.processes
    (start,) = described.starts
    assert (start.form_key, start.form_binding, start.form_version) == form
    ours = [] if form[1] == "external" or form[0] is None else [("form", form[0], form[1], "s")]
    assert [(one.kind, one.key, one.binding, one.element_id) for one in described.references] == ours
    assert [key for key, _ in described.forms] == (["p.s"] if form[0] == "p.s" else [])
    told = [(one.code, one.element_id) for one in inspection.findings]
    assert told == ([("without-effect", "s")] if "messageRef" in inside else [])


def test_the_form_of_a_start_in_a_sub_process_has_no_effect() -> None:
    inspection = SpiffEngine().inspect(
        "x.bpmn",
        document(
            '<process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="part"/>'
            '<subProcess id="part"><startEvent id="inner" camunda:formRef="f"/><sequenceFlow id="f2" sourceRef="inner" targetRef="done"/>'
            '<endEvent id="done"/></subProcess><sequenceFlow id="f3" sourceRef="part" targetRef="e"/><endEvent id="e"/></process>'
        ),
    )

    assert [(one.code, one.element_id) for one in inspection.findings] == [("without-effect", "inner")]
    assert inspection.processes[0].references == ()


def test_timers_are_computed_when_they_are_deployed() -> None:
    source = timed(
        "<timeDuration>PT1H</timeDuration>",
        "<timeDate>2026-10-01T00:00:00Z</timeDate>",
        "<timeCycle>R3/PT1H</timeCycle>",
        "<timeCycle>R/P1M</timeCycle>",
        '<timeDate>=now() + duration("PT2H")</timeDate>',
    )

    assert list(SpiffEngine().start_timers(source, NOW, Place()))[:3] == [
        StartTimer("clock", NOW + HOUR, since=NOW),
        StartTimer("clock", 1_790_812_800_000, since=NOW, number=1),
        StartTimer("clock", NOW + HOUR, 2, 0, HOUR * 1_000, since=NOW, planned=2, number=2),
    ]
    monthly, computed = list(SpiffEngine().start_timers(source, NOW, Place()))[3:]
    assert (monthly.left, monthly.months, monthly.microseconds) == (-1, 1, 0)
    assert computed == StartTimer("clock", NOW + 2 * HOUR, since=NOW, number=4)


@pytest.mark.parametrize(
    "timer",
    [
        "<timeDate>${when}</timeDate>",
        '<timeDate>=deadline("x")</timeDate>',
        "<timeCycle>R/PT0.9S</timeCycle>",
        '<timeCycle>=setting("none")</timeCycle>',
    ],
)
def test_a_timer_without_a_moment_names_its_event(timer: str) -> None:
    with pytest.raises(StepFailed) as failed:
        SpiffEngine().start_timers(timed(timer), NOW, Place())
    assert failed.value.element_id == "clock"


def test_a_numbered_cycle_makes_every_start() -> None:
    timer: StartTimer | None = StartTimer("clock", NOW, 2, 0, HOUR * 1_000)
    moments = []
    while timer is not None:
        moments.append(timer.due_at)
        timer = following_start(timer, NOW + 100 * HOUR)
    assert moments == [NOW, NOW + HOUR, NOW + 2 * HOUR]


@pytest.mark.parametrize(
    ("late", "following"), [(0, HOUR), (HOUR - 1, HOUR), (HOUR, 2 * HOUR), (HOUR + 1, 2 * HOUR), (1_000 * HOUR, 1_001 * HOUR)]
)
def test_an_endless_cycle_leaves_out_what_it_missed(late: int, following: int) -> None:
    timer = StartTimer("clock", NOW, -1, 0, HOUR * 1_000)

    after = following_start(timer, NOW + late)

    assert after == StartTimer("clock", NOW + following, -1, 0, HOUR * 1_000, since=NOW + following - HOUR)


def test_an_endless_cycle_of_months_leaves_out_what_it_missed() -> None:
    timer = StartTimer("clock", NOW, -1, 1, 0)

    after = following_start(timer, NOW + 24 * HOUR * 365)

    assert after is not None
    assert NOW + 24 * HOUR * 365 < after.due_at <= NOW + 24 * HOUR * 396


PAIR = (
    '<process id="a" isExecutable="true"><startEvent id="s"/><sequenceFlow sourceRef="s" targetRef="throw"/>'
    '<endEvent id="throw"><messageEventDefinition messageRef="m1"/></endEvent></process>'
    '<process id="b" isExecutable="true"><startEvent id="take"><messageEventDefinition messageRef="m1"/></startEvent>'
    '<sequenceFlow sourceRef="take" targetRef="wait"/>'
    '<intermediateCatchEvent id="wait"><extensionElements><camunda:properties>'
    '<camunda:property name="correlationKeys" value="x, y"/></camunda:properties></extensionElements>'
    '<messageEventDefinition messageRef="m1"/></intermediateCatchEvent>'
    '<sequenceFlow sourceRef="wait" targetRef="e2"/><endEvent id="e2"/></process>'
)
THIRD = (
    '<process id="c" isExecutable="true"><startEvent id="s3"><messageEventDefinition messageRef="m1"/></startEvent>'
    '<sequenceFlow sourceRef="s3" targetRef="e3"/><endEvent id="e3"/></process>'
)


def routes(*parts: str) -> tuple[MessageRoute, ...]:
    inspection = SpiffEngine().inspect("x.bpmn", document("".join(parts)))
    assert not [finding for finding in inspection.findings if finding.severity == "error"], inspection.findings
    return inspection.processes[0].routes


def pools(*flows: tuple[str, str]) -> str:
    drawn = "".join(f'<messageFlow id="f{number}" sourceRef="{a}" targetRef="{b}"/>' for number, (a, b) in enumerate(flows))
    return (
        '<collaboration id="all"><participant id="pa" processRef="a"/><participant id="pb" processRef="b"/>'
        f'<participant id="others" name="others"/>{drawn}</collaboration>'
    )


def test_a_message_follows_its_message_flows() -> None:
    assert routes(PAIR, pools(("throw", "take"))) == (MessageRoute("throw", "one", "b", ("take",)),)
    assert routes(PAIR, pools(("throw", "wait"))) == (MessageRoute("throw", "one", "b", ("wait",), ("x", "y")),)
    assert routes(PAIR, pools(("throw", "pb"))) == (MessageRoute("throw", "one", "b", ("take", "wait")),)
    assert routes(PAIR, pools(("throw", "others"))) == ()
    assert [route.receivers for route in routes(PAIR, pools(("throw", "take"), ("throw", "wait")))] == [("take",), ("wait",)]


def test_a_pool_that_names_a_process_stands_for_one_of_another_file() -> None:
    elsewhere = (
        '<participant id="remedy"><extensionElements><camunda:properties><camunda:property name="definitionKey" value="common_remedy"/>'
        '<camunda:property name="correlationKeys" value="number"/></camunda:properties></extensionElements></participant>'
    )
    drawn = pools(("throw", "remedy")).replace("<messageFlow", f"{elsewhere}<messageFlow")
    assert routes(PAIR, drawn) == (MessageRoute("throw", "one", "common_remedy", (), ("number",)),)


def test_without_a_message_flow_only_one_process_may_take_it() -> None:
    assert routes(PAIR) == (MessageRoute("throw", "one", "b", ("take", "wait")),)
    assert routes(PAIR, THIRD) == ()


def by_setting(kind: str = "timeCycle", text: str = '"R/" + setting("period")') -> ProcessSource:
    return timed(f"<{kind}>={text}</{kind}>")


def test_a_period_may_be_a_setting_of_the_place() -> None:
    (timer,) = SpiffEngine().start_timers(by_setting(), NOW, Place({"period": "PT1H"}))

    assert (timer.due_at, timer.left, timer.microseconds, timer.since) == (NOW + HOUR, -1, HOUR * 1_000, NOW)


@pytest.mark.parametrize("period", [None, 3, "a while", "PT0S"])
def test_a_setting_that_is_no_period_is_told(period: Json) -> None:
    with pytest.raises(StepFailed) as failed:
        SpiffEngine().start_timers(by_setting(), NOW, Place({"period": period}))
    assert failed.value.element_id == "clock"


def test_a_new_period_is_counted_from_when_it_was_due_the_last_time() -> None:
    engine, source = SpiffEngine(), by_setting()
    (timer,) = engine.start_timers(source, NOW, Place({"period": "PT2H"}))
    following = engine.following_start(source, timer, NOW + 2 * HOUR, Place({"period": "PT2H"}))
    assert following is not None
    assert (following.due_at, following.since) == (NOW + 4 * HOUR, NOW + 2 * HOUR)

    assert engine.rearmed_start(source, following, Place({"period": "PT2H"})) == following
    longer = engine.rearmed_start(source, following, Place({"period": "PT5H"}))
    shorter = engine.rearmed_start(source, following, Place({"period": "PT1H"}))

    assert (longer.due_at, longer.microseconds) == (NOW + 7 * HOUR, 5 * HOUR * 1_000)
    assert (shorter.due_at, shorter.microseconds) == (NOW + 3 * HOUR, HOUR * 1_000)


def test_a_following_start_has_the_period_that_is_set_by_then() -> None:
    engine, source = SpiffEngine(), by_setting()
    (timer,) = engine.start_timers(source, NOW, Place({"period": "PT2H"}))

    after = engine.following_start(source, timer, NOW + 2 * HOUR, Place({"period": "PT6H"}))

    assert after is not None
    assert after.due_at == NOW + 8 * HOUR


def test_a_new_number_of_repetitions_leaves_out_those_that_were_made() -> None:
    engine, source = SpiffEngine(), by_setting(text='setting("cycle")')
    (timer,) = engine.start_timers(source, NOW, Place({"cycle": "R3/PT1H"}))
    second = engine.following_start(source, timer, NOW + HOUR, Place({"cycle": "R3/PT1H"}))
    assert second is not None
    assert second.left == 1

    assert engine.rearmed_start(source, second, Place({"cycle": "R5/PT1H"})).left == 3
    assert engine.rearmed_start(source, second, Place({"cycle": "R1/PT1H"})).left == 0
    assert engine.rearmed_start(source, second, Place({"cycle": "R/PT1H"})).left == -1


def test_a_row_of_an_earlier_version_is_counted_by_its_own_distance() -> None:
    old = StartTimer("clock", NOW + 2 * HOUR, -1, 0, 2 * HOUR * 1_000)

    assert SpiffEngine().rearmed_start(by_setting(), old, Place({"period": "PT3H"})).due_at == NOW + 3 * HOUR


def test_a_single_start_of_an_earlier_version_stays_as_it_is() -> None:
    old = StartTimer("clock", NOW + 2 * HOUR)

    assert SpiffEngine().rearmed_start(by_setting("timeDuration", "PT3H"), old, Place({})) == old


def test_the_second_timer_of_an_event_is_armed_again_as_itself() -> None:
    source = timed("<timeDate>2026-10-01T00:00:00Z</timeDate>", '<timeCycle>="R/" + setting("period")</timeCycle>')
    timers = SpiffEngine().start_timers(source, NOW, Place({"period": "PT1H"}))

    again = [SpiffEngine().rearmed_start(source, timer, Place({"period": "PT2H"})) for timer in timers]

    assert [one.due_at for one in again] == [1_790_812_800_000, NOW + 2 * HOUR]
