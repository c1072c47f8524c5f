"""Sets of code points behind character classes, for class subtraction and complements, which RE2 has no syntax for."""

from __future__ import annotations

import functools
from typing import Any

import re2

from service.feel.errors import Fault

_LAST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_SURROGATE_COUNT = len(_SURROGATES)

Ranges = tuple[tuple[int, int], ...]


@functools.lru_cache(maxsize=1)
def _alphabet() -> bytes:
    return "".join(map(chr, (*range(_SURROGATES.start), *range(_SURROGATES.stop, _LAST + 1)))).encode()


@functools.lru_cache(maxsize=128)
def class_ranges(character_class: str) -> Ranges:
    """The code points a RE2 character class matches, as ascending inclusive ranges."""
    options = re2.Options()
    options.log_errors = False
    try:
        pattern: Any = re2.compile(  # type: ignore[no-untyped-call]
            f"{character_class}+", options
        )
    except re2.error as error:
        raise Fault("INVALID_PATTERN", "the regular expression holds a malformed character class") from error
    ranges: list[tuple[int, int]] = []
    for match in pattern.finditer(_alphabet()):
        run = match.group().decode()
        ranges.append((ord(run[0]), ord(run[-1])))
    return tuple(ranges)


def subtract(left: Ranges, right: Ranges) -> Ranges:
    """The code points of `left` that are not in `right`."""
    remaining: list[tuple[int, int]] = []
    for low, high in left:
        start = low
        for cut_low, cut_high in right:
            if cut_high < start or cut_low > high:
                continue
            if cut_low > start:
                remaining.append((start, cut_low - 1))
            start = cut_high + 1
        if start <= high:
            remaining.append((start, high))
    return tuple(remaining)


def class_body(ranges: Ranges) -> str:
    """Ranges as the inside of a RE2 character class."""
    return "".join(f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in ranges)
