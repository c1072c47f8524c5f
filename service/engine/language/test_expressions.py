"""`${…}`, `=feel` and fixed text; times."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from service.actions.ports import Circumstances
from service.domain.china_time import ZONE
from service.domain.errors import StepFailed
from service.engine.conftest import NOON, FixedLaw
from service.engine.language import timers
from service.engine.language.expressions import ExpressionFault, compile_condition, compile_text
from service.engine.language.inquiry import Inquiry

VARIABLES: dict[str, Any] = {
    "n": Decimal("2.50"),
    "s": "a'b",
    "t": True,
    "none": None,
    "long": "x" * 10_000,
    "list": ["x", "y"],
    "empty_list": [],
    "c": {"d": {"e": Decimal(1)}, "odd key": "found"},
}


def inquiry() -> Inquiry:
    law = FixedLaw(days={"T_X": 2}, settings={"joint": False}, facts={"letters": 2})
    return Inquiry("element", VARIABLES, Circumstances(NOON, law, "li", "K-1"))


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
        ("${-7 % 3}", Decimal(-1)),
        ("${7 mod 3 div 2}", Decimal("0.5")),
        ("${execution.getVariable('s')}", "a'b"),
        ("${execution.getVariable('missing')}", None),
        ("${execution.hasVariable('none') && !execution.hasVariable('missing')}", True),
        ("${execution.processBusinessKey}", "K-1"),
        ("${execution.getProcessBusinessKey()}", "K-1"),
        ("${currentUser()}", "li"),
        ("${list.size()}", Decimal(2)),
        ("${list.isEmpty() or list.contains('y')}", True),
        ("${list.indexOf('y') + list.indexOf('z')}", Decimal(0)),
        ("${list.get(1)}", "y"),
        ("${c.get('d').containsKey('e')}", True),
        ("${s.length()}", Decimal(3)),
        ("${s.toUpperCase().substring(0, 1)}", "A"),
        ("${s.replace('b', 'c').endsWith('c') and s.startsWith('a')}", True),
        ('${s.equals(n) || s.equalsIgnoreCase("A\'B")}', True),
        ("${n.intValue()}", Decimal(2)),
        ("${n.compareTo(3)}", Decimal(-1)),
        ("${n.toString().concat('!')}", "2.50!"),
        ("${dateTime().plusDays(3).minusHours(1).toDate() > now()}", True),
        ("${now().plusMonths(1)}", "2026-10-21T22:13:20+08:00"),
        ("${workingDays(3)}", "2026-09-24T23:59:59@Asia/Shanghai"),
        ('= workingDays(1, "2026-09-30")', "2026-10-08T23:59:59@Asia/Shanghai"),
        ("${setting('joint')}", False),
        ("${setting('joint') ? 'x' : '}'}", "}"),
        ('= recorded("letters", s) + 1', Decimal(3)),
        ('= records("letters", s)[2].number', Decimal(1)),
        ('= recorded("letters", missing)', None),
        ("${recorded('letters', s) >= 2}", True),
        ("= nearestPrecedents(c, {r: n}).advice.r", Decimal("2.50")),
        ("${nearestPrecedents(c, null).facts.d.e}", Decimal(1)),
        ('= registeredSubject(s, "2026-03-01")', {"id": "a'b", "on": "2026-03-01"}),
        ("= registeredSubject(s).on", None),
        ("= registeredSubject(missing)", None),
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
        "${execution.setVariable('x', 1)}",
        "${execution.id}",
        "${list.stream()}",
        "${list.size(1)}",
        "${now(1)}",
        "${workingDays()}",
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


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("${a b}", 1, 5),
        ("x-${n.foo()}", 1, 7),
        ("${\n  bar(1)}", 2, 3),
        ("${n +}", 1, 6),
        ("= 1 +", 1, 6),
        ("=n + foo(1)", 1, 6),
        ("${", 1, 1),
    ],
)
def test_a_slip_is_told_with_line_and_column(text: Any, line: Any, column: Any) -> None:
    with pytest.raises(ExpressionFault) as raised:
        compile_text(text)

    assert (raised.value.line, raised.value.column) == (line, column)
    assert f"(line {line}, column {column})" in str(raised.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${missing}", "missing"),
        ("${missing.x.y}", "missing"),
        ("${missing == 1}", "missing"),
        ("${empty missing}", "missing"),
        ("${none.size()}", "size() has no meaning for null"),
        ("${s.size()}", "size() has no meaning for the string"),
        ("${list.get(2)}", "2 is no position from 0 to 1"),
        ("${n % 0}", "division by zero"),
        ("${long.replace('', long)}", "more than"),
        ("${s.plusDays(1)}", "fails"),
        ("${workingDays(-1)}", "whole number from 0"),
        ("${workingDays(1, 'soon')}", "soon"),
        ("${execution.getVariable(n)}", "a variable has a name"),
    ],
)
def test_what_is_not_there_or_does_not_fit_fails_by_name(text: Any, words: Any) -> None:
    with pytest.raises(StepFailed) as raised:
        compile_text(text).evaluate(inquiry())

    assert (raised.value.kind, raised.value.element_id) == ("expression", "element")
    assert words in raised.value.message


def test_what_is_not_needed_need_not_be_there() -> None:
    assert compile_text("${t ? n : missing}").evaluate(inquiry()) == Decimal("2.50")
    assert compile_text("= missing").evaluate(inquiry()) is None


def test_working_days_tell_when_the_holidays_of_a_year_are_not_known() -> None:
    look = inquiry()

    compile_text("${workingDays(700)}").evaluate(look)

    assert [(asked.limit.basis, asked.limit.provisional) for asked in look.limits] == [("diagram", True)]


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
    assert [asked.limit.basis for asked in look.limits] == ["law"]


@pytest.mark.parametrize("text", ['= recorded("visits", s)', "${records(1, s)}", "= recorded(null, s)"])
def test_unknown_facts_fail_the_step(text: Any) -> None:
    with pytest.raises(StepFailed):
        compile_text(text).evaluate(inquiry())


@pytest.mark.parametrize("text", ["= recorded(s)", "${records(s)}", "= nearestPrecedents(c)", "= registeredSubject()"])
def test_a_function_is_called_with_what_it_needs(text: Any) -> None:
    with pytest.raises(ExpressionFault, match="arguments"):
        compile_text(text)


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
        ("cycle", "R3/2026-05-01T08:00:00/PT1H", "2026-05-01T08:00:00+08:00"),
        ("cycle", "R/P1W/2026-05-01", "2026-02-07T10:00:00+08:00"),
        ("cycle", "R2/2026-05-01/2026-05-03", "2026-05-01T00:00:00+08:00"),
    ],
)
def test_times_are_read(kind: Any, text: Any, due: Any) -> None:
    assert timers.schedule(kind, text, NOW).due == datetime.fromisoformat(due)


def test_cycles_count() -> None:
    assert timers.schedule("cycle", "R3/PT1H", NOW).repetitions == 2
    assert timers.schedule("cycle", "R/PT1H", NOW).repetitions == timers.EVER
    assert timers.schedule("cycle", "R/PT1H/2026-01-31T13:00:00", NOW).repetitions == 2
    assert timers.schedule("cycle", "R2/PT1H/2026-01-31T13:00:00", NOW).repetitions == 1
    assert timers.schedule("cycle", "R/P1M/2026-04-30", NOW).repetitions == 2
    assert timers.schedule("cycle", "R2/2026-05-01/2026-05-03", NOW).interval == timers.Duration(0, 2 * 86_400_000_000)


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
        ("cycle", "R3/PT1H/2026-01-01"),
        ("cycle", "R3/2026-05-01"),
        ("cycle", "R3/2026-05-01/2026-04-01"),
        ("cycle", "0 0/5 * * * ?"),
        ("cycle", "R9999/PT1H"),
    ],
)
def test_what_is_no_time_is_a_fault(kind: Any, value: Any) -> None:
    with pytest.raises(timers.TimerFault):
        timers.schedule(kind, value, NOW)


def test_a_due_date_without_time_is_the_end_of_that_day() -> None:
    assert timers.read_moment("2026-03-01", end_of_day=True) == datetime(2026, 3, 1, 23, 59, 59, tzinfo=ZONE)
