"""What declared types do to columns, results, inputs and parameters (DMN 1.5, 7.3.2, 8.3.3, 10.3.2.9.4)."""

from decimal import Decimal
from typing import Any

import pytest

from service.dmn import DecisionFailure
from service.dmn.conftest import Read, Refusals
from service.feel import Date

_TYPES = """
<itemDefinition name="tLevel"><typeRef>string</typeRef><allowedValues><text>"LOW", "HIGH"</text></allowedValues></itemDefinition>
<itemDefinition name="tAlias"><typeRef>tLevel</typeRef></itemDefinition>
<itemDefinition name="tLevels" isCollection="true"><typeRef>tLevel</typeRef></itemDefinition>
<itemDefinition name="tFew" isCollection="true"><typeRef>number</typeRef>
  <typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>
<itemDefinition name="tAnswer"><itemComponent name="level"><typeRef>tLevel</typeRef></itemComponent>
  <itemComponent name="points"><typeRef>number</typeRef></itemComponent></itemDefinition>
"""


def _table(policy: str, rules: list[tuple[str, ...]], outputs: tuple[str, ...], result: str = "Any") -> str:
    """A decision whose rules all apply; the strings are outputs."""
    columns = "".join(f"<output {attributes}/>" for attributes in outputs)
    rows = "".join(f"<rule>{''.join(f'<outputEntry><text>{cell}</text></outputEntry>' for cell in rule)}</rule>" for rule in rules)
    return (
        f'{_TYPES}<decision id="d" name="d"><variable name="d" typeRef="{result}"/>'
        f'<decisionTable id="t" hitPolicy="{policy}">{columns}{rows}</decisionTable></decision>'
    )


@pytest.mark.parametrize(
    ("policy", "rules", "outputs", "result", "expected"),
    [
        ("PRIORITY", [('"HIGH"',), ('"LOW"',)], ('typeRef="tLevel"',), "Any", "LOW"),
        ("PRIORITY", [('"HIGH"',), ('"LOW"',)], ('typeRef="tAlias"',), "Any", "LOW"),
        ("PRIORITY", [('"HIGH"',), ('"LOW"',)], ("",), "tLevel", "LOW"),
        ("OUTPUT ORDER", [('"HIGH"',), ('"LOW"',)], ("",), "tLevels", ["LOW", "HIGH"]),
        ("PRIORITY", [('"HIGH"', "1"), ('"LOW"', "2")], ('name="level"', 'name="points"'), "tAnswer", {"level": "LOW", "points": 2}),
    ],
)
def test_the_order_of_priority_may_stand_in_the_type(
    read: Read, policy: str, rules: list[tuple[str, ...]], outputs: tuple[str, ...], result: str, expected: Any
) -> None:
    assert read(_table(policy, rules, outputs, result)).evaluate("d", {}).result == expected


def test_without_any_order_of_priority_the_table_is_refused(refused: Refusals) -> None:
    errors = refused(_table("PRIORITY", [("1",), ("2",)], ('typeRef="number"',), "number"))

    assert [(error.code, error.element_id) for error in errors] == [("no-priorities", "t")]


@pytest.mark.parametrize(
    ("outputs", "result", "cells", "code"),
    [
        (("",), "tLevel", ('"MIDDLE"',), "not-allowed"),
        (('name="level"', 'name="points"'), "tAnswer", ('"LOW"', '"many"'), "wrong-type"),
        (('typeRef="number"',), "Any", ('"many"',), "wrong-type"),
    ],
)
def test_an_output_the_result_can_never_have_is_an_error(
    refused: Refusals, outputs: tuple[str, ...], result: str, cells: tuple[str, ...], code: str
) -> None:
    assert [error.code for error in refused(_table("UNIQUE", [cells], outputs, result))] == [code]


def test_a_default_the_column_can_never_have_is_an_error(refused: Refusals) -> None:
    body = _table("UNIQUE", [('"LOW"',)], ('typeRef="tLevel"',))
    default = '<defaultOutputEntry><text>"NONE"</text></defaultOutputEntry>'

    errors = refused(body.replace('<output typeRef="tLevel"/>', f'<output typeRef="tLevel">{default}</output>'))

    assert [error.code for error in errors] == ["not-allowed"]


def _input(type_ref: str, text: str = "n", result: str = "Any") -> str:
    return (
        f'{_TYPES}<inputData id="n" name="n"><variable name="n" typeRef="{type_ref}"/></inputData>'
        f'<decision id="d" name="d"><variable name="d" typeRef="{result}"/><informationRequirement><requiredInput href="#n"/>'
        f"</informationRequirement><literalExpression><text>{text}</text></literalExpression></decision>"
    )


@pytest.mark.parametrize(
    ("type_ref", "given", "expected"),
    [
        ("number", [Decimal(1)], Decimal(1)),
        ("tLevels", "LOW", ["LOW"]),
        ("tFew", Decimal(1), [1]),
        ("list", Decimal(1), [1]),
        ("Any", [Decimal(1)], [1]),
        ("tLevels", None, None),
    ],
)
def test_a_list_of_one_and_its_element_stand_for_one_another(read: Read, type_ref: str, given: Any, expected: Any) -> None:
    assert read(_input(type_ref)).evaluate("d", {"n": given}).result == expected


@pytest.mark.parametrize(
    ("type_ref", "given", "path"),
    [
        ("tLevels", ["LOW", "MIDDLE"], ("n", 1)),
        ("tFew", [Decimal(1)] * 3, ("n",)),
        ("tAlias", "MIDDLE", ("n",)),
        ("number", [Decimal(1), Decimal(2)], ("n",)),
    ],
)
def test_allowed_values_are_meant_for_elements_and_a_constraint_for_the_list(
    read: Read, type_ref: str, given: Any, path: tuple[str | int, ...]
) -> None:
    with pytest.raises(DecisionFailure) as failure:
        read(_input(type_ref)).evaluate("d", {"n": given})

    assert [problem.path for problem in failure.value.problems] == [path]


@pytest.mark.parametrize("text", ['"a"', "[1, 2]", "{}"])
def test_a_result_that_does_not_fit_is_null_and_a_warning(read: Read, text: str) -> None:
    evaluation = read(_input("Any", text, "number")).evaluate("d", {})

    assert evaluation.result is None
    assert [(warning.kind, warning.element_id) for warning in evaluation.warnings] == [("INVALID_TYPE", "d")]


def test_listed_values_of_a_column_are_meant_for_the_elements_of_a_list(read: Read) -> None:
    body = _table("UNIQUE", [('["LOW", "HIGH"]',)], ('typeRef="tLevels"',))
    values = '<outputValues><text>"LOW", "HIGH"</text></outputValues>'

    model = read(body.replace('<output typeRef="tLevels"/>', f'<output typeRef="tLevels">{values}</output>'))

    assert model.evaluate("d", {}).result == ["LOW", "HIGH"]


def test_a_file_may_give_the_name_of_a_built_in_type_to_its_own(read: Read) -> None:
    types = (
        '<itemDefinition name="number"><typeRef>number</typeRef><allowedValues><text>&gt; 0</text></allowedValues></itemDefinition>'
        '<itemDefinition name="numbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>'
    )
    model = read(types + _input("numbers").replace(_TYPES, ""))

    assert model.evaluate("d", {"n": [Decimal(1)]}).result == [1]
    assert [problem.path for problem in model.check_input("d", {"n": [Decimal(0)]})] == [("n", 0)]


_CHAIN = (
    '<itemDefinition name="tChain"><itemComponent name="next"><typeRef>tChain</typeRef></itemComponent></itemDefinition>'
    '<decision id="d" name="d"><variable name="d" typeRef="tChain"/>'
    "<literalExpression><text>(for i in 1..{length} return {{next: if i = 1 then null else partial[-1]}})[-1]</text></literalExpression>"
    '</decision><decisionService id="s" name="s"><variable name="s" typeRef="tChain"/><outputDecision href="#d"/></decisionService>'
)


def test_a_value_of_a_type_without_end_is_looked_into_only_so_deep(read: Read) -> None:
    assert read(_CHAIN.format(length=90)).evaluate("d", {}).result is not None
    with pytest.raises(DecisionFailure) as failure:
        read(_CHAIN.format(length=1200)).evaluate("d", {})
    assert failure.value.code == "limit-exceeded"
    with pytest.raises(DecisionFailure) as failure:
        read(_CHAIN.format(length=600).replace('<variable name="d" typeRef="tChain"/>', "")).evaluate_service("s", {})
    assert failure.value.code == "limit-exceeded"


def test_rules_that_agree_on_something_very_deep_are_no_crash(read: Read) -> None:
    deep = "(for i in 1..900 return if i = 1 then [] else [partial[-1]])[-1]"

    with pytest.raises(DecisionFailure) as failure:
        read(_table("ANY", [(deep,), (deep,)], ("",))).evaluate("d", {})

    assert failure.value.code == "limit-exceeded"


@pytest.mark.parametrize("type_ref", ["integer", "int", "long", "tCount"])
def test_whole_number_types_take_no_fraction(read: Read, type_ref: str) -> None:
    model = read(
        '<itemDefinition name="tCount"><typeRef>integer</typeRef><allowedValues><text>&gt;= 0</text></allowedValues></itemDefinition>'
        f'<inputData id="n" name="n"><variable name="n" typeRef="{type_ref}"/></inputData>'
        f'<decision id="d" name="d"><variable name="d" typeRef="{type_ref}"/>'
        '<informationRequirement><requiredInput href="#n"/></informationRequirement>'
        "<literalExpression><text>n / 2</text></literalExpression></decision>"
    )

    assert model.evaluate("d", {"n": Decimal("4.0")}).result == 2
    halved = model.evaluate("d", {"n": 3})
    assert (halved.result, [warning.kind for warning in halved.warnings]) == (None, ["INVALID_TYPE"])
    with pytest.raises(DecisionFailure) as failure:
        model.evaluate("d", {"n": Decimal("4.5")})
    assert [(problem.code, problem.message) for problem in failure.value.problems] == [
        ("wrong-type", "n must be whole number, not number 4.5")
    ]


def test_a_date_given_for_a_date_and_time_is_its_midnight(read: Read) -> None:
    model = read(
        '<inputData id="n" name="n"><variable name="n" typeRef="date and time"/></inputData>'
        '<decision id="d" name="d"><informationRequirement><requiredInput href="#n"/></informationRequirement>'
        "<literalExpression><text>string(n)</text></literalExpression></decision>"
    )

    assert model.evaluate("d", {"n": Date(2026, 1, 31)}).result == "2026-01-31T00:00:00Z"
