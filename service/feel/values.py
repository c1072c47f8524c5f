"""FEEL values that Python has no type for (ranges, functions), and the type names of all values.

number = `decimal.Decimal`, string = `str`, boolean = `bool`, null = `None`, list = `list`, context = `dict`; temporal
values are in `service.feel.temporal`.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from service.feel.temporal import Date, DateTime, DayTimeDuration, Time, YearMonthDuration

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an endpoint of None is unbounded."""

    start: Any
    end: Any
    start_included: bool = True
    end_included: bool = True
    operator: str | None = None


@functools.lru_cache(maxsize=4096)
def _bounds(signatures: tuple[tuple[str, ...], ...]) -> tuple[tuple[int, int], ...]:
    return tuple(
        (
            sum(1 for name in names if name[-1:] not in ("?", "*")),
            sys.maxsize if any(name.endswith("*") for name in names) else len(names),
        )
        for names in signatures
    )


@dataclass(frozen=True, slots=True)
class Function:
    """A function value. `signatures` are the alternative lists of parameter names.

    A name ending in `?` is optional, one ending in `*` takes the rest. `call` receives the run and the arguments.
    `named_types` are the types that choose between signatures when arguments are named.
    """

    name: str
    signatures: tuple[tuple[str, ...], ...]
    call: Callable[..., Any]
    parameter_types: tuple[Any, ...] = ()
    named_types: tuple[tuple[str, type], ...] = ()

    def takes(self, count: int) -> bool:
        """Whether some signature fits this number of arguments."""
        return any(low <= count <= high for low, high in _bounds(self.signatures))


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
