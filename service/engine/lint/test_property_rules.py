"""Properties that are almost ours, or stand where they do nothing, are told; ours at their places and those for readers are not."""

import pytest

from service.engine import SpiffEngine
from service.engine.conftest import HEAD
from service.engine.lint.test_rules import around
from service.engine.reading.camunda_words import ELEMENTS
from service.engine.reading.own_properties import OWN_PROPERTIES, meant_by

KEPT = {"basis", "help", "signed", "documentation", "clock", "key", "definition", "说明", "", "x" * 100_000}


def having(*properties: str, value: str = "true") -> str:
    entries = "".join(f'<camunda:property name="{name}" value="{value}"/>' for name in properties)
    return f"<extensionElements><camunda:properties>{entries}</camunda:properties></extensionElements>"


def told(engine: SpiffEngine, process: str, beside: str = "") -> list[tuple[str, str | None, str]]:
    xml = f'{HEAD}{beside}<process id="p" isExecutable="true">{process}</process></definitions>'
    findings = engine.inspect("a.bpmn", xml.encode()).findings
    return [(one.code, one.element_id, one.message) for one in findings if one.code in ("misspelt-property", "misplaced-property")]


def codes(engine: SpiffEngine, process: str, beside: str = "") -> list[tuple[str, str | None]]:
    return [(code, element) for code, element, _ in told(engine, process, beside)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("secretBalot", "secretBallot"),
        ("stopClockOf", "stopsClockOf"),
        ("signatur", "signature"),
        ("notCompletedby", "notCompletedBy"),
        ("not_completed_by", "notCompletedBy"),
        (" document", "document"),
        ("docuemnt", "document"),
        ("forCall", "forCalls"),
        ("corelationKey", "correlationKeys"),
    ],
)
def test_a_misspelt_property_is_told_with_the_right_one(engine: SpiffEngine, written: str, meant: str) -> None:
    ((code, element, message),) = told(engine, around(f"<userTask id='x'>{having(written)}</userTask>"))

    assert (code, element) == ("misspelt-property", "x")
    assert repr(meant) in message


def test_it_is_told_of_whatever_has_it(engine: SpiffEngine) -> None:
    pool = f'<collaboration id="c"><participant id="pool" name="x">{having("definitionkey")}</participant></collaboration>'
    flow = f"<sequenceFlow id='f2' sourceRef='x' targetRef='e'>{having('Document')}</sequenceFlow>"
    drawn = around("<userTask id='x'/>").replace("<sequenceFlow id='f2' sourceRef='x' targetRef='e'/>", flow)

    found = codes(engine, having("precedentVariables") + drawn, pool)

    assert sorted(found) == [("misspelt-property", one) for one in ("f2", "p", "pool")]


@pytest.mark.parametrize("name", sorted(OWN_PROPERTIES))
def test_ours_are_no_misspelling_and_the_dialect_page_names_them(name: str) -> None:
    (word,) = [word for word in ELEMENTS if word.name == "properties"]

    assert f"`{name}`" in word.note
    assert meant_by(name) == name
    assert [other for other in OWN_PROPERTIES if meant_by(other) != other] == []


@pytest.mark.parametrize("name", sorted(KEPT))
def test_what_is_kept_for_readers_is_not_told(name: str) -> None:
    assert meant_by(name) is None


TIMED = "<timerEventDefinition><timeDate>2026-01-01</timeDate></timerEventDefinition>"


def begun(inside: str) -> str:
    return around("<task id='x'/>").replace("<startEvent id='s'/>", f"<startEvent id='s'>{inside}</startEvent>")


MISPLACED = {
    "process": (having("precedentVariable") + around("<task id='x'/>"), "p"),
    "script task": (around(f"<scriptTask id='x'>{having('notCompletedBy')}</scriptTask>"), "x"),
    "gateway": (around(f"<exclusiveGateway id='x'>{having('stopsClockOf', value='u')}</exclusiveGateway>"), "x"),
    "middle": (around(f"<userTask id='x'>{having('reservedVariables')}</userTask>"), "x"),
    "catch": (around(f"<intermediateCatchEvent id='x'>{having('reservedVariables')}</intermediateCatchEvent>"), "x"),
    "node as pool": (around(f"<userTask id='x'>{having('definitionKey')}</userTask>"), "x"),
    "process start": (begun(having("receivedAs")), "s"),
    "value": (begun(having("forCalls", value="yes")), "s"),
    "timer start": (begun(having("forCalls") + TIMED), "s"),
}


@pytest.mark.parametrize("case", sorted(MISPLACED))
def test_one_of_ours_where_it_does_nothing_is_told(engine: SpiffEngine, case: str) -> None:
    drawn, element = MISPLACED[case]

    assert codes(engine, drawn) == [("misplaced-property", element)]


def test_ours_at_their_places_are_not_told(engine: SpiffEngine) -> None:
    start = "<startEvent id='s'>" + having("forCalls", "reservedVariables") + "</startEvent>"
    task = "<userTask id='x'>" + having("recusalExempt", "signature", "document", "precedentVariable", "basis") + "</userTask>"
    pool = (
        f'<collaboration id="c"><participant id="pool" name="x">{having("definitionKey", "correlationKeys")}</participant></collaboration>'
    )

    assert told(engine, around(task).replace("<startEvent id='s'/>", start), pool) == []


def test_a_pool_whose_process_is_in_the_file_needs_no_key(engine: SpiffEngine) -> None:
    pool = f'<collaboration id="c"><participant id="pool" processRef="p">{having("definitionKey")}</participant></collaboration>'

    assert codes(engine, around("<task id='x'/>"), pool) == [("misplaced-property", "pool")]


def test_a_clock_that_no_user_task_has_is_refused_at_every_step(engine: SpiffEngine) -> None:
    drawn = around(f"<receiveTask id='x'>{having('stopsClockOf', value='zzz')}</receiveTask>")
    xml = f'{HEAD}<process id="p" isExecutable="true">{drawn}'

    findings = engine.inspect("a.bpmn", f"{xml}</process></definitions>".encode()).findings

    assert ("dangling-reference", "x") in {(one.code, one.element_id) for one in findings}
