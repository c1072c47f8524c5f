"""The functions and methods that `${…}` may call: a closed list, each with its meaning in words, built from FEEL trees or plain functions.

Nothing here reaches a Java or Python object: a method is looked up by its name in METHODS when the diagram is read, and works on JSON
and FEEL values only. A value it does not fit is a JuelFailure, never null.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from service.engine.state.storable import MAX_SIZE
from service.feel import Date, DateTime
from service.feel.tree import Argument, Arithmetic, AtLiteral, Call, Name, Negation, Node, Step


class JuelFailure(Exception):
    """A method or operator met a value it has no meaning for."""


@dataclass(frozen=True, slots=True)
class Method:
    """`receiver.name(arguments)`; the last `optional` arguments may be left out. `build` makes the tree from receiver and arguments."""

    name: str
    parameters: tuple[str, ...]
    of: str
    meaning: str
    build: Callable[..., Node]
    optional: int = 0

    @property
    def signature(self) -> str:
        """The method as it is written."""
        return f"{self.name}({', '.join(self.parameters)})"

    def takes(self, count: int) -> bool:
        """Whether it may be called with that many arguments."""
        return len(self.parameters) - self.optional <= count <= len(self.parameters)


def call(function: str, *arguments: Node) -> Node:
    """A call by name."""
    return Call(Name(function), tuple(Argument(None, argument) for argument in arguments))


def _plain(value: Any) -> str:
    """A value in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the string {value[:60]!r}"
    if isinstance(value, Decimal):
        return f"the number {value}"
    return "a list" if isinstance(value, list) else "a context" if isinstance(value, dict) else "a date or duration"


def _unfit(method: str, value: Any) -> JuelFailure:
    return JuelFailure(f"{method} has no meaning for {_plain(value)}")


def _text(method: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _unfit(method, value)
    return value


def _number(method: str, value: Any) -> Decimal:
    if not isinstance(value, Decimal):
        raise _unfit(method, value)
    return value


def _place(method: str, value: Any, most: int) -> int:
    number = _number(method, value)
    if number != number.to_integral_value() or not 0 <= number <= most:
        raise JuelFailure(f"{method}: {number} is no position from 0 to {most}")
    return int(number)


# --- operators of JUEL that FEEL does not have in this form


def index(source: Any, key: Any) -> Any:
    """`source[key]`: lists count from 0; null where nothing is there."""
    if isinstance(source, dict):
        return source.get(key) if isinstance(key, str) else None
    if isinstance(source, list) and isinstance(key, Decimal) and key == key.to_integral_value() and 0 <= key < len(source):
        return source[int(key)]
    return None


def empty(value: Any) -> bool:
    """`empty value`: null, and a string, list or context without content."""
    return value is None or (isinstance(value, str | list | dict) and len(value) == 0)


def remainder(left: Any, right: Any) -> Decimal:
    """`left % right` as in Java: with the sign of the dividend (FEEL's modulo has that of the divisor)."""
    dividend, divisor = _number("%", left), _number("%", right)
    if not divisor:
        raise JuelFailure("division by zero")
    return dividend % divisor


# --- methods


def _size(value: Any) -> Decimal:
    if not isinstance(value, list | dict):
        raise _unfit("size()", value)
    return Decimal(len(value))


def _length(value: Any) -> Decimal:
    return Decimal(len(_text("length()", value)))


def _is_empty(value: Any) -> bool:
    if not isinstance(value, str | list | dict):
        raise _unfit("isEmpty()", value)
    return len(value) == 0


def _contains(value: Any, part: Any) -> bool:
    if isinstance(value, list):
        return any(_equals(element, part) if element is not None else part is None for element in value)
    return _text("contains()", part) in _text("contains()", value)


def _index_of(value: Any, part: Any) -> Decimal:
    if isinstance(value, list):
        return Decimal(next((at for at, element in enumerate(value) if element is not None and _equals(element, part)), -1))
    return Decimal(_text("indexOf()", value).find(_text("indexOf()", part)))


def _get(value: Any, key: Any) -> Any:
    if isinstance(value, dict):
        return value.get(_text("get()", key))
    if not isinstance(value, list):
        raise _unfit("get()", value)
    return value[_place("get()", key, len(value) - 1)]


def _contains_key(value: Any, key: Any) -> bool:
    if not isinstance(value, dict):
        raise _unfit("containsKey()", value)
    return key in value


def _equals(value: Any, other: Any) -> bool:
    if value is None:
        raise _unfit("equals()", value)
    return isinstance(value, bool) == isinstance(other, bool) and bool(value == other)


def _compare(value: Any, other: Any) -> Decimal:
    if isinstance(value, str):
        left, right = value, _text("compareTo()", other)
        return Decimal((left > right) - (left < right))
    first, second = _number("compareTo()", value), _number("compareTo()", other)
    return Decimal((first > second) - (first < second))


def _substring(value: Any, begin: Any, end: Any = None) -> str:
    text = _text("substring()", value)
    last = len(text) if end is None else _place("substring()", end, len(text))
    return text[_place("substring()", begin, last) : last]


def _replace(value: Any, old: Any, new: Any) -> str:
    text, sought, put = _text("replace()", value), _text("replace()", old), _text("replace()", new)
    if len(text) + text.count(sought) * len(put) > MAX_SIZE:
        raise JuelFailure(f"replace() gives more than {MAX_SIZE} characters")
    return text.replace(sought, put)


def _concat(value: Any, other: Any) -> str:
    return _text("concat()", value) + _text("concat()", other)


def _to_text(value: Any) -> Any:
    if value is None or isinstance(value, list | dict):
        raise _unfit("toString()", value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, Date | DateTime) else str(value)


def _whole(value: Any) -> Decimal:
    return _number("intValue()", value).to_integral_value(rounding=ROUND_DOWN)


def _to_date(value: Any) -> Any:
    if not isinstance(value, Date | DateTime):
        raise _unfit("toDate()", value)
    return value


_PLAIN: Mapping[str, Callable[..., Any]] = {
    "size": _size,
    "length": _length,
    "isEmpty": _is_empty,
    "contains": _contains,
    "indexOf": _index_of,
    "get": _get,
    "containsKey": _contains_key,
    "equals": _equals,
    "equalsIgnoreCase": lambda value, other: isinstance(other, str) and _text("equalsIgnoreCase()", value).lower() == other.lower(),
    "compareTo": _compare,
    "startsWith": lambda value, part: _text("startsWith()", value).startswith(_text("startsWith()", part)),
    "endsWith": lambda value, part: _text("endsWith()", value).endswith(_text("endsWith()", part)),
    "toLowerCase": lambda value: _text("toLowerCase()", value).lower(),
    "toUpperCase": lambda value: _text("toUpperCase()", value).upper(),
    "trim": lambda value: _text("trim()", value).strip(),
    "substring": _substring,
    "replace": _replace,
    "concat": _concat,
    "toString": _to_text,
    "intValue": _whole,
    "longValue": _whole,
    "doubleValue": lambda value: _number("doubleValue()", value),
    "booleanValue": lambda value: _truth(value),
    "toDate": _to_date,
}


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _unfit("booleanValue()", value)
    return value


def _method(name: str, parameters: tuple[str, ...], of: str, meaning: str, optional: int = 0) -> Method:
    return Method(name, parameters, of, meaning, lambda *operands: call(f"juel .{name}", *operands), optional)


def _shift(name: str, unit: str, text: str, sign: int) -> Method:
    def build(receiver: Node, count: Node) -> Node:
        amount = count if sign > 0 else Negation(count)
        return Arithmetic(receiver, (Step("+", Arithmetic(amount, (Step("*", AtLiteral(text)),))),))

    way = "later" if sign > 0 else "earlier"
    return Method(name, (unit,), "date and time", f"that many {unit} {way}", build)


_UNITS = {
    "Years": "P1Y",
    "Months": "P1M",
    "Weeks": "P7D",
    "Days": "P1D",
    "Hours": "PT1H",
    "Minutes": "PT1M",
    "Seconds": "PT1S",
}
_LIST, _STRING, _CONTEXT, _NUMBER, _ANY = "list", "string", "context", "number", "any value"

METHODS: Mapping[str, Method] = {
    method.name: method
    for method in (
        _method("size", (), f"{_LIST}, {_CONTEXT}", "number of elements or entries"),
        _method("isEmpty", (), f"{_LIST}, {_CONTEXT}, {_STRING}", "true when there is nothing inside"),
        _method("contains", ("part",), f"{_LIST}, {_STRING}", "true when the element or text is in it"),
        _method("indexOf", ("part",), f"{_LIST}, {_STRING}", "first position from 0, -1 when it is not there"),
        _method("get", ("key",), f"{_LIST}, {_CONTEXT}", "the element at that position from 0 (it must exist), or the entry"),
        _method("containsKey", ("key",), _CONTEXT, "true when there is such an entry"),
        _method("equals", ("other",), _ANY, "true when both are the same; values of different types never are"),
        _method("equalsIgnoreCase", ("other",), _STRING, "true when the texts differ in nothing but case"),
        _method("compareTo", ("other",), f"{_NUMBER}, {_STRING}", "-1, 0 or 1"),
        _method("length", (), _STRING, "number of characters"),
        _method("startsWith", ("part",), _STRING, "true when it begins so"),
        _method("endsWith", ("part",), _STRING, "true when it ends so"),
        _method("toLowerCase", (), _STRING, "in small letters"),
        _method("toUpperCase", (), _STRING, "in capital letters"),
        _method("trim", (), _STRING, "without the white space around it"),
        _method("substring", ("begin", "end"), _STRING, "from `begin` up to before `end`, counted from 0", optional=1),
        _method("replace", ("old", "new"), _STRING, "every `old` replaced; no pattern"),
        _method("concat", ("other",), _STRING, "both, one after the other"),
        _method("toString", (), "string, number, boolean, date", "as text"),
        _method("intValue", (), _NUMBER, "without its fraction"),
        _method("longValue", (), _NUMBER, "without its fraction"),
        _method("doubleValue", (), _NUMBER, "the number itself; numbers are exact decimals"),
        _method("booleanValue", (), "boolean", "the value itself"),
        _method("toDate", (), "date and time", "the value itself"),
        *(_shift("plus" + unit, unit.lower(), text, 1) for unit, text in _UNITS.items()),
        *(_shift("minus" + unit, unit.lower(), text, -1) for unit, text in _UNITS.items()),
    )
}
"""The methods, by name."""

INDEX, EMPTY, REMAINDER, VARIABLE, HAS_VARIABLE, BUSINESS_KEY = (
    "juel index",
    "juel empty",
    "juel %",
    "juel variable",
    "juel has variable",
    "juel business key",
)
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    INDEX: index,
    EMPTY: empty,
    REMAINDER: remainder,
    **{f"juel .{name}": plain for name, plain in _PLAIN.items()},
}
"""What an evaluation of a JUEL tree must be given besides what it may ask of the instance (VARIABLE, HAS_VARIABLE, BUSINESS_KEY)."""
