"""Decision tables ready to run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from service.dmn.reading.syntax import DecisionTable, InputClause, OutputClause, Rule
from service.dmn.run import Run, Scope, Value
from service.dmn.tables.constraint import Constraint
from service.dmn.value_types import ANY, ValueType
from service.feel import Expression, Frame, UnaryTests

SINGLE_OUTPUT = "result"
Constant = tuple[Value]


@dataclass(frozen=True, slots=True)
class InputColumn:
    """A compiled input clause; `known` is what the types in scope tell about its expression."""

    clause: InputClause
    expression: Expression
    kind: ValueType
    known: ValueType
    allowed: Constraint | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A compiled input cell that is not `-`."""

    column: int
    tests: UnaryTests
    element_id: str | None

    def applies(self, value: Value, frame: Frame, run: Run) -> bool:
        """Whether the input value satisfies the cell."""
        return run.test(self.tests, frame, value, self.element_id)


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A compiled output clause; `priorities` are its allowed values in order, `expected` is what the type of the result asks for."""

    clause: OutputClause
    name: str
    kind: ValueType
    allowed: Constraint | None
    priorities: list[Any] | None
    expected: ValueType = ANY


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule ready to run; an output is a constant in a tuple of one, or an expression."""

    rule: Rule
    cells: tuple[Cell, ...]
    outputs: tuple[Constant | Expression, ...]


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """A table ready to run: its closure, the names of its outputs, and its compiled parts for whoever looks into it.

    `names` are those its expressions see; they may hide built-in functions.
    """

    table: DecisionTable
    output_names: tuple[str, ...]
    logic: Callable[[Scope, Run], Value]
    inputs: tuple[InputColumn, ...] = ()
    outputs: tuple[OutputColumn, ...] = ()
    rules: tuple[CompiledRule, ...] = ()
    defaults: tuple[Constant | Expression | None, ...] = ()
    names: frozenset[str] = frozenset()
