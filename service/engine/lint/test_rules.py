"""Constraints of BPMN 2.0.2, one small diagram each: refused, with the element named; and what only looks like a breach of them is not."""

import pytest

from service.engine import SpiffEngine
from service.engine.conftest import HEAD

ROOTS = (
    '<itemDefinition id="text" structureRef="String"/><itemDefinition id="number" structureRef="Integer"/>'
    '<itemDefinition id="texts" structureRef="String" isCollection="true"/><message id="typed" name="typed" itemRef="text"/>'
    '<signal id="sig" name="sig" structureRef="text"/><error id="err" name="err" errorCode="E"/><escalation id="esc" name="esc"/>'
    '<resource id="res" name="res"/><interface id="iface" name="iface"><operation id="op" name="op"><inMessageRef>typed</inMessageRef>'
    "</operation></interface>"
)
TASK = "<userTask id='x'/>"
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"


def whole(body: str, roots: str = "") -> bytes:
    return f'{HEAD}{ROOTS}{roots}<process id="p" isExecutable="true">{body}</process></definitions>'.encode()


def around(element: str) -> str:
    """A process from start to end with `element` (its id is x) in the middle."""
    return (
        f"<startEvent id='s'/><sequenceFlow id='f1' sourceRef='s' targetRef='x'/>{element}"
        "<sequenceFlow id='f2' sourceRef='x' targetRef='e'/><endEvent id='e'/>"
    )


def errors(engine: SpiffEngine, xml: bytes) -> set[tuple[str, str | None]]:
    return {(finding.code, finding.element_id) for finding in engine.inspect("a.bpmn", xml).findings if finding.severity == "error"}


def catching(definition: str, attributes: str = "") -> str:
    return f"<intermediateCatchEvent id='x' {attributes}>{definition}</intermediateCatchEvent>"


def throwing(definition: str) -> str:
    return f"<intermediateThrowEvent id='x'>{definition}</intermediateThrowEvent>"


def boundary(definition: str, attributes: str = "", rest: str = "<sequenceFlow id='f3' sourceRef='b' targetRef='e'/>") -> str:
    return f"{TASK}<boundaryEvent id='b' attachedToRef='x' {attributes}>{definition}</boundaryEvent>{rest}"


def data(inside: str, kind: str = "userTask", attributes: str = "", beside: str = "") -> str:
    return f"<{kind} id='x' {attributes}><ioSpecification>{inside}</ioSpecification></{kind}>{beside}"


IN = "<dataInput id='i' itemSubjectRef='text'/>{}<inputSet id='is'><dataInputRefs>i</dataInputRefs>{}</inputSet><outputSet/>"

EVENTS = [
    *((catching(f"<{kind}EventDefinition/>"), "event-not-allowed", "x") for kind in ("error", "escalation", "cancel", "terminate")),
    *((throwing(f"<{kind}EventDefinition/>"), "event-not-allowed", "x") for kind in ("error", "cancel", "terminate", "conditional")),
    (throwing(TIMER), "event-not-allowed", "x"),
    (catching(""), "missing-event-definition", "x"),
    (catching("<linkEventDefinition name='l'/>" + TIMER), "event-not-allowed", "x"),
    (boundary("<terminateEventDefinition/>"), "event-not-allowed", "b"),
    (boundary("<linkEventDefinition name='l'/>"), "event-not-allowed", "b"),
    (boundary(""), "missing-event-definition", "b"),
    (boundary("<errorEventDefinition/>", "cancelActivity='false'"), "not-interrupting", "b"),
    (boundary("<cancelEventDefinition/>"), "cancel-outside-transaction", "b"),
    (boundary(TIMER, rest=""), "dead-end", "b"),
    (boundary(TIMER) + "<sequenceFlow id='f4' sourceRef='s' targetRef='b'/>", "incoming-not-allowed", "b"),
    (boundary("<compensateEventDefinition/>", rest=""), "compensation-handler", "b"),
    (boundary("<compensateEventDefinition/>"), "outgoing-not-allowed", "b"),
    (TASK + "<subProcess id='y' triggeredByEvent='true'><startEvent id='t'/><endEvent id='u'/>"
     "<sequenceFlow id='f9' sourceRef='t' targetRef='u'/></subProcess>", "missing-event-definition", "t"),
    (TASK + "<subProcess id='y' triggeredByEvent='true'><startEvent id='t'><terminateEventDefinition/></startEvent><endEvent id='u'/>"
     "<sequenceFlow id='f9' sourceRef='t' targetRef='u'/></subProcess>", "event-not-allowed", "t"),
    ("<subProcess id='x'><startEvent id='t'>" + TIMER + "</startEvent><endEvent id='u'/>"
     "<sequenceFlow id='f9' sourceRef='t' targetRef='u'/></subProcess>", "event-not-allowed", "t"),
    ("<subProcess id='x'><startEvent id='t'/><endEvent id='u'><cancelEventDefinition/></endEvent>"
     "<sequenceFlow id='f9' sourceRef='t' targetRef='u'/></subProcess>", "cancel-outside-transaction", "u"),
    (throwing("<errorEventDefinition errorRef='err'/>"), "event-not-allowed", "x"),
    (throwing("<escalationEventDefinition escalationRef='esc'/>"), "missing-code", "x"),
    (throwing("<escalationEventDefinition/>"), "missing-escalation", "x"),
    (throwing("<signalEventDefinition signalRef='none'/>"), "missing-signal", "x"),
    (catching("<conditionalEventDefinition><condition/></conditionalEventDefinition>"), "empty-expression", "x"),
]  # fmt: skip

CONNECTIONS = [
    (TASK + "<textAnnotation id='t'/><sequenceFlow id='f3' sourceRef='x' targetRef='t'/>", "dangling-flow", "f3"),
    (TASK + "<intermediateThrowEvent id='y'/><sequenceFlow id='f3' sourceRef='x' targetRef='y'/>", "dead-end", "y"),
    (TASK + "<intermediateThrowEvent id='y'/><sequenceFlow id='f3' sourceRef='y' targetRef='e'/>", "unreachable", "y"),
    (TASK + "<userTask id='y'/><sequenceFlow id='f3' sourceRef='y' targetRef='e'/>", "unreachable", "y"),
    ("<subProcess id='x'><userTask id='y'/><endEvent id='u'/><sequenceFlow id='f3' sourceRef='y' targetRef='u'/></subProcess>",
     "no-start", "u"),
    ("<parallelGateway id='x' gatewayDirection='Diverging'/>", "gateway-direction", "x"),
    (TASK + "<association id='a' sourceRef='x' targetRef='nowhere'/>", "dangling-reference", "a"),
    ("<userTask id='x'><extensionElements><camunda:properties><camunda:property name='recusalExempt' value='yes'/></camunda:properties>"
     "</extensionElements></userTask>", "invalid-value", "x"),
    ("<callActivity id='x' calledElement='s'/>", "wrong-reference", "x"),
    ("<userTask id='x'><performer id='r'><resourceRef>typed</resourceRef></performer></userTask>", "wrong-reference", "r"),
    ("<userTask id='x'><performer id='r'><resourceParameterBinding parameterRef='res'><formalExpression>a</formalExpression>"
     "</resourceParameterBinding></performer></userTask>", "resource-role", "r"),
    (catching("<eventDefinitionRef>s</eventDefinitionRef>"), "wrong-reference", "x"),
    ("<eventBasedGateway id='x' eventGatewayType='Parallel'/>", "instantiating-gateway", "x"),
    (TASK + "<dataObject id='o' name='Letter'/><dataObjectReference id='d' dataObjectRef='o' name='Mail'><dataState name='sent'/>"
     "</dataObjectReference>", "data-state-name", "d"),
    (TASK + "<adHocSubProcess id='y'><startEvent id='t'/><userTask id='z'/></adHocSubProcess>", "ad-hoc", "t"),
    ("<task id='x' isForCompensation='true'/>", "compensation-handler", "x"),
    ("<receiveTask id='x' messageRef='typed' instantiate='true'/>", "instantiating-element", "x"),
    ("<task id='x'><multiInstanceLoopCharacteristics behavior='One'><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
     "</task>", "multi-instance", "x"),
]  # fmt: skip

DATA = [
    (data("<dataInput id='i' itemSubjectRef='texts'/><inputSet><dataInputRefs>i</dataInputRefs></inputSet><outputSet/>"),
     "item-differs", "i"),
    (data("<dataInput id='i'/><inputSet/><outputSet/>"), "data-set", "i"),
    (data("<dataOutput id='o'/><inputSet/><outputSet/>"), "data-set", "o"),
    (data(IN.format("<dataInput id='j'/>", "<optionalInputRefs>j</optionalInputRefs>")), "data-set", "j"),
    (data("<inputSet id='is'><outputSetRefs>os</outputSetRefs></inputSet><outputSet id='os'/>"), "data-set", "is"),
    ("<subProcess id='x'><ioSpecification><dataInput id='i'/><inputSet><dataInputRefs>i</dataInputRefs></inputSet><outputSet/>"
     "</ioSpecification><task id='y'/></subProcess>", "data-in-sub-process", "i"),
    ("<serviceTask id='x' operationRef='op'/>", "operation-data", "x"),
    (data("<dataInput id='i' itemSubjectRef='number'/><inputSet><dataInputRefs>i</dataInputRefs></inputSet><outputSet/>",
          "serviceTask", "operationRef='op'"), "item-differs", "x"),
    (data("<dataInput id='i'/><dataInput id='j'/><inputSet><dataInputRefs>i</dataInputRefs><dataInputRefs>j</dataInputRefs></inputSet>"
          "<outputSet/>", "sendTask", "messageRef='typed'"), "operation-data", "x"),
    (catching("<dataOutput id='o' itemSubjectRef='number'/><outputSet><dataOutputRefs>o</dataOutputRefs></outputSet>"
              "<messageEventDefinition messageRef='typed'/>"), "event-data", "x"),
    (catching("<dataOutput id='o' itemSubjectRef='text'/><outputSet><dataOutputRefs>o</dataOutputRefs></outputSet>"
              "<messageEventDefinition messageRef='typed'/><signalEventDefinition signalRef='sig'/>"), "event-data", "x"),
]  # fmt: skip


@pytest.mark.parametrize(("element", "code", "where"), [*EVENTS, *CONNECTIONS, *DATA])
def test_a_breach_of_a_constraint_is_refused_with_its_element(engine: SpiffEngine, element: str, code: str, where: str) -> None:
    assert (code, where) in errors(engine, whole(around(element)))


@pytest.mark.parametrize(
    ("root", "code", "where"),
    [
        ("<extension definition='z' mustUnderstand='true'/>", "unsupported-extension", None),
        ("<collaboration id='c'><participant id='pp' processRef='p'><participantMultiplicity minimum='3' maximum='2'/></participant>"
         "</collaboration>", "invalid-quantity", "pp"),
        ("<collaboration id='c'><choreographyRef>p</choreographyRef></collaboration>", "wrong-reference", "c"),
        ("<partnerRole id='r'><participantRef>err</participantRef></partnerRole>", "wrong-reference", "r"),
    ],
)  # fmt: skip
def test_what_stands_beside_the_processes_is_judged_too(engine: SpiffEngine, root: str, code: str, where: str | None) -> None:
    assert (code, where) in errors(engine, whole(around(TASK), root))


def test_calls_and_message_flows_are_judged_across_processes(engine: SpiffEngine) -> None:
    called = (
        '<process id="q" isExecutable="false"><ioSpecification><dataInput id="qi" itemSubjectRef="text"/>'
        "<inputSet><dataInputRefs>qi</dataInputRefs></inputSet><outputSet/></ioSpecification><task id='qt'/></process>"
    )
    pools = (
        '<collaboration id="c"><participant id="pp" processRef="p"/><participant id="pq" processRef="q"/>'
        '<messageFlow id="m1" sourceRef="e" targetRef="pq"/><messageFlow id="m2" sourceRef="qt" targetRef="x"/>'
        '<messageFlow id="m3" sourceRef="s" targetRef="x"/></collaboration>'
    )
    call = "<callActivity id='x' calledElement='q'><ioSpecification><inputSet/><outputSet/></ioSpecification></callActivity>"

    found = errors(engine, whole(around(call), called + pools))

    assert {("call-data", "x"), ("message-flow", "m1"), ("message-flow", "e"), ("message-flow", "m3"), ("message-flow", "s")} <= found
    assert ("message-flow", "m2") not in found


def test_a_name_that_only_differs_in_its_writing_from_one_that_is_set_is_told(engine: SpiffEngine) -> None:
    script = "<scriptTask id='x' scriptFormat='feel' camunda:resultVariable='totalSum'><script>1</script></scriptTask>"
    body = around(script).replace("<endEvent id='e'/>", "<userTask id='e' camunda:assignee='${{{0}}}'/>")

    told = [
        [
            finding.element_id
            for finding in engine.inspect("a.bpmn", whole(body.replace("{{0}}", name))).findings
            if finding.code == "unknown-variable"
        ]
        for name in ("total_sum", "TotalSum", "totalSum", "total", "sum")
    ]

    assert told == [["e"], ["e"], [], [], []]


LEGAL = [
    catching("<signalEventDefinition signalRef='sig'/>"),
    throwing(""),
    boundary("<errorEventDefinition/>"),
    boundary(TIMER, "cancelActivity='false'"),
    data(IN.format("", "")),
    TASK + "<dataObject id='o' name='Letter'/><dataObjectReference id='d' dataObjectRef='o' name='Letter [sent]'><dataState name='sent'/>"
    "</dataObjectReference>",
    TASK + "<textAnnotation id='t' textFormat='text/plain'><text>so</text></textAnnotation>"
    "<association id='a' sourceRef='x' targetRef='t'/>",
    "<userTask id='x'><outgoing>f2</outgoing></userTask>",
    "<exclusiveGateway id='x'/>",
    "<subProcess id='x'><task id='y'/></subProcess>",
    TASK + "<boundaryEvent id='b' attachedToRef='x'><compensateEventDefinition/></boundaryEvent><task id='h' isForCompensation='true'/>"
    "<association id='a' sourceRef='b' targetRef='h' associationDirection='One'/>",
]  # fmt: skip


@pytest.mark.parametrize("element", LEGAL)
def test_what_the_standard_allows_is_not_refused_for_its_structure(engine: SpiffEngine, element: str) -> None:
    unsupported = {"unsupported-element", "unsupported-attribute"}

    assert {found for found in errors(engine, whole(around(element))) if found[0] not in unsupported} == set()
