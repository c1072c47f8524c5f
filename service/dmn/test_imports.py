"""Files that use one another."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

import pytest

from service.dmn import DmnRefused, Model, read_model

_DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def _file(
    namespace: str,
    body: str,
    imports: Sequence[tuple[str, Model]] = (),
    checks: Literal["strict", "warn"] = "strict",
) -> Model:
    wanted = "".join(
        f'<import id="i{number}" name="{name}" namespace="{model.definitions.namespace}" importType="{_DMN}"/>'
        for number, (name, model) in enumerate(imports)
    )
    source = f'<definitions xmlns="{_DMN}" name="x" namespace="{namespace}">{wanted}{body}</definitions>'
    return read_model(source.encode(), imports=[model for _, model in imports], checks=checks)


def _literal(text: str) -> str:
    return f"<literalExpression><text>{text}</text></literalExpression>"


def _decision(text: str, *needs: tuple[str, str], type_ref: str = "Any") -> str:
    requirements = "".join(
        f'<{"knowledge" if kind == "requiredKnowledge" else "information"}Requirement><{kind} href="{href}"/>'
        f"</{'knowledge' if kind == 'requiredKnowledge' else 'information'}Requirement>"
        for kind, href in needs
    )
    return f'<decision id="d" name="d"><variable name="d" typeRef="{type_ref}"/>{requirements}{_literal(text)}</decision>'


@pytest.fixture
def people() -> Model:
    """A type, an input, a decision, a function and a service to import."""
    return _file(
        "urn:people",
        '<itemDefinition name="tPerson"><itemComponent name="pay-grade"><typeRef>number</typeRef></itemComponent></itemDefinition>'
        '<inputData id="person" name="Person 1"><variable name="Person 1" typeRef="tPerson"/></inputData>'
        '<decision id="grade" name="grade"><variable name="the grade"/><informationRequirement><requiredInput href="#person"/>'
        f"</informationRequirement>{_literal('Person 1.pay-grade')}</decision>"
        '<businessKnowledgeModel id="twice" name="twice"><variable name="twice"/><encapsulatedLogic>'
        f'<formalParameter name="n" typeRef="number"/>{_literal("2 * n")}</encapsulatedLogic></businessKnowledgeModel>'
        '<decisionService id="grading" name="grading"><variable name="grading"/><outputDecision href="#grade"/>'
        '<inputData href="#person"/></decisionService>',
    )


def test_every_kind_of_element_can_be_imported(people: Model) -> None:
    text = "p.twice(p.the grade) + p.grading(p.Person 1) + p.Person 1.pay-grade"
    needs = [
        ("requiredKnowledge", "urn:people#twice"),
        ("requiredDecision", "urn:people#grade"),
        ("requiredKnowledge", "urn:people#grading"),
        ("requiredInput", "urn:people#person"),
    ]

    model = _file("urn:own", _decision(text, *needs, type_ref="number"), [("p", people)])

    assert model.findings == ()
    evaluation = model.evaluate("d", {"p": {"Person 1": {"pay-grade": Decimal(3)}}})
    assert evaluation.result == 12
    assert [record["decisionKey"] for record in evaluation.record()["requiredDecisions"]] == ["grade"]


def test_types_are_imported_through_any_number_of_files(people: Model) -> None:
    between = _file(
        "urn:between",
        '<itemDefinition name="tTeam" isCollection="true"><typeRef>p.tPerson</typeRef></itemDefinition>',
        [("p", people)],
    )
    body = (
        '<inputData id="one" name="one"><variable name="one" typeRef="b.p.tPerson"/></inputData>'
        '<inputData id="team" name="team"><variable name="team" typeRef="b.tTeam"/></inputData>'
    ) + _decision("one.pay-grade + sum(team.pay-grade)", ("requiredInput", "#one"), ("requiredInput", "#team"))

    model = _file("urn:own", body, [("b", between)])

    grade = {"pay-grade": Decimal(1)}
    assert model.evaluate("d", {"one": grade, "team": [grade, grade]}).result == 3
    assert model.check_input("d", {"one": {"grade": Decimal(1)}})[0].code == "unknown-key"


def test_a_model_reached_on_two_ways_may_be_given_two_inputs(people: Model) -> None:
    def reader(namespace: str) -> Model:
        return _file(namespace, _decision("p.the grade * 10", ("requiredDecision", "urn:people#grade")), [("p", people)])

    body = _decision("[left.d, right.d]", ("requiredDecision", "urn:left#d"), ("requiredDecision", "urn:right#d"))

    model = _file("urn:own", body, [("left", reader("urn:left")), ("right", reader("urn:right"))])

    def person(grade: int) -> dict[str, Any]:
        return {"p": {"Person 1": {"pay-grade": Decimal(grade)}}}

    assert model.evaluate("d", {"left": person(1), "right": person(2)}).result == [10, 20]
    # What is given once, without the names of the imports, is meant for both.
    assert model.evaluate("d", person(3)["p"]).result == [30, 30]
    assert model.decisions["d"].inputs == ("Person 1",)


def test_what_is_wrong_with_a_variable_that_several_files_read_is_told_once(people: Model) -> None:
    body = '<inputData id="mine" name="Person 1"><variable name="Person 1" typeRef="p.tPerson"/></inputData>' + _decision(
        "p.the grade + Person 1.pay-grade", ("requiredDecision", "urn:people#grade"), ("requiredInput", "#mine")
    )

    problems = _file("urn:own", body, [("p", people)]).check_input("d", {"Person 1": {"grade": Decimal(1)}})

    assert [(problem.path, problem.code) for problem in problems] == [(("Person 1", "grade"), "unknown-key")]


@pytest.mark.parametrize("href", ["#twice", "urn:people#twice"])
def test_elements_of_an_import_without_a_name_stand_among_the_own(people: Model, href: str) -> None:
    model = _file("urn:own", _decision("twice(4)", ("requiredKnowledge", href)), [("", people)])

    assert model.evaluate("d", {}).result == 8


def test_the_name_drools_gave_imports_before_the_standard_did_is_read(people: Model) -> None:
    source = (
        '<definitions xmlns="http://www.omg.org/spec/DMN/20151101/dmn.xsd" xmlns:d="http://www.drools.org/kie/dmn/1.1" name="x" '
        'namespace="urn:own"><import d:name="p" namespace="urn:people" importType="http://www.omg.org/spec/DMN1-2Alpha/20160929/MODEL"/>'
        f"{_decision('p.twice(2)', ('requiredKnowledge', 'urn:people#twice'))}</definitions>"
    )

    assert read_model(source.encode(), imports=[people]).evaluate("d", {}).result == 4


@pytest.mark.parametrize(
    "kind", ["http://www.dmg.org/PMML-4_2", "http://www.w3.org/2001/XMLSchema", "https://www.omg.org/spec/SBVR/20130901"]
)
def test_other_languages_are_not_imported(kind: str) -> None:
    source = (
        f'<definitions xmlns="{_DMN}" name="x" namespace="urn:own"><import id="i" name="iris" namespace="urn:iris" importType="{kind}"/>'
        f"{_decision('1')}</definitions>"
    ).encode()

    with pytest.raises(DmnRefused) as refusal:
        read_model(source)

    assert [(found.code, found.element_id) for found in refusal.value.findings] == [("import-type", "i")]
    assert kind in refusal.value.findings[0].message
    assert read_model(source, checks="warn").evaluate("d", {}).result == 1


def test_the_name_of_an_import_means_nothing_else(people: Model) -> None:
    with pytest.raises(DmnRefused, match="the name of the import d is used"):
        _file("urn:own", _decision("1"), [("d", people)])
    with pytest.raises(DmnRefused, match="the name of the import p is used"):
        _file("urn:own", _decision("1"), [("p", people), ("p", people)])
    needs = [("requiredInput", "#mine"), ("requiredDecision", "urn:people#grade")]
    mine = '<inputData id="mine" name="p"><variable name="p" typeRef="p.tPerson"/></inputData>'
    with pytest.raises(DmnRefused, match="the name of the import p is used"):
        _file("urn:own", mine + _decision("1", *needs), [("p", people)])
    # What was refused has left no trace in the imported file.
    assert people.evaluate("grade", {"Person 1": {"pay-grade": Decimal(1)}}).result == 1
    assert people.check_input("grade", {"Person 1": {"the grade": Decimal(1)}})[0].code == "unknown-key"


def test_a_reference_to_what_the_import_lacks_says_so(people: Model) -> None:
    with pytest.raises(DmnRefused, match="urn:people has no decision person"):
        _file("urn:own", _decision("1", ("requiredDecision", "urn:people#person")), [("p", people)])


def test_imports_that_multiply_are_refused(people: Model) -> None:
    model = people
    for level in range(11):
        model = _file(f"urn:{level}", "", [("a", model), ("b", model)])

    with pytest.raises(DmnRefused, match="elements are imported") as refusal:
        _file("urn:own", "", [("a", model), ("b", model), ("c", model)])

    assert refusal.value.findings[0].code == "too-deep"
