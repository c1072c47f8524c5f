"""Sets of code points behind character classes, for class subtraction and complements, which RE2 has no syntax for."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import re2

from service.feel.errors import Fault

_LAST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)

Ranges = tuple[tuple[int, int], ...]
EVERYTHING: Ranges = ((0, _LAST),)


@functools.lru_cache(maxsize=1)
def _alphabet() -> bytes:
    return "".join(map(chr, (*range(_SURROGATES.start), *range(_SURROGATES.stop, _LAST + 1)))).encode()


@functools.cache
def class_ranges(body: str) -> Ranges:
    """The code points a RE2 class of Unicode categories matches. Only for the few bodies there are: it tries every character."""
    options = re2.Options()
    options.log_errors = False
    try:
        pattern: Any = re2.compile(  # type: ignore[no-untyped-call]
            f"[{body}]+", options
        )
    except re2.error as error:
        raise Fault("INVALID_PATTERN", f"{body} is not known") from error
    ranges: list[tuple[int, int]] = []
    for match in pattern.finditer(_alphabet()):
        run = match.group().decode()
        ranges.append((ord(run[0]), ord(run[-1])))
    return tuple(ranges)


def union(sets: Iterable[Ranges]) -> Ranges:
    """The code points in any of the sets, as ascending ranges that do not touch."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(interval for ranges in sets for interval in ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(joined)


def subtract(left: Ranges, right: Ranges) -> Ranges:
    """The code points of `left` that are not in `right`; both ascending and without overlaps."""
    remaining: list[tuple[int, int]] = []
    first = 0
    for low, high in left:
        start = low
        while first < len(right) and right[first][1] < low:
            first += 1
        for cut_low, cut_high in right[first:]:
            if cut_low > high:
                break
            if cut_low > start:
                remaining.append((start, cut_low - 1))
            start = cut_high + 1
        if start <= high:
            remaining.append((start, high))
    return tuple(remaining)


def class_body(ranges: Ranges) -> str:
    """Ranges as the inside of a RE2 character class."""
    return "".join(f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in ranges)
