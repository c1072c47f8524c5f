"""Every code a finding can have is in the catalogue, every one in the catalogue is used, and the page shows them all."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from service.domain.errors import Finding
from service.domain.finding_codes import CATALOGUE, ERROR, SECTIONS, WARNING
from service.engine.findings import Report
from service.engine.lint.findings_page import findings_page

SERVICE = Path(__file__).parents[2]
PAGE = SERVICE.parent / "docs" / "findings.md"
TELLERS = {"error", "warn", "note", "_error", "_refuse", "_tell", "_endless", "_judged", "Finding", "XmlRefused"}
CODE = re.compile(r"[a-z]+(-[a-z]+)+")
COMPOSED = {f"missing-{kind}" for kind in ("message", "signal", "error", "escalation")}
COMPOSED |= {f"missing-{kind}-reference" for kind in ("decision", "form", "process", "document")}
"""Codes that the source writes with a kind inside."""
NO_FILES = {"modification.py", "migration.py", "move_back.py", "operations.py"}
"""These refuse operations on instances, whose codes are told in docs/problems.md."""


def sources() -> Iterator[Path]:
    yield from (path for path in (SERVICE / "engine").rglob("*.py") if not path.name.startswith("test_") and "nodes" not in path.parts)
    yield from (
        SERVICE / "actions" / folder / name
        for folder, name in (
            ("deployments", "deploy.py"),
            ("deployments", "deployment_files.py"),
            ("deployments", "fact_findings.py"),
            ("deployments", "law_findings.py"),
            ("deployments", "question_findings.py"),
            ("deployments", "reference_findings.py"),
            ("precedents", "precedent_files.py"),
        )
    )


def told() -> dict[str, set[str]]:
    """Every code that a call tells, with the files it stands in."""
    found: dict[str, set[str]] = {}
    for path in sources():
        if path.name in NO_FILES:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
            if name in TELLERS:
                for argument in node.args:
                    for part in ast.walk(argument):
                        if isinstance(part, ast.Constant) and isinstance(part.value, str) and CODE.fullmatch(part.value):
                            found.setdefault(part.value, set()).add(path.name)
    return found


def test_every_code_that_is_told_is_in_the_catalogue() -> None:
    unknown = {code: files for code, files in told().items() if code not in CATALOGUE}

    assert unknown == {}
    assert len(told()) > 60


def test_the_catalogue_has_no_code_that_nothing_tells() -> None:
    text = "".join(
        path.read_text("utf-8")
        for path in [*sources(), SERVICE / "api" / "uploads.py", SERVICE / "actions" / "deployments" / "decision_files.py"]
    )

    assert [code for code in CATALOGUE if f'"{code}"' not in text and code not in COMPOSED] == []


def test_the_page_is_what_the_catalogue_says() -> None:
    assert PAGE.read_text("utf-8") == findings_page(), "docs/findings.md is stale: python -m service.engine.lint.findings_page"
    assert set(re.findall(r'<a id="([a-z-]+)">', findings_page())) == set(CATALOGUE)


def test_every_entry_is_whole() -> None:
    entries = [entry for section in SECTIONS.values() for entry in section]

    assert len(entries) == len(CATALOGUE)
    assert {entry.severity for entry in entries} == {ERROR, WARNING}
    assert [entry.code for entry in entries if not (entry.meaning and entry.hint and entry.source)] == []


def test_a_finding_has_the_hint_of_its_code_and_is_told_once() -> None:
    report = Report("a.bpmn")
    report.error("x", 3, "dead-end", "nothing follows")
    report.error("x", 3, "dead-end", "nothing follows")
    report.warn("x", 3, "no-due-date", "no due date")

    assert report.findings == [
        Finding("a.bpmn", "x", 3, "dead-end", "nothing follows", "error", CATALOGUE["dead-end"].hint),
        Finding("a.bpmn", "x", 3, "no-due-date", "no due date", "warning", CATALOGUE["no-due-date"].hint),
    ]
