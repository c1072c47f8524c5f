"""Reading decision files: what an import means, and what is told of it."""

import pytest

from service.actions.deployments import decision_files
from service.actions.deployments.decision_files import DeployedModel, read_decision_files
from service.dmn import Model
from service.domain.errors import Conflict

ABOVE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="above" namespace="urn:above">

  <import name="lib" namespace="urn:lib" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>
  <decision id="above" name="above"><variable name="above"/><literalExpression><text>1</text></literalExpression></decision>
</definitions>"""


def test_a_deployed_file_that_cannot_be_read_any_more_is_told_where_it_is_imported() -> None:
    def load() -> Model:
        raise Conflict("the deployed decision file lib.dmn cannot be read: malformed", "definition-unreadable")

    asked = []

    def library(namespace: str) -> list[DeployedModel]:
        asked.append(namespace)
        return [DeployedModel("resource-1", "lib.dmn", None, 1, load)]

    read = read_decision_files({0: ("above.dmn", ABOVE), 1: ("again.dmn", ABOVE.replace(b"above", b"again"))}, library)

    assert [(found.file, found.line, found.code) for file in read.values() for found in file.findings] == [
        ("above.dmn", 3, "import-unreadable"),
        ("again.dmn", 3, "import-unreadable"),
    ]
    assert "lib.dmn cannot be read" in read[0].findings[0].message
    assert asked == ["urn:lib"]


TABLE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="t" namespace="urn:t">
  <inputData id="x" name="x"><variable name="x" typeRef="number"/></inputData>
  <decision id="t" name="t"><variable name="t"/>
    <informationRequirement><requiredInput href="#x"/></informationRequirement>
    <decisionTable>
      <input><inputExpression><text>x</text></inputExpression></input><output name="y" typeRef="number"/>
      <rule id="r"><inputEntry><text>= "5"</text></inputEntry><outputEntry><text>"b"</text></outputEntry></rule>
    </decisionTable></decision>
</definitions>"""


def test_two_findings_of_one_code_on_one_rule_are_both_told() -> None:
    (file,) = read_decision_files({0: ("t.dmn", TABLE)}).values()

    assert [found.message for found in file.findings if found.code == "wrong-type"] == [
        '"b" can never be: the type is number',
        '"5" is a string, but x is a number, in = "5"',
    ]


def test_the_time_for_all_files_reaches_their_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision_files, "ANALYSIS_SECONDS", 0.0)
    monkeypatch.setattr(decision_files, "MIN_SECONDS", 0.0)

    (file,) = read_decision_files({0: ("t.dmn", TABLE)}).values()

    assert file.analysis is not None
    assert "the table is too large to find every gap" in [found.reason for found in file.analysis.tables[0].undecided]
