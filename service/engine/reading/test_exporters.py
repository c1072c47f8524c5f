"""Files as the usual tools write them deploy unchanged, with nothing left out in silence, and run."""

from decimal import Decimal

import pytest

from service.engine import SpiffEngine
from service.engine.conftest import FIXTURES, FixedLaw, Walker, source_of

FILES = {
    "signavio.bpmn": "signavio_style",
    "flowable.bpmn20.xml": "flowable_style",
    "camunda_modeler.bpmn": "modeler_style",
    "bpmn_js.bpmn": "bpmn_js_style",
}


def walker(engine: SpiffEngine, name: str) -> Walker:
    xml = (FIXTURES / "exporters" / name).read_bytes()
    assert [finding for finding in engine.inspect(name, xml).findings if finding.severity == "error"] == []
    return Walker(engine, source_of(xml, FILES[name]), FixedLaw())


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("signavio.bpmn", {"sid-10"}),
        ("flowable.bpmn20.xml", {"startEvent1", "apply"}),
        ("camunda_modeler.bpmn", {"modeler_style", "StartEvent_1", "Activity_1"}),
        ("bpmn_js.bpmn", set()),
    ],
)
def test_what_is_not_read_is_told_at_its_element(engine: SpiffEngine, name: str, told: set[str]) -> None:
    findings = engine.inspect(name, (FIXTURES / "exporters" / name).read_bytes()).findings

    assert {finding.element_id for finding in findings if finding.code == "without-effect"} == told


def test_a_diagram_of_signavio_runs(engine: SpiffEngine) -> None:
    run = walker(engine, "signavio.bpmn").start("sid-10")

    assert run.complete("sid-11", complete=True).path == ["sid-10", "sid-11", "sid-12", "sid-13", "sid-14"]
    assert run.finished


def test_a_diagram_of_flowable_runs(engine: SpiffEngine) -> None:
    run = walker(engine, "flowable.bpmn20.xml").start("startEvent1", people=["a", "b"])

    assert run.task("apply").assignee == "li"
    run.complete("apply", approved=True)
    assert [(task.candidate_groups, task.priority) for task in run.tasks.values()] == [(("signers",), 60)] * 2
    assert run.complete("sign").finished


def test_a_diagram_of_camunda_modeler_runs(engine: SpiffEngine) -> None:
    (described,) = engine.inspect("x.bpmn", (FIXTURES / "exporters" / "camunda_modeler.bpmn").read_bytes()).processes
    assert described.version_tag == "1.2"
    run = walker(engine, "camunda_modeler.bpmn").start("StartEvent_1", subject="b")

    assert run.execution().task_variables(run.task("Activity_1").id)["topics"] == ["a", "b"]
    run.fire("Event_1")
    assert run.complete("Activity_1").finished
    assert run.variables["checked"] == Decimal(2)


def test_a_diagram_of_bpmn_js_runs(engine: SpiffEngine) -> None:
    run = walker(engine, "bpmn_js.bpmn").start("Start")

    assert run.open == ["left", "right"]
    run.complete("left")
    assert not run.finished
    assert run.complete("right").finished
