"""Finds the compiler of a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from service.feel.compiler.scope import Scope
from service.feel.evaluation import Frame
from service.feel.tree import Node, children

Closure = Callable[[Frame], Any]
_Compiler = TypeVar("_Compiler", bound=Callable[[Any, Scope], Closure])
_WIDE = 32
_COMPILERS: dict[type[Node], Callable[[Any, Scope], Closure]] = {}


def compiles(kind: type[Node]) -> Callable[[_Compiler], _Compiler]:
    """Register the compiler of one kind of node."""

    def register(compiler: _Compiler) -> _Compiler:
        _COMPILERS[kind] = compiler
        return compiler

    return register


def compile_node(node: Node, scope: Scope) -> Closure:
    """The closure that evaluates `node` in a frame laid out as `scope`."""
    closure = _COMPILERS[type(node)](node, scope)
    width = sum(1 for _ in children(node))
    return closure if width < _WIDE else _charged(closure, width)


def _charged(closure: Closure, width: int) -> Closure:
    # A list of ten thousand literals in a loop must not be cheaper than a loop over ten thousand elements.
    def wide(frame: Frame) -> Any:
        frame.run.tick(width)
        return closure(frame)

    return wide
