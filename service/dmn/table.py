"""Decision tables to closures: inputs, cells, outputs, and what to record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from service.dmn.constraint import Constraint, compile_constraint, literal_values, test_list
from service.dmn.findings import DecisionFailure
from service.dmn.hit_policy import AGGREGATES, SINGLE, HitPolicyViolation, Row, winning_rows
from service.dmn.run import MatchedRule, Run, Scope, TableTrace, Value
from service.dmn.static_scope import Checker, StaticScope
from service.dmn.syntax import Aggregation, DecisionTable, InputClause, OutputClause, Place, Rule, Text
from service.dmn.value_types import ANY, MISMATCH, ConstrainedType, ValueType
from service.feel import Expression, Frame, UnaryTests
from service.feel.tree import Literal

SINGLE_OUTPUT = "result"
_EXACT = frozenset({str, Decimal, bool})
_Constant = tuple[Value]


@dataclass(frozen=True, slots=True)
class InputColumn:
    """A compiled input clause; `known` is what the types in scope tell about its expression."""

    clause: InputClause
    expression: Expression
    kind: ValueType
    known: ValueType
    allowed: Constraint | None


class Cell:
    """A compiled input cell that is not `-`; plain values are looked up instead of evaluated."""

    __slots__ = ("column", "element_id", "literals", "negated", "tests")

    def __init__(self, column: int, tests: UnaryTests, element_id: str | None) -> None:
        self.column = column
        self.tests = tests
        self.element_id = element_id
        self.literals = literal_values(tests)
        self.negated = test_list(tests).negated

    def applies(self, value: Value, frame: Frame, run: Run) -> bool:
        """Whether the input value satisfies the cell."""
        if self.literals is not None and type(value) in _EXACT:
            return (value in self.literals[type(value)]) is not self.negated
        return run.test(self.tests, frame, value, self.element_id)


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A compiled output clause; `priorities` are its allowed values in order."""

    clause: OutputClause
    name: str
    kind: ValueType
    allowed: Constraint | None
    priorities: list[Any] | None


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule ready to run; an output is a constant in a tuple of one, or an expression."""

    rule: Rule
    cells: tuple[Cell, ...]
    outputs: tuple[_Constant | Expression, ...]


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """A table ready to run, with the closure and the names of its outputs."""

    table: DecisionTable
    output_names: tuple[str, ...]
    logic: Callable[[Scope, Run], Value]


def compile_table(table: DecisionTable, scope: StaticScope, checker: Checker, name: str | None = None) -> CompiledTable:
    """Compile a table; `name` is what a single unnamed output is called."""
    inputs = [_input(clause, scope, checker) for clause in table.inputs]
    outputs = [_output(clause, checker, name) for clause in table.outputs]
    rules = [_rule(rule, inputs, outputs, scope, checker) for rule in table.rules]
    defaults = [_value(clause.default, scope, checker) if clause.default else None for clause in table.outputs]
    names = tuple(column.name for column in outputs)
    if any(column is None for column in inputs) or any(rule is None for rule in rules):
        # The findings already refuse the file; the closure is never called.
        return CompiledTable(table, names, lambda _scope, _run: None)
    if table.hit_policy in ("PRIORITY", "OUTPUT ORDER"):
        _check_priorities(outputs, checker)
    runner = _TableRunner(
        table,
        [column for column in inputs if column is not None],
        outputs,
        [rule for rule in rules if rule is not None],
        defaults,
    )
    return CompiledTable(table, names, runner.run)


def _check_priorities(outputs: list[OutputColumn], checker: Checker) -> None:
    for column in outputs:
        if column.allowed is not None and column.priorities is None:
            checker.findings.error(column.clause.place, "no-priorities", "the output values must be plain values to state priorities")


def _input(clause: InputClause, scope: StaticScope, checker: Checker) -> InputColumn | None:
    kind = checker.types.find(clause.type_ref, clause.place)
    if not clause.expression.text:
        return None
    expression = checker.expression(clause.expression, scope, in_table=True)
    if expression is None:
        return None
    allowed = compile_constraint(clause.values, checker.types.special_names, checker.findings) if clause.values else None
    return InputColumn(clause, expression, kind, checker.type_of(expression.tree, scope), allowed)


def _output(clause: OutputClause, checker: Checker, name: str | None) -> OutputColumn:
    kind = checker.types.find(clause.type_ref, clause.place)
    allowed = compile_constraint(clause.values, checker.types.special_names, checker.findings) if clause.values else None
    return OutputColumn(
        clause,
        clause.name or name or SINGLE_OUTPUT,
        kind,
        allowed,
        allowed.priorities() if allowed is not None else None,
    )


def _rule(
    rule: Rule,
    inputs: Sequence[InputColumn | None],
    outputs_of: Sequence[OutputColumn],
    scope: StaticScope,
    checker: Checker,
) -> CompiledRule | None:
    cells = []
    outputs = []
    complete = True
    for column, text in enumerate(rule.inputs):
        if text.text in ("", "-"):
            continue
        tests = checker.unary_tests(text, scope)
        if tests is None:
            complete = False
        else:
            cell = Cell(column, tests, text.place.element_id)
            cells.append(cell)
            found = inputs[column] if column < len(inputs) else None
            if found is not None:
                _check_cell(cell, text, found, checker)
    for column, text in enumerate(rule.outputs):
        value = _value(text, scope, checker)
        if value is None:
            complete = False
        else:
            outputs.append(value)
            if isinstance(value, tuple) and column < len(outputs_of):
                target = outputs_of[column]
                _check_value(value[0], text, (target.kind,), target.allowed, checker)
    return CompiledRule(rule, tuple(cells), tuple(outputs)) if complete else None


def _check_cell(cell: Cell, text: Text, column: InputColumn, checker: Checker) -> None:
    """A plain value the input can never have is a slip of the pen, not a rule."""
    if cell.literals is None or (column.known.takes_lists and column.known is not ANY):
        return
    for values in cell.literals.values():
        for value in sorted(values):
            _check_value(value, text, (column.kind, column.known), column.allowed, checker)


def _check_value(value: Value, text: Text, kinds: Sequence[ValueType], allowed: Constraint | None, checker: Checker) -> None:
    for kind in kinds:
        if kind.convert(value) is MISMATCH:
            code = "not-allowed" if isinstance(kind, ConstrainedType) else "wrong-type"
            checker.report(text.place, code, f"{text.text} can never be: the type is {kind.name}")
            return
    if value is not None and allowed is not None and not allowed.allows(value):
        checker.report(text.place, "not-allowed", f"{text.text} is not one of {allowed.text}")


def _value(text: Text, scope: StaticScope, checker: Checker) -> _Constant | Expression | None:
    if text.text in ("", "-"):
        return (None,)
    expression = checker.expression(text, scope, in_table=True)
    if expression is not None and isinstance(expression.tree, Literal):
        return (expression.tree.value,)
    return expression


class _TableRunner:
    """Runs one table; holds only immutable things, so it is shared between threads."""

    def __init__(
        self,
        table: DecisionTable,
        inputs: list[InputColumn],
        outputs: list[OutputColumn],
        rules: list[CompiledRule],
        defaults: list[_Constant | Expression | None],
    ) -> None:
        self._table = table
        self._inputs = inputs
        self._outputs = outputs
        self._rules = rules
        self._defaults = defaults
        self._has_defaults = any(default is not None for default in defaults)
        self._priorities = [column.priorities for column in outputs]
        self._single = table.hit_policy in SINGLE
        self._checked = [column.kind is not ANY or column.allowed is not None for column in outputs]

    def run(self, scope: Scope, run: Run) -> Value:
        """The result under the hit policy; the trace goes to the current decision."""
        trace = TableTrace()
        # Before the inputs, which may call other tables: the decision's own table is the first of its trace.
        run.current.tables.append(trace)
        frame = run.frame(scope)
        values = [self._input_value(column, frame, run) for column in self._inputs]
        trace.inputs = [(column.clause.expression.text, value) for column, value in zip(self._inputs, values, strict=True)]
        first_only = self._table.hit_policy == "FIRST"
        matched: list[tuple[int, Row]] = []
        for compiled in self._rules:
            for cell in compiled.cells:
                if not cell.applies(values[cell.column], frame, run):
                    break
            else:
                rule = compiled.rule
                row = self._row(compiled.outputs, frame, run)
                matched.append((rule.index, row))
                trace.matched.append(MatchedRule(rule.place.element_id, rule.index, rule.description, row))
                if first_only:
                    break
        return self._result(matched, trace, frame, run)

    def _input_value(self, column: InputColumn, frame: Frame, run: Run) -> Value:
        value = run.value(column.expression, frame, column.clause.expression.place.element_id)
        if value is None:
            return None
        converted = column.kind.convert(value)
        where = column.clause.expression.text
        if converted is MISMATCH:
            self._fail("wrong-type", f"the input {where} is not of the type {column.kind.name}", column.clause.place, run)
        if column.allowed is not None and not column.allowed.allows(converted):
            self._fail("not-allowed", f"the input {where} is not one of {column.allowed.text}", column.clause.place, run)
        return converted

    def _row(self, outputs: tuple[_Constant | Expression, ...], frame: Frame, run: Run) -> Row:
        row: Row = {}
        for index, (column, output) in enumerate(zip(self._outputs, outputs, strict=True)):
            element_id = column.clause.place.element_id
            value = output[0] if isinstance(output, tuple) else run.value(output, frame, element_id)
            row[column.name] = self._checked_output(column, value, run) if self._checked[index] else value
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
        results = [row if len(self._outputs) > 1 else next(iter(row.values())) for row in rows]
        if self._single:
            return results[0] if results else None
        return results

    def _aggregated(self, aggregation: Aggregation, rows: list[Row], trace: TableTrace, run: Run) -> Value:
        values = [next(iter(row.values())) for row in rows]
        if not values and aggregation != "COUNT":
            return None
        value = run.value(AGGREGATES[aggregation], run.frame({"values": values}), self._table.place.element_id)
        trace.rows = [{self._outputs[0].name: value}]
        return value

    def _rule_name(self, number: int) -> str:
        found = self._table.rules[number - 1].place.element_id
        return f"{number} ({found})" if found else str(number)

    def _fail(self, code: str, message: str, place: Place, run: Run) -> NoReturn:
        raise DecisionFailure(code, message, run.current.key, place.element_id)
