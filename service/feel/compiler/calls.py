"""Calls and function definitions."""

from __future__ import annotations

from typing import Any

from service.feel.builtin.registry import find_builtin
from service.feel.compiler.dispatch import Closure, compile_node, compiles
from service.feel.compiler.scope import Scope
from service.feel.errors import Fault
from service.feel.evaluation import Frame, Run
from service.feel.invocation import invoke, invoke_named, wrap_callable
from service.feel.tree import Call, FunctionDefinition, Name
from service.feel.types import coerced
from service.feel.values import Function, Signature, type_name


def _callee(node: Call, scope: Scope) -> Closure:
    function = node.function
    if not isinstance(function, Name):
        return compile_node(function, scope)
    name = function.name
    _, _, is_root = scope.find(name)
    builtin = find_builtin(name)
    lookup = compile_node(function, scope)
    if builtin is None:
        return lookup
    if not is_root:

        def of_scope(frame: Frame) -> Any:
            # A variable that is no function does not hide the built-in one from a call.
            own = lookup(frame)
            return own if isinstance(own, Function) else builtin

        return of_scope

    def of_root(frame: Frame) -> Any:
        # A context entry that is a function takes the place of the built-in one.
        while frame.outer is not None:
            frame = frame.outer
        own = frame.values.get(name)
        return own if isinstance(own, Function) else builtin

    return of_root


@compiles(Call)
def _call(node: Call, scope: Scope) -> Closure:
    callee = _callee(node, scope)
    arguments = [compile_node(argument.value, scope) for argument in node.arguments]
    names = [argument.name for argument in node.arguments]
    position = node.position
    described = node.function.name if isinstance(node.function, Name) else "the value"

    def call(frame: Frame) -> Any:
        function = callee(frame)
        if not isinstance(function, Function):
            if not callable(function):
                message = f"{described} is {type_name(function)}, not a function"
                frame.run.warn("NO_FUNCTION_FOUND", message, position)
                return None
            function = wrap_callable(described, function)
        values = [argument(frame) for argument in arguments]
        if names and names[0] is not None:
            return invoke_named(function, dict(zip(names, values, strict=True)), frame.run, position)
        return invoke(function, values, frame.run, position)

    return call


@compiles(FunctionDefinition)
def _function(node: FunctionDefinition, scope: Scope) -> Closure:
    names = tuple(parameter.name for parameter in node.parameters)
    signatures = (Signature(names),)
    types = tuple(parameter.type for parameter in node.parameters)
    if node.external:
        return lambda frame: Function("external function", signatures, _refuse_external, types)
    body = compile_node(node.body, scope.local(*names))

    def definition(frame: Frame) -> Function:
        def call(run: Run, *arguments: Any) -> Any:
            values = {
                name: argument if type_ is None else coerced(argument, type_, run)
                for name, type_, argument in zip(names, types, arguments, strict=True)
            }
            return body(Frame(values, frame, run))

        return Function("function", signatures, call, types)

    return definition


def _refuse_external(run: Run, *arguments: Any) -> Any:
    raise Fault("FUNCTION_INVOCATION_FAILURE", "external functions are not supported")
