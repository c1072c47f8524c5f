"""The dialect: what is applied, what has no effect, what is refused; and what other tools write."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from service.domain.errors import StepFailed
from service.engine import SpiffEngine
from service.engine.conftest import FixedLaw, Inspect, Walk, Walker, document, source_of
from service.engine.reading.camunda_words import APPLIED, ATTRIBUTES, ELEMENTS, REFUSED, WITHOUT_EFFECT, judge
from service.engine.reading.dialect_table import PAGE, dialect_page
from service.engine.reading.normalise import SAME_ATTRIBUTES, SAME_ELEMENTS

START, END = '<startEvent id="start"/>', '<endEvent id="end"/>'
FLOWABLE = "http://flowable.org/bpmn"
ACTIVITI = "http://activiti.org/bpmn"


def flow(source: str, target: str) -> str:
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'


def between(element: str, element_id: str = "x") -> str:
    return START + element + END + flow("start", element_id) + flow(element_id, "end")


def warnings(engine: SpiffEngine, body: str) -> set[tuple[str, str | None]]:
    return {(one.code, one.element_id) for one in engine.inspect("x.bpmn", document(body)).findings if one.severity == "warning"}


def walker_of(engine: SpiffEngine, walk: Walk, xml: bytes, key: str) -> Walker:
    errors = [finding for finding in engine.inspect("x.bpmn", xml).findings if finding.severity == "error"]
    assert errors == []
    return Walker(engine, source_of(xml, key), walk(between("<task id='x'/>")).law)


# --- the words of Camunda


def test_the_page_of_the_dialect_is_what_the_code_does() -> None:
    page = Path(__file__).parents[3] / "docs" / "dialect.md"

    assert page.read_text("utf-8") == dialect_page(), f"docs/dialect.md is stale: {PAGE}"


def test_every_word_has_one_meaning_per_element() -> None:
    for words in (ATTRIBUTES, ELEMENTS):
        anywhere = [word.name for word in words if not word.on]
        assert sorted(anywhere) == sorted(set(anywhere))
        placed = [(word.name, place) for word in words for place in word.on]
        assert sorted(placed) == sorted(set(placed))
        assert not set(anywhere) & {name for name, _ in placed}


@pytest.mark.parametrize("word", [word for word in ATTRIBUTES if word.effect == WITHOUT_EFFECT], ids=lambda word: str(word.name))
def test_what_has_no_effect_is_a_warning(engine: SpiffEngine, word: Any) -> None:
    element = next(iter(word.on), "userTask")
    marked = f'camunda:{word.name}="1"'
    body = between("<userTask id='x'/>")
    if element == "process":
        xml = document(body).replace(b'<process id="p"', f'<process id="p" {marked}'.encode())
        where = "p"
    else:
        where = "start" if element == "startEvent" else "x"
        xml = document(body.replace(f'id="{where}"', f'id="{where}" {marked}').replace(f"id='{where}'", f"id='{where}' {marked}"))

    findings = [finding for finding in engine.inspect("x.bpmn", xml).findings if finding.code == "without-effect"]

    assert [(finding.element_id, finding.severity) for finding in findings] == [(where, "warning")]


@pytest.mark.parametrize("word", [word for word in ATTRIBUTES if word.effect == REFUSED], ids=lambda word: str(word.name))
def test_what_is_refused_names_element_and_reason(engine: SpiffEngine, word: Any) -> None:
    found = engine.inspect("x.bpmn", document(between(f"<userTask id='x' camunda:{word.name}='1'/>"))).findings

    told = [finding.message for finding in found if finding.code == "unsupported-attribute" and finding.element_id == "x"]
    assert any(word.note in message for message in told)


@pytest.mark.parametrize("word", [word for word in ELEMENTS if word.effect == REFUSED], ids=lambda word: str(word.name))
def test_extension_elements_that_are_refused_name_element_and_reason(engine: SpiffEngine, word: Any) -> None:
    task = f"<userTask id='x'><extensionElements><camunda:{word.name}/></extensionElements></userTask>"

    found = engine.inspect("x.bpmn", document(between(task))).findings

    assert any(finding.code == "unsupported-extension" and word.note in finding.message for finding in found if finding.element_id == "x")


@pytest.mark.parametrize(
    ("attribute", "words"),
    [("assigne", "is no word of Camunda 7"), ("topic", "it belongs to"), ("errorCodeVariable", "it belongs to errorEventDefinition")],
)
def test_a_word_misspelt_or_misplaced_is_refused(engine: SpiffEngine, attribute: Any, words: Any) -> None:
    found = engine.inspect("x.bpmn", document(between(f"<userTask id='x' camunda:{attribute}='1'/>"))).findings

    assert any(words in finding.message for finding in found if finding.code == "unsupported-attribute")


def test_every_word_of_the_old_engines_is_one_of_camunda() -> None:
    for name in SAME_ATTRIBUTES.values():
        assert any(word.name == name for word in ATTRIBUTES), name
    for name in SAME_ELEMENTS:
        assert judge(ELEMENTS, name, "userTask").effect in (APPLIED, REFUSED, WITHOUT_EFFECT)


# --- other tools


@pytest.mark.parametrize("namespace", [FLOWABLE, ACTIVITI])
def test_the_words_of_flowable_and_activiti_mean_the_same(engine: SpiffEngine, walk: Walk, namespace: Any) -> None:
    xml = document(
        between(
            "<userTask id='x' v:assignee='${boss}' v:candidateGroups='a,b' v:priority='7' v:dueDate='P1D' v:async='true'>"
            "<extensionElements><v:failedJobRetryTimeCycle>R3/PT1M</v:failedJobRetryTimeCycle></extensionElements></userTask>"
        )
    ).replace(b"<definitions ", f'<definitions xmlns:v="{namespace}" '.encode())

    (task,) = walker_of(engine, walk, xml, "p").start(boss="li").tasks.values()

    assert (task.assignee, task.candidate_groups, task.priority) == ("li", ("a", "b"), 7)


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ("<userTask id='x' v:skipExpression='${true}'/>", "unsupported-attribute"),
        ("<userTask id='x' v:class='com.example.X'/>", "unsupported-attribute"),
        ("<userTask id='x'><extensionElements><v:taskListener event='create' class='X'/></extensionElements></userTask>", "unsupported-extension"),  # noqa: E501
        ("<userTask id='x'><extensionElements><v:formProperty id='a'/></extensionElements></userTask>", "unsupported-extension"),
        ("<userTask id='x'><extensionElements><v:eventListener/></extensionElements></userTask>", "unsupported-extension"),
    ],
)  # fmt: skip
def test_what_flowable_says_and_camunda_does_not_is_refused(engine: SpiffEngine, task: Any, code: Any) -> None:
    xml = document(between(task)).replace(b"<definitions ", f'<definitions xmlns:v="{FLOWABLE}" '.encode())

    assert (code, "x") in {(finding.code, finding.element_id) for finding in engine.inspect("x.bpmn", xml).findings}


def test_vendor_words_are_told_once_per_file(engine: SpiffEngine) -> None:
    signavio = (
        '<extensionElements xmlns:signavio="http://www.signavio.com"><signavio:signavioMetaData metaKey="bgcolor" metaValue="#ffffcc"/>'
        "</extensionElements>"
    )
    body = START + f"<task id='x'>{signavio}</task><task id='y'>{signavio}</task>" + END
    body += flow("start", "x") + flow("x", "y") + flow("y", "end")

    found = [one for one in engine.inspect("x.bpmn", document(body)).findings if one.code == "without-effect"]

    assert [(one.element_id, "signavio" in one.message) for one in found] == [("x", True)]


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ("<humanPerformer><resourceAssignmentExpression><formalExpression>li</formalExpression></resourceAssignmentExpression></humanPerformer>", ("li", (), ())),  # noqa: E501
        ("<potentialOwner><resourceAssignmentExpression><formalExpression>user(li), group(a, b), c</formalExpression></resourceAssignmentExpression></potentialOwner>", (None, ("li",), ("a", "b", "c"))),  # noqa: E501
        ("<potentialOwner><resourceAssignmentExpression><formalExpression>${team}</formalExpression></resourceAssignmentExpression></potentialOwner>", (None, (), ("t1",))),  # noqa: E501
    ],
)  # fmt: skip
def test_performers_drawn_as_bpmn_roles_are_who_may_do_the_task(walk: Walk, roles: Any, expected: Any) -> None:
    (task,) = walk(between(f"<userTask id='x'>{roles}</userTask>")).start(team="t1").tasks.values()

    assert (task.assignee, task.candidate_users, task.candidate_groups) == expected


def test_roles_that_are_not_understood_are_refused(inspect: Inspect) -> None:
    role = "<potentialOwner><resourceRef>boss</resourceRef></potentialOwner>"

    assert any("x" in where for where in inspect(between(f"<userTask id='x'>{role}</userTask>")).values())


# --- global tasks


def test_a_call_of_a_global_task_is_that_task(engine: SpiffEngine, walk: Walk) -> None:
    tasks = (
        '<globalScriptTask id="G" name="Count" scriptLanguage="feel" camunda:resultVariable="n"><script>n + 1</script></globalScriptTask>'
        '<globalUserTask id="H" name="Look" camunda:assignee="li"/>'
    )
    body = (
        START
        + '<callActivity id="a" calledElement="G"/><callActivity id="b" calledElement="H"/><callActivity id="c" calledElement="G"/>'
        + END
    )
    xml = document(body + flow("start", "a") + flow("a", "b") + flow("b", "c") + flow("c", "end")).replace(
        b"<process", tasks.encode() + b"<process"
    )
    walker = walker_of(engine, walk, xml, "p").start(n=Decimal(1))

    assert (walker.open, walker.task("b").name, walker.task("b").assignee) == (["b"], "Look", "li")
    assert walker.complete("b").variables["n"] == 3
    assert walker.path == ["start", "a", "b", "c", "end"]


# --- ids, encodings, prefixes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_any_encoding_and_prefix_is_read(engine: SpiffEngine, walk: Walk, encoding: Any) -> None:
    text = (
        f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><!-- a comment -->'
        '<z:definitions xmlns:z="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:q="http://camunda.org/schema/1.0/bpmn"'
        ' targetNamespace="t"><!-- one --><z:process id="p" isExecutable="true"><!-- two --><z:startEvent id="Start"/>'
        '<z:sequenceFlow sourceRef="Start" targetRef="Root"/><z:userTask id="Root" name="核实" q:assignee="李"/>'
        '<z:sequenceFlow sourceRef="Root" targetRef="End"><z:conditionExpression xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xsi:type="z:tFormalExpression"><![CDATA[${n > 1 && true}]]></z:conditionExpression></z:sequenceFlow>'
        '<z:sequenceFlow sourceRef="Root" targetRef="other"/><z:task id="other"/><z:userTask id="End"/></z:process></z:definitions>'
    )
    walker = walker_of(engine, walk, text.encode(encoding), "p").start("Start", n=Decimal(2))

    assert (walker.task("Root").name, walker.task("Root").assignee) == ("核实", "李")
    walker.complete("Root")
    assert walker.open == ["End"]
    assert walker.complete("End").finished


# --- forms in the diagram


FIELDS = (
    "<userTask id='x'><extensionElements><camunda:formData>"
    "<camunda:formField id='reason' type='string' label='Why'><camunda:validation><camunda:constraint name='required'/>"
    "<camunda:constraint name='maxlength' config='10'/></camunda:validation></camunda:formField>"
    "<camunda:formField id='count' type='long' defaultValue='3'/><camunda:formField id='ok' type='boolean' defaultValue='true'/>"
    "<camunda:formField id='way' type='enum'><camunda:value id='a' name='A'/><camunda:value id='b' name='B'/></camunda:formField>"
    "<camunda:formField id='day' type='date'/></camunda:formData></extensionElements></userTask>"
)


def test_form_data_becomes_a_form_that_comes_with_the_process(engine: SpiffEngine, walk: Walk) -> None:
    (described,) = engine.inspect("x.bpmn", document(between(FIELDS))).processes

    ((key, schema),) = described.forms
    assert key == "p.x"
    assert [(one.kind, one.key, one.binding) for one in described.references] == [("form", "p.x", "deployment")]
    assert '"maxLength": 10' in schema

    (task,) = walk(between(FIELDS)).start().tasks.values()
    assert (task.form_key, task.form_binding) == ("p.x", "deployment")


@pytest.mark.parametrize(
    "field",
    [
        "<camunda:formField id='a' type='file'/>",
        "<camunda:formField type='string'/>",
        "<camunda:formField id='a.b' type='string'/>",
        "<camunda:formField id='a' type='date' datePattern='dd.MM.yyyy'/>",
        "<camunda:formField id='a' type='long' defaultValue='many'/>",
        "<camunda:formField id='a' type='string' defaultValue='${b}'/>",
        "<camunda:formField id='a' type='string'><camunda:validation><camunda:constraint name='validator' config='X'/></camunda:validation></camunda:formField>",  # noqa: E501
        "<camunda:formField id='a' type='enum'/>",
        "<camunda:formField id='a' type='string'/><camunda:formField id='a' type='string'/>",
        "<camunda:other/>",
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_enforced_is_refused(inspect: Inspect, field: Any) -> None:
    task = f"<userTask id='x'><extensionElements><camunda:formData>{field}</camunda:formData></extensionElements></userTask>"

    assert "x" in inspect(between(task)).get("invalid-form", [])


def test_a_form_key_is_handed_on_as_it_is(walk: Walk) -> None:
    (task,) = walk(between("<userTask id='x' camunda:formKey='embedded:app:${n}.html'/>")).start(n="1").tasks.values()

    assert (task.form_key, task.form_binding) == ("embedded:app:1.html", "external")


# --- data as BPMN draws it

ORDER = (
    '<dataObject id="D1" name="order"/><dataObjectReference id="R1" dataObjectRef="D1"/><property id="P1" name="note"/>'
    '<dataObject id="D2"/><dataObjectReference id="R2" name="answer" dataObjectRef="D2"/>'
)


def with_data(inputs: str, outputs: str = "") -> str:
    declared = (
        '<ioSpecification><dataInput id="i1" name="given"/><dataOutput id="o1" name="found"/>'
        "<inputSet><dataInputRefs>i1</dataInputRefs></inputSet><outputSet><dataOutputRefs>o1</dataOutputRefs></outputSet></ioSpecification>"
    )
    task = '<scriptTask id="x" scriptFormat="feel" camunda:resultVariable="found">'
    return ORDER + between(f"{task}{declared}{inputs}{outputs}<script>given + 1</script></scriptTask>")


def test_data_associations_copy_between_data_objects_and_the_task(walk: Walk) -> None:
    into = "<dataInputAssociation><sourceRef>R1</sourceRef><targetRef>i1</targetRef></dataInputAssociation>"
    out = "<dataOutputAssociation><sourceRef>o1</sourceRef><targetRef>R2</targetRef></dataOutputAssociation>"

    assert walk(with_data(into, out)).start(order=Decimal(1)).variables == {"order": 1, "answer": 2}


def test_an_assignment_gives_a_data_input_its_value(walk: Walk) -> None:
    assignment = "<assignment><from>${order * 10}</from><to>i1</to></assignment>"
    assigned = f"<dataInputAssociation><targetRef>i1</targetRef>{assignment}</dataInputAssociation>"
    out = "<dataOutputAssociation><sourceRef>o1</sourceRef><targetRef>P1</targetRef></dataOutputAssociation>"

    assert walk(with_data(assigned, out)).start(order=Decimal(1)).variables == {"order": 1, "note": 11}


@pytest.mark.parametrize(
    "association",
    [
        "<dataInputAssociation><sourceRef>nowhere</sourceRef><targetRef>i1</targetRef></dataInputAssociation>",
        "<dataInputAssociation><sourceRef>R1</sourceRef><targetRef>i1</targetRef><transformation>x</transformation></dataInputAssociation>",
        "<dataInputAssociation><targetRef>i1</targetRef><assignment><from>1</from><to>i1/deep</to></assignment></dataInputAssociation>",
        "<dataOutputAssociation><sourceRef>o1</sourceRef><targetRef>R1</targetRef><assignment><from>1</from><to>R1</to></assignment></dataOutputAssociation>",
    ],
)  # fmt: skip
def test_data_flow_that_leaves_a_choice_is_refused(inspect: Inspect, association: Any) -> None:
    assert "x" in inspect(with_data(association)).get("unsupported-element", [])


def test_associations_without_declared_data_are_drawing(walk: Walk) -> None:
    drawn = (
        '<property id="q" name="__targetRef_placeholder"/><dataInputAssociation id="a"><sourceRef>R1</sourceRef><targetRef>q</targetRef>'
        "</dataInputAssociation><dataOutputAssociation><targetRef>R2</targetRef></dataOutputAssociation>"
    )

    assert walk(ORDER + between(f'<task id="x">{drawn}</task>')).start(order=Decimal(1)).variables == {"order": 1}


# --- names by expressions


def test_a_message_or_signal_may_be_awaited_under_a_name_that_is_computed(engine: SpiffEngine, walk: Walk) -> None:
    body = START + '<intermediateCatchEvent id="x"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>' + END
    body += '<intermediateCatchEvent id="y"><signalEventDefinition signalRef="s"/></intermediateCatchEvent>'
    roots = b'<message id="m" name="answer-${k}"/><signal id="s" name="closed-${k}"/><process'
    xml = document(body + flow("start", "x") + flow("x", "y") + flow("y", "end")).replace(b"<process", roots)
    walker = walker_of(engine, walk, xml, "p").start(k="7")

    assert [one.name for one in walker.subscriptions.values()] == ["answer-7"]
    walker.deliver("x", k="8")
    assert [(one.name, one.kind) for one in walker.subscriptions.values()] == [("closed-8", "signal")]
    assert walker.deliver("y").finished


@pytest.mark.parametrize("number", [None, Decimal(1), ["a"], "x" * 300])
def test_a_name_that_is_none_fails_the_step(engine: SpiffEngine, walk: Walk, number: Any) -> None:
    body = between('<intermediateCatchEvent id="x"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>')
    xml = document(body).replace(b"<process", b'<message id="m" name="${number}"/><process')

    with pytest.raises(StepFailed, match="the name"):
        walker_of(engine, walk, xml, "p").start(number=number)


@pytest.mark.parametrize(
    ("element", "where"),
    [
        ('<startEvent id="begin"><messageEventDefinition messageRef="m"/></startEvent>' + flow("begin", "end"), "begin"),
        ('<startEvent id="begin"/><sendTask id="x" messageRef="m"/>' + flow("begin", "x") + flow("x", "end"), "x"),
    ],
)
def test_a_start_and_a_sent_message_have_fixed_names(engine: SpiffEngine, element: Any, where: Any) -> None:
    xml = document(element + END).replace(b"<process", b'<message id="m" name="${number}"/><process')

    assert ("unsupported-expression", where) in {(one.code, one.element_id) for one in engine.inspect("x.bpmn", xml).findings}


def test_an_error_has_its_code_and_message_where_it_is_caught(engine: SpiffEngine, walk: Walk) -> None:
    inside = '<startEvent id="s"/><endEvent id="bad"><errorEventDefinition errorRef="err"/></endEvent>' + flow("s", "bad")
    body = (
        START
        + f'<subProcess id="x">{inside}</subProcess><boundaryEvent id="caught" attachedToRef="x"><errorEventDefinition'
        + ' camunda:errorCodeVariable="code" camunda:errorMessageVariable="text"/></boundaryEvent>'
        + END
        + flow("start", "x")
        + flow("x", "end")
        + flow("caught", "end")
    )
    error = b'<error id="err" errorCode="E1" camunda:errorMessage="${n} is too much"/><process'

    walker = walker_of(engine, walk, document(body).replace(b"<process", error), "p").start(n=Decimal(5))

    assert walker.variables == {"n": 5, "code": "E1", "text": "5 is too much"}


def test_which_process_is_called_may_be_computed(walk: Walk) -> None:
    called = document('<startEvent id="s"/><userTask id="inner"/><endEvent id="e"/>' + flow("s", "inner") + flow("inner", "e"), "q")
    body = between('<callActivity id="x" calledElement="${kind}"/>')

    assert walk(body, law=FixedLaw(processes={"q": [called]})).start(kind="q").open == ["inner"]
    with pytest.raises(StepFailed, match="calledElement"):
        walk(body).start(kind=None)
