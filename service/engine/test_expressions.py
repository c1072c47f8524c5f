"""`${…}`, `=feel` and fixed text; times."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from service.actions.ports import Circumstances
from service.domain.china_time import ZONE
from service.domain.errors import StepFailed
from service.engine import timers
from service.engine.conftest import NOON, FixedLaw
from service.engine.expressions import ExpressionFault, Inquiry, compile_condition, compile_text

VARIABLES: dict[str, Any] = {
    "n": Decimal("2.50"),
    "s": "a'b",
    "t": True,
    "none": None,
    "list": ["x", "y"],
    "empty_list": [],
    "c": {"d": {"e": Decimal(1)}, "odd key": "found"},
}


def inquiry() -> Inquiry:
    law = FixedLaw(days={"T_X": 2}, settings={"joint": False})
    return Inquiry("element", VARIABLES, Circumstances(NOON, law, "li"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain text", "plain text"),
        ("${n}", Decimal("2.50")),
        ("#{n}", Decimal("2.50")),
        ("${n * 2 - 1}", Decimal("4.00")),
        ("${n / 2 % 1}", Decimal("0.25")),
        ("${-n + 10}", Decimal("7.50")),
        ("${c.d.e}", Decimal(1)),
        ("${c['odd key']}", "found"),
        ("${list[0]}", "x"),
        ("${list[9]}", None),
        ("${missing.x.y}", None),
        ("${n gt 2 and n lt 3}", True),
        ("${n >= 2.5 && !(n != 2.5)}", True),
        ("${n eq 3 or not t}", False),
        ("${s == 'a\\'b'}", True),
        ('${s == "a\'b"}', True),
        ("${none == null}", True),
        ("${empty none && empty list[7] && empty empty_list && empty ''}", True),
        ("${empty list || empty n}", False),
        ("${t ? 'yes' : 'no'}", "yes"),
        ("${n > 3 ? 1 : n > 2 ? 2 : 3}", Decimal(2)),
        ("a-${n}-${t}-${none}", "a-2.50-true-"),
        ("${setting('joint')}", False),
        ("${setting('joint') ? 'x' : '}'}", "}"),
        ("= n + 0.1", Decimal("2.6")),
        ("= c.d.e", Decimal(1)),
        ("= if t then list[1] else null", "x"),
    ],
)
def test_expressions_give_json_values(text: Any, value: Any) -> None:
    found = compile_text(text).evaluate(inquiry())

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "${",
        "${}",
        "${a b}",
        "${a.b()}",
        "${execution.getVariable('x')}",
        "${T(java.lang.Runtime)}",
        "${''.__class__()}",
        "${a ? b}",
        "${a[1}",
        "${1 +}",
        "${x = 1}",
        "${" + "(" * 200 + "1" + ")" * 200 + "}",
        "= 1 +",
        "= ",
    ],
)
def test_what_is_outside_the_languages_does_not_compile(text: Any) -> None:
    with pytest.raises(ExpressionFault):
        compile_text(text)


@pytest.mark.parametrize("text", ["", "yes", "true", "a ${x}"])
def test_a_condition_is_one_expression(text: Any) -> None:
    with pytest.raises(ExpressionFault):
        compile_condition(text, "")
    with pytest.raises(ExpressionFault):
        compile_condition("${x}", "javascript")


def test_a_condition_may_be_feel_by_its_language() -> None:
    assert compile_condition('n > 2 and s != "x"', "feel").truth(inquiry()) is True


def test_a_deadline_is_remembered_with_its_basis() -> None:
    look = inquiry()

    value = compile_text("${deadline('T_X')}").evaluate(look)

    assert timers.milliseconds(timers.read_moment(str(value))) == NOON + 2 * 86_400_000
    assert look.limit is not None
    assert look.limit.basis == "law"


@pytest.mark.parametrize("text", ["${deadline('T_Y')}", "${deadline(1)}", "= setting(null)", "= deadline(nothing)"])
def test_unknown_limits_and_settings_fail_the_step(text: Any) -> None:
    with pytest.raises(StepFailed):
        compile_text(text).evaluate(inquiry())


NOW = datetime(2026, 1, 31, 10, 0, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("kind", "text", "due"),
    [
        ("duration", "PT5M", "2026-01-31T10:05:00+08:00"),
        ("duration", "P1M", "2026-02-28T10:00:00+08:00"),
        ("duration", "P1Y2M3DT4H", "2027-04-03T14:00:00+08:00"),
        ("duration", "P2W", "2026-02-14T10:00:00+08:00"),
        ("date", "2026-03-01", "2026-03-01T00:00:00+08:00"),
        ("date", "2026-03-01T12:00:00", "2026-03-01T12:00:00+08:00"),
        ("date", "2026-03-01T12:00:00Z", "2026-03-01T20:00:00+08:00"),
        ("date", "2026-03-01T12:00:00+08:00[Asia/Shanghai]", "2026-03-01T12:00:00+08:00"),
        ("date", "P1D", "2026-02-01T10:00:00+08:00"),
        ("cycle", "R3/PT1H", "2026-01-31T11:00:00+08:00"),
        ("cycle", "R/2026-05-01/P1D", "2026-05-01T00:00:00+08:00"),
    ],
)
def test_times_are_read(kind: Any, text: Any, due: Any) -> None:
    assert timers.schedule(kind, text, NOW).due == datetime.fromisoformat(due)


def test_cycles_count() -> None:
    assert timers.schedule("cycle", "R3/PT1H", NOW).repetitions == 2
    assert timers.schedule("cycle", "R/PT1H", NOW).repetitions == timers.EVER


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("duration", None),
        ("duration", Decimal(5)),
        ("duration", "soon"),
        ("duration", "P"),
        ("duration", "PT"),
        ("duration", "P9999999D"),
        ("duration", "P999999Y"),
        ("date", "2026-02-30"),
        ("date", "12:00"),
        ("cycle", "PT1H"),
        ("cycle", "R0/PT1H"),
        ("cycle", "R3/PT0S"),
        ("cycle", "R3/PT1H/2027-01-01"),
        ("cycle", "R9999/PT1H"),
    ],
)
def test_what_is_no_time_is_a_fault(kind: Any, value: Any) -> None:
    with pytest.raises(timers.TimerFault):
        timers.schedule(kind, value, NOW)


def test_a_due_date_without_time_is_the_end_of_that_day() -> None:
    assert timers.read_moment("2026-03-01", end_of_day=True) == datetime(2026, 3, 1, 23, 59, 59, tzinfo=ZONE)
