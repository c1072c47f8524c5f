"""Finds the compiler of a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from service.feel.compiler.scope import Scope
from service.feel.evaluation import Frame
from service.feel.tree import Node

Closure = Callable[[Frame], Any]
_Compiler = TypeVar("_Compiler", bound=Callable[[Any, Scope], Closure])
_COMPILERS: dict[type[Node], Callable[[Any, Scope], Closure]] = {}


def compiles(kind: type[Node]) -> Callable[[_Compiler], _Compiler]:
    """Register the compiler of one kind of node."""

    def register(compiler: _Compiler) -> _Compiler:
        _COMPILERS[kind] = compiler
        return compiler

    return register


def compile_node(node: Node, scope: Scope) -> Closure:
    """The closure that evaluates `node` in a frame laid out as `scope`."""
    return _COMPILERS[type(node)](node, scope)
