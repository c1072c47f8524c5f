"""FEEL values that Python has no type for (ranges, functions), and the type names of all values.

number = `decimal.Decimal`, string = `str`, boolean = `bool`, null = `None`, list = `list`, context = `dict`; temporal
values are in `service.feel.temporal`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from service.feel.temporal import Date, DateTime, DayTimeDuration, Time, YearMonthDuration


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an endpoint of None is unbounded."""

    start: Any
    end: Any
    start_included: bool = True
    end_included: bool = True
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """Parameter names. All but the last `optional` ones must be given; with `rest` the last takes any number of arguments."""

    names: tuple[str, ...]
    optional: int = 0
    rest: bool = False

    def takes(self, count: int) -> bool:
        """Whether this many arguments fit."""
        return len(self.names) - self.optional <= count and (self.rest or count <= len(self.names))


@dataclass(frozen=True, slots=True)
class Function:
    """A function value. `signatures` are the alternative lists of parameters.

    `call` receives the run and the arguments. `parameter_types` are the declared types (None where there is none);
    `named_types` are the types that choose between signatures when arguments are named.
    """

    name: str
    signatures: tuple[Signature, ...]
    call: Callable[..., Any]
    parameter_types: tuple[Any, ...] = ()
    named_types: tuple[tuple[str, type], ...] = ()

    def takes(self, count: int) -> bool:
        """Whether some signature fits this number of arguments."""
        return any(signature.takes(count) for signature in self.signatures)


_TYPE_NAMES: dict[type, str] = {
    Decimal: "number",
    str: "string",
    bool: "boolean",
    type(None): "Null",
    list: "list",
    dict: "context",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DayTimeDuration: "days and time duration",
    YearMonthDuration: "years and months duration",
    Range: "range",
    Function: "function",
}


def type_name(value: object) -> str:
    """The FEEL name of a value's type."""
    name = _TYPE_NAMES.get(type(value))
    if name is not None:
        return name
    for kind, kind_name in _TYPE_NAMES.items():
        if isinstance(value, kind):
            return kind_name
    return "function" if callable(value) else type(value).__name__
