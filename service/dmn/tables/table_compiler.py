"""The syntax of decision tables to tables ready to run, and what can never work in them."""

from __future__ import annotations

from collections.abc import Sequence

from service.dmn.input_name import DEFAULT, INPUT
from service.dmn.reading.syntax import DecisionTable, InputClause, OutputClause, Rule, Text
from service.dmn.run import Value
from service.dmn.static_scope import Checker, StaticScope
from service.dmn.tables.constraint import Constraint, compile_constraint, literal_values
from service.dmn.tables.hit_policy import SINGLE
from service.dmn.tables.table import SINGLE_OUTPUT, Cell, CompiledRule, CompiledTable, Constant, InputColumn, OutputColumn
from service.dmn.tables.table_runner import TableRunner
from service.dmn.value_types import ANY, MISMATCH, ConstrainedType, ListType, ValueType
from service.feel import Expression, UnaryTests, compile_expression
from service.feel.tree import Literal, Name

_NULL = compile_expression("null")


class _Entries:
    """Compiles the entries of one table; those of the same text share one closure unless there was something to find in it."""

    def __init__(self, scope: StaticScope, checker: Checker) -> None:
        self._scope = scope
        self._checker = checker
        # A variable of that name in scope is what the cells mean by it.
        self._input_name = DEFAULT if DEFAULT not in scope else INPUT
        self._tests: dict[tuple[str, str], UnaryTests] = {}
        self._checked: set[tuple[int, UnaryTests]] = set()
        self._values: dict[str, Constant | Expression] = {"": (None,), "-": (None,)}

    def tests(self, text: Text, column: InputColumn | None) -> UnaryTests | None:
        """The tests of an input entry of a column; None with a finding when it is not FEEL."""
        input_name = (column.clause.variable if column is not None else None) or self._input_name
        key = text.text, input_name
        if key in self._tests:
            return self._tests[key]
        before = self._checker.findings.reports
        tests = self._checker.unary_tests(text, self._scope, input_name)
        if tests is not None and self._checker.findings.reports == before:
            self._tests[key] = tests
        return tests

    def check(self, cell: Cell, text: Text, column: InputColumn) -> None:
        """Report values the column can never have; where the same tests had none before, they have none now."""
        known = (cell.column, cell.tests)
        if known in self._checked:
            return
        before = self._checker.findings.reports
        _check_cell(cell, text, column, self._checker)
        if self._checker.findings.reports == before:
            self._checked.add(known)

    def value(self, text: Text) -> Constant | Expression | None:
        """What an output entry yields; None with a finding when it is not FEEL."""
        if text.text in self._values:
            return self._values[text.text]
        before = self._checker.findings.reports
        expression = self._checker.expression(text, self._scope)
        value = (expression.tree.value,) if expression is not None and isinstance(expression.tree, Literal) else expression
        if value is not None and self._checker.findings.reports == before:
            self._values[text.text] = value
        return value


def compile_table(
    table: DecisionTable, scope: StaticScope, checker: Checker, name: str | None = None, expected: ValueType = ANY
) -> CompiledTable:
    """Compile a table; `name` is what a single unnamed output is called, `expected` the declared type of the result."""
    inputs = [_input(clause, scope, checker) for clause in table.inputs]
    outputs = [_output(clause, checker, name, _expected_output(table, clause, expected)) for clause in table.outputs]
    entries = _Entries(scope, checker)
    rules = [_rule(rule, inputs, outputs, entries, checker) for rule in table.rules]
    defaults = [entries.value(clause.default) if clause.default else None for clause in table.outputs]
    for clause, column, default in zip(table.outputs, outputs, defaults, strict=True):
        if clause.default is not None and isinstance(default, tuple):
            _check_output(default, clause.default, column, checker)
    names = tuple(column.name for column in outputs)
    if any(column is None for column in inputs) or any(rule is None for rule in rules):
        # The findings already refuse the file; the closure is never called.
        return CompiledTable(table, names, lambda _scope, _run: None)
    if table.hit_policy in ("PRIORITY", "OUTPUT ORDER"):
        _check_priorities(table, outputs, checker)
    known_inputs = [column for column in inputs if column is not None]
    known_rules = [rule for rule in rules if rule is not None]
    runner = TableRunner(table, known_inputs, outputs, known_rules, defaults, scope)
    parts = (tuple(known_inputs), tuple(outputs), tuple(known_rules), tuple(defaults))
    return CompiledTable(table, names, runner.run, *parts, frozenset(scope))


def _check_priorities(table: DecisionTable, outputs: list[OutputColumn], checker: Checker) -> None:
    if not any(column.allowed or column.priorities for column in outputs):
        message = f"{table.hit_policy} needs output values, or a type with allowed values, that state the order of priority"
        checker.findings.error(table.place, "no-priorities", message)
    for column in outputs:
        if column.allowed is not None and column.priorities is None:
            checker.findings.error(column.clause.place, "no-priorities", "the output values must be plain values to state priorities")


def _input(clause: InputClause, scope: StaticScope, checker: Checker) -> InputColumn | None:
    kind = checker.types.find(clause.type_ref, clause.place)
    if not clause.expression.text:
        checker.report(clause.expression.place, "missing-expression", "the input column has no expression and is null")
        return InputColumn(clause, _NULL, kind, ANY, None)
    expression = checker.expression(clause.expression, scope)
    if expression is None:
        return None
    if isinstance(expression.tree, Name) and expression.tree.name not in (*scope, *expression.names):
        message = f"unknown name {expression.tree.name}: here it is a function of FEEL, not a value"
        checker.report(clause.expression.place, "unknown-name", message)
    allowed = compile_constraint(clause.values, checker.types.special_names, checker.findings) if clause.values else None
    return InputColumn(clause, expression, kind, checker.type_of(expression.tree, scope), allowed)


def _expected_output(table: DecisionTable, clause: OutputClause, expected: ValueType) -> ValueType:
    """What the declared type of the result says about one output column."""
    if table.aggregation is not None:
        return ANY
    kind = expected
    if table.hit_policy not in SINGLE:
        kind = kind.base if isinstance(kind, ConstrainedType) else kind
        kind = kind.element if isinstance(kind, ListType) else kind
    if len(table.outputs) == 1:
        return kind
    return (kind.component(clause.name) if clause.name else None) or ANY


def _output(clause: OutputClause, checker: Checker, name: str | None, expected: ValueType) -> OutputColumn:
    kind = checker.types.find(clause.type_ref, clause.place)
    allowed = compile_constraint(clause.values, checker.types.special_names, checker.findings) if clause.values else None
    # A column without values of its own has those of its type (DMN 1.5, 8.3.3).
    inherited = (found.constraint for found in (kind, expected) if isinstance(found, ConstrainedType))
    ordered = allowed if allowed is not None else next(inherited, None)
    return OutputColumn(
        clause,
        clause.name or name or SINGLE_OUTPUT,
        kind,
        allowed,
        ordered.priorities() if ordered is not None else None,
        expected,
    )


def _rule(
    rule: Rule,
    inputs: Sequence[InputColumn | None],
    outputs_of: Sequence[OutputColumn],
    entries: _Entries,
    checker: Checker,
) -> CompiledRule | None:
    cells = []
    outputs = []
    complete = True
    for column, text in enumerate(rule.inputs):
        if text.text in ("", "-"):
            continue
        found = inputs[column] if column < len(inputs) else None
        tests = entries.tests(text, found)
        if tests is None:
            complete = False
        else:
            cell = Cell(column, tests, text.place.element_id)
            cells.append(cell)
            if found is not None:
                entries.check(cell, text, found)
    for column, text in enumerate(rule.outputs):
        value = entries.value(text)
        if value is None:
            complete = False
        else:
            outputs.append(value)
            if isinstance(value, tuple) and column < len(outputs_of):
                _check_output(value, text, outputs_of[column], checker)
    return CompiledRule(rule, tuple(cells), tuple(outputs)) if complete else None


def _check_cell(cell: Cell, text: Text, column: InputColumn, checker: Checker) -> None:
    """A plain value the input can never have is a slip of the pen, not a rule."""
    literals = literal_values(cell.tests)
    if literals is None or (column.known.takes_lists and column.known is not ANY):
        return
    for values in literals.values():
        for value in sorted(values):
            _check_value(value, text, (column.kind, column.known), column.allowed, checker)


def _check_output(value: Constant, text: Text, column: OutputColumn, checker: Checker) -> None:
    _check_value(value[0], text, (column.kind, column.expected), column.allowed, checker)


def _check_value(value: Value, text: Text, kinds: Sequence[ValueType], allowed: Constraint | None, checker: Checker) -> None:
    for kind in kinds:
        if kind.convert(value) is MISMATCH:
            if isinstance(kind, ConstrainedType):
                message = f"{text.text} can never be: the type {kind.name} allows {kind.constraint.text}"
                checker.report(text.place, "not-allowed", message)
            else:
                checker.report(text.place, "wrong-type", f"{text.text} can never be: the type is {kind.name}")
            return
    if value is not None and allowed is not None and not allowed.allows(value):
        checker.report(text.place, "not-allowed", f"{text.text} is not one of {allowed.text}")
