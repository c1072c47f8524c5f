"""The types every file knows by name."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from service.dmn.value_types import ANY, ListType, SimpleType, ValueType, WholeNumberType
from service.feel import (
    Date,
    DateTime,
    DayTimeDuration,
    Function,
    Range,
    Time,
    YearMonthDuration,
    compile_expression,
)


def _reader(function: str) -> Callable[[str], Any]:
    expression = compile_expression(f"{function}(text)", names=["text"])

    def read(text: str) -> Any:
        return expression.evaluate({"text": text}).value

    return read


_DURATIONS = (DayTimeDuration, YearMonthDuration)


def _only(read: Callable[[str], Any], *kinds: type) -> Callable[[str], Any]:
    def checked(text: str) -> Any:
        value = read(text)
        return value if isinstance(value, kinds) else None

    return checked


_duration = _reader("duration")
_NUMBER = SimpleType("number", (Decimal,), structured=False)
_WHOLE = WholeNumberType()
_DATE_TIME = SimpleType("date and time", (DateTime,), _only(_reader("date and time"), DateTime), structured=True)
_DAYS = SimpleType("days and time duration", (DayTimeDuration,), _only(_duration, DayTimeDuration), structured=True)
_MONTHS = SimpleType("years and months duration", (YearMonthDuration,), _only(_duration, YearMonthDuration), structured=True)

BUILT_IN: dict[str, ValueType] = {
    "Any": ANY,
    "any": ANY,
    "Null": ANY,
    "string": SimpleType("string", (str,), structured=False),
    "boolean": SimpleType("boolean", (bool,), structured=False),
    "number": _NUMBER,
    "date": SimpleType("date", (Date,), _only(_reader("date"), Date), structured=True),
    "time": SimpleType("time", (Time,), _only(_reader("time"), Time), structured=True),
    "date and time": _DATE_TIME,
    "dateTime": _DATE_TIME,
    "duration": SimpleType("duration", _DURATIONS, _only(_duration, *_DURATIONS), structured=True),
    "days and time duration": _DAYS,
    "dayTimeDuration": _DAYS,
    "years and months duration": _MONTHS,
    "yearMonthDuration": _MONTHS,
    "context": SimpleType("context", (dict,), structured=True),
    "list": ListType(ANY, "list"),
    "function": SimpleType("function", (Function,), structured=False),
    "range": SimpleType("range", (Range,), structured=True),
    # The names Camunda Modeler offers for numbers.
    "integer": _WHOLE,
    "long": _WHOLE,
    "int": _WHOLE,
    "double": _NUMBER,
    "decimal": _NUMBER,
}
