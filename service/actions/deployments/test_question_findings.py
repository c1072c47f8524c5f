"""A fact that decides and nobody asks for, as the checks of decision files tell it."""

from pathlib import Path

import pytest

from service.actions.deployments.decision_files import DecisionFile, read_decision_files

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "dmn").glob("*/*.dmn"))
SIYANG = ROOT / "dmn" / "siyang" / "siyang_tolerance.dmn"


def read(monkeypatch: pytest.MonkeyPatch, changed: dict[Path, bytes]) -> list[DecisionFile]:
    # Their tables are analysed by the tests of the places.
    monkeypatch.setattr("service.actions.deployments.decision_files.analyse", lambda *_: None)
    files = {number: (path.name, changed.get(path, path.read_bytes())) for number, path in enumerate(FILES)}
    return list(read_decision_files(files).values())


def test_every_place_asks_for_all_facts_it_decides_by(monkeypatch: pytest.MonkeyPatch) -> None:
    files = read(monkeypatch, {})

    assert [found for file in files for found in file.findings if found.code == "fact-not-asked-for"] == []
    assert all(file.model is not None for file in files)


def test_a_rule_without_its_row_of_missing_facts_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    head, asking, tail = SIYANG.read_bytes().partition(b'<decision id="siyang_missing_rows"')
    unasked = head + asking + tail.replace(b"<text>facts.forceMajeure</text>", b"<text>facts.duePerformance</text>", 1)

    (found,) = [found for file in read(monkeypatch, {SIYANG: unasked}) for found in file.findings if found.code == "fact-not-asked-for"]

    assert (found.file, found.element_id, found.severity) == ("siyang_tolerance.dmn", "SY-E3", "warning")
    assert found.message == (
        "the rule SY-E3 of siyang_situations needs facts.forceMajeure (column 不可抗力 forceMajeure), which no row of"
        " siyang_missing_rows asks for: unknown it would count as not so in siyang_outcome"
    )
