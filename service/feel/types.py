"""Whether a value conforms to a type (DMN 1.5, 10.3.2.9)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from service.feel.errors import Fault
from service.feel.temporal import Date, DateTime, DayTimeDuration, Time, YearMonthDuration
from service.feel.tree import ContextType, FunctionType, ListType, Node, RangeType, TypeName
from service.feel.values import Function, Range, type_name

if TYPE_CHECKING:
    from service.feel.evaluation import Run

_KINDS: dict[str, type] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": Date,
    "time": Time,
    "date and time": DateTime,
    "dateTime": DateTime,
    "days and time duration": DayTimeDuration,
    "dayTimeDuration": DayTimeDuration,
    "years and months duration": YearMonthDuration,
    "yearMonthDuration": YearMonthDuration,
    "list": list,
    "context": dict,
    "range": Range,
    "function": Function,
}

_SYNONYMS = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
}
_CONSTRUCTED: dict[type[Node], str] = {ListType: "list", RangeType: "range", ContextType: "context", FunctionType: "function"}


def is_instance(value: Any, type_: Node, run: Run) -> bool:
    """Whether `value` is of the type; null is only of `Null`. Unknown type names raise `Fault`."""
    run.tick()
    if isinstance(type_, TypeName):
        return _is_named(value, type_.name, run)
    if value is None:
        return False
    if isinstance(type_, ListType):
        return isinstance(value, list) and all(conforms(item, type_.item, run) for item in value)
    if isinstance(type_, RangeType):
        ends = (value.start, value.end) if isinstance(value, Range) else ()
        return bool(ends) and all(conforms(end, type_.item, run) for end in ends)
    if isinstance(type_, ContextType):
        return isinstance(value, dict) and all(
            entry.name in value and conforms(value[entry.name], entry.value, run) for entry in type_.entries
        )
    if isinstance(type_, FunctionType):
        return isinstance(value, Function) and _has_type(value, type_)
    raise Fault("INVALID_TYPE", "this is not a type")


def _has_type(function: Function, type_: FunctionType) -> bool:
    """Arity and declared parameter types; FEEL declares no result types, so that of the body is not known."""
    if not function.takes(len(type_.parameters)):
        return False
    declared = function.parameter_types
    return all(own is None or _is_subtype(given, own) for own, given in zip(declared, type_.parameters, strict=False))


def _is_subtype(narrow: Node, wide: Node) -> bool:
    """Whether every value of one type is of the other (10.3.2.9.1)."""
    if isinstance(wide, TypeName):
        if wide.name == "Any":
            return True
        if isinstance(narrow, TypeName):
            return narrow.name in ("Null", "null") or _SYNONYMS.get(narrow.name, narrow.name) == _SYNONYMS.get(wide.name, wide.name)
        return _CONSTRUCTED.get(type(narrow)) == wide.name
    if isinstance(narrow, ListType) and isinstance(wide, ListType):
        return _is_subtype(narrow.item, wide.item)
    if isinstance(narrow, RangeType) and isinstance(wide, RangeType):
        return _is_subtype(narrow.item, wide.item)
    if isinstance(narrow, ContextType) and isinstance(wide, ContextType):
        entries = {entry.name: entry.value for entry in narrow.entries}
        return all(entry.name in entries and _is_subtype(entries[entry.name], entry.value) for entry in wide.entries)
    if isinstance(narrow, FunctionType) and isinstance(wide, FunctionType):
        return (
            len(narrow.parameters) == len(wide.parameters)
            and all(_is_subtype(theirs, own) for own, theirs in zip(narrow.parameters, wide.parameters, strict=True))
            and _is_subtype(narrow.result, wide.result)
        )
    return isinstance(narrow, TypeName) and narrow.name in ("Null", "null")


def _is_named(value: Any, name: str, run: Run) -> bool:
    if name == "Any":
        return value is not None
    if name in ("Null", "null"):
        return value is None
    kind = _KINDS.get(name)
    if kind is None:
        if name in run.types:
            return value is not None and run.types[name](value)
        raise Fault("INVALID_TYPE", f"there is no type named '{name}'")
    return isinstance(value, kind)


def conforms(value: Any, type_: Node, run: Run) -> bool:
    """Like `is_instance`, but null conforms to every type."""
    return value is None or is_instance(value, type_, run)


def coerced(value: Any, type_: Node, run: Run) -> Any:
    """An argument as a parameter's type: as it is, or to or from a list of one; else a fault."""
    if conforms(value, type_, run):
        return value
    if isinstance(value, list) and len(value) == 1 and conforms(value[0], type_, run):
        return value[0]
    if not isinstance(value, list) and conforms([value], type_, run):
        return [value]
    if isinstance(value, Date) and isinstance(type_, TypeName) and type_.name in ("date and time", "dateTime"):
        return DateTime(value, Time(0, 0, 0, 0, 0))
    raise Fault("INVALID_TYPE", f"a {type_name(value)} does not fit the parameter's type")
