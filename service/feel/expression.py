"""Compiled expressions and unary tests: what users of this library hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.feel.compiler import Scope, compile_node, compile_tests
from service.feel.errors import FeelLimitError, FeelWarningError
from service.feel.evaluation import Frame, Warning_, open_frame
from service.feel.free_names import free_paths
from service.feel.limits import DEFAULT_LIMITS, Limits
from service.feel.parser import parse_expression, parse_unary_tests
from service.feel.tree import Node, UnaryTestList, depth

_MOST_TREE_LEVELS = 3


@dataclass(frozen=True, slots=True)
class Result:
    """The value and the faults met on the way; where a fault happened the value is null."""

    value: Any
    warnings: tuple[Warning_, ...] = ()


def _finished(value: Any, frame: Frame, strict: bool) -> Result:
    warnings = tuple(frame.run.warnings)
    if strict and warnings:
        raise FeelWarningError(warnings)
    return Result(value, warnings)


def _too_deep(limits: Limits) -> FeelLimitError:
    return FeelLimitError("depth", f"the expression nests deeper than {limits.depth}")


class _Compiled:
    """Text, tree and the variables it needs."""

    def __init__(self, text: str, tree: Node, names: Iterable[str] | None) -> None:
        self.text = text
        self.tree = tree
        self.paths: frozenset[tuple[str, ...]] = free_paths(tree, frozenset(names or ()))
        self.names: frozenset[str] = frozenset(path[0] for path in self.paths)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"


class Expression(_Compiled):
    """A compiled expression; may be evaluated by many threads at once."""

    def __init__(self, text: str, tree: Node, names: Iterable[str] | None = None) -> None:
        super().__init__(text, tree, names)
        self._closure = compile_node(tree, Scope("root"))

    def value_in(self, frame: Frame) -> Any:
        """The value in a frame from `open_frame`; warnings gather in `frame.run.warnings`."""
        try:
            return self._closure(frame)
        except RecursionError:
            raise _too_deep(frame.run.limits) from None

    def evaluate(
        self,
        context: Mapping[str, Any] | None = None,
        *,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        clock: Callable[[], datetime] | None = None,
        limits: Limits | None = None,
        types: Mapping[str, Callable[[Any], bool]] | None = None,
        strict: bool = False,
    ) -> Result:
        """Evaluate over variables.

        `functions` adds Python callables under FEEL names; `clock` is what `now()` and `today()` read (default: UTC);
        `types` maps item definitions to predicates for `instance of`; with `strict` a warning raises
        `FeelWarningError`. Raises `FeelLimitError` when a limit is reached.
        """
        frame = open_frame(context or {}, functions=functions, clock=clock, limits=limits, types=types)
        return _finished(self.value_in(frame), frame, strict)


class UnaryTests(_Compiled):
    """The compiled tests of a decision table cell; may be evaluated by many threads at once."""

    def __init__(self, text: str, tree: UnaryTestList, names: Iterable[str] | None = None) -> None:
        super().__init__(text, tree, names)
        self._test = compile_tests(tree, Scope("root"))

    def test_in(self, frame: Frame, value: Any) -> bool | None:
        """Whether `value` passes, in a frame from `open_frame`; None when that cannot be told."""
        try:
            return self._test(value, frame)
        except RecursionError:
            raise _too_deep(frame.run.limits) from None

    def evaluate(
        self,
        input_value: Any,
        context: Mapping[str, Any] | None = None,
        *,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        clock: Callable[[], datetime] | None = None,
        limits: Limits | None = None,
        types: Mapping[str, Callable[[Any], bool]] | None = None,
        strict: bool = False,
    ) -> Result:
        """Test a value; see `Expression.evaluate`. The value of the result is True, False or None."""
        frame = open_frame(context or {}, functions=functions, clock=clock, limits=limits, types=types)
        return _finished(self.test_in(frame, input_value), frame, strict)


def compile_expression(text: str, names: Iterable[str] | None = None, limits: Limits = DEFAULT_LIMITS) -> Expression:
    """Compile an expression.

    `names` are the variables and context entries in scope; only those with characters other than letters, digits and
    blanks, or with keywords in them, need to be given. Raises `FeelSyntaxError` or `FeelLimitError`.
    """
    known = None if names is None else tuple(names)
    try:
        return Expression(text, parse_expression(text, known, limits), known)
    except RecursionError:
        raise _too_deep(limits) from None


def compile_unary_tests(text: str, names: Iterable[str] | None = None, limits: Limits = DEFAULT_LIMITS) -> UnaryTests:
    """Compile the unary tests of a cell; see `compile_expression`. `-` and the empty text pass everything."""
    known = None if names is None else tuple(names)
    try:
        return UnaryTests(text, parse_unary_tests(text, known, limits), known)
    except RecursionError:
        raise _too_deep(limits) from None


def compile_tree(tree: Node, text: str = "", limits: Limits = DEFAULT_LIMITS) -> Expression:
    """Compile a syntax tree made elsewhere; `text` is what it was read from."""
    if depth(tree) > limits.depth * _MOST_TREE_LEVELS:
        raise _too_deep(limits)
    try:
        return Expression(text, tree)
    except RecursionError:
        raise _too_deep(limits) from None
