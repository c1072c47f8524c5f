"""Files in the shape each modeler writes them, hand-made: they are read, mean what their author saw, and are kept byte for byte."""

from decimal import Decimal

import pytest

from service.dmn import DecisionFailure, DmnRefused, read_model
from service.dmn.findings import Finding

CAMUNDA = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"
  xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" xmlns:modeler="http://camunda.org/schema/modeler/1.0"
  xmlns:camunda="http://camunda.org/schema/1.0/dmn" id="drd" name="DRD" namespace="http://camunda.org/schema/1.0/dmn"
  exporter="Camunda Modeler" exporterVersion="5.20.0" modeler:executionPlatform="Camunda Platform">
  <decision id="discount" name="Discount" camunda:historyTimeToLive="P1D" camunda:versionTag="2">
    <decisionTable id="table">
      <input id="in_1" label="Season" camunda:inputVariable="season">
        <inputExpression id="expression_1" typeRef="string" expressionLanguage="feel"><text>season</text></inputExpression>
        <inputValues id="values_1"><text>"Spring","Summer"</text></inputValues>
      </input>
      <input id="in_2" label="Guests" biodi:width="192" xmlns:biodi="http://bpmn.io/schema/dmn/biodi/2.0">
        <inputExpression id="expression_2" typeRef="integer"><text>guestCount</text></inputExpression>
      </input>
      <output id="out_1" label="Dish" name="dish" typeRef="string" />
      <rule id="rule_1"><description>Menu, page 3</description>
        <inputEntry id="cell_1"><text>"Spring"</text></inputEntry>
        <inputEntry id="cell_2" expressionLanguage="feel"><text><![CDATA[<= 8]]></text></inputEntry>
        <outputEntry id="cell_3"><text>"Roast"</text></outputEntry></rule>
      <rule id="rule_2"><inputEntry id="cell_4"><text></text></inputEntry>
        <inputEntry id="cell_5"><text>&gt; 8</text></inputEntry>
        <outputEntry id="cell_6"><text>"Stew"</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI><dmndi:DMNDiagram id="diagram"><dmndi:DMNShape id="shape" dmnElementRef="discount">
    <dc:Bounds height="80" width="180" x="1" y="1" /></dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>
"""

TRISOTECH = b"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<semantic:definitions xmlns:semantic="http://www.omg.org/spec/DMN/20180521/MODEL/"
  xmlns:triso="http://www.trisotech.com/2015/triso/modeling" xmlns:feel="http://www.omg.org/spec/DMN/20180521/FEEL/"
  id="_1" name="Loan" namespace="http://www.trisotech.com/definitions/_1" typeLanguage="http://www.omg.org/spec/DMN/20180521/FEEL/"
  exporter="DMN Modeler" triso:logoChoice="Default">
  <semantic:extensionElements><triso:logo/></semantic:extensionElements>
  <semantic:itemDefinition label="tStatus" name="tStatus"><semantic:typeRef>string</semantic:typeRef>
    <semantic:allowedValues triso:constraintsType="enumeration"><semantic:text>"Declined", "Approved"</semantic:text>
    </semantic:allowedValues>
  </semantic:itemDefinition>
  <semantic:decision id="_2" name="Approval Status" label="Approval Status">
    <semantic:variable id="_3" name="Approval Status" typeRef="tStatus"/>
    <semantic:informationRequirement id="_4"><semantic:requiredInput href="#_5"/></semantic:informationRequirement>
    <semantic:authorityRequirement id="_6"><semantic:requiredAuthority href="#_7"/></semantic:authorityRequirement>
    <semantic:decisionTable id="_8" hitPolicy="PRIORITY" outputLabel="Approval Status" preferredOrientation="Rule-as-Column">
      <semantic:input id="_9" label="Monthly Income"><semantic:inputExpression typeRef="number">
        <semantic:text>Monthly Income</semantic:text></semantic:inputExpression></semantic:input>
      <semantic:output id="_10"/>
      <semantic:rule id="_11"><semantic:inputEntry id="_12"><semantic:text>&gt; 1000</semantic:text></semantic:inputEntry>
        <semantic:outputEntry id="_13"><semantic:text>"Approved"</semantic:text></semantic:outputEntry></semantic:rule>
      <semantic:rule id="_14"><semantic:inputEntry id="_15"><semantic:text>-</semantic:text></semantic:inputEntry>
        <semantic:outputEntry id="_16"><semantic:text>"Declined"</semantic:text></semantic:outputEntry></semantic:rule>
    </semantic:decisionTable>
  </semantic:decision>
  <semantic:inputData id="_5" name="Monthly Income"><semantic:variable id="_17" name="Monthly Income" typeRef="number"/>
  </semantic:inputData>
  <semantic:knowledgeSource id="_7" name="Policy"><semantic:type>http://purl.org/dc/terms/Policy</semantic:type>
  </semantic:knowledgeSource>
  <semantic:decisionService id="_18" name="Diagram Page 1" triso:dynamicDecisionService="true"/>
</semantic:definitions>
"""

DROOLS_1_1 = b"""<?xml version="1.0" encoding="UTF-8"?>
<dmn:definitions xmlns:dmn="http://www.omg.org/spec/DMN/20151101/dmn.xsd" xmlns="https://kiegroup.org/dmn/_A"
  xmlns:feel="http://www.omg.org/spec/FEEL/20140401" xmlns:kie="http://www.drools.org/kie/dmn/1.1" id="_A" name="fines"
  expressionLanguage="http://www.omg.org/spec/FEEL/20140401" typeLanguage="http://www.omg.org/spec/FEEL/20140401"
  namespace="https://kiegroup.org/dmn/_A">
  <dmn:extensionElements/>
  <dmn:itemDefinition id="_B" name="tSpeed" isCollection="false"><dmn:typeRef>feel:number</dmn:typeRef></dmn:itemDefinition>
  <dmn:inputData id="_C" name="Speed"><dmn:extensionElements/><dmn:variable id="_D" name="Speed" typeRef="tSpeed"/></dmn:inputData>
  <dmn:decision id="_E" name="Fine"><dmn:extensionElements/><dmn:variable id="_F" name="Fine" typeRef="feel:number"/>
    <dmn:informationRequirement><dmn:requiredInput href="#_C"/></dmn:informationRequirement>
    <dmn:decisionTable id="_G" hitPolicy="UNIQUE"><dmn:input id="undefined"><dmn:inputExpression id="_H" typeRef="feel:number">
      <dmn:text>Speed</dmn:text></dmn:inputExpression></dmn:input><dmn:output id="undefined"/>
      <dmn:rule id="_I"><dmn:inputEntry id="_J"><dmn:text>[10..30)</dmn:text></dmn:inputEntry>
        <dmn:outputEntry id="_K"><dmn:text>500</dmn:text></dmn:outputEntry></dmn:rule></dmn:decisionTable></dmn:decision>
</dmn:definitions>
"""

SIGNAVIO_1_1 = b"""<definitions xmlns="http://www.omg.org/spec/DMN/20151101/dmn.xsd" xmlns:sig="http://www.signavio.com/dmn/1.2/main.dmn"
  xmlns:signavio="http://www.signavio.com/schema/dmn/1.1/" id="id-1" name="Age" namespace="http://www.signavio.com/dmn/1.2/main.dmn">
  <itemDefinition name="date" id="id-2" label="date " isCollection="false">
    <typeRef xmlns:f="http://www.omg.org/spec/FEEL/20140401">f:date</typeRef></itemDefinition>
  <inputData name="date" id="id-3" label="date"><variable typeRef="sig:date" name="date" label="date"/></inputData>
  <decision name="year" id="id-4"><variable typeRef="feel:number" xmlns:feel="http://www.omg.org/spec/FEEL/20140401" name="year"/>
    <informationRequirement><requiredInput href="#id-3"/></informationRequirement>
    <literalExpression expressionLanguage="http://www.omg.org/spec/FEEL/20140401"><text>date.year</text></literalExpression></decision>
</definitions>
"""

FLOWABLE = (
    CAMUNDA.replace(b"https://www.omg.org/spec/DMN/20191111/MODEL/", b"http://www.omg.org/spec/DMN/20151101")
    .replace(b"camunda:", b"flowable:")
    .replace(b"xmlns:camunda", b"xmlns:flowable")
)


@pytest.mark.parametrize(
    ("source", "decision", "facts", "expected"),
    [
        (CAMUNDA, "discount", {"season": "Spring", "guestCount": 8}, "Roast"),
        (CAMUNDA, "discount", {"guestCount": 9}, "Stew"),
        (FLOWABLE, "discount", {"season": "Summer", "guestCount": 9}, "Stew"),
        (TRISOTECH, "_2", {"Monthly Income": 2000}, "Declined"),
        (DROOLS_1_1, "_E", {"Speed": 12}, Decimal(500)),
        (DROOLS_1_1, "_E", {"Speed": 30}, None),
        (SIGNAVIO_1_1, "id-4", {"date": "2026-11-21"}, Decimal(2026)),
    ],
)
def test_the_file_is_read_and_means_what_was_drawn(source: bytes, decision: str, facts: dict[str, object], expected: object) -> None:
    model = read_model(source)

    assert (
        model.evaluate(decision, {name: Decimal(fact) if isinstance(fact, int) else fact for name, fact in facts.items()}).result
        == expected
    )
    assert model.source is source


@pytest.mark.parametrize(
    ("declared", "cell", "expected"),
    [
        ("", "cellInput &gt; 8", "Stew"),
        ("", "even(cellInput) and cellInput &lt; 12", "Stew"),
        ('camunda:inputVariable="guests"', "guests between 9 and 11", "Stew"),
        ('camunda:inputVariable="season"', "season = 10", "Stew"),
        ("", "some cellInput in [1, 2] satisfies cellInput = ?", None),
    ],
)
def test_cells_may_call_the_tested_value_by_its_name_in_camunda(declared: str, cell: str, expected: str | None) -> None:
    source = CAMUNDA.decode().replace('label="Guests"', f'label="Guests" {declared}').replace("&gt; 8", cell)

    assert read_model(source.encode()).evaluate("discount", {"season": "Summer", "guestCount": Decimal(10)}).result == expected


def test_only_the_declared_name_stands_for_the_tested_value() -> None:
    source = CAMUNDA.replace(b'label="Guests"', b'label="Guests" camunda:inputVariable="guests"').replace(b"&gt; 8", b"cellInput &gt; 8")

    with pytest.raises(DmnRefused) as refusal:
        read_model(source)

    assert [(finding.element_id, finding.code) for finding in refusal.value.findings if finding.severity == "error"] == [
        ("cell_5", "unknown-name")
    ]


@pytest.mark.parametrize(("guests", "refused"), [("9.0", False), ("9.5", True)])
def test_an_integer_has_no_fraction(guests: str, refused: bool) -> None:
    model = read_model(CAMUNDA)
    variables = {"season": "Summer", "guestCount": Decimal(guests)}

    if not refused:
        assert model.evaluate("discount", variables).result == "Stew"
        return
    with pytest.raises(DecisionFailure, match="whole number") as failure:
        model.evaluate("discount", variables)
    assert (failure.value.code, failure.value.element_id) == ("wrong-type", "in_2")


def _codes(findings: tuple[Finding, ...]) -> list[tuple[str, str | None]]:
    return [(found.code, found.element_id) for found in findings]


def test_what_a_modeler_leaves_behind_is_told_and_does_no_harm() -> None:
    assert _codes(read_model(TRISOTECH).findings) == [("no-logic", "_18")]
    assert read_model(TRISOTECH).evaluate_service("_18", {}) == {}
    assert _codes(read_model(DROOLS_1_1).findings) == [("duplicate-id", "undefined")]


def test_two_rules_of_one_id_could_not_be_told_apart() -> None:
    with pytest.raises(DmnRefused) as refusal:
        read_model(CAMUNDA.replace(b'"rule_2"', b'"rule_1"'))

    assert ("duplicate-id", "rule_1") in _codes(refusal.value.findings)


@pytest.mark.parametrize("language", [b"juel", b"groovy", b"javascript", b"jruby"])
def test_a_cell_in_another_language_is_refused_by_its_name(language: bytes) -> None:
    source = CAMUNDA.replace(b'id="cell_2" expressionLanguage="feel"', b'id="cell_2" expressionLanguage="%s"' % language)

    for checks in ("strict", "warn"):
        with pytest.raises(DmnRefused) as refusal:
            read_model(source, checks="strict" if checks == "strict" else "warn")
        refused = [found for found in refusal.value.findings if found.severity == "error"]
        assert [(found.code, found.element_id) for found in refused] == [("expression-language", "cell_2")]
        assert language.decode() in refused[0].message


def test_the_function_drools_wrote_in_java_before_the_standard_had_a_word_for_it_is_refused() -> None:
    knowledge = (
        b'<dmn:businessKnowledgeModel id="_L" name="max"><dmn:encapsulatedLogic kie:kind="J"><dmn:formalParameter name="a"/>'
        b'<dmn:literalExpression><dmn:text>"java.lang.Math"</dmn:text></dmn:literalExpression></dmn:encapsulatedLogic>'
        b"</dmn:businessKnowledgeModel><dmn:decision"
    )

    with pytest.raises(DmnRefused) as refusal:
        read_model(DROOLS_1_1.replace(b"<dmn:decision", knowledge, 1))

    assert [found.code for found in refusal.value.findings if found.severity == "error"] == ["external-function"]


def test_a_column_nobody_filled_in_is_refused_or_null() -> None:
    source = CAMUNDA.replace(b"<text>season</text>", b"<text></text>")

    with pytest.raises(DmnRefused) as refusal:
        read_model(source)

    assert ("missing-expression", "expression_1") in _codes(refusal.value.findings)
    assert read_model(source, checks="warn").evaluate("discount", {"guestCount": Decimal(9)}).result == "Stew"


def test_a_type_nobody_defined_is_refused_or_any() -> None:
    source = DROOLS_1_1.replace(b'typeRef="tSpeed"', b'typeRef="tPace"')

    with pytest.raises(DmnRefused, match="the type tPace is not defined"):
        read_model(source)
    assert read_model(source, checks="warn").evaluate("_E", {"Speed": Decimal(12)}).result == 500


@pytest.mark.parametrize(
    "source",
    [
        b"\xef\xbb\xbf" + CAMUNDA,
        CAMUNDA.replace(b"<decision ", b"<!-- <decision> & --><?app x?><decision ", 1),
        CAMUNDA.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        CAMUNDA.decode().replace("UTF-8", "GB18030").replace("Season", "季节").encode("gb18030"),
        CAMUNDA.decode().replace("UTF-8", "ISO-8859-1").replace("Season", "Saison é").encode("latin-1"),
        CAMUNDA.replace(b"\n", b"\r\n"),
    ],
    ids=["byte order mark", "comments", "UTF-16", "GB18030", "ISO-8859-1", "line ends of Windows"],
)
def test_whatever_xml_allows_around_it(source: bytes) -> None:
    model = read_model(source)

    assert model.evaluate("discount", {"season": "Spring", "guestCount": Decimal(8)}).result == "Roast"
    assert model.source == source


@pytest.mark.parametrize(
    "namespace",
    [
        b"https://www.omg.org/spec/DMN/20130901",
        b"https://www.omg.org/spec/DMN/20301111/MODEL/",
        b"http://www.omg.org/spec/BPMN/20100524/MODEL",
    ],
)
def test_a_version_that_is_not_known_is_refused_by_its_namespace(namespace: bytes) -> None:
    with pytest.raises(DmnRefused) as refusal:
        read_model(CAMUNDA.replace(b"https://www.omg.org/spec/DMN/20191111/MODEL/", namespace))

    assert [found.code for found in refusal.value.findings] == ["not-dmn"]
    assert namespace.decode() in refusal.value.findings[0].message
