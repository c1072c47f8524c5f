"""FEEL values as tagged pairs `[type, payload]`, the form in which they travel to node and back and are compared.

Numbers travel as text; temporal values as ISO text, durations coming back as whole months or nanoseconds. Ranges and
functions only come back.
"""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from service.feel import Date, DateTime, DayTimeDuration, Function, Range, Time, YearMonthDuration, to_json, type_name

Tagged = list[Any]

TOLERANCE = Decimal("1e-9")
"""How far, relatively, a binary float may be from the decimal it stands for."""


def for_node(value: Any) -> Tagged:
    """A value as node is told it."""
    if value is None:
        return ["null"]
    if isinstance(value, bool | str):
        return [type_name(value), value]
    if isinstance(value, Decimal):
        return ["number", str(value)]
    if isinstance(value, list):
        return ["list", [for_node(item) for item in value]]
    if isinstance(value, dict):
        return ["context", [[key, for_node(item)] for key, item in value.items()]]
    if isinstance(value, Date | Time | DateTime | DayTimeDuration | YearMonthDuration):
        return [type_name(value), to_json(value)]
    raise TypeError(f"a {type_name(value)} does not travel to node")


def tagged(value: Any) -> Tagged:
    """A value of ours as `encode` in oracle.mjs would write it."""
    if isinstance(value, YearMonthDuration):
        return [type_name(value), str(value.months)]
    if isinstance(value, DayTimeDuration):
        return [type_name(value), str(value.nanos)]
    if isinstance(value, list):
        return ["list", [tagged(item) for item in value]]
    if isinstance(value, dict):
        return ["context", [[key, tagged(item)] for key, item in value.items()]]
    if isinstance(value, Range):
        return ["range", [tagged(value.start), tagged(value.end), value.start_included, value.end_included]]
    if isinstance(value, Function) or callable(value):
        return ["function"]
    return for_node(value)


def _same_number(ours: str, theirs: str) -> bool:
    try:
        left, right = Decimal(ours), Decimal(theirs)
    except InvalidOperation:
        return False
    return left.is_finite() and right.is_finite() and abs(left - right) <= TOLERANCE * max(abs(left), abs(right), Decimal(1))


def _same_zone(text: str) -> str:
    return text.replace("+00:00", "Z")


def same(ours: Tagged, theirs: Tagged) -> bool:
    """Whether both engines mean the same; context entries in any order."""
    if ours[0] != theirs[0]:
        return False
    if ours[0] in ("null", "function"):
        return True
    left, right = ours[1], theirs[1]
    match ours[0]:
        case "number":
            return _same_number(left, right)
        case "list":
            return len(left) == len(right) and all(map(same, left, right))
        case "context":
            return len(left) == len(right) and all(
                name == other and same(item, its) for (name, item), (other, its) in zip(sorted(left), sorted(right), strict=True)
            )
        case "range":
            return same(left[0], right[0]) and same(left[1], right[1]) and left[2:] == right[2:]
        case "time" | "date and time":
            return _same_zone(left) == _same_zone(right)
        case _:
            return bool(left == right)


def shown(value: Tagged) -> str:
    """A value as the documentation shows it: FEEL, with durations in months or nanoseconds."""
    match value[0]:
        case "null" | "function":
            return str(value[0])
        case "boolean":
            return "true" if value[1] else "false"
        case "string":
            return json.dumps(value[1], ensure_ascii=False)
        case "number":
            return str(value[1])
        case "list":
            return "[" + ", ".join(map(shown, value[1])) + "]"
        case "context":
            return "{" + ", ".join(f"{key}: {shown(item)}" for key, item in value[1]) + "}"
        case "range":
            start, end, start_included, end_included = value[1]
            return f"{'[' if start_included else '('}{shown(start)}..{shown(end)}{']' if end_included else ')'}"
        case "years and months duration":
            months = str(value[1])
            return months if " and " in months else f"{months} months"
        case "days and time duration":
            return f"{Decimal(value[1]) / 1_000_000_000} s"
        case "refused":
            return f"refused: {value[1]}"
        case _:
            return f'@"{value[1]}"'
