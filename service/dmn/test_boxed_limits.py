"""Boxed expressions where something is missing, foreign or hidden."""

from typing import Any

import pytest

from service.dmn import read_model
from service.dmn.conftest import Read, Refusals


def _boxed(expression: str) -> str:
    return f'<decision id="d" name="d">{expression}</decision>'


def _text(text: str) -> str:
    return f"<literalExpression><text>{text}</text></literalExpression>"


@pytest.mark.parametrize(
    ("source", "match", "expected", "warned"),
    [
        ("[1, 2, 3]", "item &gt; 1", [2, 3], False),
        ("5", "item &gt; 1", [5], False),
        ("[[1, 2], [3]]", "count(item) = 1", [[3]], False),
        ('[{item: "a"}]', 'item = "a"', [{"item": "a"}], False),
        ("[1, null]", "item &gt; 0", [1], True),
        ("null", "true", None, True),
        ("[1, 2]", "1", None, True),
    ],
)
def test_a_boxed_filter_needs_a_collection_and_a_truth_value(read: Read, source: str, match: str, expected: Any, warned: bool) -> None:
    evaluation = read(_boxed(f"<filter><in>{_text(source)}</in><match>{_text(match)}</match></filter>")).evaluate("d", {})

    assert evaluation.result == expected
    assert bool(evaluation.warnings) is warned


def test_the_item_of_a_filter_within_a_filter_is_its_own(read: Read) -> None:
    inner = f"<filter><in>{_text('item')}</in><match>{_text('item &gt; 1')}</match></filter>"
    outer = (
        f"<context><contextEntry><variable name='kept'/>{inner}</contextEntry>"
        f"<contextEntry>{_text('count(kept) = 1')}</contextEntry></context>"
    )

    model = read(_boxed(f"<filter><in>{_text('[[1, 2], [3, 4], [0, 1]]')}</in><match>{outer}</match></filter>"))

    assert model.evaluate("d", {}).result == [[1, 2]]


def test_a_function_of_a_context_may_call_itself_and_sees_no_later_entry(read: Read) -> None:
    function = f'<functionDefinition><formalParameter name="n"/>{_text("if n = 0 then 1 else n * f(n - 1)")}</functionDefinition>'
    entries = (
        f'<contextEntry><variable name="f"/>{function}</contextEntry>'
        f'<contextEntry><variable name="n"/>{_text("f(4)")}</contextEntry>'
        f"<contextEntry>{_text('n + f(3)')}</contextEntry>"
    )

    model = read(_boxed(f"<context>{entries}</context>"))

    assert model.findings == ()
    assert model.evaluate("d", {}).result == 30


_EXTERNAL = (
    '<businessKnowledgeModel id="b" name="cosine"><variable name="cosine"/><encapsulatedLogic kind="{kind}"><formalParameter name="x"/>'
    '<context><contextEntry><variable name="class"/><literalExpression><text>"java.lang.Math"</text></literalExpression></contextEntry>'
    '<contextEntry><variable name="method signature"/><literalExpression><text>"cos(double)"</text></literalExpression></contextEntry>'
    "</context></encapsulatedLogic></businessKnowledgeModel>"
    '<decision id="d" name="d"><knowledgeRequirement><requiredKnowledge href="#b"/></knowledgeRequirement>'
    '<literalExpression><text>cosine(0)</text></literalExpression></decision><decision id="e" name="e">'
    "<literalExpression><text>1</text></literalExpression></decision>"
)


@pytest.mark.parametrize("kind", ["Java", "PMML"])
def test_an_external_function_let_in_yields_null_and_leaves_the_rest_alone(refused: Refusals, kind: str) -> None:
    body = _EXTERNAL.format(kind=kind)
    source = f'<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="x" namespace="urn:x">{body}</definitions>'

    model = read_model(source.encode(), checks="warn")

    assert [(found.code, found.severity) for found in model.findings] == [("external-function", "warning")]
    assert model.evaluate("e", {}).result == 1
    evaluation = model.evaluate("d", {})
    assert evaluation.result is None
    assert [warning.kind for warning in evaluation.warnings] == ["EXTERNAL_FUNCTION"]
    assert "java.lang.Math.cos(double)" in evaluation.warnings[0].message
    assert [error.code for error in refused(body)] == ["external-function"]
