"""The operators over every pair of types (DMN 1.5, tables 50 to 56): what is not listed here is null and says why."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from service.feel import compile_expression, type_name

SAMPLES: dict[str, str] = {
    "number": "2",
    "string": '"a"',
    "boolean": "true",
    "Null": "null",
    "list": "[1]",
    "context": "{a: 1}",
    "date": '@"2026-03-31"',
    "time": '@"10:00:00"',
    "date and time": '@"2026-03-31T10:00:00Z"',
    "days and time duration": '@"PT2H"',
    "years and months duration": '@"P1M"',
    "range": "[1..2]",
    "function": "abs",
}
MOMENTS = ("date", "date and time")
DAYS, MONTHS = "days and time duration", "years and months duration"
RESULTS: dict[str, dict[tuple[str, str], str]] = {
    "+": {
        ("number", "number"): "number",
        ("string", "string"): "string",
        (DAYS, DAYS): DAYS,
        (MONTHS, MONTHS): MONTHS,
        ("time", DAYS): "time",
        (DAYS, "time"): "time",
        **{(moment, duration): moment for moment in MOMENTS for duration in (DAYS, MONTHS)},
        **{(duration, moment): moment for moment in MOMENTS for duration in (DAYS, MONTHS)},
    },
    "-": {
        ("number", "number"): "number",
        (DAYS, DAYS): DAYS,
        (MONTHS, MONTHS): MONTHS,
        ("time", DAYS): "time",
        ("time", "time"): DAYS,
        **{(moment, duration): moment for moment in MOMENTS for duration in (DAYS, MONTHS)},
        **dict.fromkeys(itertools.product(MOMENTS, MOMENTS), DAYS),
    },
    "*": {
        ("number", "number"): "number",
        **{(duration, "number"): duration for duration in (DAYS, MONTHS)},
        **{("number", duration): duration for duration in (DAYS, MONTHS)},
    },
    "/": {
        ("number", "number"): "number",
        (DAYS, DAYS): "number",
        (MONTHS, MONTHS): "number",
        **{(duration, "number"): duration for duration in (DAYS, MONTHS)},
    },
    "**": {("number", "number"): "number"},
    "<": {(name, name): "boolean" for name in ("number", "string", "date", "time", "date and time", DAYS, MONTHS)},
    ">=": {(name, name): "boolean" for name in ("number", "string", "date", "time", "date and time", DAYS, MONTHS)},
    "=": {
        **{(name, name): "boolean" for name in SAMPLES},
        **{(name, "Null"): "boolean" for name in SAMPLES},
        **{("Null", name): "boolean" for name in SAMPLES},
    },
}
RESULTS["!="] = RESULTS["="]


@pytest.mark.parametrize("operator", RESULTS)
def test_operator(operator: str) -> None:
    wrong = []
    for left, right in itertools.product(SAMPLES, SAMPLES):
        result = compile_expression(f"{SAMPLES[left]} {operator} {SAMPLES[right]}").evaluate()
        expected = RESULTS[operator].get((left, right), "Null")
        if type_name(result.value) != expected or bool(result.warnings) is not (expected == "Null"):
            wrong.append((left, right, result))

    assert wrong == []


TRUTH = {"true": True, "false": False, "null": None, '"a"': "no boolean"}


def _expected(left: Any, right: Any, deciding: bool) -> bool | None:
    if deciding in (left, right):
        return deciding
    return (not deciding) if left is right is (not deciding) else None


@pytest.mark.parametrize(("left", "right"), [*itertools.product(TRUTH, TRUTH)])
def test_logic_has_three_values(left: str, right: str) -> None:
    for operator, deciding in (("and", False), ("or", True)):
        value = compile_expression(f"{left} {operator} {right}").evaluate().value
        assert value is _expected(TRUTH[left], TRUTH[right], deciding), operator


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-2", "-2"),
        ("--2", "2"),
        ('-@"P1M"', "-P1M"),
        ('-@"PT2H"', "-PT2H"),
        ('-"a"', None),
        ("-null", None),
        ("-true", None),
        ('-@"2026-03-31"', None),
        ("2 ** 3 ** 2", "64"),
        ("-2 ** 2", "4"),
        ("2 ** -1", "0.5"),
        ("0 ** 0", "1"),
        ("0 ** -1", None),
        ("(-8) ** 0.5", None),
        ("0 / 0", None),
        ('@"P1M" / 0', None),
        ('@"P1M" / @"P0M"', None),
        ("1 < 2 < 3", None),
        ("1 = 1 = true", "true"),
        ("-5 instance of number", "true"),
        ("(1 + 1) instance of number", "true"),
        ("1 in [1, 2] = true", "true"),
        ("1 + if true then 1 else 2", "2"),
        ("if true then 1 else 2 + 3", "1"),
    ],
)
def test_precedence_and_faults(text: str, expected: str | None) -> None:
    result = compile_expression(f"string({text})").evaluate()

    assert result.value == expected
    assert bool(result.warnings) is (expected is None)


@pytest.mark.parametrize("text", ["-2 * 0", "0 / -2", "-0", "ceiling(-0.5)", 'number("-0")', "modulo(-4, 2)", '0 * @"P1D" / @"-P1D"'])
def test_there_is_one_zero(text: str) -> None:
    value = compile_expression(text).evaluate().value

    assert str(value) == "0"
