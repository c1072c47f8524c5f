"""Turns the syntax tree into Python closures, one module per family of nodes."""

from service.feel.compiler import calls, iteration, names, operators, unary
from service.feel.compiler.dispatch import Closure, compile_node
from service.feel.compiler.scope import Scope
from service.feel.compiler.unary import Test, compile_tests

__all__ = [
    "Closure",
    "Scope",
    "Test",
    "calls",
    "compile_node",
    "compile_tests",
    "iteration",
    "names",
    "operators",
    "unary",
]
