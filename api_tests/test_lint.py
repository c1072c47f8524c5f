"""`rongjiu lint`, a dry run and a deployment tell the same findings of the same files."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api_tests.api_client import DIAGRAMS, ApiClient

LINE = re.compile(
    r"^(?P<file>[^:]+):(?:(?P<line>\d+):)?(?: <(?P<element>[^>]*)>)? (?P<severity>error|warning): (?P<message>.*) \[(?P<code>[a-z-]+)\]$"
)
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' targetNamespace="t">'
    '<message id="typed" name="typed"/><process id="{key}" isExecutable="true">'
)
START = "<startEvent id='s'/>\n<sequenceFlow id='f1' sourceRef='s' targetRef='x'/>"
END = "\n<sequenceFlow id='f2' sourceRef='x' targetRef='e'/><endEvent id='e'/></process></definitions>"
FLOW = "<sequenceFlow id='{0}' sourceRef='{1}' targetRef='{2}'><conditionExpression>${{{3}}}</conditionExpression></sequenceFlow>"
XOR = "<exclusiveGateway id='x'/>" + FLOW.format("a", "x", "j", "p") + FLOW.format("b", "x", "j", "!p") + "<parallelGateway id='j'/>"

MIDDLES = {
    "lint_attribute": "<userTask id='x' assignee='li'/>",
    "lint_expression": "<userTask id='x' camunda:assignee='${a.b(}'/>",
    "lint_reference": "<userTask id='x' camunda:formRef='no_such_form'/>",
    "lint_decision": "<businessRuleTask id='x' camunda:decisionRef='no_such_decision' camunda:resultVariable='r'/>",
    "lint_call": "<callActivity id='x' calledElement='no_such_process'/>",
    "lint_two": "<userTask id='x' camunda:formRef='no_such_form'/>\n<scriptTask id='y'/><task id='z' isForCompensation='perhaps'/>",
    "lint_event": "<intermediateThrowEvent id='x'><cancelEventDefinition/></intermediateThrowEvent>",
    "lint_script": "<scriptTask id='x' scriptFormat='python' camunda:resultVariable='r'><script>1</script></scriptTask>",
    "lint_data": "<userTask id='x'><ioSpecification><dataInput id='i'/><inputSet/><outputSet/></ioSpecification></userTask>",
    "lint_warned": "<userTask id='x'/>",
    "lint_deadlock": XOR.replace("'x'", "'y'").replace("<exclusiveGateway id='y'", "<task id='x'/><exclusiveGateway id='y'"),
    "lint_never": "<parallelGateway id='x'/><task id='t'/><sequenceFlow id='a' sourceRef='x' targetRef='t'/>"
    "<sequenceFlow id='b' sourceRef='t' targetRef='x'/>",
}


def diagram(key: str) -> bytes:
    body = MIDDLES[key]
    if key == "lint_deadlock":
        body += "<sequenceFlow id='c' sourceRef='x' targetRef='y'/><sequenceFlow id='d' sourceRef='j' targetRef='e2'/><endEvent id='e2'/>"
    return (HEAD.format(key=key) + START + body + END).encode()


def linted(folder: Path, name: str, content: bytes) -> set[tuple[Any, ...]]:
    """What the command tells: line, element, severity, message, code."""
    path = folder / name
    path.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "lint", name], cwd=folder, env=environment(), capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    found = [match.groupdict() for match in map(LINE.match, done.stdout.splitlines()) if match]
    assert done.returncode == int(any(one["severity"] == "error" for one in found))
    return {(int(one["line"]) if one["line"] else None, one["element"], one["severity"], one["message"], one["code"]) for one in found}


def environment() -> dict[str, str]:
    return {"PYTHONPATH": str(Path(__file__).parents[1]), "PATH": "", "COLUMNS": "1000"}


def told(findings: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    return {(one["line"], one["elementId"], one["severity"], one["message"], one["code"]) for one in findings}


@pytest.mark.parametrize("key", MIDDLES)
def test_all_three_tell_the_same(api: ApiClient, tmp_path: Path, key: str) -> None:
    name, content = f"{key}.bpmn", diagram(key)

    rehearsed = api.deploy_files([(name, content)], dryRun="true")
    deployed = api.deploy_files([(name, content)])

    assert (rehearsed.status_code, deployed.status_code) in {(422, 422), (200, 201)}
    found = [told([*answer.json().get("errors", []), *answer.json().get("warnings", [])]) for answer in (rehearsed, deployed)]
    assert found[0] == found[1] == linted(tmp_path, name, content)
    assert found[0] != set()
    assert [one for one in deployed.json().get("errors", []) if not (one["hint"] and one["docs"] == f"findings.md#{one['code']}")] == []


def test_a_sound_file_with_what_it_refers_to_has_nothing_to_tell(api: ApiClient, tmp_path: Path) -> None:
    files = [(name, (DIAGRAMS / name).read_bytes()) for name in ("one_task.bpmn", "review.form")]
    for name, content in files:
        (tmp_path / name).write_bytes(content)

    rehearsed = api.deploy_files(files, dryRun="true")

    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "lint", *(name for name, _ in files)],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert rehearsed.status_code == 200
    found = {match["message"] for match in map(LINE.match, done.stdout.splitlines()) if match}
    assert found == {one["message"] for one in rehearsed.json()["warnings"]}
    assert done.returncode == 0
