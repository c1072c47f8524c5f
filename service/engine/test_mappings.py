"""Input/output mapping: what is local to an element, what comes out of it, and what a mapping that fails says."""

from decimal import Decimal
from typing import Any

import pytest

from service.domain.errors import StepFailed
from service.engine.conftest import FixedLaw, Inspect, Walk, document

GROOVY = '<camunda:script scriptFormat="groovy">1</camunda:script>'
TWICE = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
START, END = '<startEvent id="start"/>', '<endEvent id="end"/>'


def flow(source: str, target: str) -> str:
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'


def mapped(inner: str) -> str:
    return f"<extensionElements><camunda:inputOutput>{inner}</camunda:inputOutput></extensionElements>"


def into(name: str, value: str) -> str:
    return f'<camunda:inputParameter name="{name}">{value}</camunda:inputParameter>'


def out(name: str, value: str) -> str:
    return f'<camunda:outputParameter name="{name}">{value}</camunda:outputParameter>'


def between(element: str, element_id: str = "x") -> str:
    return START + element + END + flow("start", element_id) + flow(element_id, "end")


def test_inputs_are_variables_of_the_element_alone_and_outputs_go_around_it(walk: Walk) -> None:
    parameters = into("local", "${amount * 2}") + into("next", "${local + 1}") + out("total", "${local + given}")
    walker = walk(between(f'<userTask id="x">{mapped(parameters)}</userTask>')).start(amount=Decimal(5))

    assert walker.execution().task_variables(walker.task("x").id) == {"amount": 5, "local": 10, "next": 11}
    assert walker.variables == {"amount": 5}

    walker.complete("x", given=Decimal(7), local=Decimal(100))

    # As in Camunda: what a person sets under a local name stays local, a new name goes to the process.
    assert walker.variables == {"amount": 5, "given": 7, "total": 107}


def test_an_input_hides_a_variable_of_its_name_and_leaves_it_as_it_is(walk: Walk) -> None:
    task = f'<userTask id="x">{mapped(into("amount", "1"))}</userTask>'
    walker = walk(between(task)).start(amount=Decimal(5))

    assert walker.execution().task_variables(walker.task("x").id) == {"amount": "1"}

    assert walker.complete("x", amount=Decimal(9)).variables == {"amount": 5}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain text", "plain text"),
        ("", None),
        ("= 1 + 1", Decimal(2)),
        ("${n}-${n}", "3-3"),
        ("<camunda:list><camunda:value>a</camunda:value><camunda:value>${n}</camunda:value></camunda:list>", ["a", Decimal(3)]),
        (
            '<camunda:map><camunda:entry key="a">${n}</camunda:entry><camunda:entry key="b"><camunda:list/></camunda:entry></camunda:map>',
            {"a": Decimal(3), "b": []},
        ),
        ('<camunda:script scriptFormat="feel">n + 1</camunda:script>', Decimal(4)),
        ("<camunda:list><camunda:script scriptFormat='feel'>n</camunda:script></camunda:list>", [Decimal(3)]),
    ],
)
def test_a_parameter_is_text_expression_list_map_or_feel(walk: Walk, value: Any, expected: Any) -> None:
    walker = walk(
        between(
            f'<scriptTask id="x" scriptFormat="feel" camunda:resultVariable="r">{mapped(into("v", value))}<script>v</script></scriptTask>'
        )
    )

    assert walker.start(n=Decimal(3)).variables == {"n": 3, "r": expected}


@pytest.mark.parametrize(
    "element",
    [
        "<task id='x'>{}</task>",
        "<manualTask id='x'>{}</manualTask>",
        "<subProcess id='x'>{}<startEvent id='s'/><endEvent id='e'/><sequenceFlow sourceRef='s' targetRef='e'/></subProcess>",
        "<intermediateThrowEvent id='x'>{}</intermediateThrowEvent>",
        "<intermediateThrowEvent id='x'>{}<messageEventDefinition messageRef='ask'/></intermediateThrowEvent>",
    ],
)
def test_every_kind_of_element_maps(walk: Walk, element: Any) -> None:
    walker = walk(between(element.format(mapped(into("a", "${n}") + out("b", "${a + 1}"))))).start(n=Decimal(1))

    assert walker.variables == {"n": 1, "b": 2}


def test_a_boundary_event_maps_when_it_happens_and_sees_the_inputs_of_no_other(walk: Walk) -> None:
    body = (
        START
        + f'<userTask id="x">{mapped(into("wait", "PT1H"))}</userTask>'
        + f'<boundaryEvent id="late" attachedToRef="x">{mapped(out("late", "= true"))}'
        + "<timerEventDefinition><timeDuration>${wait}</timeDuration></timerEventDefinition></boundaryEvent>"
        + END
        + flow("start", "x")
        + flow("x", "end")
        + flow("late", "end")
    )
    walker = walk(body).start()

    assert walker.fire("late").variables == {"late": True}


def test_each_iteration_has_inputs_of_its_own(walk: Walk) -> None:
    task = (
        f'<userTask id="x">{mapped(into("who", "p-${person}"))}'
        '<multiInstanceLoopCharacteristics camunda:collection="people" camunda:elementVariable="person"/></userTask>'
    )
    walker = walk(between(task)).start(people=["a", "b"])

    seen = [walker.execution().task_variables(task.id)["who"] for task in walker.tasks.values()]
    assert seen == ["p-a", "p-b"]


def test_a_sub_process_and_a_call_see_their_inputs(walk: Walk) -> None:
    called = document('<startEvent id="s"/><userTask id="inner"/><endEvent id="e"/>' + flow("s", "inner") + flow("inner", "e"), "q")
    passes = '<camunda:in source="a" target="b"/><camunda:out source="c" target="d"/>'
    parameters = mapped(into("a", "${n}") + out("r", "${d}")).removesuffix("</extensionElements>")
    call = f'<callActivity id="x" calledElement="q">{parameters}{passes}</extensionElements></callActivity>'
    walker = walk(between(call), law=FixedLaw(processes={"q": [called]})).start(n=Decimal(1))

    assert walker.execution().task_variables(walker.task("inner").id) == {"b": 1}

    assert walker.complete("inner", c=Decimal(2)).variables == {"n": 1, "d": 2, "r": 2}


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        (into("a", "${nothing}"), "the input parameter 'a': ${nothing} fails"),
        (into("ok", "1") + into("b", "${ok.size()}"), "the input parameter 'b'"),
        (out("c", "${1 / 0}"), "the output parameter 'c'"),
        (into("d", "<camunda:list><camunda:value>${nothing}</camunda:value></camunda:list>"), "the input parameter 'd'"),
    ],
)
def test_a_mapping_that_fails_is_a_failed_step_naming_the_parameter(walk: Walk, parameters: Any, words: Any) -> None:
    with pytest.raises(StepFailed) as raised:
        walk(between(f'<task id="x">{mapped(parameters)}</task>')).start()

    assert (raised.value.kind, raised.value.element_id) == ("mapping", "x")
    assert words in raised.value.message


@pytest.mark.parametrize(
    ("element", "code"),
    [
        (f"<task id='x'>{mapped(into('a', GROOVY))}</task>", "invalid-mapping"),
        (f"<task id='x'>{mapped(into('a', '<camunda:connector/>'))}</task>", "invalid-mapping"),
        (f"<task id='x'>{mapped(into('', '1'))}</task>", "invalid-mapping"),
        (f"<task id='x'>{mapped('<camunda:other/>')}</task>", "invalid-mapping"),
        (f"<task id='x'>{mapped(into('a', '<camunda:map><camunda:entry>1</camunda:entry></camunda:map>'))}</task>", "invalid-mapping"),
        (f"<task id='x'>{mapped(into('a', '${1 +}'))}</task>", "invalid-expression"),
        (f"<task id='x'>{mapped(out('a', '= f(1)'))}</task>", "invalid-expression"),
        (f"<userTask id='x'>{mapped(out('a', '1'))}{TWICE}</userTask>", "invalid-mapping"),
        (f"<exclusiveGateway id='x'>{mapped(into('a', '1'))}</exclusiveGateway>", "unsupported-extension"),
    ],
)  # fmt: skip
def test_what_a_mapping_cannot_be_is_refused_with_the_element_named(inspect: Inspect, element: Any, code: Any) -> None:
    assert "x" in inspect(between(element)).get(code, [])


def test_an_end_event_has_no_outputs(inspect: Inspect) -> None:
    found = inspect(START + flow("start", "end") + f'<endEvent id="end">{mapped(out("a", "1"))}</endEvent>')

    assert found == {"invalid-mapping": ["end"]}
