"""The table of BPMN's schema is the schema; departures from it are told with the element."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import SpiffWorkflow
from lxml import etree

from service.engine import SpiffEngine
from service.engine.conftest import Inspect, document
from service.engine.lint.schema_types import CHOICES, ENUMERATIONS, LOCAL_TYPES, element_types

XSD = "{http://www.w3.org/2001/XMLSchema}"
FOLDER = Path(SpiffWorkflow.__file__).parent / "bpmn" / "parser" / "schema"
OTHER_NAMES = {"RootElement": "BaseElement", "BaseElementWithMixedContent": "BaseElement"}
FAMILIES_TOLD_OTHERWISE = {
    "loopCharacteristics": ["standardLoopCharacteristics", "multiInstanceLoopCharacteristics"],
    "BPMNDiagram": ["BPMNDiagram"],
}


def local(name: str | None) -> str:
    """A QName without its prefix."""
    return (name or "").rpartition(":")[2]


class Standard:
    """The OMG's schema, as the library brings it along."""

    def __init__(self) -> None:
        root = etree.parse(str(FOLDER / "Semantic.xsd")).getroot()
        definitions = etree.parse(str(FOLDER / "BPMN20.xsd")).getroot()
        self.types = {found.get("name")[1:]: found for found in [*root.iter(f"{XSD}complexType"), *definitions.iter(f"{XSD}complexType")]}
        self.elements = {found.get("name"): found for found in root.findall(f"{XSD}element")}
        self.simple = {
            found.get("name"): [value.get("value") for value in found.iter(f"{XSD}enumeration")]
            for found in root.findall(f"{XSD}simpleType")
        }

    def base(self, name: str) -> str:
        found = next((local(part.get("base")) for part in self.types[name].iter(f"{XSD}extension")), "")
        return found[1:] if found.startswith("t") and found[1:] in self.types else ""

    def attributes(self, name: str) -> dict[str, bool]:
        above = self.attributes(self.base(name)) if self.base(name) else {}
        return above | {found.get("name"): found.get("use") == "required" for found in self.types[name].iter(f"{XSD}attribute")}

    def children(self, name: str) -> Iterator[str]:
        if self.base(name):
            yield from self.children(self.base(name))
        for part in self.types[name].iter(f"{XSD}element"):
            yield from [part.get("name")] if part.get("name") else self.family(local(part.get("ref")))

    def family(self, name: str) -> Iterator[str]:
        """The elements that may stand for `name`, without those that are only a family's name."""
        if name in FAMILIES_TOLD_OTHERWISE:
            yield from FAMILIES_TOLD_OTHERWISE[name]
            return
        found = self.elements.get(name)
        kind = self.types.get(local(found.get("type"))[1:]) if found is not None else None
        if kind is None or kind.get("abstract") != "true":
            yield name
        for other, element in self.elements.items():
            if local(element.get("substitutionGroup")) == name:
                yield from self.family(other)


STANDARD = Standard()


@pytest.mark.parametrize("name", sorted(set(STANDARD.types) - set(OTHER_NAMES) - {"Expression", "FormalExpression"}))
def test_a_type_has_the_attributes_and_children_of_the_standard(name: str) -> None:
    ours = element_types()[name]

    assert {word: word in ours.required for word in ours.attributes} == STANDARD.attributes(name)
    assert sorted(word for child in ours.children for word in child.names) == sorted(STANDARD.children(name))


def test_an_expression_may_be_formal() -> None:
    ours = element_types()["Expression"]

    assert set(ours.attributes) == set(STANDARD.attributes("FormalExpression"))


def test_values_are_those_of_the_standard() -> None:
    assert {name: tuple(STANDARD.simple[name]) for name in ENUMERATIONS} == ENUMERATIONS
    assert set(STANDARD.simple) - set(ENUMERATIONS) == {"tImplementation"}, "any URI may stand there"


def test_elements_whose_types_have_other_names_are_known() -> None:
    known = {*element_types(), *OTHER_NAMES}
    for name, element in STANDARD.elements.items():
        assert LOCAL_TYPES.get(name, name[:1].upper() + name[1:]) in known, (name, element.get("type"))
    assert set(LOCAL_TYPES.values()) <= known
    assert {name for words in CHOICES.values() for name in words.split()} <= set(STANDARD.elements)


FRAME = (
    "<startEvent id='s'/><sequenceFlow id='f' sourceRef='s' targetRef='x'/>{}"
    "<sequenceFlow id='g' sourceRef='x' targetRef='e'/><endEvent id='e'/>"
)


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ("<userTask id='x' isForCompensation='maybe'/>", "invalid-value"),
        ("<userTask id='x' startQuantity='two'/>", "invalid-value"),
        ("<userTask id='x' assignee='li'/>", "unknown-attribute"),
        ("<userTask id='x'><script>1</script></userTask>", "unexpected-element"),
        ("<userTask id='x'><camunda:formData/></userTask>", "unexpected-element"),
        ("<exclusiveGateway id='x' gatewayDirection='Both'/>", "invalid-value"),
        ("<userTask id='x'><standardLoopCharacteristics/><multiInstanceLoopCharacteristics/></userTask>", "too-many-elements"),
        ("<subProcess id='x'><ioSpecification/></subProcess>", "missing-element"),
        ("<userTask id='x'/><association id='a' sourceRef='x'/>", "missing-attribute"),
        ("<userTask id='x'/><textAnnotation id='t' textFormat='plain'/>", "invalid-value"),
    ],
)
def test_departures_from_the_schema_are_refused(inspect: Inspect, element: str, code: str) -> None:
    assert code in inspect(FRAME.format(element)), element


def test_another_order_of_elements_changes_nothing_and_is_told(engine: SpiffEngine) -> None:
    task = "<userTask id='x' camunda:assignee='li'><outgoing>g</outgoing><incoming>f</incoming></userTask>"

    found = engine.inspect("test.bpmn", document(FRAME.format(task))).findings

    assert [(finding.code, finding.severity, finding.element_id) for finding in found] == [
        ("element-order", "warning", "x"),
        ("no-due-date", "warning", "x"),
        ("no-name", "warning", "x"),
    ]
