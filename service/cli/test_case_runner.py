"""What the runner says of a case that cannot come out: in words, and not that it passed."""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console

from service.cli.case_report import report_cases
from service.cli.client import Client, CommandError, Reply
from service.domain.json_values import Json

PROBLEM: Json = {
    "title": "Not allowed",
    "status": Decimal(422),
    "detail": "the facts do not fit",
    "errors": [{"pointer": "/variables/facts/motiv", "code": "unknown", "message": "no such fact"}],
}


class Answering(Client):
    """A service that answers everything alike."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply

    def call(self, method: str, path: str, body: Mapping[str, Json] | None = None, person: str | None = None) -> Reply:
        return self.reply


def told(folder: Path, reply: Reply, text: str) -> str:
    path = folder / "a.cases.yaml"
    path.write_text(text)
    console = Console(width=500, record=True)
    assert not report_cases(Answering(reply), [path], console)
    return console.export_text()


DECISIONS = "decisions: [{name: D1, decision: d, facts: {motiv: X}, expect: {outcome: X}}, {name: D2, decision: d, expect: {outcome: X}}]"


def test_a_refusal_is_told_in_words_and_the_next_case_is_played(tmp_path: Path) -> None:
    said = told(tmp_path, Reply(422, PROBLEM), DECISIONS)
    assert "FAILED a.cases.yaml: D1: d: 422: the facts do not fit; /variables/facts/motiv no such fact" in said
    assert "D2" in said
    assert not re.search(r"Decimal|\{'", said)


def test_a_start_that_is_refused_is_told_in_words(tmp_path: Path) -> None:
    said = told(tmp_path, Reply(422, PROBLEM), "cases: [{name: C1, start: {message: m}, steps: [{task: t}]}]")
    assert "FAILED a.cases.yaml: C1: start: 422: the facts do not fit" in said


@pytest.mark.parametrize("text", ["decisions: [{name: D1, decision: d, facts: {a: 1}}]", "cases: [{name: C1, start: {message: m}}]"])
def test_a_case_that_expects_nothing_does_not_pass(tmp_path: Path, text: str) -> None:
    said = told(tmp_path, Reply(200, {"outputs": {}, "result": None}), text)
    assert "nothing would be compared" in said
    assert "0 passed, 1 failed" in said


def test_what_is_wrong_with_the_whole_run_ends_it(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="answered 401: who are you"):
        told(tmp_path, Reply(401, {"title": "Unauthorized", "detail": "who are you"}), DECISIONS)
