"""What the linter refuses, always naming the element."""

from typing import Any

import pytest

from service.actions.ports import Reference, StartEvent
from service.engine import SpiffEngine
from service.engine.conftest import Inspect, document

FRAME = (
    '<startEvent id="start"/><sequenceFlow id="f0" sourceRef="start" targetRef="{0}"/>{1}'
    '<sequenceFlow id="f1" sourceRef="{0}" targetRef="end"/><endEvent id="end"/>'
)


def one(element: str, name: str = "x") -> str:
    return FRAME.format(name, element)


REFUSED = [
    ("<serviceTask id='x' camunda:type='external'/>", "missing-topic", "x"),
    ("<serviceTask id='x'/>", "missing-implementation", "x"),
    ("<sendTask id='x'/>", "missing-implementation", "x"),
    ("<choreographyTask id='x' initiatingParticipantRef='q'/>", "unsupported-element", "x"),
    ("<transaction id='x'/>", "empty-scope", "x"),
    ("<adHocSubProcess id='x'/>", "ad-hoc", "x"),
    ("<intermediateThrowEvent id='x'><signalEventDefinition/></intermediateThrowEvent>", "missing-signal", "x"),
    ("<intermediateCatchEvent id='x'><compensateEventDefinition/></intermediateCatchEvent>", "event-not-allowed", "x"),
    ("<intermediateCatchEvent id='x'><conditionalEventDefinition/></intermediateCatchEvent>", "missing-condition", "x"),
    ("<intermediateCatchEvent id='x'/>", "missing-event-definition", "x"),
    ("<intermediateCatchEvent id='x'><messageEventDefinition messageRef='none'/></intermediateCatchEvent>", "missing-message", "x"),
    ("<intermediateCatchEvent id='x'><messageEventDefinition messageRef='nameless'/></intermediateCatchEvent>", "missing-message", "x"),
    ("<receiveTask id='x'/>", "missing-message", "x"),
    ("<userTask id='x' assignee='li'/>", "unknown-attribute", "x"),
    ("<userTask id='x' xmlns:f='http://flowable.org/bpmn' f:skipExpression='${true}'/>", "unsupported-attribute", "x"),
    ("<userTask id='x'><extensionElements><z:assignmentDefinition xmlns:z='http://camunda.org/schema/zeebe/1.0'/></extensionElements></userTask>", "unsupported-extension", "x"),  # noqa: E501
    ("<userTask id='x' startQuantity='0'/>", "invalid-quantity", "x"),
    ("<userTask id='x'><extensionElements><camunda:taskListener/></extensionElements></userTask>", "unsupported-extension", "x"),
    ("<userTask id='x' camunda:assignee='${a.b()}'/>", "invalid-expression", "x"),
    ("<userTask id='x' camunda:assignee='${unknown(1)}'/>", "invalid-expression", "x"),
    ("<userTask id='x' camunda:candidateGroups='=1 +'/>", "invalid-expression", "x"),
    ("<userTask id='x' camunda:assignee='= unknown(1)'/>", "invalid-expression", "x"),
    ("<intermediateThrowEvent id='x'><linkEventDefinition name='away'/></intermediateThrowEvent>", "dangling-link", "x"),
    ("<userTask id='x' camunda:dueDate='tomorrow'/>", "invalid-timer", "x"),
    ("<userTask id='x' camunda:formRef='f' camunda:formRefBinding='newest'/>", "invalid-binding", "x"),
    ("<userTask id='x' camunda:formRef='f' camunda:formRefBinding='version'/>", "invalid-binding", "x"),
    ("<scriptTask id='x' scriptFormat='javascript' camunda:resultVariable='r'><script>1</script></scriptTask>", "script-language", "x"),
    ("<scriptTask id='x' scriptFormat='python' camunda:resultVariable='r'><script>1</script></scriptTask>", "script-language", "x"),
    ("<scriptTask id='x' scriptFormat='feel'><script>1</script></scriptTask>", "missing-result-variable", "x"),
    ("<scriptTask id='x' scriptFormat='feel' camunda:resultVariable='r'/>", "missing-script", "x"),
    ("<scriptTask id='x' scriptFormat='feel' camunda:resultVariable='r'><script>1 +</script></scriptTask>", "invalid-expression", "x"),
    ("<businessRuleTask id='x' camunda:resultVariable='r'/>", "missing-decision", "x"),
    ("<businessRuleTask id='x' camunda:decisionRef='d' camunda:resultVariable='r' camunda:mapDecisionResult='one'/>", "invalid-mapping", "x"),  # noqa: E501
    ("<userTask id='x'><multiInstanceLoopCharacteristics/></userTask>", "multi-instance", "x"),
    ("<userTask id='x'/><userTask id='x'/>", "duplicate-id", "x"),
    ("<userTask id='x'/><userTask id='y'/>", "unreachable", "y"),
    ("<userTask id='x'/><userTask/>", "missing-id", "p"),
    ("<userTask id='x'/><sequenceFlow id='f9' sourceRef='x' targetRef='z'/>", "dangling-flow", "f9"),
    ("<userTask id='x' default='f9'/>", "dangling-reference", "x"),
    ("<userTask id='x'><outgoing>f9</outgoing></userTask>", "dangling-reference", "x"),
    ("<userTask id='x'/><boundaryEvent id='b' attachedToRef='z'><timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition></boundaryEvent>", "dangling-reference", "b"),  # noqa: E501
    ("<intermediateCatchEvent id='x'><timerEventDefinition><timeDuration>5 minutes</timeDuration></timerEventDefinition></intermediateCatchEvent>", "invalid-timer", "x"),  # noqa: E501
    ("<intermediateCatchEvent id='x'><timerEventDefinition/></intermediateCatchEvent>", "invalid-timer", "x"),
    ("<exclusiveGateway id='x'/><sequenceFlow id='f9' sourceRef='x' targetRef='end'/>", "missing-condition", "f9"),
    ("<parallelGateway id='x'/><sequenceFlow id='f9' sourceRef='x' targetRef='end'><conditionExpression>${a}</conditionExpression></sequenceFlow>", "condition-not-allowed", "f9"),  # noqa: E501
    ("<subProcess id='x'/>", "empty-scope", "x"),
    ("<subProcess id='x' triggeredByEvent='true'><startEvent id='s'/></subProcess>", "event-sub-process", "x"),
    ("<eventBasedGateway id='x'/>", "dead-end", "x"),
]  # fmt: skip


@pytest.mark.parametrize(("element", "code", "where"), REFUSED)
def test_what_cannot_be_executed_is_refused_with_the_element_named(inspect: Inspect, element: Any, code: Any, where: Any) -> None:
    assert where in inspect(one(element)).get(code, [])


def test_every_finding_is_told_at_once_with_its_line(engine: SpiffEngine) -> None:
    xml = document(
        "\n".join(
            ["<startEvent id='start'/>", "<userTask id='a' assignee='li'/>", "<sequenceFlow id='f' sourceRef='start' targetRef='z'/>"]
        )
    )

    findings = engine.inspect("three.bpmn", xml).findings

    assert {(finding.code, finding.element_id, finding.line) for finding in findings if finding.severity == "error"} >= {
        ("unknown-attribute", "a", 2),
        ("dangling-flow", "f", 3),
        ("dead-end", "start", 1),
    }
    assert ("no-end", "p", 1) in {(finding.code, finding.element_id, finding.line) for finding in findings if finding.severity == "warning"}
    assert [finding.code for finding in findings if finding.hint is None] == []
    assert {finding.file for finding in findings} == {"three.bpmn"}


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"<definitions", "xml"),
        (b"", "xml"),
        (b"\xff\xfe\x00", "xml"),
        (b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><d>&b;</d>', "doctype"),
        (b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>', "doctype"),
        (b'<!DOCTYPE d SYSTEM "http://example.org/d.dtd"><d/>', "doctype"),
        (b"<a>" * 200 + b"</a>" * 200, "too-large"),
        (b"<html/>", "not-bpmn"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "no-process"),
    ],
)
def test_hostile_and_foreign_files_are_refused(engine: SpiffEngine, xml: Any, code: Any) -> None:
    inspection = engine.inspect("bad.bpmn", xml)

    assert code in {finding.code for finding in inspection.findings}
    assert inspection.processes == ()


def test_an_inspection_describes_starts_references_and_groups(engine: SpiffEngine) -> None:
    xml = document(
        '<startEvent id="s1" name="One"><extensionElements><camunda:properties><camunda:property name="correlationKeys" value="a, b"/>'
        '</camunda:properties></extensionElements><messageEventDefinition messageRef="ask"/></startEvent><startEvent id="s2"/>'
        '<sequenceFlow sourceRef="s1" targetRef="u"/><sequenceFlow sourceRef="s2" targetRef="u"/>'
        '<userTask id="u" camunda:formRef="accept" camunda:candidateGroups="g1,${x}, g2"/><sequenceFlow sourceRef="u" targetRef="r"/>'
        '<businessRuleTask id="r" camunda:decisionRef="d" camunda:decisionRefBinding="version" camunda:decisionRefVersion="2"'
        ' camunda:resultVariable="v"/><sequenceFlow sourceRef="r" targetRef="end"/><endEvent id="end"/>'
    )

    (process,) = engine.inspect("x.bpmn", xml).processes

    assert process.starts == (StartEvent("s1", "One", "message", "question", ("a", "b")), StartEvent("s2", "s2"))
    assert process.candidate_groups == ("g1", "g2")
    assert process.references == (Reference("form", "accept", "u", 1), Reference("decision", "d", "r", 1, "version", 2))


def test_a_fault_inside_an_expression_is_told_with_its_column(engine: SpiffEngine) -> None:
    text = "<userTask id='x' camunda:assignee='${a + b.c()}'/>"
    (finding,) = [one for one in engine.inspect("x.bpmn", document(one(text))).findings if one.code == "invalid-expression"]
    assert (finding.element_id, finding.line, finding.column) == ("x", 1, 9)


def test_a_process_that_does_not_say_whether_it_runs_does_where_no_other_says_so(engine: SpiffEngine) -> None:
    silent = document(one("<task id='x'/>")).replace(b' isExecutable="true"', b"")
    read = engine.inspect("x.bpmn", silent)
    assert [process.key for process in read.processes] == ["p"]
    assert [one.code for one in read.findings if one.element_id == "p"] == ["assumed-executable"]
    other = b'<process id="q" isExecutable="true"><startEvent id="s2"/><endEvent id="e2"/><sequenceFlow sourceRef="s2" targetRef="e2"/>'
    said = silent.replace(b"</process>", b"</process>" + other + b"</process>")
    assert [process.key for process in engine.inspect("x.bpmn", said).processes] == ["q"]
    denied = silent.replace(b'<process id="p"', b'<process id="p" isExecutable="false"')
    assert [(one.code, one.element_id) for one in engine.inspect("x.bpmn", denied).findings] == [("no-process", "p")]


def test_an_element_with_very_many_attributes_is_refused_before_they_are_read(engine: SpiffEngine) -> None:
    many = "".join(f" camunda:a{number}='1'" for number in range(5_000))
    (finding,) = engine.inspect("x.bpmn", document(one(f"<userTask id='x'{many}/>"))).findings
    assert (finding.code, finding.line) == ("too-large", 1)
