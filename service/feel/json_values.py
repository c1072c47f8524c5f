"""FEEL values at the JSON door, and the text of any value."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from service.feel.errors import FeelLimitError
from service.feel.limits import DEFAULT_LIMITS, Limits
from service.feel.numbers import number_text
from service.feel.temporal import Date, DateTime, DayTimeDuration, Time, YearMonthDuration
from service.feel.temporal_text import temporal_text
from service.feel.values import Function, Range

if TYPE_CHECKING:
    from service.feel.evaluation import Run

_TEMPORAL = (Date, Time, DateTime, DayTimeDuration, YearMonthDuration)
_ESCAPED = re.compile(r'["\\\x00-\x1f]')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_JSON_SCALARS = frozenset({type(None), bool, str, Decimal})


class _Budget:
    """Counts visited values; shared sub-lists can make a small value a huge text."""

    __slots__ = ("left", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.size

    def spend(self, level: int, amount: int = 1) -> None:
        self.left -= amount
        if self.left < 0:
            raise FeelLimitError("size", f"the value has more than {self.limits.size} parts or characters")
        if level > self.limits.depth:
            raise FeelLimitError("depth", f"the value nests deeper than {self.limits.depth}")


def _quoted(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}"


def _key_text(key: str) -> str:
    """The key as it may stand in a context literal: a name of letters, digits and blanks, else a string."""
    return key if key.replace(" ", "_").isidentifier() else _quoted(key)


def _range_text(value: Range, budget: _Budget, level: int) -> str:
    if value.operator in ("=", "!="):
        return f"({value.operator} {_text(value.start, budget, level + 1, True)})"
    start = "null" if value.start is None else _text(value.start, budget, level + 1, True)
    end = "null" if value.end is None else _text(value.end, budget, level + 1, True)
    if value.operator is not None:
        return f"({value.operator} {end if value.start is None else start})"
    return f"{'[' if value.start_included else '('}{start}..{end}{']' if value.end_included else ')'}"


def _text(value: Any, budget: _Budget, level: int, quoted: bool) -> str:
    if isinstance(value, list):
        budget.spend(level)
        return "[" + ", ".join(_text(item, budget, level + 1, True) for item in value) + "]"
    if isinstance(value, dict):
        budget.spend(level)
        entries = (f"{_key_text(key)}: {_text(item, budget, level + 1, True)}" for key, item in value.items())
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, Range):
        budget.spend(level)
        return _range_text(value, budget, level)
    text = _scalar_text(value, quoted)
    budget.spend(level, len(text) or 1)
    return text


def _scalar_text(value: Any, quoted: bool) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, str):
        return _quoted(value) if quoted else value
    if isinstance(value, _TEMPORAL):
        return temporal_text(value)
    return f"function {value.name}" if isinstance(value, Function) else "function"


def value_text(value: Any, run: Run) -> str:
    """The text `string(value)` yields."""
    return _text(value, _Budget(run.limits), 0, False)


def _json(value: Any, budget: _Budget, level: int) -> Any:
    if type(value) is dict and value and _JSON_SCALARS.issuperset(map(type, value.values())):
        budget.spend(level + 1, 1 + len(value))
        return value.copy()
    budget.spend(level)
    if type(value) in _JSON_SCALARS or isinstance(value, str | Decimal):
        return value
    if isinstance(value, list):
        return [_json(item, budget, level + 1) for item in value]
    if isinstance(value, dict):
        return {key: _json(item, budget, level + 1) for key, item in value.items()}
    return _range_text(value, budget, level) if isinstance(value, Range) else _scalar_text(value, False)


class JsonWriter:
    """Values of JSON shape that share one budget, as `to_json` gives them one by one."""

    __slots__ = ("_budget",)

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._budget = _Budget(limits)

    def __call__(self, value: Any) -> Any:
        """The value; raises `FeelLimitError` when those written so far are too large together, or this one is too deep."""
        return value if type(value) in _JSON_SCALARS else _json(value, self._budget, 0)


def to_json(value: Any, limits: Limits = DEFAULT_LIMITS) -> Any:
    """A value of JSON shape: decimals stay `Decimal`, temporals become ISO texts, ranges and functions their text.

    Raises `FeelLimitError` for a value too large or too deep.
    """
    return JsonWriter(limits)(value)


def from_json(value: Any) -> Any:
    """JSON shapes (numbers parsed as `Decimal`) are FEEL values already."""
    return value
