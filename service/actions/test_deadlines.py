"""Time limits: days end with their last second, working days follow the State Council's notices."""

from datetime import datetime
from decimal import Decimal

import pytest

from service.actions.deadlines import ZONE, due_date, fault_of
from service.domain.json_values import Json


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
    assert (due.basis, due.key) == ("default", "T_X")


def test_a_year_without_a_holiday_notice_is_counted_by_weekdays_and_says_so() -> None:
    due = due_date("T_X", {"workingDays": Decimal(2), "basis": "default"}, at("2090-03-02T10:00"))

    assert due.at == datetime(2090, 3, 6, 23, 59, 59, tzinfo=ZONE)
    assert due.basis == "default:weekdays"


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
