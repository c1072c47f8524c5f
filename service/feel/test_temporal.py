"""Dates, times and durations (DMN 1.5, 10.3.2.3 and 10.3.4.6) at their edges."""

from __future__ import annotations

import pytest

from service.feel import compile_expression

TEXTS: list[tuple[str, str | None]] = [
    # dates
    ('date("2024-02-29")', "2024-02-29"),
    ('date("2023-02-29")', None),
    ('date("2017-1-1")', None),
    ('date("01000-01-01")', None),
    ('date("+2017-01-01")', None),
    ('date("2017-01-01T00:00:00")', None),
    ('date("999999999-12-31")', "999999999-12-31"),
    ('date("1000000000-01-01")', None),
    ("date(-999999999, 1, 1)", "-999999999-01-01"),
    ("date(2017, 1, 1.5)", None),
    ("date(2017, null, 1)", None),
    ("date(year: 2017, month: 13, day: 1)", None),
    ('@"999999999-12-31" + @"P1D"', None),
    ('@"2020-01-31" - @"PT1H"', "2020-01-30"),
    ('@"2020-02-29" + @"P1Y"', "2021-02-28"),
    # times
    ('time("23:59:60")', None),
    ('time("24:00:00")', None),
    ('time("10:00")', None),
    ('time("10:00:00.123456789")', "10:00:00.123456789"),
    ('time("10:00:00+18:00")', "10:00:00+18:00"),
    ('time("10:00:00+18:01")', None),
    ('time("10:00:00+0100")', None),
    ('time("10:00:00-00:00")', "10:00:00Z"),
    ('time("10:00:00@Mars/Base")', None),
    ('time("10:00:00+02:00@Europe/Paris")', None),
    ("time(10, 0, 0.5)", "10:00:00.5"),
    ("time(10.5, 0, 0)", None),
    ("time(-1, 0, 0)", None),
    ('time(10, 0, 0, duration("-PT1H30M"))', "10:00:00-01:30"),
    ('time(10, 0, 0, duration("PT19H"))', None),
    ('@"10:00:00" + @"PT15H"', "01:00:00"),
    ('@"10:00:00Z" - @"09:00:00+01:00"', "PT2H"),
    ('@"10:00:00" - @"09:00:00Z"', None),
    # dates and times
    ('date and time("2017-12-31T24:00:00")', "2018-01-01T00:00:00"),
    ('date and time("2017-12-31T24:00:01")', None),
    ('date and time("2017-01-01T10:00:00+11:22:33")', "2017-01-01T10:00:00+11:22:33"),
    ('date and time("2017-01-01 10:00:00")', None),
    ('date and time(@"2017-01-01T05:00:00Z", @"10:00:00")', "2017-01-01T10:00:00"),
    ('date and time(@"2017-01-01", null)', None),
    ('@"2020-01-02" - @"2020-01-01T12:00:00Z"', "PT12H"),
    ('@"2020-01-02T00:00:00" - @"2020-01-01"', None),
    # durations
    ('duration("PT36H")', "P1DT12H"),
    ('duration("P1Y13M")', "P2Y1M"),
    ('duration("-P0D")', "PT0S"),
    ('duration("-P0Y")', "P0M"),
    ('duration("PT0.500S")', "PT0.5S"),
    ('duration("P1DT")', None),
    ('duration("P")', None),
    ('duration("P1W")', None),
    ('duration("P1.5D")', None),
    ('duration("P1Y1D")', None),
    ('@"P1Y" * 2.5', "P2Y6M"),
    ('@"P1Y" - @"P13M"', "-P1M"),
    ('@"P1Y" + @"P1D"', None),
    ('years and months duration(@"2020-01-31", @"2020-02-29")', "P0M"),
    ('years and months duration(@"2013-08-24", @"2011-12-22")', "-P1Y8M"),
    # without a date only a zone that keeps its offset has one
    ('@"11:00:00@Asia/Shanghai".time offset', "PT8H"),
    ('@"11:00:00@Europe/Paris".time offset', None),
    ('@"11:00:00@Europe/Paris" - @"10:00:00@Europe/Paris"', "PT1H"),
    ('@"11:00:00@Europe/Paris" - @"10:00:00Z"', None),
    ('@"11:00:00@Asia/Shanghai" - @"03:00:00Z"', "PT0S"),
    ('@"2026-07-01T11:00:00@Europe/Paris".time offset', "PT2H"),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_text(text: str, expected: str | None) -> None:
    result = compile_expression(f"string({text})").evaluate()

    assert result.value == expected
    assert bool(result.warnings) is (expected is None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('@"10:00:00Z" = @"11:00:00+01:00"', True),
        ('@"10:00:00" = @"10:00:00Z"', False),
        ('@"10:00:00@Europe/Paris" = @"10:00:00@Europe/Paris"', True),
        ('@"10:00:00@Europe/Paris" = @"10:00:00Z"', None),
        ('@"10:00:00@Europe/Paris" < @"10:00:00Z"', None),
        ('@"10:00:00@Asia/Shanghai" < @"10:00:00Z"', True),
        # `second` is a whole number in the standard's rule for equality; order and `is` are exact
        ('@"10:00:00.1" = @"10:00:00.2"', True),
        ('@"10:00:00.1" < @"10:00:00.2"', True),
        ('is(@"10:00:00.1", @"10:00:00.2")', False),
        ('@"P1Y" = @"P12M"', True),
        ('@"P1D" = @"PT24H"', True),
        ('@"P0Y" = @"P0D"', None),
    ],
)
def test_comparison(text: str, expected: bool | None) -> None:
    assert compile_expression(text).evaluate().value is expected
