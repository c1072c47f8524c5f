"""Conditional events that wait for the change of a variable: camunda:variableName and camunda:variableEvents as in Camunda 7."""

from decimal import Decimal

import pytest

from service.domain.operations import Instruction
from service.engine.conftest import Inspect, Walk, document, source_of
from service.engine.sketches import END, START, boundary, chain, script, sub, user


def condition(text: str, **attributes: str) -> str:
    words = " ".join(f'camunda:{name}="{value}"' for name, value in attributes.items())
    return f"<conditionalEventDefinition {words}><condition>{text}</condition></conditionalEventDefinition>"


AT_LAST = '<endEvent id="e2"/>'
BESIDE = START + '<parallelGateway id="fork"/>' + END + chain("start", "fork")


def watched(definition: str, interrupting: bool = False) -> str:
    """A task `host` with that boundary event, and beside it three tasks in a row."""
    aside = boundary("seen", "host", definition, interrupting) + user("look") + AT_LAST + chain("seen", "look", "e2")
    return BESIDE + user("host", "one", "two", "three") + chain("fork", "host", "end") + chain("fork", "one", "two", "three", "end") + aside


def test_only_the_variable_that_is_named_lets_the_condition_be_looked_at(walk: Walk) -> None:
    walker = walk(watched(condition("${x &gt; 5 &amp;&amp; y}", variableName="x"), interrupting=True)).start(x=Decimal(9), y=False)
    assert walker.complete("one", y=True).open == ["host", "two"]
    assert walker.complete("two", x=Decimal(7)).open == ["look", "three"]


def test_a_condition_that_is_true_when_the_wait_begins_happens_at_once(walk: Walk) -> None:
    for definition in (condition("${x}", variableName="y"), condition("${x}", variableEvents="update")):
        assert walk(watched(definition, interrupting=True)).start(x=True).open == ["look", "one"]
        caught = START + f'<intermediateCatchEvent id="wait">{definition}</intermediateCatchEvent>' + user("a") + END
        assert walk(caught + chain("start", "wait", "a", "end")).start(x=True).open == ["a"]


def test_a_lasting_event_happens_at_each_such_change_while_it_is_true(walk: Walk) -> None:
    walker = walk(watched(condition("${x &gt; 5}", variableName="x"))).start(x=Decimal(1))
    assert walker.complete("one", x=Decimal(8)).open == ["host", "look", "two"]
    assert walker.complete("two", x=Decimal(8)).open == ["host", "look", "look", "three"]
    assert walker.complete("three", other=True).open == ["host", "look", "look"]


@pytest.mark.parametrize(
    ("kinds", "first", "second"), [("create", 1, 1), ("update", 0, 1), ("create, update", 1, 2), ("update,delete", 0, 1), ("", 1, 2)]
)
def test_a_first_value_is_a_creation_and_every_other_an_update(walk: Walk, kinds: str, first: int, second: int) -> None:
    walker = walk(watched(condition("${x}", variableName="x", variableEvents=kinds))).start()
    assert walker.complete("one", x=True).open.count("look") == first
    assert walker.complete("two", x=True).open.count("look") == second


def test_without_a_name_any_variable_counts_and_several_at_once_count_once(walk: Walk) -> None:
    walker = walk(watched(condition("${x}", variableEvents="update"))).start(x=True, y=1)
    assert walker.open == ["host", "look", "one"]
    assert walker.complete("one", z=1).open == ["host", "look", "two"]
    assert walker.complete("two", y=2, z=2).open == ["host", "look", "look", "three"]


def test_an_event_based_gateway_and_an_event_sub_process_wait_for_a_change_too(walk: Walk) -> None:
    event = f'<intermediateCatchEvent id="wait">{condition("${x and y}", variableName="x")}</intermediateCatchEvent>'
    told = '<intermediateCatchEvent id="told"><messageEventDefinition messageRef="ask"/></intermediateCatchEvent>'
    gateway = BESIDE + '<eventBasedGateway id="first"/>' + event + told + user("set", "then", "after")
    gateway += chain("fork", "set", "then", "end") + chain("fork", "first", "wait", "after", "end") + chain("first", "told", "end")
    walker = walk(gateway).start(x=True).complete("set", y=True)
    assert walker.open == ["then"]
    assert walker.complete("then", x=True).open == ["after"]

    inside = f'<startEvent id="s">{condition("${x and y}", variableName="x")}</startEvent>' + user("stopped") + '<endEvent id="e"/>'
    stop = sub("stop", inside + chain("s", "stopped", "e"), attributes='triggeredByEvent="true"')
    body = START + user("a") + script("sets_y", "true", "y") + user("b") + script("sets_x", "true", "x") + user("c") + END + stop
    walker = walk(body + chain("start", "a", "sets_y", "b", "sets_x", "c", "end")).start(x=False)
    assert walker.complete("a").open == ["b"]
    assert walker.complete("b").open == ["stopped"]


def test_a_change_that_the_event_does_not_see_is_none(walk: Walk) -> None:
    mapped = (
        "<extensionElements><camunda:inputOutput>"
        '<camunda:inputParameter name="x">${1}</camunda:inputParameter></camunda:inputOutput></extensionElements>'
    )
    hidden = boundary("seen", "host", condition("${y}", variableName="x")) + user("look") + AT_LAST + chain("seen", "look", "e2")
    body = (
        BESIDE
        + user("one", "two")
        + user("host", marks=mapped)
        + chain("fork", "host", "end")
        + chain("fork", "one", "two", "end")
        + hidden
    )
    walker = walk(body).start(x=Decimal(0), y=False)
    assert walker.complete("one", y=True, x=Decimal(2)).open == ["host", "two"]

    iterated = '<multiInstanceLoopCharacteristics camunda:collection="list" camunda:elementVariable="x"/>'
    rounds = boundary("seen", "host", condition("${y}", variableName="z")) + user("look") + AT_LAST + chain("seen", "look", "e2")
    inner = '<startEvent id="s"/>' + user("in") + '<endEvent id="e"/>' + chain("s", "in", "e")
    body = BESIDE + user("host") + sub("part", inner, iterated) + chain("fork", "host", "end") + chain("fork", "part", "end") + rounds
    walker = walk(body).start(list=[Decimal(1)], y=False).complete("in", z=Decimal(1), y=True)
    assert walker.open == ["host"]


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ('camunda:variableName="${x}"', "unsupported-expression"),
        ('camunda:variableEvents="change"', "unsupported-attribute"),
        ('camunda:variableEvents="delete"', "unsupported-attribute"),
    ],
)
def test_what_could_never_happen_is_refused_by_name(inspect: Inspect, attributes: str, code: str) -> None:
    definition = f"<conditionalEventDefinition {attributes}><condition>${{x}}</condition></conditionalEventDefinition>"
    body = START + f'<intermediateCatchEvent id="wait">{definition}</intermediateCatchEvent>' + END + chain("start", "wait", "end")
    assert inspect(body) == {code: ["wait"]}


def test_the_words_belong_to_conditional_events_only(inspect: Inspect) -> None:
    assert inspect(START + user("a", attributes='camunda:variableName="x"') + END + chain("start", "a", "end")) == {
        "unsupported-attribute": ["a"]
    }


def test_after_a_migration_the_change_that_the_target_names_counts(walk: Walk) -> None:
    walker = walk(watched(condition("${y}"))).start(y=False)
    target = source_of(document(watched(condition("${y}", variableName="x"))), "p", 2)

    done = walker.execution().migrate(target, {}, True, walker.circumstances)
    walker.source = target
    walker.take(done.step)

    assert [(note.code, note.element_id) for note in done.notes] == [("condition-changed", "seen")]
    assert walker.complete("one", y=True).open == ["host", "two"]
    assert walker.complete("two", x=Decimal(1)).open == ["host", "look", "three"]


def test_a_modification_that_sets_the_variable_is_a_change(walk: Walk) -> None:
    walker = walk(watched(condition("${x}", variableName="x"), interrupting=True)).start()
    instruction = Instruction("startBeforeActivity", "three")

    assert walker.take(walker.execution().modify([instruction], {"x": True}, walker.circumstances).step).open == ["look", "one", "three"]
