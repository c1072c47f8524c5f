"""The scores of the BPMN suites are the committed ones, neither less nor more, and nothing runs wrongly."""

import os
from pathlib import Path

import pytest

from conformance.bpmn_scores import RENEW, Verdicts, committed_table, mended, passed_tests, run_all, table, unexplained

MATERIAL = os.environ.get("RONGJIU_SUITES")
pytestmark = [
    pytest.mark.skipif(MATERIAL is None, reason="RONGJIU_SUITES is not set: the suites' material is not here"),
    # One worker runs the suites for all tests of this file.
    pytest.mark.xdist_group("bpmn-suites"),
]


@pytest.fixture(scope="session")
def verdicts() -> Verdicts:
    return run_all(Path(MATERIAL or ""))


def _passed(verdicts: Verdicts, suite: str) -> int:
    return sum(verdict.outcome == "passed" for verdict in verdicts[suite])


def test_nothing_runs_wrongly_and_every_case_that_is_not_passed_has_its_reason(verdicts: Verdicts) -> None:
    assert unexplained(verdicts) == {}
    assert mended(verdicts) == []


def test_the_committed_table_is_what_the_suites_say(verdicts: Verdicts) -> None:
    assert table(verdicts) == committed_table(), f"renew the table: {RENEW}"


def test_the_targets_are_held(verdicts: Verdicts) -> None:
    """Issue 4, section 6."""
    assert passed_tests(verdicts["betsy"]) >= 68
    assert _passed(verdicts, "camunda7") >= 29
    assert _passed(verdicts, "must-refuse") >= 165


def test_every_file_is_answered_with_its_elements_named_and_given_back_as_it_was(verdicts: Verdicts) -> None:
    assert {verdict.case for verdict in verdicts["files"] if verdict.outcome not in ("passed", "refused")} == set()
