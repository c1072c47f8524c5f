"""`rongjiu cases` against a running service: an example passes only when the decision gives what it expects."""

import subprocess
import sys
from pathlib import Path

import pytest

from api_tests.api_client import ApiClient
from api_tests.decision_files import table


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
