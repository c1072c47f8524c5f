"""Evaluates a decision table: inputs, rules, outputs, and what to record."""

from __future__ import annotations

from typing import NoReturn

from service.dmn.findings import DecisionFailure
from service.dmn.reading.syntax import Aggregation, DecisionTable, Place
from service.dmn.run import MatchedRule, Run, Scope, TableTrace, Value
from service.dmn.static_scope import StaticScope
from service.dmn.tables.constant_cell import ConstantCell, ConstantCells
from service.dmn.tables.hit_policy import AGGREGATES, SINGLE, HitPolicyViolation, Row, winning_rows
from service.dmn.tables.rule_index import RuleIndex
from service.dmn.tables.table import Cell, CompiledRule, Constant, InputColumn, OutputColumn
from service.dmn.value_types import ANY, MISMATCH, SimpleType
from service.feel import Expression, Frame
from service.feel.tree import Name

Cells = tuple[Cell, ...]
IndexedCell = tuple[int, ConstantCell]


class TableRunner:
    """Runs one table; holds only immutable things, so it is shared between threads."""

    def __init__(
        self,
        table: DecisionTable,
        inputs: list[InputColumn],
        outputs: list[OutputColumn],
        rules: list[CompiledRule],
        defaults: list[Constant | Expression | None],
        scope: StaticScope,
    ) -> None:
        self._table = table
        self._inputs = [(column, _variable(column), _settled(column)) for column in inputs]
        self._texts = [column.clause.expression.text for column in inputs]
        self._outputs = [(column, column.kind is not ANY or column.allowed is not None, _settled(column)) for column in outputs]
        self._multiple = len(outputs) > 1
        # A name whose type is surely not a function hides no built-in one.
        hidden = [name for name, kind in scope.items() if not isinstance(kind, SimpleType) or kind.name == "function"]
        constants = ConstantCells(hidden)
        ordered = [_ordered(compiled, constants) for compiled in rules]
        self._rules = [(compiled, cells, expressions) for compiled, cells, expressions, _ in ordered]
        self._index = RuleIndex([indexed for _, _, _, indexed in ordered])
        self._defaults = defaults
        self._has_defaults = any(default is not None for default in defaults)
        self._priorities = [column.priorities for column in outputs]
        self._single = table.hit_policy in SINGLE

    def run(self, scope: Scope, run: Run) -> Value:
        """The result under the hit policy; the trace goes to the current decision."""
        trace = TableTrace(self._table.place.element_id)
        # Before the inputs, which may call other tables: the decision's own table is the first of its trace.
        run.current.tables.append(trace)
        frame = run.frame(scope)
        values = []
        for column, variable, settled in self._inputs:
            if variable is not None and variable in scope:
                value = scope[variable]
            else:
                value = run.value(column.expression, frame, column.clause.expression.place.element_id)
            values.append(value if type(value) in settled else self._checked_input(column, value, run))
        trace.inputs = list(zip(self._texts, values, strict=True))
        first_only = self._table.hit_policy == "FIRST"
        matched: list[tuple[int, Row]] = []
        for number, decided in self._index.candidates(values):
            compiled, cells, expressions = self._rules[number]
            for cell in expressions if decided else cells:
                if not cell.applies(values[cell.column], frame, run):
                    break
            else:
                rule = compiled.rule
                row = self._row(compiled.outputs, frame, run)
                matched.append((rule.index, row))
                trace.matched.append(MatchedRule(rule.id, rule.index, rule.description, row))
                if first_only:
                    break
        return self._result(matched, trace, frame, run)

    def _checked_input(self, column: InputColumn, value: Value, run: Run) -> Value:
        if value is None:
            return None
        converted = column.kind.convert(value)
        where = column.clause.expression.text
        if converted is MISMATCH:
            self._fail("wrong-type", f"the input {where} is not of the type {column.kind.name}", column.clause.place, run)
        if column.allowed is not None and not column.allowed.allows(converted):
            self._fail("not-allowed", f"the input {where} is not one of {column.allowed.text}", column.clause.place, run)
        return converted

    def _row(self, outputs: tuple[Constant | Expression, ...], frame: Frame, run: Run) -> Row:
        row: Row = {}
        for (column, checked, settled), output in zip(self._outputs, outputs, strict=True):
            value = output[0] if isinstance(output, tuple) else run.value(output, frame, column.clause.place.element_id)
            row[column.name] = self._checked_output(column, value, run) if checked and type(value) not in settled else value
        return row

    def _checked_output(self, column: OutputColumn, value: Value, run: Run) -> Value:
        if value is None:
            return None
        converted = column.kind.convert(value)
        if converted is MISMATCH:
            run.warn("INVALID_TYPE", f"the output {column.name} is not of the type {column.kind.name}", column.clause.place.element_id)
            return None
        if column.allowed is not None and not column.allowed.allows(converted):
            self._fail("output-not-allowed", f"the output {column.name} is not one of {column.allowed.text}", column.clause.place, run)
        return converted

    def _result(self, matched: list[tuple[int, Row]], trace: TableTrace, frame: Frame, run: Run) -> Value:
        table = self._table
        try:
            rows = winning_rows(table.hit_policy, matched, self._priorities)
        except HitPolicyViolation as violation:
            rules = ", ".join(self._rule_name(number) for number in violation.indexes)
            self._fail("hit-policy", f"{violation.message}: rules {rules}", table.place, run)
        if not rows and self._has_defaults:
            rows = [self._row(tuple(default or (None,) for default in self._defaults), frame, run)]
        if table.aggregation is not None:
            return self._aggregated(table.aggregation, rows, trace, run)
        trace.rows = rows
        results = list(rows) if self._multiple else [next(iter(row.values())) for row in rows]
        if self._single:
            return results[0] if results else None
        return results

    def _aggregated(self, aggregation: Aggregation, rows: list[Row], trace: TableTrace, run: Run) -> Value:
        values = [next(iter(row.values())) for row in rows]
        if not values and aggregation != "COUNT":
            return None
        value = run.value(AGGREGATES[aggregation], run.frame({"values": values}), self._table.place.element_id)
        trace.rows = [{self._outputs[0][0].name: value}]
        return value

    def _rule_name(self, number: int) -> str:
        found = self._table.rules[number - 1].id
        return f"{number} ({found})" if found else str(number)

    def _fail(self, code: str, message: str, place: Place, run: Run) -> NoReturn:
        raise DecisionFailure(code, message, run.current.key, place.element_id)


def _ordered(compiled: CompiledRule, constants: ConstantCells) -> tuple[CompiledRule, Cells, Cells, list[IndexedCell]]:
    """A rule, its cells in the order of evaluation, those among them that are not constants, and what to index of the others.

    Constants come first: what a computed cell would complain about is of no interest where the rule is out anyway.
    """
    found = [(cell, constants.find(cell.tests)) for cell in compiled.cells]
    indexed = [(cell.column, constant) for cell, constant in found if constant is not None]
    if len(indexed) == len(found):
        return compiled, compiled.cells, (), indexed
    expressions = tuple(cell for cell, constant in found if constant is None)
    first = (cell for cell, constant in found if constant is not None)
    return compiled, (*first, *expressions), expressions, indexed


def _variable(column: InputColumn) -> str | None:
    """The variable that is all of the input expression."""
    tree = column.expression.tree
    return tree.name if isinstance(tree, Name) else None


def _settled(column: InputColumn | OutputColumn) -> frozenset[type]:
    """The classes whose values need neither conversion nor check."""
    return column.kind.scalars if column.allowed is None else frozenset()
