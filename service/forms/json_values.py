"""JSON as forms see it: exact numbers, strict equality, paths and pointers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, DecimalException
from typing import Final, TypeAlias

Json: TypeAlias = "None | bool | str | int | Decimal | list[Json] | dict[str, Json]"
Path: TypeAlias = tuple[str, ...]

MAX_NUMBER_CHARACTERS = 1_000


class Missing:
    """The type of MISSING."""

    __slots__ = ()


MISSING: Final = Missing()
"""Nothing is there, which is not the same as null."""


class NotJson(Exception):
    """The text is not JSON. `line` counts from 1, None where unknown."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def _number(text: str) -> Decimal:
    if len(text) > MAX_NUMBER_CHARACTERS:
        raise NotJson(f"a number has more than {MAX_NUMBER_CHARACTERS} characters", None)
    try:
        return Decimal(text)
    except DecimalException:
        raise NotJson(f"the number {text[:40]} is out of range", None) from None


def _constant(text: str) -> Json:
    raise NotJson(f"{text} is not JSON", None)


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name, value in pairs:
        if name in found:
            raise NotJson(f"the name {name!r} is given twice in one object", None)
        found[name] = value
    return found


def read_json(text: str) -> Json:
    """Read RFC 8259 text with exact numbers; names given twice in one object are refused. Raises NotJson."""
    try:
        value: Json = json.loads(text, parse_float=_number, parse_int=_number, parse_constant=_constant, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise NotJson(f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})", error.lineno) from None
    except RecursionError:
        raise NotJson("the JSON is nested too deeply", None) from None
    return value


def measure(value: Json, depth_limit: int) -> int:
    """Number of values within `value`, itself included; -1 where it is nested deeper than `depth_limit`."""
    count = 0
    level: list[Json] = [value]
    for _ in range(depth_limit):
        count += len(level)
        deeper: list[Json] = []
        for item in level:
            if isinstance(item, Mapping):
                deeper.extend(item.values())
            elif isinstance(item, list):
                deeper.extend(item)
        if not deeper:
            return count
        level = deeper
    return -1


def exact(value: Json) -> Json:
    """The same value with every `int` as Decimal."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, Mapping):
        return {name: exact(item) for name, item in value.items()}
    if isinstance(value, list):
        return [exact(item) for item in value]
    return value


def same(left: object, right: object) -> bool:
    """JSON equality: numbers by value (1 = 1.0), never across types (true is not 1)."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | Decimal) and isinstance(right, int | Decimal):
        exact_left, exact_right = Decimal(left), Decimal(right)
        return exact_left.is_finite() and exact_right.is_finite() and exact_left == exact_right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


def pointer_to(segments: Iterable[str | int]) -> str:
    """RFC 6901 pointer of the segments."""
    return "".join("/" + str(segment).replace("~", "~0").replace("/", "~1") for segment in segments)


def value_at(data: Mapping[str, Json], path: Sequence[str]) -> Json | Missing:
    """The value at a path of nested objects, MISSING where there is none."""
    found: Json | Mapping[str, Json] = data
    for segment in path:
        if not isinstance(found, Mapping) or segment not in found:
            return MISSING
        found = found[segment]
    return found if not isinstance(found, Mapping) else dict(found)


def with_value(data: Mapping[str, Json], path: Sequence[str], value: Json) -> dict[str, Json]:
    """A copy of `data` with `value` at `path`; objects on the way are copied, what is no object there is replaced by one."""
    copy = dict(data)
    if len(path) == 1:
        copy[path[0]] = value
        return copy
    inner = copy.get(path[0])
    copy[path[0]] = with_value(inner if isinstance(inner, Mapping) else {}, path[1:], value)
    return copy
