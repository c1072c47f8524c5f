"""`rongjiu cases` against a running service: an example passes only when the decision gives what it expects."""

import subprocess
import sys
from pathlib import Path

import pytest

from api_tests.api_client import ApiClient
from api_tests.crash_fixtures import end, flow, start, user_task
from api_tests.decision_files import table
from api_tests.event_diagrams import event, file_of, message, of_message, of_timer, payload, process


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ("{y: 2}", "1 passed, 0 failed"),
        ("{result: 2}", "1 passed, 0 failed"),
        ("{y: 3}", "expected 3, got 2"),
        ("{outcome: null}", "it has no output 'outcome'; it has result, y"),
    ],
)
def test_the_outputs_of_an_example_are_compared_by_name(api: ApiClient, tmp_path: Path, expect: str, told: str) -> None:
    assert api.deploy_files([("t.dmn", table("exemplified", ("< 1", "1"), (">= 1", "2")))]).status_code == 201
    cases = tmp_path / "a.cases.yaml"
    cases.write_text(f"decisions: [{{name: one, decision: exemplified, variables: {{x: 5}}, expect: {expect}}}]")

    command = [sys.executable, "-m", "service.cli", "cases", str(cases), "--url", api.url, "--key", api.key]
    played = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert told in played.stdout, played.stderr
    assert (played.returncode == 0) == ("passed, 0 failed" in told)


REMINDED = """
users: {clerk: {name: clerk, groups: [clerks]}}
cases:
  - name: one
    start: {process: reminded, as: clerk, variables: {asked: {done: true}}}
    steps:
      STEP
      - {task: ask, as: clerk, variables: {}}
    expect: {state: completed, path: [ask], variables: {asked: EXPECTED}}
"""


@pytest.mark.parametrize(
    ("step", "expected", "wait", "told"),
    [
        ("- awaits: [nudge]", "{done: true}", 60, "1 passed, 0 failed"),
        ("- awaits: [other]", "{done: true}", 0, "step 1: ['other'] not among the messages sent, "),
        ("", "{done: false}", 0, "variables.asked.done: expected false, got true"),
        ("", "{done: true, more: 1}", 0, "variables.asked.more: expected 1, got null"),
    ],
)
def test_a_case_begins_without_a_message_and_waits_for_what_timers_send(
    api: ApiClient, tmp_path: Path, step: str, expected: str, wait: int, told: str
) -> None:
    nudge = event("endEvent", "tell", of_message("nudge"))
    due = event("boundaryEvent", "due", of_timer("timeDuration", "PT0S"), attributes='attachedToRef="ask" cancelActivity="false"')
    flows = (flow("start", "ask"), flow("ask", "done"), flow("due", "tell"))
    reminded = process("reminded", start(), user_task("ask"), due, nudge, end("done"), *flows)
    assert api.deploy_files([file_of("reminded", message("nudge"), reminded)]).status_code == 201
    cases = tmp_path / "a.cases.yaml"
    cases.write_text(REMINDED.replace("STEP", step).replace("EXPECTED", expected))

    command = [sys.executable, "-m", "service.cli", "cases", str(cases), "--url", api.url, "--key", api.key, "--wait", str(wait)]
    played = subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert told in played.stdout, played.stdout + played.stderr


@pytest.mark.parametrize(
    ("payloads", "told"),
    [
        ("{nudge: {reason: new}}", "1 passed, 0 failed"),
        ("{nudge: {reason: old}}", 'payloads.nudge.reason: expected "old", got "new"'),
        ("{other: {reason: new}}", "payloads: no message 'other' was sent"),
    ],
)
def test_a_case_expects_what_a_message_carried(api: ApiClient, tmp_path: Path, payloads: str, told: str) -> None:
    nudge = event("endEvent", "tell", of_message("nudge"), payload(reason="new"))
    carried = process("carried", start(), nudge, flow("start", "tell"))
    assert api.deploy_files([file_of("carried", message("nudge"), carried)]).status_code == 201
    cases = tmp_path / "a.cases.yaml"
    cases.write_text(f"cases: [{{name: one, start: {{process: carried}}, expect: {{payloads: {payloads}}}}}]")

    command = [sys.executable, "-m", "service.cli", "cases", str(cases), "--url", api.url, "--key", api.key, "--wait", "0"]
    played = subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert told in played.stdout, played.stdout + played.stderr
