"""External tasks: what a worker is told, what its report does, and every way in which the work can end without it."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from service.domain.errors import StepFailed
from service.domain.step import ExternalTaskOpened, Step
from service.engine import SpiffEngine
from service.engine.conftest import FixedLaw, Walker, document, source_of

Walk = Callable[..., Walker]
Inspect = Callable[[str], dict[str, list[str | None]]]

END2 = '<endEvent id="end2"/>'
REPORT = {"id": "x", "workerId": "w", "errorMessage": None, "errorDetails": None, "retries": None}


def flow(*ids: str) -> str:
    return "".join(f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids))


def body(inside: str, *between: str) -> str:
    return f'<startEvent id="start"/>{inside}<endEvent id="end"/>' + flow("start", *between, "end")


def external(kind: str = "serviceTask", extension: str = "", attributes: str = 'camunda:topic="mail"') -> str:
    inner = f"<extensionElements>{extension}</extensionElements>" if extension else ""
    return f'<{kind} id="work" name="Work" camunda:type="external" {attributes}>{inner}</{kind}>'


def only(step: Step) -> ExternalTaskOpened:
    (opened,) = step.opened_external
    return opened


def complete(
    walker: Walker, task_id: str, local: dict[str, Any] | None = None, report: dict[str, Any] | None = None, **variables: Any
) -> Step:
    step = walker.execution().complete_external(task_id, variables, local or {}, {**REPORT, **(report or {})}, walker.circumstances)
    walker.take(step)
    return step


@pytest.mark.parametrize("kind", ["serviceTask", "sendTask", "businessRuleTask"])
def test_a_worker_does_the_work_of_a_task(walk: Walk, kind: str) -> None:
    walker = walk(body(external(kind, attributes='camunda:topic="mail-${to}" camunda:taskPriority="${p + 1}"'), "work"))
    opened = only(walker.start(to="li", p=Decimal(4)).step)
    assert (opened.element_id, opened.topic, opened.priority, opened.retries) == ("work", "mail-li", 5, None)

    step = complete(walker, opened.id, answer=Decimal(42))

    assert step.finished == "completed"
    assert walker.variables["answer"] == 42
    assert step.closed_external == (opened.id,)
    assert walker.path == ["start", "work", "end"]


@pytest.mark.parametrize(("tag", "between"), [("intermediateThrowEvent", ("work",)), ("endEvent", ())])
def test_a_worker_sends_a_message(walk: Walk, tag: str, between: tuple[str, ...]) -> None:
    event = f'<{tag} id="work"><messageEventDefinition camunda:type="external" camunda:topic="post"/></{tag}>'
    ends = flow("start", "work") if tag == "endEvent" else flow("start", "work", "end") + '<endEvent id="end"/>'
    walker = walk(f'<startEvent id="start"/>{event}{ends}').start()
    opened = only(walker.step)
    assert (opened.topic, opened.element_id, walker.step.messages) == ("post", "work", ())

    assert complete(walker, opened.id).finished == "completed"
    assert walker.messages == []


def test_a_send_task_with_a_message_sends_it(walk: Walk) -> None:
    walker = walk(body('<sendTask id="work" messageRef="tell"/>', "work")).start(amount=Decimal(3))

    assert walker.finished
    assert walker.messages == [("answer", {"amount": Decimal(3)})]


def test_the_priority_of_the_process_counts_where_the_task_has_none(engine: SpiffEngine) -> None:
    text = document(body(external(), "work")).decode().replace('isExecutable="true"', 'isExecutable="true" camunda:taskPriority="7"')
    walker = Walker(engine, source_of(text.encode(), "p"), FixedLaw()).start()

    assert only(walker.step).priority == 7


@pytest.mark.parametrize(
    ("attributes", "variables", "words"),
    [
        ('camunda:topic="${topic}"', {"topic": None}, "camunda:topic"),
        ('camunda:topic="${topic}"', {"topic": ""}, "camunda:topic"),
        ('camunda:topic="${topic}"', {"topic": Decimal(3)}, "camunda:topic"),
        ('camunda:topic="t" camunda:taskPriority="${p}"', {"p": Decimal("1.5")}, "camunda:taskPriority"),
        ('camunda:topic="t" camunda:taskPriority="${p}"', {"p": "much"}, "camunda:taskPriority"),
        ('camunda:topic="t" camunda:taskPriority="${p}"', {"p": True}, "camunda:taskPriority"),
    ],
)
def test_a_topic_or_priority_that_is_none_fails_the_step(walk: Walk, attributes: str, variables: dict[str, Any], words: str) -> None:
    walker = walk(body(external(attributes=attributes), "work"))
    with pytest.raises(StepFailed, match=words) as failed:
        walker.start(**variables)
    assert (failed.value.element_id, failed.value.kind) == ("work", "expression")


ERROR_BOUNDARY = (
    '<boundaryEvent id="caught" attachedToRef="work"><errorEventDefinition errorRef="bad" camunda:errorCodeVariable="code"'
    ' camunda:errorMessageVariable="words"/></boundaryEvent><userTask id="repair"/>' + END2 + flow("caught", "repair", "end2")
)


def with_error(engine: SpiffEngine, inside: str) -> Walker:
    text = document(inside).decode().replace('<process id="p"', '<error id="bad" errorCode="BAD"/><process id="p"')
    errors = [finding for finding in engine.inspect("t.bpmn", text.encode()).findings if finding.severity == "error"]
    assert errors == []
    return Walker(engine, source_of(text.encode(), "p"), FixedLaw())


def test_a_business_error_takes_the_way_drawn_for_it(engine: SpiffEngine) -> None:
    walker = with_error(engine, body(external() + ERROR_BOUNDARY, "work")).start()
    opened = only(walker.step)

    step = walker.execution().throw_error(opened.id, "BAD", "no such person", {"found": False}, walker.circumstances)
    walker.take(step)

    assert step.closed_external == (opened.id,)
    assert walker.open == ["repair"]
    assert walker.variables == {"code": "BAD", "words": "no such person", "found": False}


def test_an_error_that_nothing_catches_fails_the_step(engine: SpiffEngine) -> None:
    walker = with_error(engine, body(external() + ERROR_BOUNDARY, "work")).start()

    with pytest.raises(StepFailed, match="OTHER") as failed:
        walker.execution().throw_error(only(walker.step).id, "OTHER", "", {}, walker.circumstances)
    assert (failed.value.element_id, failed.value.kind) == ("work", "error-event")


RULES = (
    '<camunda:errorEventDefinition errorRef="bad" expression="${externalTask.getErrorMessage() == \'bad\'}"/>'
    '<camunda:errorEventDefinition errorRef="bad" expression="${state == \'wrong\'}"/>'
)


def test_a_report_that_the_diagram_calls_an_error_is_one(engine: SpiffEngine) -> None:
    walker = with_error(engine, body(external(extension=RULES) + ERROR_BOUNDARY, "work")).start(state=None)
    task_id = only(walker.step).id

    assert walker.execution().fail_external(task_id, {**REPORT, "errorMessage": "other"}, walker.circumstances) is None
    step = walker.execution().fail_external(task_id, {**REPORT, "errorMessage": "bad"}, walker.circumstances)

    assert step is not None
    walker.take(step)
    assert walker.open == ["repair"]
    assert walker.variables["words"] == "bad"


@pytest.mark.parametrize("local", [True, False])
def test_a_completion_that_the_diagram_calls_an_error_is_one(engine: SpiffEngine, local: bool) -> None:
    walker = with_error(engine, body(external(extension=RULES) + ERROR_BOUNDARY, "work")).start(state="fine")
    task_id = only(walker.step).id

    if local:
        complete(walker, task_id, local={"state": "wrong"})
        assert walker.variables["state"] == "fine"
    else:
        complete(walker, task_id, state="wrong")
        assert walker.variables["state"] == "wrong"

    assert walker.open == ["repair"]
    assert "work" not in walker.path


def test_local_variables_are_gone_with_the_task(walk: Walk) -> None:
    walker = walk(body(external() + '<userTask id="next"/>', "work", "next")).start()

    complete(walker, only(walker.step).id, local={"secret": True}, kept=True)

    assert walker.variables == {"kept": True}
    assert walker.execution().task_variables(walker.task("next").id) == {"kept": True}


def test_an_interrupting_timer_withdraws_the_work(walk: Walk) -> None:
    timer = '<boundaryEvent id="late" attachedToRef="work"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>'
    walker = walk(
        body(external() + timer + '</boundaryEvent><userTask id="remind"/>' + END2 + flow("late", "remind", "end2"), "work")
    ).start()
    opened = only(walker.step)

    walker.fire("late")

    assert walker.step.closed_external == (opened.id,)
    assert walker.open == ["remind"]
    assert walker.execution().external_variables(opened.id) is None
    with pytest.raises(StepFailed, match="no external task"):
        complete(walker, opened.id)


def test_a_message_beside_the_work_leaves_it(walk: Walk) -> None:
    event = (
        '<boundaryEvent id="asked" attachedToRef="work" cancelActivity="false"><messageEventDefinition messageRef="ask"/></boundaryEvent>'
        '<userTask id="reply"/>'
    )
    walker = walk(body(external() + event + END2 + flow("asked", "reply", "end2"), "work")).start()
    opened = only(walker.step)

    walker.deliver("asked")

    assert walker.open == ["reply"]
    assert walker.step.closed_external == ()
    complete(walker, opened.id)
    walker.complete("reply")
    assert walker.finished


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_each_iteration_has_work_of_its_own(walk: Walk, sequential: str) -> None:
    loop = (
        f'<multiInstanceLoopCharacteristics isSequential="{sequential}" camunda:collection="people" camunda:elementVariable="person">'
        "<completionCondition>${nrOfCompletedInstances == 2}</completionCondition></multiInstanceLoopCharacteristics>"
    )
    task = f'<serviceTask id="work" camunda:type="external" camunda:topic="${{person}}">{loop}</serviceTask>'
    walker = walk(body(task, "work")).start(people=["a", "b", "c"])
    opened = {one.topic: one.id for one in walker.step.opened_external}
    assert sorted(opened) == (["a"] if sequential == "true" else ["a", "b", "c"])
    seen = walker.execution().external_variables(opened["a"])
    assert seen is not None
    assert (seen["person"], seen["loopCounter"]) == ("a", 0)

    step = complete(walker, opened["a"])
    opened |= {one.topic: one.id for one in step.opened_external}
    step = complete(walker, opened["b"])

    assert step.finished == "completed"
    assert step.closed_external == ((opened["b"],) if sequential == "true" else (opened["b"], opened["c"]))


def test_cancelling_the_scope_withdraws_the_work(walk: Walk) -> None:
    inside = '<subProcess id="sub"><startEvent id="s"/>' + external() + flow("s", "work") + "</subProcess>"
    timer = '<boundaryEvent id="late" attachedToRef="sub"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>'
    walker = walk(body(inside + timer + "</boundaryEvent>" + flow("late", "end"), "sub")).start()
    opened = only(walker.step)

    walker.fire("late")

    assert walker.finished
    assert walker.step.closed_external == (opened.id,)


def test_variables_change_and_conditions_look_at_them(walk: Walk) -> None:
    event = (
        '<boundaryEvent id="when" attachedToRef="work"><conditionalEventDefinition><condition>${go == true}</condition>'
        '</conditionalEventDefinition></boundaryEvent><userTask id="other"/>'
    )
    walker = walk(body(external() + event + END2 + flow("when", "other", "end2"), "work")).start(go=False)
    opened = only(walker.step)

    walker.take(walker.execution().change_variables(opened.id, {"x": Decimal(1)}, walker.circumstances))
    assert (walker.variables["x"], walker.step.closed_external) == (1, ())
    walker.take(walker.execution().change_variables(opened.id, {"go": True}, walker.circumstances))

    assert walker.open == ["other"]
    assert walker.step.closed_external == (opened.id,)


@pytest.mark.parametrize("kind", ["serviceTask", "sendTask", "businessRuleTask"])
def test_an_expression_does_the_work(walk: Walk, kind: str) -> None:
    task = f'<{kind} id="work" camunda:expression="${{amount * 2}}" camunda:resultVariable="twice"/>'
    walker = walk(body(task, "work")).start(amount=Decimal(21))

    assert walker.finished
    assert walker.variables["twice"] == 42


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ('<serviceTask id="work"/>', "missing-implementation"),
        ('<sendTask id="work"/>', "missing-implementation"),
        ('<businessRuleTask id="work"/>', "missing-decision"),
        ('<serviceTask id="work" camunda:type="external"/>', "missing-topic"),
        ('<serviceTask id="work" camunda:type="mail" camunda:topic="t"/>', "unsupported-attribute"),
        ('<serviceTask id="work" camunda:class="a.B"/>', "unsupported-attribute"),
        ('<serviceTask id="work" camunda:delegateExpression="${bean}"/>', "unsupported-attribute"),
        ('<serviceTask id="work" camunda:topic="t" camunda:expression="${1}" camunda:resultVariable="x"/>', "unsupported-attribute"),
        ('<serviceTask id="work" camunda:type="external" camunda:topic="t" camunda:expression="${1}"/>', "ambiguous-implementation"),
        ('<businessRuleTask id="work" camunda:type="external" camunda:topic="t" camunda:decisionRef="risk"/>', "ambiguous-implementation"),
        ('<serviceTask id="work" camunda:type="external" camunda:topic="${a +}"/>', "invalid-expression"),
        ('<serviceTask id="work" camunda:type="external" camunda:topic="t" camunda:taskPriority="high"/>', "invalid-expression"),
        (f'<serviceTask id="work" camunda:type="external" camunda:topic="{"t" * 256}"/>', "too-long"),
        ('<serviceTask id="work" camunda:expression="${mailer.send(x)}" camunda:resultVariable="x"/>', "invalid-expression"),
        ('<serviceTask id="work" camunda:expression="${x}"/>', "missing-result-variable"),
        ('<serviceTask id="work" camunda:expression="plain" camunda:resultVariable="x"/>', "invalid-expression"),
        (
            external(extension="<camunda:connector><camunda:connectorId>http</camunda:connectorId></camunda:connector>"),
            "unsupported-extension",
        ),
        (external(extension='<camunda:errorEventDefinition errorRef="none" expression="${true}"/>'), "dangling-reference"),
        (
            '<intermediateThrowEvent id="work"><messageEventDefinition messageRef="tell" camunda:type="external" camunda:topic="t"/>'
            '<messageEventDefinition messageRef="ask"/></intermediateThrowEvent>',
            "ambiguous-implementation",
        ),
        (
            '<intermediateCatchEvent id="work"><messageEventDefinition messageRef="tell" camunda:type="external" camunda:topic="t"/>'
            "</intermediateCatchEvent>",
            "unsupported-attribute",
        ),
    ],
)
def test_what_nobody_can_do_is_refused_by_name(inspect: Inspect, inside: str, code: str) -> None:
    found = inspect(body(inside, "work"))

    assert found.get(code) == ["work"], found
