"""`rongjiu dmn` and `rongjiu lint` over decision files: no service, no database."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="fees" namespace="urn:fees">
  <inputData id="i" name="amount"><variable name="amount" typeRef="number"/></inputData>
  <decision id="fee" name="fee"><variable name="fee"/><informationRequirement><requiredInput href="#i"/></informationRequirement>
    <decisionTable id="fees"><input><inputExpression><text>amount</text></inputExpression></input><output name="fee" typeRef="number"/>
      <rule id="low"><description>section 1</description>
        <inputEntry><text>&lt; 5</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
      <rule id="high"><description>section 2</description>
        <inputEntry><text>{high}</text></inputEntry><outputEntry><text>2</text></outputEntry></rule>
    </decisionTable></decision>
</definitions>"""
IMPORTING = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="twice" namespace="urn:twice">
  <import name="fees" namespace="urn:fees" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>
  <decision id="twice" name="twice"><variable name="twice"/>
    <informationRequirement><requiredDecision href="urn:fees#fee"/></informationRequirement>
    <literalExpression><text>fees.fee * 2</text></literalExpression></decision>
</definitions>"""


def run(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "service.cli", *words]
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, encoding="utf-8")


@pytest.fixture
def fees(tmp_path: Path) -> Path:
    """A table with a gap from 5 to 10."""
    path = tmp_path / "fees.dmn"
    path.write_text(TABLE.format(high="&gt; 10"))
    return path


@pytest.fixture
def overlapping(tmp_path: Path) -> Path:
    """A table whose two rules overlap from 3 to 5."""
    path = tmp_path / "overlapping.dmn"
    path.write_text(TABLE.format(high="&gt;= 3").replace("urn:fees", "urn:overlapping").replace('"fee"', '"other_fee"'))
    return path


def test_a_gap_is_a_warning_that_names_it(fees: Path) -> None:
    told = run("dmn", "check", str(fees))

    assert told.returncode == 0
    lines = told.stdout.splitlines()
    assert lines[0] == str(fees)
    assert lines[1] == "  4: table of fee (UNIQUE, 2 rules): not complete"
    assert "    4: <fees> warning: no rule applies when amount is [5..10] [gap]" in lines
    assert lines[-1] == "1 file(s), 0 error(s), 1 warning(s)"


def test_a_forbidden_overlap_is_an_error_unless_only_warned_of(overlapping: Path) -> None:
    told, eased = run("dmn", "check", str(overlapping)), run("dmn", "check", "--warn", str(overlapping))

    assert (told.returncode, eased.returncode) == (1, 0)
    assert "error: rules 1 (low) and 2 (high) both apply when amount is [3..5)" in told.stdout
    assert "warning: rules 1 (low) and 2 (high) both apply when amount is [3..5)" in eased.stdout


def test_the_analysis_is_given_as_json_too(fees: Path, overlapping: Path) -> None:
    told = run("dmn", "check", "--json", str(fees), str(overlapping))

    assert told.returncode == 1
    found = json.loads(told.stdout)
    assert [file["fileName"] for file in found["files"]] == [str(fees), str(overlapping)]
    assert [gap["box"] for gap in found["files"][0]["tables"][0]["gaps"]] == [{"amount": "[5..10]"}]
    assert (found["errors"], found["warnings"]) == (1, 1)


def test_the_files_given_import_one_another(tmp_path: Path, fees: Path) -> None:
    importing = tmp_path / "elsewhere" / "twice.dmn"
    importing.parent.mkdir()
    importing.write_text(IMPORTING)

    together, alone = run("dmn", "check", str(importing), str(fees)), run("dmn", "check", str(importing))

    assert together.returncode == 0, together.stdout
    assert alone.returncode == 1
    assert "[missing-import]" in alone.stdout


def test_lint_finds_what_a_deployment_would(overlapping: Path) -> None:
    told = run("lint", str(overlapping))

    assert told.returncode == 1
    assert "[overlap]" in told.stdout


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    told = run("dmn", "check", str(tmp_path / "nothing.dmn"))

    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.splitlines() == [f"rongjiu: {tmp_path / 'nothing.dmn'}: No such file or directory"]


def test_the_compatibility_kit_is_answered_line_by_line() -> None:
    xml = TABLE.format(high="&gt; 10")
    request = {"model": {"name": "fees", "xml": xml}, "invocable": {"type": "decision"}, "inputs": {"amount": 12}, "outputs": ["fee"]}

    told = run("dmn", "tck", given="no json\n" + json.dumps(request) + "\n")

    assert told.returncode == 0
    refused, answered = [json.loads(line) for line in told.stdout.splitlines()]
    assert "error" in refused
    assert answered["outputs"] == {"fee": 2}
