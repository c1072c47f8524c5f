"""Cells whose constants the values of their column cannot be compared with."""

from __future__ import annotations

import pytest

from service.dmn import TableAnalysis
from service.dmn.analysis.conftest import Analysed


def _errors(table: TableAnalysis) -> list[str]:
    return [finding.code for finding in table.findings if finding.severity == "error"]


@pytest.mark.parametrize(
    ("kind", "cell", "message"),
    [
        ("date", '< "2026-01-01"', '"2026-01-01" is a string, but x is a date, in < "2026-01-01"'),
        ("date", "< 2026-01-01", "2024 is a number, but x is a date, in < 2026-01-01"),
        ("date", 'date and time("2026-01-01T00:00:00")', "is a date and time, but x is a date, in date and time("),
        ("dateTime", '>= date("2026-01-01")', 'date("2026-01-01") is a date, but x is a date and time'),
        ("number", '< 5, > "7"', '"7" is a string, but x is a number'),
        ("integer", 'not("7", [8..9])', '"7" is a string, but x is a number'),
        ("dayTimeDuration", "< 30", "30 is a number, but x is a days and time duration"),
        ("string", "[1..5]", "1 is a number, but x is a string"),
        ("boolean", "> 5", "5 is a number, but x is a boolean"),
    ],
)
def test_a_comparison_with_another_type_is_an_error(analysed: Analysed, kind: str, cell: str, message: str) -> None:
    table = analysed("COLLECT", [("x", kind)], [(cell, "1"), ("-", "2")])

    (finding,) = [found for found in table.findings if found.severity != "info"]
    assert (finding.severity, finding.code, finding.element_id) == ("error", "wrong-type", "c1.1")
    assert message in finding.message


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("duration", '< duration("P1M"), > duration("P1D")'),
        ("integer", "[1..5], 7.5"),
        ("dateTime", '< @"2026-01-01T00:00:00Z"'),
        (None, "< 5"),
    ],
)
def test_a_comparison_with_the_type_of_the_column_is_none(analysed: Analysed, kind: str | None, cell: str) -> None:
    assert "wrong-type" not in _errors(analysed("COLLECT", [("x", kind)], [(cell, "1"), ("-", "2")]))


@pytest.mark.parametrize(
    ("kind", "cell", "fault"), [("date", '< date("2026-02-30")', "is not a date"), ("string", '"A" or "B"', "string is not a truth value")]
)
def test_a_constant_that_is_null_by_a_fault_is_told(analysed: Analysed, kind: str, cell: str, fault: str) -> None:
    table = analysed("COLLECT", [("x", kind)], [(cell, "1"), ("-", "2")])

    (finding,) = [found for found in table.findings if found.severity != "info"]
    assert (finding.severity, finding.code, finding.element_id) == ("warning", "no-value", "c1.1")
    assert finding.message.startswith(f"{cell} has no value: ")
    assert fault in finding.message
