"""The outputs of rules as far as they are constants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.dmn.analysis.cells import is_constant
from service.dmn.analysis.report import OutputKind
from service.dmn.tables.hit_policy import Row, agree, priority_rank
from service.dmn.tables.table import CompiledTable
from service.dmn.value_types import MISMATCH
from service.feel import Expression, FeelLimitError, Limits

_COMPUTED = object()
_LIMITS = Limits(steps=10_000, seconds=1.0)


class ConstantOutputs:
    """The row of each rule where all of its outputs are constants, else None; and the constants of each column."""

    def __init__(self, table: CompiledTable, hidden: frozenset[str]) -> None:
        self._table = table
        self._hidden = hidden
        self.values = [self._row(rule.outputs) for rule in table.rules]
        self.defaults = self._row([default if default is not None else (None,) for default in table.defaults])
        names = [column.name for column in table.outputs]
        self.rows: list[Row | None] = [
            None if any(value is _COMPUTED for value in row) else dict(zip(names, row, strict=True)) for row in self.values
        ]

    def _row(self, outputs: Sequence[tuple[Any] | Expression]) -> list[Any]:
        return [self._value(index, output) for index, output in enumerate(outputs)]

    def _value(self, index: int, output: tuple[Any] | Expression) -> Any:
        if isinstance(output, tuple):
            value = output[0]
        elif output.names or not is_constant(output.tree, self._hidden):
            return _COMPUTED
        else:
            try:
                value = output.evaluate(limits=_LIMITS).value
            except FeelLimitError:
                return _COMPUTED
        found = self._table.outputs[index].kind.convert(value)
        return None if found is MISMATCH else found

    def is_computed_value(self, value: Any) -> bool:
        """Whether this entry of `values` stands for an output that depends on more than its rule."""
        return value is _COMPUTED

    def compare(self, left: int, right: int) -> OutputKind:
        """How the outputs of two rules relate."""
        first, second = self.rows[left], self.rows[right]
        if first is None or second is None:
            return "computed-outputs"
        return "equal-outputs" if agree(first, second) else "different-outputs"

    def ranks(self) -> list[tuple[int, ...] | None]:
        """The priority of each rule's outputs, the first being the highest; None where it depends on the case."""
        priorities = [column.priorities for column in self._table.outputs]
        return [None if row is None else priority_rank(row, priorities) for row in self.rows]
