"""Hostile and foreign XML."""

from typing import Literal

import pytest

from service.dmn import DmnRefused, read_model

_NAMESPACES = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]


def _codes(source: bytes) -> list[str]:
    with pytest.raises(DmnRefused) as refusal:
        read_model(source)
    return [finding.code for finding in refusal.value.findings]


@pytest.mark.parametrize("namespace", _NAMESPACES)
@pytest.mark.parametrize("prefix", ["", "semantic:"])
def test_every_version_under_any_prefix(namespace: str, prefix: str) -> None:
    declaration = f'xmlns:{prefix[:-1]}="{namespace}"' if prefix else f'xmlns="{namespace}"'
    source = (
        f'<?xml version="1.0"?><{prefix}definitions {declaration} name="x" namespace="urn:x">'
        f'<{prefix}decision id="d" name="d"><{prefix}literalExpression><{prefix}text>1 + 1</{prefix}text>'
        f"</{prefix}literalExpression></{prefix}decision></{prefix}definitions>"
    )

    assert str(read_model(source.encode()).evaluate("d", {}).result) == "2"


@pytest.mark.parametrize(
    "source",
    [
        b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><d>&b;</d>',
        b'<?xml version="1.0"?>\n<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE d [<!ENTITY a "a">]><d a="&a;"/>'.encode("utf-16"),
    ],
)
def test_document_types_and_entities_are_refused(source: bytes) -> None:
    assert _codes(source) == ["document-type"]


@pytest.mark.parametrize("source", [b"", b"<a", b"\xff\xfe\x00", b"not xml", b"<a>&nobody;</a>"])
def test_broken_xml_is_refused(source: bytes) -> None:
    assert _codes(source) == ["malformed-xml"]


def test_other_documents_are_refused() -> None:
    assert _codes(b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>') == ["not-dmn"]


def test_duplicate_ids_and_unknown_elements_are_refused() -> None:
    source = (
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="urn:x">\n'
        b'<inputData id="a" name="a"/>\n<inputData id="a" name="b"/>\n<decisions id="z"/></definitions>'
    )

    with pytest.raises(DmnRefused) as refusal:
        read_model(source)

    assert [(found.code, found.element_id, found.line) for found in refusal.value.findings] == [
        ("duplicate-id", "a", 3),
        ("unknown-element", "z", 4),
    ]


def test_boxed_expressions_nested_without_end_are_refused() -> None:
    inner = "<list>" * 200 + "</list>" * 200
    source = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="urn:x">'
        f'<decision id="d" name="d">{inner}</decision></definitions>'
    )

    assert "too-deep" in _codes(source.encode())


def _literal(inner: str = "<text>1</text>") -> str:
    return f"<literalExpression id='l'>{inner}</literalExpression>"


_ENTRY = "<output id='o' name='x'/><rule id='r'><outputEntry id='e'><text>1</text></outputEntry>{}</rule>"


@pytest.mark.parametrize(
    ("body", "element_id", "message"),
    [
        ("<decision id='d' name='d'>\n<fooExpr/></decision>", "d", "unknown element fooExpr in decision"),
        ("<decision id='d' name='d'>\n<text>1</text></decision>", "d", "unknown element text in decision"),
        ("<decision id='d' name='d'>" + _literal("\n<txt>1</txt>") + "</decision>", "l", "unknown element txt in literalExpression"),
        (
            "<decision id='d' name='d'><decisionTable id='t'>\n<outputs/>" + _ENTRY + "</decisionTable></decision>",
            "t",
            "outputs in decisionTable",
        ),
        (
            "<decision id='d' name='d'><decisionTable id='t'>" + _ENTRY.format("\n<inputEntri id='i'/>") + "</decisionTable></decision>",
            "i",
            "unknown element inputEntri in rule",
        ),
        ("<decision id='d' name='d'><conditional id='c'><if>\n<fooExpr/></if></conditional></decision>", "c", "fooExpr in if"),
        ("<decision id='d' name='d'><list id='c'>\n<row/></list></decision>", "c", "unknown element row in list"),
        (
            "<businessKnowledgeModel id='k' name='k'>\n<literalExpression/></businessKnowledgeModel>",
            "k",
            "literalExpression in businessKnowledgeModel",
        ),
        ("<inputData id='i' name='i'>\n<typ/></inputData>", "i", "unknown element typ in inputData"),
        (
            "<itemDefinition id='i' name='t'><typeRef>string</typeRef>\n<allowedValue/></itemDefinition>",
            "i",
            "allowedValue in itemDefinition",
        ),
    ],
)
@pytest.mark.parametrize("checks", ["strict", "warn"])
def test_an_element_out_of_place_is_an_error_where_it_stands(
    body: str, element_id: str, message: str, checks: Literal["strict", "warn"]
) -> None:
    source = f'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="urn:x">{body}</definitions>'

    with pytest.raises(DmnRefused) as refusal:
        read_model(source.encode(), checks=checks)

    found = [finding for finding in refusal.value.findings if finding.code == "unknown-element"]
    assert [(finding.element_id, finding.line, finding.severity) for finding in found] == [(element_id, 2, "error")]
    assert message in found[0].message


def test_a_second_expression_is_an_error() -> None:
    source = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="urn:x">'
        "<decision id='d' name='d'><literalExpression><text>1</text></literalExpression>"
        "<list id='second'/></decision></definitions>"
    )

    with pytest.raises(DmnRefused) as refusal:
        read_model(source.encode())

    assert [(found.code, found.element_id) for found in refusal.value.findings] == [("several-expressions", "second")]


def test_what_is_not_dmn_is_left_alone_and_a_decision_may_be_without_logic() -> None:
    source = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:x="urn:tool" namespace="urn:x"'
        ' xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/">'
        "<extensionElements><x:note><decision/></x:note><whatever/></extensionElements>"
        "<decision id='d' name='d'><description>text</description><extensionElements><fooExpr/></extensionElements><x:fooExpr/>"
        "<question>q</question><usingTask href='#t'/></decision>"
        "<textAnnotation id='n'><text>remark</text></textAnnotation>"
        "<dmndi:DMNDI><dmndi:DMNDiagram><dmndi:anything/></dmndi:DMNDiagram></dmndi:DMNDI></definitions>"
    )

    assert [(found.code, found.severity, found.element_id) for found in read_model(source.encode()).findings] == [
        ("no-logic", "warning", "d")
    ]
