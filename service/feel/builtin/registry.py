"""Where the built-in functions register, and the checks their arguments share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, TypeVar

from service.feel.errors import Fault
from service.feel.numbers import integer, whole_part
from service.feel.values import Function, Signature, type_name

_FUNCTIONS: dict[str, Function] = {}
_Call = TypeVar("_Call", bound=Callable[..., Any])
_Kind = TypeVar("_Kind")


def builtin(name: str, *signatures: tuple[str, ...], named_types: tuple[tuple[str, type], ...] = ()) -> Callable[[_Call], _Call]:
    """Register a function under its FEEL name; it is called with the run and the arguments.

    In a signature a name ending in `?` is optional, one ending in `*` takes the rest.
    """

    def register(call: _Call) -> _Call:
        found = tuple(map(_signature, signatures or ((),)))
        _FUNCTIONS[name] = Function(name, found, call, named_types=named_types)
        return call

    return register


def _signature(names: tuple[str, ...]) -> Signature:
    optional = sum(name[-1] in "?*" for name in names)
    return Signature(tuple(name.rstrip("?*") for name in names), optional, any(name[-1] == "*" for name in names))


def find_builtin(name: str) -> Function | None:
    """The built-in function of this name."""
    return _FUNCTIONS.get(name)


def builtin_names() -> Iterable[str]:
    """All names, for reading those of several words."""
    return _FUNCTIONS.keys()


def single(value: Any) -> Any:
    """A list of one element stands for the element where no list is expected."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def need(value: Any, kind: type[_Kind], name: str) -> _Kind:
    """The argument as `kind`, or a fault that names it."""
    if not isinstance(value, kind):
        value = single(value)
        if not isinstance(value, kind):
            raise Fault("INVALID_TYPE", f"the argument '{name}' does not take {type_name(value)}")
    return value


def need_string(value: Any, name: str) -> str:
    """A string argument."""
    return need(value, str, name)


def need_number(value: Any, name: str) -> Decimal:
    """A number argument."""
    return need(value, Decimal, name)


def need_list(value: Any, name: str) -> list[Any]:
    """A list argument; a single value becomes a list of one, null is a fault."""
    if isinstance(value, list):
        return value
    if value is None:
        raise Fault("INVALID_TYPE", f"the argument '{name}' is null")
    return [value]


def need_integer(value: Any, name: str) -> int:
    """A number argument without its fraction."""
    return whole_part(need_number(value, name), name)


def need_whole(value: Any, name: str) -> int:
    """A number argument that has no fraction."""
    return integer(need_number(value, name), f"the argument '{name}'")


def spread(arguments: tuple[Any, ...]) -> list[Any]:
    """`f(list)` and `f(a, b, c)` mean the same."""
    if len(arguments) == 1:
        return need_list(arguments[0], "list")
    return list(arguments)
