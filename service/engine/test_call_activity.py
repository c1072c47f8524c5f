"""Call activities: another process inside the instance, with variables of its own."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from service.actions.ports import Reference
from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.step import CalledProcess
from service.engine import SpiffEngine
from service.engine.conftest import FixedLaw, Inspect, Walk, document, source_of
from service.engine.test_flow import END, START, flow, line, timer_on, user
from service.engine.test_lint import one

TERMINATE = '<endEvent id="end"><terminateEventDefinition/></endEvent>'


def call(name: str, passed: str = "", attributes: str = 'calledElement="child"', more: str = "") -> str:
    return f'<callActivity id="{name}" {attributes}><extensionElements>{passed}</extensionElements>{more}</callActivity>'


def script(name: str, text: str, variable: str) -> str:
    return f'<scriptTask id="{name}" scriptFormat="feel" camunda:resultVariable="{variable}"><script>{text}</script></scriptTask>'


def law(*versions: str, settings: Mapping[str, Json] | None = None, **others: str) -> FixedLaw:
    """A law under which these bodies are the versions of the process `child`, and the others processes of their names."""
    bodies = {"child": versions, **{name: (body,) for name, body in others.items()}}
    processes = {name: [document(body, name) for body in given] for name, given in bodies.items()}
    for xml in (xml for given in processes.values() for xml in given):
        assert [finding for finding in SpiffEngine().inspect("called.bpmn", xml).findings if finding.severity == "error"] == []
    return FixedLaw(settings=settings or {}, processes=processes)


CHILD = line(START, user("work"), END)
CALLING = line(START, call("call"), user("after"), END)


def test_a_called_process_runs_inside_the_instance_and_its_end_is_the_end_of_the_call(walk: Walk) -> None:
    case = walk(CALLING, law=law(CHILD)).start()

    assert case.open == ["work"]
    assert case.task("work").called == CalledProcess("child", 1)
    assert case.execution().called_process(case.task("work").id) == CalledProcess("child", 1)
    assert case.complete("work").open == ["after"]
    assert case.task("after").called is None
    assert case.execution().called_process(case.task("after").id) is None
    assert case.complete("after").finished
    assert [(visit.element_id, visit.type) for visit in case.visits.values()] == [
        ("start", "startEvent"),
        ("call", "callActivity"),
        ("start", "startEvent"),
        ("work", "userTask"),
        ("end", "endEvent"),
        ("after", "userTask"),
        ("end", "endEvent"),
    ]
    assert {visit.state for visit in case.visits.values()} == {"completed"}


def test_a_called_process_that_never_waits_passes_in_one_step(walk: Walk) -> None:
    assert walk(CALLING, law=law(line(START, END))).start().open == ["after"]


def test_nothing_goes_in_or_out_unless_it_is_named(walk: Walk) -> None:
    inner = line('<startEvent id="start" camunda:initiator="who"/>', script("look", "secret", "found"), user("work"), END)
    case = walk(CALLING, law=law(inner)).start(secret="s", found="outside")

    assert case.execution().task_variables(case.task("work").id) == {"who": "li", "found": None}
    case.complete("work", secret="changed", more=True)

    assert case.variables == {"secret": "s", "found": "outside"}


MAPPED = (
    '<camunda:in source="a" target="x"/><camunda:in sourceExpression="${a + 1}" target="y"/><camunda:in source="nowhere" target="z"/>'
    '<camunda:in businessKey="#{execution.processBusinessKey}"/>'
    '<camunda:out source="answer" target="got"/><camunda:out sourceExpression="= x + y" target="sum"/>'
    '<camunda:out source="no" target="none"/>'
)


def test_what_is_named_goes_in_and_out(walk: Walk) -> None:
    case = walk(line(START, call("call", MAPPED), user("after"), END), law=law(CHILD)).start(a=Decimal(1), b=Decimal(2))

    assert case.execution().task_variables(case.task("work").id) == {"x": Decimal(1), "y": Decimal(2), "z": None}
    case.complete("work", answer={"text": "yes"}, x=Decimal(10), other="kept inside")

    assert case.variables == {"a": Decimal(1), "b": Decimal(2), "got": {"text": "yes"}, "sum": Decimal(12), "none": None}


def test_a_step_keeps_what_its_task_saw_in_a_scope_that_ends_with_it(walk: Walk) -> None:
    """And nothing where it saw the variables of the instance: these stay."""
    inner = line(START, user("work"), user("more"), END)
    case = walk(line(START, call("call", MAPPED), user("after"), END), law=law(inner)).start(a=Decimal(1), b=Decimal(2))

    case.complete("work", answer={"text": "draft"})
    assert case.step.inner_variables == {"x": Decimal(1), "y": Decimal(2), "z": None, "answer": {"text": "draft"}}
    case.complete("more", answer__text="final")
    assert case.step.inner_variables == {"x": Decimal(1), "y": Decimal(2), "z": None, "answer": {"text": "final"}}
    assert case.variables["got"] == {"text": "final"}
    assert case.complete("after", b=Decimal(3)).step.inner_variables is None


def test_a_step_keeps_the_iteration_of_its_task_and_not_the_variables_around_it(walk: Walk) -> None:
    asked = line(START, f'<userTask id="work">{GATHER.format("false")}</userTask>', END)
    case = walk(asked).start(organs=["a", "b"], shared="s")

    kept = case.complete("work", 1, opinion="B", shared="t").step.inner_variables

    assert kept is not None
    assert (kept["organ"], kept["opinion"], "shared" in kept) == ("b", "B", False)
    assert case.variables["shared"] == "t"


def test_all_variables_go_in_and_out_and_a_later_entry_wins(walk: Walk) -> None:
    everything = '<camunda:in variables="all"/><camunda:in sourceExpression="changed" target="a"/><camunda:out variables="all"/>'
    case = walk(line(START, call("call", everything), user("after"), END), law=law(CHILD)).start(a="a", b="b")

    assert case.execution().task_variables(case.task("work").id) == {"a": "changed", "b": "b"}
    assert case.complete("work", c="c").variables == {"a": "changed", "b": "b", "c": "c"}


def test_an_expression_that_fails_on_the_way_in_names_the_call(walk: Walk) -> None:
    passed = '<camunda:in sourceExpression="${1 + text}" target="x"/>'
    with pytest.raises(StepFailed) as failed:
        walk(line(START, call("call", passed), END), law=law(CHILD)).start(text="t")
    assert (failed.value.element_id, failed.value.kind) == ("call", "expression")


def test_the_end_by_termination_of_a_called_process_ends_only_that(walk: Walk) -> None:
    inner = line(START, '<parallelGateway id="g"/>', user("work"), TERMINATE) + flow("g", "other") + user("other") + flow("other", "end")
    case = walk(line(START, call("call", '<camunda:out source="r" target="r"/>'), user("after"), END), law=law(inner)).start()

    assert case.complete("work", r="result").open == ["after"]
    assert case.variables == {"r": "result"}


def test_an_interrupting_timer_on_a_call_takes_everything_inside_away(walk: Walk) -> None:
    inner = line(START, user("work"), END) + timer_on("work", "remind", "R3/PT1H", interrupting=False, kind="timeCycle")
    inner += flow("remind", "note") + line(user("note"), '<endEvent id="en"/>')
    body = CALLING + timer_on("call", "late", "${limit}") + flow("late", "instead") + line(user("instead"), '<endEvent id="e2"/>')
    case = walk(body, law=law(inner)).start(limit="PT5H")
    case.fire("remind")
    assert case.open == ["note", "work"]
    assert sorted(timer.element_id for timer in case.timers.values()) == ["late", "remind"]

    case.fire("late")

    assert case.open == ["instead"]
    assert not case.timers
    states = {(visit.element_id, visit.state) for visit in case.visits.values()}
    assert {("call", "cancelled"), ("work", "cancelled"), ("note", "cancelled")} <= states
    assert case.complete("instead").finished


def test_what_a_message_brings_may_be_kept_apart(walk: Walk) -> None:
    apart = "<camunda:properties><camunda:property name='receivedAs' value='brought'/></camunda:properties>"
    wait = f'<receiveTask id="wait" messageRef="ask"><extensionElements>{apart}</extensionElements></receiveTask>'
    case = walk(line(START, wait, user("work"), END)).start(a={"kept": 1})
    (awaited,) = case.subscriptions.values()
    assert case.execution().message_variables(awaited.id) == {}

    case.deliver("wait", a={"other": 2}, b=3)

    assert case.variables == {"a": {"kept": 1}, "brought": {"a": {"other": 2}, "b": 3}}


def test_a_message_inside_sets_variables_inside_and_one_on_the_call_outside(walk: Walk) -> None:
    inner = line(START, '<receiveTask id="wait" messageRef="ask"/>', user("work"), END)
    told = (
        '<boundaryEvent id="told" attachedToRef="call" cancelActivity="false"><messageEventDefinition messageRef="tell"/></boundaryEvent>'
    )
    body = CALLING + told + flow("told", "t") + line('<task id="t"/>', '<endEvent id="e2"/>')
    case = walk(body, law=law(inner)).start(a="outside")
    awaited = {subscription.element_id: subscription.id for subscription in case.subscriptions.values()}
    assert case.execution().message_variables(awaited["wait"]) == {}
    assert case.execution().message_variables(awaited["told"]) == {"a": "outside"}
    assert case.execution().called_process(awaited["wait"]) == CalledProcess("child", 1)
    assert case.execution().called_process(awaited["told"]) is None

    case.deliver("told", b="told").deliver("wait", a="inside")

    assert case.variables == {"a": "outside", "b": "told"}
    assert case.execution().task_variables(case.task("work").id) == {"a": "inside"}


GATHER = (
    '<multiInstanceLoopCharacteristics isSequential="{}" camunda:collection="${{organs}}" camunda:elementVariable="organ">'
    '<loopDataOutputRef>opinions</loopDataOutputRef><outputDataItem name="opinion"/></multiInstanceLoopCharacteristics>'
)
ASKING = (
    '<camunda:in source="organ" target="asked"/><camunda:in variables="all" local="true"/><camunda:out source="said" target="opinion"/>'
)


def test_each_iteration_of_a_multi_instance_call_has_a_process_of_its_own(walk: Walk) -> None:
    inner = line(START, user("work", 'camunda:candidateGroups="${asked}"'), END)
    body = line(START, call("call", ASKING, more=GATHER.format("false")), user("after"), END)
    case = walk(body, law=law(inner)).start(organs=["a", "b", "c"], opinion="outside")

    assert [task.candidate_groups for task in case.tasks.values()] == [("a",), ("b",), ("c",)]
    second = case.execution().task_variables(case.task("work", 1).id)
    assert second == {"asked": "b", "organ": "b", "loopCounter": Decimal(1), "opinion": None}
    case.complete("work", 1, said="B").complete("work", 1, said="C").complete("work", said="A")

    assert case.open == ["after"]
    assert case.variables == {"organs": ["a", "b", "c"], "opinion": "outside", "opinions": ["A", "B", "C"]}


def test_a_sequential_call_takes_one_after_the_other_and_a_local_result_stays_in_its_iteration(walk: Walk) -> None:
    passed = '<camunda:out source="said" target="opinion" local="true"/>'
    body = line(START, call("call", passed, more=GATHER.format("true")), user("after"), END)
    case = walk(body, law=law(CHILD)).start(organs=["a", "b"])

    assert case.complete("work", said="A").open == ["work"]
    assert case.complete("work", said="B").variables == {"organs": ["a", "b"], "opinions": ["A", "B"]}


def test_a_multi_instance_inside_a_called_process_gathers_there(walk: Walk) -> None:
    inner = line(START, f'<userTask id="work">{GATHER.format("false")}</userTask>', END)
    passed = '<camunda:in source="organs" target="organs"/><camunda:out source="opinions" target="heard"/>'
    case = walk(line(START, call("call", passed), user("after"), END), law=law(inner)).start(organs=["a", "b"])

    case.complete("work", 1, opinion="B").complete("work", opinion="A")

    assert case.variables == {"organs": ["a", "b"], "heard": ["A", "B"]}


def test_decisions_settings_and_time_limits_inside_are_those_of_the_instance(walk: Walk) -> None:
    decide = '<businessRuleTask id="rule" camunda:decisionRef="risk" camunda:mapDecisionResult="singleResult" camunda:resultVariable="r"/>'
    inner = line(START, decide, script("set", 'setting("joint")', "joint"), user("work"), END)
    passed = '<camunda:in source="a" target="amount"/>'
    case = walk(line(START, call("call", passed), END), law=law(inner, settings={"joint": True})).start(a=Decimal(5))

    seen = case.execution().task_variables(case.task("work").id)
    assert (seen["joint"], seen["r"]) == (True, {"level": "high", "limit": Decimal(99)})
    assert [(taken.element_id, taken.decision_key) for taken in case.step.decisions] == [("rule", "risk")]


OTHER = line(START, user("other"), END)
VERSION_1 = 'calledElement="child" camunda:calledElementBinding="version" camunda:calledElementVersion="1"'


@pytest.mark.parametrize(
    ("attributes", "opened"), [('calledElement="child"', "other"), (VERSION_1, "work"), ('calledElement="q:child"', "other")]
)
def test_the_binding_says_which_version_is_called(walk: Walk, attributes: Any, opened: Any) -> None:
    case = walk(line(START, call("call", attributes=attributes), END), law=law(CHILD, OTHER)).start()

    assert case.open == [opened]


def test_a_call_in_progress_keeps_its_version_whatever_is_deployed_meanwhile(walk: Walk) -> None:
    twice = line(START, call("call"), call("again"), END)
    case = walk(twice, law=law(CHILD)).start()

    case.law = law(CHILD, OTHER)
    case.engine = SpiffEngine()
    assert case.complete("work").open == ["other"]
    assert case.complete("other").finished


def test_a_state_whose_called_diagram_is_missing_or_another_is_refused(walk: Walk) -> None:
    case = walk(CALLING, law=law(CHILD)).start()

    for changed in (law(), law(OTHER)):
        with pytest.raises(StepFailed) as failed:
            case.engine.resume(case.source, case.step.state_data, changed)
        assert (failed.value.element_id, failed.value.kind) == ("call", "definition")


def test_a_process_that_is_missing_or_has_no_plain_start_fails_the_step(walk: Walk) -> None:
    only_message = line('<startEvent id="start"><messageEventDefinition messageRef="ask"/></startEvent>', user("work"), END)
    for wrong in (law(), law(only_message)):
        with pytest.raises(StepFailed) as failed:
            walk(CALLING, law=wrong).start()
        assert (failed.value.element_id, failed.value.kind) == ("call", "definition")


def test_a_process_with_other_starts_is_called_at_its_plain_one(walk: Walk) -> None:
    asked = line('<startEvent id="asked"><messageEventDefinition messageRef="ask"/></startEvent>', user("never"), '<endEvent id="e2"/>')
    assert walk(CALLING, law=law(asked + CHILD)).start().open == ["work"]


def test_twenty_calls_inside_one_another_are_possible_and_no_more(walk: Walk) -> None:
    deeper = line(START, '<exclusiveGateway id="g" default="stop"/>', call("down", COUNTED), END) + flow("g", "work", None, "stop")
    deeper = deeper.replace('<sequenceFlow sourceRef="g" targetRef="down"/>', flow("g", "down", "${n &gt; 1}"))
    deeper += line(user("work"), '<endEvent id="e2"/>')
    body = line(START, call("call", '<camunda:in source="n" target="n"/><camunda:out variables="all"/>'), END)

    case = walk(body, law=law(deeper)).start(n=Decimal(20))
    assert case.open == ["work"]
    assert case.complete("work", deep="down there").finished
    assert case.variables == {"n": Decimal(20), "deep": "down there"}
    with pytest.raises(StepFailed, match="20 calls") as failed:
        walk(body, law=law(deeper)).start(n=Decimal(21))
    assert (failed.value.element_id, failed.value.kind) == ("down", "budget")


COUNTED = '<camunda:in sourceExpression="${n - 1}" target="n"/><camunda:out source="deep" target="deep"/>'


def test_a_process_that_always_calls_itself_is_stopped(walk: Walk) -> None:
    with pytest.raises(StepFailed) as failed:
        walk(CALLING, law=law(line(START, call("self"), END))).start()
    assert (failed.value.element_id, failed.value.kind) == ("self", "budget")


def test_the_description_names_the_called_process(engine: SpiffEngine) -> None:
    body = "\n".join([line(START, call("a", attributes=VERSION_1), END), flow("start", "b"), call("b"), flow("b", "end")])

    inspection = engine.inspect("x.bpmn", document(body))

    (process,) = inspection.processes
    assert process.references == (Reference("process", "child", "a", 1, "version", 1), Reference("process", "child", "b", 3))


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ("<callActivity id='x'/>", "missing-process"),
        ("<callActivity id='x' calledElement='p' camunda:calledElementBinding='newest'/>", "invalid-binding"),
        ("<callActivity id='x' calledElement='p' camunda:calledElementBinding='version'/>", "invalid-binding"),
        ("<callActivity id='x' calledElement='p' camunda:calledElementVersionTag='v1'/>", "invalid-binding"),
        ("<callActivity id='x' calledElement='p' camunda:variableMappingClass='org.X'/>", "unsupported-attribute"),
        ("<callActivity id='x' camunda:caseRef='c'/>", "unsupported-attribute"),
        ("<callActivity id='x' calledElement='p' camunda:variableMappingClass='c'/>", "unsupported-attribute"),
        (call("x", "<camunda:in/>"), "invalid-mapping"),
        (call("x", "<camunda:in source='a'/>"), "invalid-mapping"),
        (call("x", "<camunda:in source='' target='b'/>"), "invalid-mapping"),
        (call("x", "<camunda:in source='${a}' target='b'/>"), "invalid-mapping"),
        (call("x", "<camunda:in source='a' sourceExpression='${a}' target='b'/>"), "invalid-mapping"),
        (call("x", "<camunda:in variables='some'/>"), "invalid-mapping"),
        (call("x", "<camunda:in source='a' target='b' type='string'/>"), "invalid-mapping"),
        (call("x", "<camunda:out source='a' target='b.c'/>"), "invalid-mapping"),
        (call("x", "<camunda:out businessKey='k'/>"), "invalid-mapping"),
        (call("x", "<camunda:out sourceExpression='${a.b()}' target='b'/>"), "invalid-expression"),
        ("<userTask id='x'><extensionElements><camunda:in source='a' target='b'/></extensionElements></userTask>", "unsupported-extension"),
    ],
)
def test_what_is_wrong_with_a_call_is_told_with_the_element(inspect: Inspect, element: Any, code: Any) -> None:
    assert "x" in inspect(one(element)).get(code, [])


def test_what_has_no_effect_or_may_surprise_is_warned(engine: SpiffEngine) -> None:
    latest = call("x", '<camunda:in businessKey="${other}"/>', 'calledElement="p" camunda:calledElementBinding="latest"')

    findings = engine.inspect("x.bpmn", document(one(latest))).findings

    assert {(finding.code, finding.element_id, finding.severity) for finding in findings} == {
        ("business-key", "x", "warning"),
        ("binding-latest", "x", "warning"),
    }


@pytest.mark.parametrize(
    ("key", "warned"),
    [
        ("${execution.processBusinessKey}", False),
        ("#{ execution.businessKey }", False),
        ("${execution.processBusinessKey + '-part'}", True),
        ("K-1", True),
    ],
)
def test_only_the_key_of_the_case_itself_may_be_passed_without_a_warning(engine: SpiffEngine, key: str, warned: bool) -> None:
    findings = engine.inspect("x.bpmn", document(one(call("x", f'<camunda:in businessKey="{key}"/>')))).findings

    assert [(finding.code, finding.element_id) for finding in findings] == ([("business-key", "x")] if warned else [])


def test_what_ends_the_calls_from_outside_ends_all_inside_them(walk: Walk) -> None:
    both = line(START, '<parallelGateway id="g"/>', call("one"), END) + flow("g", "two") + call("two") + flow("two", "end")
    both += flow("g", "stop") + line(user("stop"), '<endEvent id="now"><terminateEventDefinition/></endEvent>')
    inner = line(START, '<parallelGateway id="g"/>', user("a"), '<parallelGateway id="j"/>', user("work"), END)
    inner += flow("g", "b") + user("b") + flow("b", "j")
    case = walk(both, law=law(inner)).start()

    case.complete("a").complete("b", 1)
    assert case.open == ["a", "b", "stop"]
    case.complete("a")
    assert case.open == ["b", "stop", "work"]
    assert case.complete("stop").finished
    assert {visit.element_id for visit in case.visits.values() if visit.state == "cancelled"} == {"one", "two", "b", "j", "work"}


def test_calls_that_are_not_waited_for_any_more_are_cancelled(walk: Walk) -> None:
    enough = GATHER.format("false").replace(
        "</multi", "<completionCondition>${nrOfCompletedInstances == 1}</completionCondition></multi", 1
    )
    body = line(START, call("call", ASKING, more=enough), user("after"), END)
    case = walk(body, law=law(CHILD)).start(organs=["a", "b", "c"])

    assert case.complete("work", 1, said="B").open == ["after"]
    assert case.variables == {"organs": ["a", "b", "c"], "opinions": ["B"]}


def test_two_processes_of_one_file_may_call_one_another(walk: Walk, engine: SpiffEngine) -> None:
    other = '<process id="child" isExecutable="true">' + line(START, user("work"), END).replace('"start"', '"s"').replace('"end"', '"e"')
    xml = document(CALLING).replace(b"</definitions>", f"{other}</process></definitions>".encode())
    assert {process.key for process in engine.inspect("two.bpmn", xml).processes} == {"p", "child"}

    case = walk(CALLING, law=FixedLaw(processes={"child": [xml]}))
    case.source = source_of(xml, "p")

    assert case.start().open == ["work"]
    assert case.complete("work").open == ["after"]


def test_a_local_result_changes_nothing_outside(walk: Walk) -> None:
    passed = '<camunda:out source="said" target="got" local="true"/>'
    case = walk(line(START, call("call", passed), user("after"), END), law=law(CHILD)).start(got="before")

    assert case.complete("work", said="new").variables == {"got": "before"}
