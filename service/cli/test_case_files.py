"""A misspelt member of a cases file is refused: it would silently expect nothing."""

from pathlib import Path

import pytest

from service.cli.case_files import read_case_file
from service.cli.client import CommandError

CASE = "cases: [{name: C1, start: {message: m}, steps: [{task: t, expect: {status: 200}}], expect: {state: active}}]"
DECISION = "decisions: [{name: D1, decision: d, facts: {a: 1}, expect: {outcome: X}}]"


def read(folder: Path, text: str) -> None:
    path = folder / "a.cases.yaml"
    path.write_text(text)
    read_case_file(path)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("cases:", "case:"),
        ("steps:", "step:"),
        ("message:", "massage:"),
        ("task:", "tsk:"),
        ("status:", "stauts:"),
        ("state:", "stat:"),
        ("decisions:", "decision:"),
        ("facts:", "fact:"),
        ("expect: {outcome", "expected: {outcome"),
    ],
)
def test_a_misspelt_member_is_refused(tmp_path: Path, right: str, wrong: str) -> None:
    text = f"{CASE}\n{DECISION}\n"
    read(tmp_path, text)

    with pytest.raises(CommandError):
        read(tmp_path, text.replace(right, wrong))


@pytest.mark.parametrize(
    "text",
    [
        "cases: [{name: C1, start: {message: m, process: p}}]",
        "cases: [{name: C1, start: {as: someone}}]",
        "cases: [{name: C1, start: {process: p}, steps: [{task: t, awaits: [m]}]}]",
        "cases: [{name: C1, start: {process: p}, steps: [{awaits: m}]}]",
        "cases: [{name: C1, start: {process: p}, steps: [{awaits: []}]}]",
        "cases: [{name: C1, start: {process: p}, steps: [{as: someone}]}]",
    ],
)
def test_a_start_and_a_step_say_one_thing(tmp_path: Path, text: str) -> None:
    read(tmp_path, "cases: [{name: C1, start: {process: p}, steps: [{awaits: [m]}]}]")

    with pytest.raises(CommandError):
        read(tmp_path, text)
