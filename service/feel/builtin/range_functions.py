"""Range functions (10.3.4.7): Allen's relations between points and ranges, and `range` from a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from service.feel.builtin.registry import builtin, need_string
from service.feel.comparison import compare, in_range
from service.feel.errors import Fault
from service.feel.evaluation import Run
from service.feel.lexer import string_value
from service.feel.numbers import parse_number
from service.feel.temporal_text import (
    parse_date,
    parse_date_time,
    parse_duration,
    parse_temporal,
    parse_time,
)
from service.feel.values import Range

_POINTS = (("point1", "point2"), ("point", "range"), ("range", "point"), ("range1", "range2"))
_RANGES = (("range1", "range2"),)
_POINT_IN_RANGE = (("point", "range"), ("range1", "range2"))
_RANGE_OVER_POINT = (("range", "point"), ("range1", "range2"))


def _starts(one: Range, other: Range) -> int:
    """-1, 0 or 1: how the starts lie; one without bound lies before all others."""
    if one.start is None or other.start is None:
        return int(other.start is None) - int(one.start is None)
    return compare(one.start, other.start)


def _ends(one: Range, other: Range) -> int:
    """-1, 0 or 1: how the ends lie; one without bound lies behind all others."""
    if one.end is None or other.end is None:
        return int(one.end is None) - int(other.end is None)
    return compare(one.end, other.end)


def _end_against_start(one: Range, other: Range) -> int:
    if one.end is None or other.start is None:
        return 1
    return compare(one.end, other.start)


def _starts_earlier(one: Range, other: Range, same: Callable[[Range, Range], bool]) -> bool:
    sign = _starts(one, other)
    return sign < 0 or (sign == 0 and same(one, other))


def _ends_earlier(one: Range, other: Range, same: Callable[[Range, Range], bool]) -> bool:
    sign = _ends(one, other)
    return sign < 0 or (sign == 0 and same(one, other))


def _reaches(one: Range, other: Range) -> bool:
    """Whether `one` ends at or after the start of `other`."""
    sign = _end_against_start(one, other)
    return sign > 0 or (sign == 0 and one.end_included and other.start_included)


def _need_range(value: Any) -> Range:
    if not isinstance(value, Range):
        raise Fault("INVALID_TYPE", "the argument is not a range")
    if value.operator == "!=":
        raise Fault("INVALID_TYPE", "all values but one are no interval")
    return value


def _need_point(value: Any) -> Any:
    if value is None or isinstance(value, Range):
        raise Fault("INVALID_TYPE", "the argument is not a point")
    return value


def _as_range(value: Any) -> Range:
    return _need_range(value) if isinstance(value, Range) else Range(_need_point(value), value)


def _precedes(one: Any, other: Any) -> bool:
    earlier, later = _as_range(one), _as_range(other)
    sign = _end_against_start(earlier, later)
    return sign < 0 or (sign == 0 and not (earlier.end_included and later.start_included))


@builtin("before", *_POINTS)
def before(run: Run, one: Any, other: Any) -> bool:
    """Whether the first lies wholly before the second."""
    return _precedes(one, other)


@builtin("after", *_POINTS)
def after(run: Run, one: Any, other: Any) -> bool:
    """Whether the first lies wholly after the second."""
    return _precedes(other, one)


@builtin("meets", *_RANGES)
def meets(run: Run, range1: Any, range2: Any) -> bool:
    """Whether the first ends where the second starts, both including that point."""
    one, other = _need_range(range1), _need_range(range2)
    return one.end_included and other.start_included and _end_against_start(one, other) == 0


@builtin("met by", *_RANGES)
def met_by(run: Run, range1: Any, range2: Any) -> bool:
    """Inverse of `meets`."""
    return meets(run, range2, range1)


@builtin("overlaps", *_RANGES)
def overlaps(run: Run, range1: Any, range2: Any) -> bool:
    """Whether both share a point."""
    one, other = _need_range(range1), _need_range(range2)
    return _reaches(one, other) and _reaches(other, one)


@builtin("overlaps before", *_RANGES)
def overlaps_before(run: Run, range1: Any, range2: Any) -> bool:
    """Whether the first starts before the second and ends within it."""
    one, other = _need_range(range1), _need_range(range2)
    return (
        _starts_earlier(one, other, lambda a, b: a.start_included and not b.start_included)
        and _reaches(one, other)
        and _ends_earlier(one, other, lambda a, b: not a.end_included or b.end_included)
    )


@builtin("overlaps after", *_RANGES)
def overlaps_after(run: Run, range1: Any, range2: Any) -> bool:
    """Whether the first starts within the second and ends after it."""
    one, other = _need_range(range1), _need_range(range2)
    return (
        _starts_earlier(other, one, lambda a, b: a.start_included and not b.start_included)
        and _reaches(other, one)
        and _ends_earlier(other, one, lambda a, b: not a.end_included or b.end_included)
    )


def _within(inner: Range, outer: Range) -> bool:
    return _starts_earlier(outer, inner, lambda a, b: a.start_included or not b.start_included) and _ends_earlier(
        inner, outer, lambda a, b: b.end_included or not a.end_included
    )


@builtin("finishes", *_POINT_IN_RANGE)
def finishes(run: Run, one: Any, other: Any) -> bool:
    """Whether the first is at, or shares, the end of the second and lies within it."""
    outer = _need_range(other)
    if not isinstance(one, Range):
        return outer.end_included and compare(_need_point(one), outer.end) == 0
    same_end = _ends(_need_range(one), outer) == 0 and one.end_included == outer.end_included
    return same_end and _within(one, outer)


@builtin("finished by", *_RANGE_OVER_POINT)
def finished_by(run: Run, one: Any, other: Any) -> bool:
    """Inverse of `finishes`."""
    return finishes(run, other, one)


@builtin("includes", *_RANGE_OVER_POINT)
def includes(run: Run, one: Any, other: Any) -> bool:
    """Whether the range includes a point or another range."""
    outer = _need_range(one)
    if isinstance(other, Range):
        return _within(_need_range(other), outer)
    return in_range(_need_point(other), outer) is True


@builtin("during", *_POINT_IN_RANGE)
def during(run: Run, one: Any, other: Any) -> bool:
    """Inverse of `includes`."""
    return includes(run, other, one)


@builtin("starts", *_POINT_IN_RANGE)
def starts(run: Run, one: Any, other: Any) -> bool:
    """Whether the first is at, or shares, the start of the second and lies within it."""
    outer = _need_range(other)
    if not isinstance(one, Range):
        return outer.start_included and compare(_need_point(one), outer.start) == 0
    same_start = _starts(_need_range(one), outer) == 0 and one.start_included == outer.start_included
    return same_start and _within(one, outer)


@builtin("started by", *_RANGE_OVER_POINT)
def started_by(run: Run, one: Any, other: Any) -> bool:
    """Inverse of `starts`."""
    return starts(run, other, one)


@builtin("coincides", ("point1", "point2"), ("range1", "range2"))
def coincides(run: Run, one: Any, other: Any) -> bool:
    """Whether both are the same point or range."""
    if isinstance(one, Range) and isinstance(other, Range):
        return (
            _need_range(one).start_included == _need_range(other).start_included
            and one.end_included == other.end_included
            and _starts(one, other) == 0
            and _ends(one, other) == 0
        )
    return compare(_need_point(one), _need_point(other)) == 0


_LITERAL = r'"(?:[^"\\]|\\.)*"'
_ENDPOINT = re.compile(
    rf"(?P<number>-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))|(?P<string>{_LITERAL})|@\s*(?P<at>{_LITERAL})"
    rf"|(?P<call>date and time|date|time|duration)\(\s*(?P<argument>{_LITERAL})\s*\)|(?P<open>null)?"
)
_RANGE_TEXT = re.compile(r"\s*([\[\](])(.*?)\.\.(.*)([\[\])])\s*", re.DOTALL)
_CONVERSIONS: dict[str, Callable[[str], Any]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "duration": parse_duration,
}


def _endpoint(text: str) -> Any:
    match = _ENDPOINT.fullmatch(text.strip())
    if match is None:
        raise Fault("INVALID_RANGE", f"{text[:80]!r} is not a literal endpoint")
    if match["number"]:
        return parse_number(match["number"])
    if match["string"]:
        return string_value(match["string"])
    if match["at"]:
        return parse_temporal(string_value(match["at"]))
    if match["call"]:
        return _CONVERSIONS[match["call"]](string_value(match["argument"]))
    return None


@builtin("range", ("from",))
def range_from_text(run: Run, text: Any) -> Range:
    """A range from its text, with literal endpoints; an absent endpoint is unbounded."""
    match = _RANGE_TEXT.fullmatch(need_string(text, "from"))
    if match is None:
        raise Fault("INVALID_RANGE", "the text is not a range")
    opening, low, high, closing = match.groups()
    start, end = _endpoint(low), _endpoint(high)
    included = opening == "[", closing == "]"
    if (start is None and (included[0] or end is None)) or (end is None and included[1]):
        raise Fault("INVALID_RANGE", "an endpoint that is not given cannot be included")
    if start is not None and end is not None and compare(start, end) > 0:
        raise Fault("INVALID_RANGE", "the start of the range lies behind its end")
    return Range(start, end, *included)
