"""Boxed expressions, business knowledge models and decision services."""

from decimal import Decimal
from typing import Any, Literal

import pytest

from service.dmn import DmnRefused, read_model
from service.dmn.conftest import Read, Refusals


def _text(feel: str) -> str:
    escaped = feel.replace("&", "&amp;").replace("<", "&lt;")
    return f"<literalExpression><text>{escaped}</text></literalExpression>"


def _result(read: Read, boxed: str, type_ref: str = "Any", needs: str = "", rest: str = "") -> Any:
    model = read(f'{rest}<decision id="d" name="d"><variable name="d" typeRef="{type_ref}"/>{needs}{boxed}</decision>')
    return model.evaluate("d", {}).result


def test_a_context_sees_its_earlier_entries_and_may_have_a_result(read: Read) -> None:
    entries = (
        f'<contextEntry><variable name="a" typeRef="number"/>{_text("2")}</contextEntry>'
        f'<contextEntry><variable name="b c"/>{_text("a * 3")}</contextEntry>'
    )

    assert _result(read, f"<context>{entries}</context>") == {"a": Decimal(2), "b c": Decimal(6)}
    assert _result(read, f"<context>{entries}<contextEntry>{_text('a + b c')}</contextEntry></context>") == Decimal(8)


def test_lists_and_relations(read: Read) -> None:
    relation = (
        '<relation><column name="x"/><column name="y" typeRef="string"/>'
        f"<row>{_text('1')}{_text(chr(34) + 'a' + chr(34))}</row><row>{_text('2')}{_text('3')}</row></relation>"
    )

    assert _result(read, f"<list>{_text('1')}{_text('null')}</list>") == [Decimal(1), None]
    assert _result(read, relation) == [{"x": Decimal(1), "y": "a"}, {"x": Decimal(2), "y": None}]


@pytest.mark.parametrize(("condition", "expected"), [("true", "t"), ("false", "e"), ("null", "e"), ('"x"', None)])
def test_conditional(read: Read, condition: str, expected: str | None) -> None:
    boxed = (
        f"<conditional><if>{_text(condition)}</if><then>{_text(chr(34) + 't' + chr(34))}</then>"
        f"<else>{_text(chr(34) + 'e' + chr(34))}</else></conditional>"
    )

    assert _result(read, boxed) == expected


def test_filter_looks_into_the_elements(read: Read) -> None:
    rows = _text("[{age: 1}, {age: 5}, {age: 9}]")

    assert _result(read, f"<filter><in>{rows}</in><match>{_text('age > 4 and item.age < 9')}</match></filter>") == [{"age": Decimal(5)}]


@pytest.mark.parametrize(
    ("kind", "part", "body", "expected"),
    [
        ("for", "return", "x + count(partial)", [Decimal(1), Decimal(3), Decimal(5)]),
        ("some", "satisfies", "x > 2", True),
        ("every", "satisfies", "x > 2", False),
        ("every", "satisfies", "x", None),
    ],
)
def test_iterators(read: Read, kind: str, part: str, body: str, expected: Any) -> None:
    boxed = f'<{kind} iteratorVariable="x"><in>{_text("[1, 2, 3]")}</in><{part}>{_text(body)}</{part}></{kind}>'

    assert _result(read, boxed) == expected


_NEEDS_F = '<knowledgeRequirement><requiredKnowledge href="#f"/></knowledgeRequirement>'
_F = (
    '<businessKnowledgeModel id="f" name="fee of"><variable name="fee of" typeRef="number"/><encapsulatedLogic>'
    '<formalParameter name="amount" typeRef="number"/><formalParameter name="rate" typeRef="number"/>'
    "<literalExpression><text>amount * rate</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
)


def test_knowledge_models_are_functions(read: Read) -> None:
    invocation = (
        f"<invocation>{_text('fee of')}"
        f'<binding><parameter name="rate"/>{_text("0.1")}</binding>'
        f'<binding><parameter name="amount"/>{_text("50")}</binding></invocation>'
    )

    assert _result(read, _text("fee of(200, 0.1)"), needs=_NEEDS_F, rest=_F) == Decimal(20)
    assert _result(read, _text('fee of("x", 0.1)'), needs=_NEEDS_F, rest=_F) is None
    assert _result(read, invocation, needs=_NEEDS_F, rest=_F) == Decimal(5)


def test_a_knowledge_model_may_call_itself(read: Read) -> None:
    factorial = (
        '<businessKnowledgeModel id="f" name="factorial"><encapsulatedLogic><formalParameter name="n"/>'
        "<literalExpression><text>if n = 0 then 1 else n * factorial(n - 1)</text></literalExpression>"
        "</encapsulatedLogic></businessKnowledgeModel>"
    )

    assert _result(read, _text("factorial(20)"), needs=_NEEDS_F, rest=factorial) == Decimal(2432902008176640000)


def test_a_boxed_function_closes_over_its_context(read: Read) -> None:
    boxed = (
        f'<context><contextEntry><variable name="k"/>{_text("10")}</contextEntry>'
        '<contextEntry><variable name="f"/><functionDefinition><formalParameter name="x"/>'
        f"{_text('x * k')}</functionDefinition></contextEntry><contextEntry>{_text('f(x: 4)')}</contextEntry></context>"
    )

    assert _result(read, boxed) == Decimal(40)


def test_the_tables_of_a_context_decision_explain_it(read: Read) -> None:
    table = (
        '<decisionTable id="t"><output id="o" name="out"/><rule id="r1"><description>why</description>'
        "<outputEntry><text>7</text></outputEntry></rule></decisionTable>"
    )
    model = read(
        '<inputData id="x" name="x"/><decision id="d" name="d"><informationRequirement><requiredInput href="#x"/>'
        f'</informationRequirement><context><contextEntry><variable name="found"/>{table}</contextEntry>'
        f'<contextEntry><variable name="seen"/>{_text("x.y")}</contextEntry></context></decision>'
    )

    record = model.evaluate("d", {"x": {"y": "z"}}).record()

    assert record["result"] == record["outputs"] == {"found": Decimal(7), "seen": "z"}
    assert [rule["description"] for rule in record["matchedRules"]] == ["why"]
    assert record["inputs"] == [{"expression": "x.y", "value": "z"}]


def test_the_tables_a_table_calls_explain_themselves(read: Read) -> None:
    model = read(
        '<businessKnowledgeModel id="b" name="grade"><variable name="grade"/><encapsulatedLogic><formalParameter name="n"/>'
        '<decisionTable id="inner"><input><inputExpression><text>n</text></inputExpression></input><output/>'
        '<rule id="low"><description>section 2</description><inputEntry><text>[0..5]</text></inputEntry>'
        '<outputEntry><text>"low"</text></outputEntry></rule></decisionTable></encapsulatedLogic></businessKnowledgeModel>'
        '<decision id="d" name="d"><knowledgeRequirement><requiredKnowledge href="#b"/></knowledgeRequirement>'
        '<decisionTable id="outer"><input><inputExpression><text>grade(3)</text></inputExpression></input><output/>'
        '<rule id="own"><inputEntry><text>"low"</text></inputEntry><outputEntry><text>grade(4)</text></outputEntry></rule>'
        "</decisionTable></decision>"
    )

    record = model.evaluate("d", {}).record()

    assert [rule["ruleId"] for rule in record["matchedRules"]] == ["own"]
    assert [(called["elementId"], called["inputs"][0]["value"]) for called in record["calledTables"]] == [("inner", 3), ("inner", 4)]
    assert record["calledTables"][0]["matchedRules"] == [
        {"ruleId": "low", "index": 1, "description": "section 2", "outputs": {"result": "low"}}
    ]


_SERVICE = (
    '<inputData id="in" name="src"><variable name="src" typeRef="number"/></inputData>'
    '<decision id="given" name="given"><literalExpression><text>1</text></literalExpression></decision>'
    '<decision id="total" name="total"><informationRequirement><requiredInput href="#in"/></informationRequirement>'
    '<informationRequirement><requiredDecision href="#given"/></informationRequirement>'
    "<literalExpression><text>src * 10 + given</text></literalExpression></decision>"
    '<decisionService id="f" name="service"><outputDecision href="#total"/><inputDecision href="#given"/>'
    '<inputData href="#in"/></decisionService>'
)


def test_a_decision_service_takes_input_data_then_input_decisions(read: Read) -> None:
    model = read(f'{_SERVICE}<decision id="d" name="d">{_NEEDS_F}{_text("[service(2, 5), service(given: 3, src: 1)]")}</decision>')

    assert model.evaluate("d", {}).result == [Decimal(25), Decimal(13)]
    assert model.evaluate("total", {"src": Decimal(2)}).result == Decimal(21)
    assert model.evaluate_service("f", {"src": Decimal(4), "given": Decimal(2)}) == {"total": Decimal(42)}


@pytest.mark.parametrize("call", ["service(1)", "service(1, 2, 3)", "service(src: 1)", "service(source: 1, given: 2)", 'service("x", 2)'])
def test_a_decision_service_called_wrongly_is_null_and_a_warning(read: Read, call: str) -> None:
    evaluation = read(f'{_SERVICE}<decision id="d" name="d">{_NEEDS_F}{_text(call)}</decision>').evaluate("d", {})

    assert evaluation.result is None
    assert len(evaluation.warnings) == 1


def test_values_are_converted_to_their_declared_type(read: Read) -> None:
    items = '<itemDefinition name="tList" isCollection="true"><typeRef>number</typeRef></itemDefinition>'

    assert _result(read, _text("[3]"), "number") == Decimal(3)
    assert _result(read, _text("[[3]]"), "number") is None
    assert _result(read, _text("3"), "tList", rest=items) == [Decimal(3)]
    assert _result(read, _text('date("2026-01-02")'), "dateTime").date.day == 2


def test_item_definitions_are_types_of_feel(read: Read) -> None:
    items = (
        '<itemDefinition name="tLoan"><itemComponent name="amount"><typeRef>number</typeRef></itemComponent>'
        '<itemComponent name="next"><typeRef>tLoan</typeRef></itemComponent></itemDefinition>'
    )

    assert _result(read, _text("{amount: 1, next: null} instance of tLoan"), rest=items) is True
    assert _result(read, _text('{amount: "1", next: null} instance of tLoan'), rest=items) is False


def test_types_without_an_end_and_foreign_functions_are_refused(refused: Refusals) -> None:
    errors = refused(
        '<itemDefinition id="ia" name="tA"><typeRef>tB</typeRef></itemDefinition>'
        '<itemDefinition id="ib" name="tB"><typeRef>tA</typeRef></itemDefinition>'
        '<decision id="d" name="d"><functionDefinition id="fd" kind="Java"/></decision>'
    )

    assert ("cycle", "ia") in {(error.code, error.element_id) for error in errors}
    assert ("external-function", "fd") in {(error.code, error.element_id) for error in errors}


def _findings(boxed: str, checks: Literal["strict", "warn"]) -> list[tuple[str, str, str]]:
    source = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="n" namespace="urn:n">'
        f'<decision id="d" name="d">{boxed}</decision></definitions>'
    ).encode()
    try:
        found = read_model(source, checks=checks).findings
    except DmnRefused as refusal:
        found = refusal.findings
    return [(finding.code, finding.severity, finding.message) for finding in found]


@pytest.mark.parametrize(
    ("boxed", "name"),
    [
        (_text("nosuch(1)"), "nosuch"),
        (_text('__import__("os")'), "__import__"),
        (_text('os.system("x")'), "os"),
        (_text("[1, 2][nosuch(item)]"), "nosuch"),
        (_text("if true then 1 else nosuch(1)"), "nosuch"),
        (f"<list>{_text('nosuch(1)')}</list>", "nosuch"),
        (
            '<decisionTable><output id="o"/><rule id="r"><outputEntry id="e"><text>nosuch(1)</text></outputEntry></rule></decisionTable>',
            "nosuch",
        ),
        (f'<invocation>{_text("nosuch")}<binding><parameter name="x"/>{_text("1")}</binding></invocation>', "nosuch"),
    ],
)
def test_an_unknown_function_is_an_error(boxed: str, name: str) -> None:
    assert _findings(boxed, "strict") == [("unknown-function", "error", f"unknown function {name}")]
    assert _findings(boxed, "warn") == [("unknown-function", "warning", f"unknown function {name}")]


@pytest.mark.parametrize(
    "feel",
    [
        "{f: function(x) x, y: f(1)}.y",
        "for f in [function(x) x] return f(1)",
        "[{f: function(x) x}][f(1) = 1]",
        "sort([2, 1], function(a, b) a < b)",
        'string join(["a"], "") + upper case("b")',
    ],
)
def test_functions_of_the_language_and_of_the_expression_are_known(feel: str) -> None:
    assert _findings(_text(feel), "strict") == []


def test_an_unknown_variable_is_an_error_but_among_the_elements_of_a_filter() -> None:
    nobody = ("unknown-name", "unknown name nobody")
    found = f"<filter><in>{_text('[{nobody: 1}]')}</in><match>{_text('nobody = 1')}</match></filter>"

    assert _findings(_text("nobody + count([1])"), "strict") == [(nobody[0], "error", nobody[1])]
    assert _findings(found, "strict") == [(nobody[0], "warning", nobody[1])]
    assert _findings(_text("nobody + count([1])"), "warn") == [(nobody[0], "warning", nobody[1])]


def test_external_functions_are_errors_that_name_them() -> None:
    written = _text('function(x) external {java: {class: "java.lang.Math", method signature: "cos(double)"}}')
    boxed = (
        '<functionDefinition kind="Java"><formalParameter name="x"/><context>'
        f'<contextEntry><variable name="class"/>{_text(chr(34) + "java.lang.Math" + chr(34))}</contextEntry>'
        f'<contextEntry><variable name="method signature"/>{_text(chr(34) + "cos(double)" + chr(34))}</contextEntry>'
        "</context></functionDefinition>"
    )

    for found in (_findings(written, "strict"), _findings(boxed, "strict")):
        assert [(code, severity) for code, severity, _ in found] == [("external-function", "error")]
        assert "java.lang.Math.cos(double)" in found[0][2]
    assert [found[:2] for found in _findings(written, "warn")] == [("external-function", "warning")]
