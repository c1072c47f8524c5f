"""XML of a decision table to its syntax."""

from __future__ import annotations

from typing import cast, get_args

import lxml.etree as etree

from service.dmn.findings import Findings
from service.dmn.language import check_language
from service.dmn.reading.document import attribute, child, children, content_of, feel_text, place_of, text_of, type_ref
from service.dmn.reading.syntax import Aggregation, DecisionTable, HitPolicy, InputClause, OutputClause, Rule, Text

_INPUT_VARIABLE = "{http://camunda.org/schema/1.0/dmn}inputVariable"


def read_table(element: etree._Element, findings: Findings, language: str | None) -> DecisionTable:
    """A decision table; rules are read the same whatever the preferred orientation."""
    place = place_of(element)
    policy = attribute(element, "hitPolicy") or "UNIQUE"
    if policy not in get_args(HitPolicy):
        findings.error(place, "hit-policy", f"unknown hit policy {policy}")
        policy = "UNIQUE"
    aggregation = attribute(element, "aggregation")
    if aggregation is not None and aggregation not in get_args(Aggregation):
        findings.error(place, "aggregation", f"unknown aggregation {aggregation}")
        aggregation = None
    if aggregation is not None and policy != "COLLECT":
        findings.warning(place, "aggregation", f"the aggregation {aggregation} has no meaning with {policy}")
        aggregation = None
    inputs = tuple(_input(found, findings, language) for found in children(element, "input"))
    outputs = tuple(_output(found, findings, language) for found in children(element, "output"))
    columns = [attribute(found, "name") for found in children(element, "annotation")]
    rules = tuple(
        _rule(found, index, (len(inputs), len(outputs)), columns, findings, language)
        for index, found in enumerate(children(element, "rule"), start=1)
    )
    table = DecisionTable(
        place,
        type_ref(element),
        cast(HitPolicy, policy),
        cast("Aggregation | None", aggregation),
        inputs,
        outputs,
        rules,
    )
    _check_shape(table, findings)
    return table


def _check_shape(table: DecisionTable, findings: Findings) -> None:
    if not table.outputs:
        findings.error(table.place, "no-output", "the decision table has no output column")
    if len(table.outputs) > 1:
        names = [output.name for output in table.outputs]
        for output in table.outputs:
            if output.name is None:
                findings.error(output.place, "missing-name", "an output column of several has no name")
            elif names.count(output.name) > 1:
                findings.error(output.place, "duplicate-name", f"two output columns are called {output.name}")
        if table.aggregation is not None:
            findings.error(table.place, "aggregation", f"{table.aggregation} cannot aggregate {len(table.outputs)} output columns")


def _clause_values(element: etree._Element, name: str, findings: Findings, language: str | None) -> Text | None:
    found = child(element, name)
    if found is None:
        return None
    check_language(found, findings, language)
    text = feel_text(found)
    return text if text.text not in ("", "-") else None


def _input(element: etree._Element, findings: Findings, language: str | None) -> InputClause:
    place = place_of(element)
    expression = child(element, "inputExpression")
    text, type_name = Text(place, ""), None
    if expression is not None:
        check_language(expression, findings, language)
        text, type_name = feel_text(expression), type_ref(expression)
    values = _clause_values(element, "inputValues", findings, language)
    return InputClause(place, attribute(element, "label"), text, type_name, values, attribute(element, _INPUT_VARIABLE))


def _output(element: etree._Element, findings: Findings, language: str | None) -> OutputClause:
    default = child(element, "defaultOutputEntry")
    if default is not None:
        check_language(default, findings, language)
    default_text = feel_text(default) if default is not None else None
    return OutputClause(
        place_of(element),
        attribute(element, "name"),
        attribute(element, "label"),
        type_ref(element),
        _clause_values(element, "outputValues", findings, language),
        default_text if default_text is not None and default_text.text else None,
    )


def _rule(
    element: etree._Element,
    index: int,
    widths: tuple[int, int],
    columns: list[str | None],
    findings: Findings,
    language: str | None,
) -> Rule:
    place = place_of(element)
    cells: list[tuple[Text, ...]] = []
    for name, width in zip(("inputEntry", "outputEntry"), widths, strict=True):
        found = list(children(element, name))
        if len(found) != width:
            findings.error(place, "wrong-width", f"rule {index} has {len(found)} {name} elements for {width} columns")
        for cell in found:
            check_language(cell, findings, language)
        cells.append(tuple(feel_text(cell) for cell in found))
    return Rule(place, index, _basis(element, columns), cells[0], cells[1], attribute(element, "id"))


def _basis(element: etree._Element, columns: list[str | None]) -> str | None:
    description = child(element, "description")
    if description is not None and content_of(description):
        return content_of(description)
    annotations = [text_of(entry) for entry in children(element, "annotationEntry")]
    filled = [(index, text) for index, text in enumerate(annotations) if text]
    if len(filled) == 1:
        return filled[0][1]
    lines = []
    for index, text in filled:
        column = columns[index] if index < len(columns) else None
        lines.append(f"{column}: {text}" if column else text)
    return "\n".join(lines) or None
