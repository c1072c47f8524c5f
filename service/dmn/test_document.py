"""Hostile and foreign XML."""

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
