"""Time limits: days end with their last second, working days follow the State Council's notices."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from service.actions.deadlines.time_limits import ZONE, counted, due_date, fault_of, limit_of
from service.domain.json_values import Json, canonical_json, read_canonical
from service.domain.law import Pause, TimeLimit, read_limit
from service.domain.working_days import WorkingYear


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


@pytest.mark.parametrize(
    ("entry", "now", "expected"),
    [
        ({"workingDays": Decimal(5)}, "2026-11-20T10:00", "2026-11-27T23:59:59"),  # Friday to Friday
        ({"workingDays": Decimal(1)}, "2026-11-20T23:59", "2026-11-23T23:59:59"),
        ({"workingDays": Decimal(1)}, "2026-09-30T10:00", "2026-10-08T23:59:59"),  # the National Day holiday lies between
        ({"workingDays": Decimal(0)}, "2026-11-21T10:00", "2026-11-21T23:59:59"),
        ({"days": Decimal(30)}, "2026-11-20T10:00", "2026-12-20T23:59:59"),
        ({"months": Decimal(1)}, "2026-01-31T10:00", "2026-02-28T23:59:59"),
        ({"months": Decimal(14)}, "2026-11-20T10:00", "2028-01-20T23:59:59"),
        ({"duration": "PT90S"}, "2026-11-20T10:00", "2026-11-20T10:01:30"),
        ({"duration": "P1DT2H"}, "2026-11-20T10:00", "2026-11-21T12:00:00"),
    ],
)
def test_limits_end(entry: dict[str, Json], now: str, expected: str) -> None:
    due = due_date("T_X", {**entry, "basis": "default"}, at(now))

    assert due.at == datetime.fromisoformat(expected).replace(tzinfo=ZONE)
    assert (due.limit.basis, due.limit.key, due.limit.provisional) == ("default", "T_X", False)


def test_a_year_without_a_holiday_notice_is_counted_by_weekdays_and_says_so() -> None:
    due = due_date("T_X", {"workingDays": Decimal(2), "basis": "default"}, at("2090-03-02T10:00"))

    assert due.at == datetime(2090, 3, 6, 23, 59, 59, tzinfo=ZONE)
    assert (due.limit.basis, due.limit.provisional, due.limit.counted_year) == ("default", True, 2090)


@pytest.mark.parametrize(
    "entry",
    [
        None,
        {},
        {"basis": "default"},
        {"days": Decimal(1)},
        {"days": Decimal(1), "workingDays": Decimal(1), "basis": "default"},
        {"days": Decimal("1.5"), "basis": "default"},
        {"days": Decimal(-1), "basis": "default"},
        {"days": True, "basis": "default"},
        {"days": "1", "basis": "default"},
        {"duration": "P1M", "basis": "default"},
        {"duration": "P", "basis": "default"},
        {"duration": "PT", "basis": "default"},
        {"days": Decimal(1), "basis": "rumour"},
    ],
)
def test_faulty_entries_are_told(entry: Json) -> None:
    assert fault_of(entry) is not None


def test_good_entries_have_no_fault() -> None:
    assert fault_of({"workingDays": Decimal(5), "basis": "default", "source": "[D]"}) is None
    assert fault_of({"duration": "PT1S", "basis": "law"}) is None


def spanning(*pauses: tuple[str, str], **entry: Json) -> TimeLimit:
    """A limit that began on Friday 2026-11-20 at ten, with its pauses."""
    limit = limit_of("T_X", {**entry, "basis": "default"}, at("2026-11-20T10:00"))
    return replace(limit, paused=tuple(Pause(at(begin), at(end)) for begin, end in pauses))


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (
            spanning(("2026-11-23T10:00", "2026-11-25T18:00"), workingDays=Decimal(5)),
            "2026-12-01T23:59:59",
        ),  # Monday, Tuesday
        (spanning(("2026-11-21T10:00", "2026-11-22T18:00"), workingDays=Decimal(5)), "2026-11-27T23:59:59"),  # a Saturday is none anyway
        (spanning(("2026-11-23T10:00", "2026-11-23T18:00"), workingDays=Decimal(5)), "2026-11-27T23:59:59"),  # within one day
        (spanning(("2026-11-27T10:00", "2026-11-30T09:00"), workingDays=Decimal(5)), "2026-11-30T23:59:59"),  # on the last day
        (spanning(("2026-11-28T10:00", "2026-12-30T09:00"), workingDays=Decimal(5)), "2026-11-27T23:59:59"),  # when it had ended
        (
            spanning(("2026-11-23T10:00", "2026-11-24T10:00"), ("2026-11-26T10:00", "2026-11-27T10:00"), workingDays=Decimal(5)),
            "2026-12-01T23:59:59",
        ),
        (spanning(("2026-11-23T10:00", "2026-11-25T18:00"), days=Decimal(30)), "2026-12-22T23:59:59"),
        (spanning(("2026-12-19T10:00", "2026-12-25T18:00"), days=Decimal(30)), "2026-12-26T23:59:59"),
        (spanning(("2026-11-23T10:00", "2026-11-25T18:00"), months=Decimal(1)), "2026-12-22T23:59:59"),
        (spanning(("2026-11-20T10:20", "2026-11-20T10:50"), duration="PT1H"), "2026-11-20T11:30:00"),
        (spanning(("2026-11-20T11:20", "2026-11-20T11:50"), duration="PT1H"), "2026-11-20T11:00:00"),
    ],
)
def test_what_a_suspension_takes_up_is_left_out(limit: TimeLimit, expected: str) -> None:
    assert counted(limit, dict).at == datetime.fromisoformat(expected).replace(tzinfo=ZONE)


def table(year: int, version: int, holidays: tuple[str, ...] = (), workdays: tuple[str, ...] = ()) -> WorkingYear:
    days = [frozenset(map(date.fromisoformat, names)) for names in (holidays, workdays)]
    return WorkingYear(year, days[0], days[1], "国务院办公厅通知", version, 0, "admin")


def test_a_table_makes_a_year_known() -> None:
    tables = {2090: table(2090, 3, ("2090-03-03", "2090-03-06"), ("2090-03-04",)), 2091: table(2091, 7)}

    due = due_date("T_X", {"workingDays": Decimal(2), "basis": "default"}, at("2090-03-02T10:00"), lambda: tables)  # a Thursday

    assert due.at == datetime(2090, 3, 7, 23, 59, 59, tzinfo=ZONE)
    assert (due.limit.provisional, due.limit.counted_year, due.limit.counted_version) == (False, 2090, 7)


def test_the_published_calendar_comes_first() -> None:
    def unasked() -> dict[int, WorkingYear]:
        raise AssertionError("a published year needs no table")

    assert due_date("T_X", {"workingDays": Decimal(5), "basis": "law"}, at("2026-09-30T10:00"), unasked).limit.counted_year is None


def test_a_limit_is_kept_as_it_is_shown() -> None:
    limit = replace(spanning(("2026-11-23T10:00", "2026-11-25T18:00"), workingDays=Decimal(5)), name="受理", shift=-1_500, provisional=True)
    duration = spanning(duration="PT90S")

    assert read_limit(read_canonical_object(canonical_json(limit.as_json())), 2027, 4) == replace(
        limit, counted_year=2027, counted_version=4
    )
    assert read_limit(read_canonical_object(canonical_json(duration.as_json())), None, None) == duration


def read_canonical_object(text: str) -> dict[str, Json]:
    value = read_canonical(text)
    assert isinstance(value, dict)
    return value
