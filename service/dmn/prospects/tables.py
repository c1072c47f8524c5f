"""Decision tables over symbolic values: which rules apply under which unknowns, and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from service.dmn.prospects.built_ins import count
from service.dmn.prospects.conversion import Conversion
from service.dmn.prospects.diagrams import Diagram, Leaf, values
from service.dmn.prospects.domains import domain_of
from service.dmn.prospects.expressions import Evaluator
from service.dmn.prospects.inquiry import Inquiry
from service.dmn.prospects.limits import Undecided
from service.dmn.prospects.marks import Anything, Failure
from service.dmn.prospects.scopes import Scope
from service.dmn.prospects.symbolic import Context, Items, Lazy, Symbolic
from service.dmn.tables.hit_policy import AGGREGATES, SINGLE, Row, agree, priority_rank
from service.dmn.tables.table import Cell, CompiledRule, CompiledTable, InputColumn, OutputColumn
from service.dmn.value_types import ANY
from service.feel import Expression

NO_RULE = -1
"""In a selector: no rule applies."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The decision a table belongs to, or that calls its function; `place` tells the tables of one question apart."""

    id: str
    place: Hashable


class OpenTable:
    """One table of the question, worked out as far as it is asked for.

    `matched` says for each rule where it applies, as far as its hit policy looks; `failure` where the table has no result.
    """

    def __init__(self, owner: Owner, table: CompiledTable, scope: Scope, inquiry: Inquiry, *, calls: bool) -> None:
        self.owner = owner
        self.table = table
        self.scope = scope
        self._inquiry = inquiry
        self._diagrams = inquiry.diagrams
        self._evaluator = Evaluator(inquiry)
        self._conversion = Conversion(inquiry, owner.id)
        self._policy = table.table.hit_policy
        self.failure: Diagram = self._diagrams.null
        columns = [self._column(column) for column in table.inputs]
        self.matched = self._matches(columns)
        self.rows = [self._row(rule.outputs) for rule in table.rules]
        self.has_defaults = any(default is not None for default in table.defaults)
        self.default = self._row([(None,) if default is None else default for default in table.defaults])
        self.no_rule: Diagram = self._diagrams.true
        for guard in self.matched:
            self.no_rule = self._diagrams.choose(guard, self._diagrams.false, self.no_rule)
        # In the order of an evaluation: the outputs of every rule that applies, what the hit policy says, the defaults.
        for rule, row, matched in zip(table.rules, self.rows, self.matched, strict=True):
            self._check_outputs(rule.outputs, row, matched, calls=calls)
        self.selector = self._selector() if self._policy in SINGLE else None
        if self.selector is not None:
            self._fail(self.selector)
        self._check_outputs(table.defaults, self.default, self.no_rule, calls=calls)

    def _fail(self, diagram: Diagram) -> None:
        """Where the diagram holds a failure, the table fails, unless it did before."""
        here = self._diagrams.apply(lambda value: isinstance(value, Failure), (diagram,))
        later = self._diagrams.choose(here, diagram, self._diagrams.null)
        failed = self._diagrams.apply(lambda value: value is not None, (self.failure,))
        self.failure = self._diagrams.choose(failed, self.failure, later)

    def _column(self, column: InputColumn) -> Symbolic:
        value = self._evaluator.evaluate(column.expression.tree, self.scope)
        if isinstance(value, Items) and column.kind is ANY and column.allowed is None and not self._inquiry.assembly.may_fail(value):
            return value
        found = self._inquiry.assembly.whole(value)
        found = self._conversion.input(self._settled(column, self._conversion.input(found, column)), column)
        self._fail(found)
        return self._diagrams.apply(lambda value: None if isinstance(value, Failure) else value, (found,))

    def _settled(self, column: InputColumn, found: Diagram) -> Diagram:
        """A column whose value is computed from what is not known becomes an unknown of its own, tested by its cells."""
        computed = [value for value in values(found) if isinstance(value, Anything)]
        if not computed:
            return found
        text = column.expression.text
        domain = domain_of(column.kind)
        sources = self._inquiry.behind(found)
        reason = f"{text} in {self.owner.id} is computed from what is not known"
        opened = self._inquiry.unknown((self.owner.place, text), domain, None, sources, reason)
        if domain.kind is not None and any(value.kind != domain.kind for value in computed):
            fails = self._inquiry.choice(sources, f"{text} in {self.owner.id} may not be of the type {column.kind.name}")
            opened = self._diagrams.choose(fails, self._conversion.wrong_type(column), opened)
        return self._diagrams.choose(self._diagrams.apply(lambda value: isinstance(value, Anything), (found,)), opened, found)

    def _matches(self, columns: Sequence[Symbolic]) -> list[Diagram]:
        remaining: Diagram = self._diagrams.true
        found = []
        for rule in self.table.rules:
            guard = remaining
            for cell in rule.cells:
                if guard is self._diagrams.false:
                    break
                guard = self._diagrams.both(guard, self._passes(cell, columns[cell.column], rule))
            if self._policy == "FIRST":
                remaining = self._diagrams.choose(guard, self._diagrams.false, remaining)
            found.append(guard)
        return found

    def _passes(self, cell: Cell, value: Symbolic, rule: CompiledRule) -> Diagram:
        passed = self._evaluator.test(cell.tests, value, self.scope)
        return self._inquiry.holds(passed, f"a cell of rule {rule.rule.index} of {self.owner.id} depends on what is not known")

    def _row(self, outputs: Iterable[tuple[Any] | Expression]) -> dict[str, Lazy]:
        return {column.name: Lazy(self._output(column, output)) for column, output in zip(self.table.outputs, outputs, strict=True)}

    def _output(self, column: OutputColumn, output: tuple[Any] | Expression) -> Callable[[], Symbolic]:
        def make() -> Symbolic:
            if isinstance(output, tuple):
                found: Symbolic = self._diagrams.leaf(output[0])
            else:
                found = self._evaluator.evaluate(output.tree, self.scope)
            return self._conversion.output(found, column)

        return make

    def _check_outputs(
        self, outputs: Sequence[tuple[Any] | Expression | None], row: dict[str, Lazy], where: Diagram, *, calls: bool
    ) -> None:
        """Computed outputs can fail: outside the allowed values of their column, or in a function they call."""
        if where is self._diagrams.false:
            return
        for column, output in zip(self.table.outputs, outputs, strict=True):
            checked = column.allowed is not None and output is not None
            if checked or (calls and isinstance(output, Expression)):
                self._check_output(row[column.name], where)

    def has_open_outputs(self) -> bool:
        """Whether an output is computed from what is not known."""
        cells = (cell for row in (*self.rows, self.default) for cell in row.values())
        return any(isinstance(value, Anything) for cell in cells for value in values(self._inquiry.assembly.whole(cell.get())))

    def _check_output(self, output: Lazy, where: Diagram) -> None:
        found = self._inquiry.assembly.whole(output.get())
        if any(isinstance(value, Failure) for value in values(found)):
            self._fail(self._diagrams.choose(where, found, self._diagrams.null))

    def _selector(self) -> Diagram:
        """The number of the rule, from 0, whose outputs are the result; `NO_RULE`; or the failure of the hit policy."""
        violation = self._diagrams.leaf(Failure("hit-policy", self.owner.id, self.table.table.place.element_id))
        found: Diagram = self._diagrams.leaf(NO_RULE)
        order: Sequence[int] = range(len(self.matched))
        if self._policy == "PRIORITY":
            order = self.ranked()
        for number in order if self._policy in ("UNIQUE", "ANY") else reversed(order):
            mine: Diagram = self._diagrams.leaf(number)
            if self._policy == "UNIQUE":
                mine = self._diagrams.choose(self._is(found, NO_RULE), mine, violation)
            elif self._policy == "ANY":
                mine = self._agreed(found, number, violation)
            found = self._diagrams.choose(self.matched[number], mine, found)
        return found

    def _is(self, selector: Diagram, number: int) -> Diagram:
        return self._diagrams.apply(lambda value: value == number, (selector,))

    def _agreed(self, before: Diagram, number: int, violation: Diagram) -> Diagram:
        """What `before` becomes where this rule applies too: rules that applied earlier must have equal outputs."""
        found: Diagram = self._diagrams.choose(self._is(before, NO_RULE), self._diagrams.leaf(number), violation)
        for earlier in values(before):
            if isinstance(earlier, int) and earlier != NO_RULE:
                same = self._inquiry.assembly.combine(agree, self.row_value(earlier), self.row_value(number))
                equal = self._inquiry.holds(same, f"rules of {self.owner.id} may disagree on what is not known")
                found = self._diagrams.choose(
                    self._is(before, earlier), self._diagrams.choose(equal, self._diagrams.leaf(earlier), violation), found
                )
        return found

    def row_value(self, number: int) -> Diagram:
        """A rule's outputs as a context."""
        return self._inquiry.assembly.whole(Context(self._diagrams.true, self.rows[number]))

    def ranked(self) -> list[int]:
        """The rules in the order of their outputs' priority. Raises `Undecided` when the outputs that matter are computed."""
        priorities = [column.priorities for column in self.table.outputs]

        def rank(number: int) -> tuple[int, ...]:
            row: Row = {}
            for column, output in zip(self.table.outputs, self.table.rules[number].outputs, strict=True):
                if column.priorities is None:
                    row[column.name] = None
                    continue
                found = self._inquiry.assembly.whole(self.rows[number][column.name].get())
                if not isinstance(output, tuple) or not isinstance(found, Leaf):
                    raise Undecided(f"the priority of rule {number + 1} of {self.owner.id} is computed")
                row[column.name] = found.value
            return priority_rank(row, priorities)

        return sorted(range(len(self.rows)), key=rank)

    def selects(self, number: int) -> Diagram:
        """Where this rule, or `NO_RULE`, is the one whose outputs are the result."""
        assert self.selector is not None
        return self._is(self.selector, number)

    def cell(self, name: str) -> Diagram:
        """An output of the selected rule, of the default row, or null."""
        assert self.selector is not None
        found = self._inquiry.assembly.whole(self.default[name].get()) if self.has_defaults else self._diagrams.null
        chosen = [number for number in values(self.selector) if isinstance(number, int) and number != NO_RULE]
        for number in chosen:
            output = self._inquiry.assembly.whole(self.rows[number][name].get())
            found = self._diagrams.choose(self.selects(number), output, found)
        return found

    def items(self) -> list[tuple[int, Diagram, dict[str, Lazy]]]:
        """The rows of a table that yields several, in their order: rule number, where it applies, outputs."""
        order = self.ranked() if self._policy == "OUTPUT ORDER" else range(len(self.matched))
        found = [(number, self.matched[number], self.rows[number]) for number in order]
        return [*found, (NO_RULE, self.no_rule, self.default)] if self.has_defaults else found

    def value(self) -> Symbolic:
        """The result of the table."""
        several = len(self.table.outputs) > 1
        if self.selector is not None:
            if not several:
                return self.cell(self.table.outputs[0].name)
            present = self._diagrams.apply(lambda number: self.has_defaults or number != NO_RULE, (self.selector,))
            return Context(present, {column.name: Lazy(_bound(self.cell, column.name)) for column in self.table.outputs})
        found = []
        for _, guard, row in self.items():
            element: Symbolic = Context(self._diagrams.true, row) if several else next(iter(row.values())).get()
            found.append((guard, element))
        items = Items(tuple(found))
        return items if self.table.table.aggregation is None else self.aggregated(items)

    def aggregated(self, items: Items) -> Diagram:
        """The aggregate of the only output."""
        aggregation = self.table.table.aggregation
        assert aggregation is not None
        if aggregation == "COUNT":
            return count([guard for guard, _ in items.elements], self._inquiry)
        expression = AGGREGATES[aggregation]
        return self._inquiry.assembly.combine(
            lambda found: expression.evaluate({"values": found}).value if found else None, self._inquiry.assembly.whole(items)
        )


def _bound(function: Callable[[str], Diagram], name: str) -> Callable[[], Diagram]:
    return lambda: function(name)
