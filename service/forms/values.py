"""Is a value of the type of its field, and within the field's rules?

Each check answers the value to keep (a number may become text) and adds its faults. Nothing here knows where the value was sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, DecimalException
from typing import Any

import re2

from service.feel import Expression
from service.forms.components import ONE_OF_TYPES, SOME_OF_TYPES, TEXT_TYPES, Bound, Field, Options
from service.forms.conditions import UNKNOWN, ZONE, Scene
from service.forms.json_values import Json, same, value_at

MAX_TEXT = 100_000
MAX_ITEMS = 1_000
MAX_DIGITS = 34
"""Digits of IEEE 754 decimal128, the number format of FEEL: more would be rounded by the first expression."""
MAX_EXPONENT = 6_144

# A valid e-mail address as the HTML Living Standard defines it (4.10.5.1.5).
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re2.compile(rf"^[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*$")  # type: ignore[no-untyped-call]
# E.164 with + or 00, or a number as dialled within China (mobile, or area code and subscriber).
_PHONE = re2.compile(r"^(?:(?:\+|00)[1-9][0-9]{5,14}|1[3-9][0-9]{9}|0[0-9]{2,3}[0-9]{7,8})$")  # type: ignore[no-untyped-call]
_PHONE_BLANKS = str.maketrans("", "", " -()")

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?"
_TIME = re.compile(_CLOCK)
_DATE_TIME = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Fault:
    """`within` leads from the field's value to the faulty part (an index of a list)."""

    code: str
    message: str
    within: tuple[int, ...] = ()


def is_empty(field: Field, value: object) -> bool:
    """Whether `required` counts the value as not given: null, blank text, an empty list, a checkbox not ticked."""
    if value is None or value == []:
        return True
    if isinstance(value, str):
        return not value.strip()
    return field.type == "checkbox" and value is False


def check_value(field: Field, value: Json, scene: Scene) -> tuple[Json, list[Fault]]:
    """The value to keep and its faults; null is in order for every type (it clears)."""
    if value is None:
        return None, []
    if field.type in TEXT_TYPES:
        return value, list(_check_text(field, value, scene))
    if field.type == "number":
        return _check_number(field, value, scene)
    if field.type == "checkbox":
        return value, [] if isinstance(value, bool) else [_wrong_type("true 或 false (boolean)")]
    if field.type in ONE_OF_TYPES:
        return value, list(_check_one_of(field, value, scene))
    if field.type in SOME_OF_TYPES:
        return value, list(_check_some_of(field, value, scene))
    return value, list(_check_datetime(field, value, scene))


def _wrong_type(expected: str) -> Fault:
    return Fault("wrong-type", f"应为{expected}")


def _bounds(low: Bound, high: Bound, scene: Scene, outside: Callable[[Decimal, bool], Fault], size: Decimal) -> Iterator[Fault]:
    for bound, is_low in ((low, True), (high, False)):
        if bound is None:
            continue
        limit = scene.evaluate(bound) if isinstance(bound, Expression) else bound
        if isinstance(limit, str) and _NUMBER.fullmatch(limit):
            limit = Decimal(limit)
        if not isinstance(limit, Decimal):
            name = "最小值 (min)" if is_low else "最大值 (max)"
            yield Fault("condition-unknown", f"的{name}无法算出，不能核对")
        elif size < limit if is_low else size > limit:
            yield outside(limit, is_low)


def _check_text(field: Field, value: Json, scene: Scene) -> Iterator[Fault]:
    if not isinstance(value, str) or any("\ud800" <= character <= "\udfff" for character in value):
        yield _wrong_type("文本 (string)")
        return
    if len(value) > MAX_TEXT:
        yield Fault("too-long", f"不得超过 {MAX_TEXT} 个字符 (limit of the service)")
        return
    if not value:
        return
    rules = field.rules

    def outside(limit: Decimal, is_low: bool) -> Fault:
        if is_low:
            return Fault("too-short", f"至少 {limit} 个字符 (minLength)")
        return Fault("too-long", f"至多 {limit} 个字符 (maxLength)")

    yield from _bounds(rules.min_length, rules.max_length, scene, outside, Decimal(len(value.strip())))
    if rules.pattern is not None and rules.pattern.search(value) is None:
        yield Fault("pattern", rules.pattern_message or f"不符合格式 {rules.pattern_text} (pattern)")
    if rules.validation_type == "email" and _EMAIL.search(value) is None:
        yield Fault("email", "不是电子邮箱地址 (email)")
    if rules.validation_type == "phone" and _PHONE.search(value.translate(_PHONE_BLANKS)) is None:
        yield Fault("phone", "不是电话号码 (phone)")


def _fraction_digits(number: Decimal) -> int:
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    trailing = 0
    for digit in reversed(digits):
        if digit:
            break
        trailing += 1
    return max(0, -exponent - trailing) if any(digits) else 0


def _to_number(value: Json, text_allowed: bool) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if text_allowed and isinstance(value, str) and len(value) <= MAX_ITEMS and _NUMBER.fullmatch(value):
        try:
            return Decimal(value)
        except DecimalException:
            return None
    return None


def _check_number(field: Field, value: Json, scene: Scene) -> tuple[Json, list[Fault]]:
    number = _to_number(value, field.number_as_text)
    if number is None:
        return value, [_wrong_type("数字 (number)")]
    if len(number.as_tuple().digits) > MAX_DIGITS or abs(number.adjusted()) > MAX_EXPONENT:
        return value, [Fault("too-many-digits", f"至多 {MAX_DIGITS} 位有效数字 (decimal128)")]
    faults: list[Fault] = []
    if field.decimal_digits is not None and _fraction_digits(number) > field.decimal_digits:
        faults.append(Fault("decimal-digits", f"至多 {field.decimal_digits} 位小数 (decimalDigits)"))

    def outside(limit: Decimal, is_low: bool) -> Fault:
        if is_low:
            return Fault("below-minimum", f"不得小于 {limit} (min)")
        return Fault("above-maximum", f"不得大于 {limit} (max)")

    faults.extend(_bounds(field.rules.minimum, field.rules.maximum, scene, outside, number))
    if field.number_as_text and isinstance(value, Decimal):
        return (format(value, "f") if abs(value.adjusted()) <= MAX_DIGITS else str(value)), faults
    return value, faults


def option_value(option: Any) -> Json | None:
    """The value of one entry of a list of options (form-js: a plain value, or an object with `value`); None where it is none."""
    if isinstance(option, dict):
        option = option.get("value")
    return option if option not in (None, "", {}, []) else None


def options_of(options: Options, scene: Scene) -> tuple[Json, ...] | None:
    """The permitted values, None where they cannot be told."""
    if options.expression is not None:
        source = scene.evaluate(options.expression)
    elif options.variable is not None:
        source = scene.data.get(options.variable)
        if source is None:
            source = value_at(scene.data, options.variable.split("."))
    else:
        return options.fixed
    if source is UNKNOWN or not isinstance(source, list):
        return None
    values = (option_value(entry) for entry in source)
    return tuple(value for value in values if value is not None)


MOST_TOLD = 12
"""So many options are named to who gave none of them."""


def _not_allowed(value: Json, options: Sequence[Json], within: tuple[int, ...] = ()) -> Fault:
    told = ", ".join(str(option)[:60] for option in options[:MOST_TOLD])
    if len(options) > MOST_TOLD:
        told += f" … ({len(options)})"
    return Fault("not-allowed", f"的值 {str(value)[:60]} 不在可选项之内 (not among the options: {told or '—'})", within)


def _check_one_of(field: Field, value: Json, scene: Scene) -> Iterator[Fault]:
    options = options_of(field.options, scene)
    if options is None:
        yield Fault("options-unknown", "的可选项无法算出，不能核对 (options unknown)")
    elif not any(same(value, option) for option in options):
        yield _not_allowed(value, options)


def _check_some_of(field: Field, value: Json, scene: Scene) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield _wrong_type("列表 (list)")
        return
    if len(value) > MAX_ITEMS:
        yield Fault("too-many-items", f"至多 {MAX_ITEMS} 项 (limit of the service)")
        return
    options = options_of(field.options, scene) if value else ()
    if options is None:
        yield Fault("options-unknown", "的可选项无法算出，不能核对 (options unknown)")
        return
    chosen: list[Json] = []
    for index, item in enumerate(value):
        if not any(same(item, option) for option in options):
            yield _not_allowed(item, options, (index,))
        elif any(same(item, earlier) for earlier in chosen):
            yield Fault("duplicate", f"重复选择了 {item} (duplicate)", (index,))
        else:
            chosen.append(item)


def _check_datetime(field: Field, value: Json, scene: Scene) -> Iterator[Fault]:
    expected = {"date": "日期 YYYY-MM-DD (date)", "time": "时间 HH:MM (time)"}.get(
        field.subtype, "日期时间 YYYY-MM-DDTHH:MM+08:00 (RFC 3339)"
    )
    if not isinstance(value, str):
        yield _wrong_type(expected)
        return
    day = _read_temporal(field.subtype, value)
    if day is None:
        yield Fault("datetime", f"应为{expected}")
    elif field.no_past_dates and isinstance(day, date) and day < scene.now().date():
        yield Fault("past-date", "不得早于今天 (no past dates)")
    elif field.no_future_dates and isinstance(day, date) and day > scene.now().date():
        yield Fault("future-date", "不得晚于今天 (no future dates)")


def _read_temporal(subtype: str, text: str) -> date | time | None:
    """The day (date, datetime) or the time of the text; None where it is none."""
    whole = re.sub(r"\.[0-9]+", "", text)
    try:
        if subtype == "date":
            return date.fromisoformat(text) if _DATE.fullmatch(text) else None
        if subtype == "time":
            return time.fromisoformat(whole) if _TIME.fullmatch(text) else None
        if not _DATE_TIME.fullmatch(text):
            return None
        moment = datetime.fromisoformat(whole)
        return (moment.astimezone(ZONE) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        return None
