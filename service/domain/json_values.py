"""JSON values as the service holds them: exact numbers (Decimal), and one canonical text for hashing.

A JSON value here is None, bool, str, Decimal, list of values, or dict of str to value. `int` is accepted where a value is
written (counters, versions), never produced by reading. Canonical text follows the idea of RFC 8785 (sorted keys, no spaces)
but keeps the digits of a number as they were given, since a float would lose them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from json.encoder import encode_basestring
from typing import TypeAlias

from service.domain.errors import Malformed

Json: TypeAlias = "None | bool | str | int | Decimal | list[Json] | dict[str, Json]"

MAX_DEPTH = 100
MAX_DIGITS = 1_000
MAX_EXPONENT = 6_144
"""Largest exponent of IEEE 754 decimal128, the number format of FEEL."""


@dataclass(frozen=True, slots=True)
class WrittenJson:
    """A JSON value by its text, which takes no more room than that; written as it stands."""

    text: str


def _number(text: str) -> Decimal:
    if len(text) > MAX_DIGITS:
        raise Malformed(f"a number has more than {MAX_DIGITS} characters")
    try:
        number = Decimal(text)
    except DecimalException:
        raise Malformed(f"the number {text[:40]!r} is out of range") from None
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        raise Malformed(f"the number {text[:40]!r} is out of range")
    return number


def _constant(text: str) -> Json:
    raise Malformed(f"{text} is not JSON")


def _pairs(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, value in pairs:
        if key in found:
            raise Malformed(f"the key {key!r} is given twice in one object")
        found[key] = value
    return found


def _check(value: Json, depth: int = 0) -> None:
    if depth > MAX_DEPTH:
        raise Malformed(f"the JSON is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise Malformed("a string holds a character that cannot be stored (NUL or a lone surrogate)")
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check(key, depth + 1)
            _check(item, depth + 1)


def read_json(data: bytes | str) -> Json:
    """Read JSON text (RFC 8259, UTF-8) with exact numbers. Raises Malformed with line and column; never loses a digit."""
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        if text.startswith("\ufeff"):
            raise Malformed("not JSON: it starts with a byte order mark, which RFC 8259 (8.1) forbids")
        value: Json = json.loads(text, parse_float=_number, parse_int=_number, parse_constant=_constant, object_pairs_hook=_pairs)
    except UnicodeDecodeError as error:
        raise Malformed(f"the body is not UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error.msg} at line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise Malformed(f"the JSON is nested deeper than {MAX_DEPTH} levels") from None
    _check(value)
    return value


def read_canonical(text: str) -> Json:
    """Read what canonical_json wrote, numbers exact. What was once kept is read whatever the door would say to it today.

    Raises ValueError for a text that canonical_json never wrote.
    """
    try:
        value: Json = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_not_canonical)
    except RecursionError:
        raise ValueError("the kept JSON nests too deep") from None
    return value


def _not_canonical(text: str) -> Json:
    raise ValueError(f"{text} is not JSON")


def same_json(one: Json, other: Json) -> bool:
    """Whether two JSON values are equal: numbers by value (1.0 is 1), true is not 1, the order of keys does not count."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same_json(*pair) for pair in zip(one, other, strict=True))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def with_value(container: Json, keys: Sequence[str], value: Json) -> Json:
    """`container` with the value where the keys lead; nothing is changed in place, what is no object on the way is replaced by one."""
    if not keys:
        return value
    changed = dict(container) if isinstance(container, dict) else {}
    changed[keys[0]] = with_value(changed.get(keys[0]), keys[1:], value)
    return changed


def number_text(number: Decimal) -> str:
    """The JSON text of a number: all its digits, plain notation where that is not longer than 60 characters."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -50 <= exponent <= 0:
        return format(number, "f")
    return str(number)


def _write(value: object, parts: list[str]) -> None:
    if value is None:
        parts.append("null")
    elif value is True:
        parts.append("true")
    elif value is False:
        parts.append("false")
    elif isinstance(value, str):
        parts.append(encode_basestring(value))
    elif isinstance(value, Decimal):
        parts.append(number_text(value))
    elif isinstance(value, int):
        parts.append(str(value))
    elif isinstance(value, Mapping):
        parts.append("{")
        for index, key in enumerate(sorted(value)):
            if index:
                parts.append(",")
            parts.append(encode_basestring(key))
            parts.append(":")
            _write(value[key], parts)
        parts.append("}")
    elif isinstance(value, list | tuple):
        parts.append("[")
        for index, item in enumerate(value):
            if index:
                parts.append(",")
            _write(item, parts)
        parts.append("]")
    elif isinstance(value, WrittenJson):
        parts.append(value.text)
    else:
        raise TypeError(f"{type(value).__name__} is not a JSON value")


class TooLong(ValueError):
    """The text of a value is longer than it may be."""


class _Parts(list[str]):
    """Parts of a text that is no longer than `most` characters."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._left = most

    def append(self, part: str) -> None:
        """Add a part; raises TooLong before the text grows beyond the limit."""
        self._left -= len(part)
        if self._left < 0:
            raise TooLong("the text of the value is too long")
        super().append(part)


def bounded_json(value: object, most: int) -> str:
    """As canonical_json, for a value whose text may be huge (a small one can hold the same list many times). Raises TooLong."""
    parts = _Parts(most)
    _write(value, parts)
    return "".join(parts)


def canonical_json(value: object) -> str:
    """The one text of a JSON value: sorted keys, no spaces, UTF-8 characters unescaped, numbers with their digits."""
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)
