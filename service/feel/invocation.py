"""Calling function values: arity, named arguments, faults."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from service.feel.errors import Fault
from service.feel.tree import Position
from service.feel.values import Function, Signature

if TYPE_CHECKING:
    from service.feel.evaluation import Run


def invoke(function: Function, arguments: list[Any], run: Run, position: Position) -> Any:
    """Call with positional arguments; a fault becomes null and a warning."""
    count = len(arguments)
    if not function.takes(count):
        message = f"{function.name} does not take {count} arguments"
        run.warn("FUNCTION_INVOCATION_FAILURE", message, position)
        return None
    run.enter()
    try:
        result = function.call(run, *arguments)
    except Fault as fault:
        run.warn(fault.kind, f"{function.name}: {fault.message}", position)
        return None
    else:
        if type(result) is str:
            run.tick_text(len(result))
        return result
    finally:
        run.leave()


def invoke_named(function: Function, arguments: Mapping[str | None, Any], run: Run, position: Position) -> Any:
    """Call with named arguments; the first signature that has all the names is used."""
    for name, kind in function.named_types:
        if name in arguments and not isinstance(arguments[name], kind):
            message = f"{function.name}: the argument '{name}' has the wrong type"
            run.warn("INVALID_TYPE", message, position)
            return None
    for signature in function.signatures:
        names = list(signature.names)
        required = names[: len(names) - signature.optional]
        if arguments.keys() >= set(required) and arguments.keys() <= set(names):
            while names and names[-1] not in arguments:
                names.pop()
            return invoke(function, [arguments.get(name) for name in names], run, position)
    given = ", ".join(str(name) for name in arguments)
    run.warn("FUNCTION_INVOCATION_FAILURE", f"{function.name} does not take the arguments {given}", position)
    return None


def wrap_callable(name: str, call: Callable[..., Any]) -> Function:
    """A Python callable as function value; its parameter names are its own."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        return Function(name, (Signature(("arguments",), 1, rest=True),), lambda run, *arguments: call(*arguments))
    names: list[str] = []
    optional = 0
    rest = False
    for parameter in parameters:
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD, parameter.VAR_POSITIONAL):
            names.append(parameter.name)
            rest = parameter.kind is parameter.VAR_POSITIONAL
            optional += rest or parameter.default is not parameter.empty
    return Function(name, (Signature(tuple(names), optional, rest),), lambda run, *arguments: call(*arguments))


def call_function(function: Any, arguments: list[Any], run: Run) -> Any:
    """Call a function value from within a built-in function; `Fault` when it is none."""
    if not isinstance(function, Function):
        if not callable(function):
            raise Fault("INVALID_TYPE", "the argument is not a function")
        function = wrap_callable("function", function)
    if not function.takes(len(arguments)):
        raise Fault("FUNCTION_INVOCATION_FAILURE", f"the function does not take {len(arguments)} arguments")
    run.enter()
    try:
        return function.call(run, *arguments)
    finally:
        run.leave()
