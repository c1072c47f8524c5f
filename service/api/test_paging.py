"""Moments, flags, sort orders and conditions on variables, as they come in the query."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from service.api.paging import Flag, Moment, epoch_milliseconds, sort_parameter
from service.api.variable_filters import VariableConditions


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-03-01T09:00:00+08:00", datetime(2026, 3, 1, 1, tzinfo=UTC)),
        ("2026-03-01T09:00:00 08:00", datetime(2026, 3, 1, 1, tzinfo=UTC)),
        ("2026-03-01t01:00:00z", datetime(2026, 3, 1, 1, tzinfo=UTC)),
        ("2026-02-28T23:00:00.250-02:00", datetime(2026, 3, 1, 1, 0, 0, 250_000, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_to_the_millisecond(text: str, same: datetime) -> None:
    assert epoch_milliseconds(text) == round(same.timestamp() * 1000)


@pytest.mark.parametrize(
    "text", ["2026-03-01", "2026-03-01T09:00:00", "2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "1", "", "２０２６-03-01T00:00:00Z"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Moment).validate_python(text)


@pytest.mark.parametrize("text", ["yes", "1", "TRUE", ""])
def test_a_flag_is_true_or_false(text: str) -> None:
    adapter: TypeAdapter[bool] = TypeAdapter(Flag)

    assert adapter.validate_python("true") is True
    assert adapter.validate_python("false") is False
    with pytest.raises(ValidationError):
        adapter.validate_python(text)


def test_a_sort_order_is_read() -> None:
    adapter = TypeAdapter(sort_parameter("dueDate", "createdAt"))

    assert adapter.validate_python("dueDate,-createdAt") == [("dueDate", False), ("createdAt", True)]


@pytest.mark.parametrize("text", ["", "dueDate,", "name", "dueDate,-dueDate", "--dueDate"])
def test_a_wrong_sort_order_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(sort_parameter("dueDate", "createdAt")).validate_python(text)


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("subjectId_eq_P-001", (("subjectId", "eq", "P-001"),)),
        ("amount_gteq_12.50", (("amount", "gteq", Decimal("12.50")),)),
        ("a_eq_true,b_neq_null", (("a", "eq", True), ("b", "neq", None))),
        ('code_eq_"007"', (("code", "eq", "007"),)),
        ("code_eq_007", (("code", "eq", "007"),)),
        ('name_eq_"a,b"', (("name", "eq", "a,b"),)),
        ("facts.nature_like_EXPLOR%", (("facts.nature", "like", "EXPLOR%"),)),
        ("a_b_eq_c_d", (("a_b", "eq", "c_d"),)),
        ("code_like_12%", (("code", "like", "12%"),)),
        ("code_like_12", (("code", "like", "12"),)),
        ("empty_eq_", (("empty", "eq", ""),)),
    ],
)
def test_conditions_on_variables_are_read(text: str, conditions: object) -> None:
    found = TypeAdapter(VariableConditions).validate_python(text)

    assert found == conditions
    assert [type(value) for _, _, value in found] == [type(value) for _, _, value in conditions]  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["", "a", "a_is_b", "_eq_b", "a_eq_1,", ",a_eq_1", ",".join(["a_eq_1"] * 21)])
def test_wrong_conditions_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(VariableConditions).validate_python(text)
