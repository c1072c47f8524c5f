"""The cells of a column: the constants they compare with, and the values they pass as the evaluator sees it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from service.dmn.analysis.limits import Budget, Exhausted
from service.dmn.analysis.lines import line_of
from service.dmn.analysis.regions import Partition, Region
from service.dmn.cut_points import INPUT, cut_points
from service.dmn.run import Run
from service.dmn.tables.constraint import Constraint, test_list
from service.feel import FeelLimitError, Limits, UnaryTests, compile_tree
from service.feel.builtin.registry import find_builtin
from service.feel.tree import Name, Node, RangeLiteral, UnaryComparison, UnaryTestList, walk

# A cell that takes more than this is left undecided.
_LIMITS = Limits(steps=10_000, seconds=1.0)
_CLOCK = frozenset({"now", "today"})


@dataclass(frozen=True, slots=True)
class ClosedTests:
    """Tests that depend on the input value alone.

    `cuts` are the constants they compare it with; None when they do more. `faults` say why a constant is null that should not be.
    """

    tests: UnaryTests
    cuts: tuple[Any, ...] | None
    faults: tuple[str, ...] = ()

    def region(self, partition: Partition, budget: Budget) -> Region:
        """The values that pass, by evaluating the tests with one of each class; unknown when that takes too long."""

        def passes(value: Any) -> bool:
            run = Run(None, _LIMITS)
            passed = run.test(self.tests, run.frame({}), value, None)
            budget.spend(1 + run.feel.steps)
            return passed

        try:
            return partition.region(self.cuts, passes)
        except (FeelLimitError, Exhausted):
            return Region(0, partition.inhabited)


@dataclass(frozen=True, slots=True)
class CellTests:
    """A cell: what can be told of it, and whether it has tests of which nothing can, for values or for null."""

    closed: tuple[ClosedTests, ...]
    open: bool
    open_to_null: bool

    @property
    def reason(self) -> str:
        """Why something cannot be told of it."""
        if self.open:
            return "can only be decided with the values of a case"
        if any(part.cuts is None for part in self.closed):
            return "does more than compare with constants"
        return "takes too long to decide"

    def region(self, partition: Partition, budget: Budget, *, ordered: bool) -> Region:
        """The values that pass; in a column whose values have no known order only null can be told."""
        certain = possible = 0
        for part in self.closed:
            found = part.region(partition, budget)
            certain |= found.certain
            possible |= found.possible
        values = partition.inhabited & ~partition.null
        if not ordered:
            certain &= partition.null
        if self.open or not ordered:
            possible |= values
        if self.open_to_null:
            possible |= partition.null
        return Region(certain, possible | certain)


def read_cell(tests: UnaryTests, hidden: Collection[str]) -> CellTests:
    """The parts of a cell; `hidden` are names that may stand for another function than the built-in one."""
    written = test_list(tests)
    if _is_closed(tests, hidden):
        return CellTests((_closed(tests),), open=False, open_to_null=False)
    if written.negated:
        return CellTests((), open=True, open_to_null=True)
    closed = []
    open_tests = []
    for node in written.tests:
        single = UnaryTests("", UnaryTestList((node,)))
        if _is_closed(single, hidden):
            closed.append(_closed(single))
        else:
            open_tests.append(node)
    return CellTests(tuple(closed), open=True, open_to_null=not all(_refuses_null(node) for node in open_tests))


def read_constraint(constraint: Constraint) -> ClosedTests:
    """Allowed values, which read no variables."""
    return _closed(constraint.tests)


def _closed(tests: UnaryTests) -> ClosedTests:
    faults: list[str] = []

    def constant(part: Node) -> Any:
        result = compile_tree(part).evaluate({}, limits=_LIMITS)
        if result.value is None:
            faults.extend(warning.message for warning in result.warnings[:1])
        return result.value

    try:
        found = cut_points(test_list(tests), INPUT, constant)
    except FeelLimitError:
        found = None
    # Contexts and functions lie on no line.
    exact = found is not None and all(line_of(value) is not None for value in found)
    return ClosedTests(tests, tuple(found or ()) if exact else None, tuple(faults))


def is_constant(tree: Node, hidden: Collection[str]) -> bool:
    """Whether an expression without variables has the same value at any time."""
    used = {node.name for node in walk(tree) if isinstance(node, Name)}
    return not used & _CLOCK and not any(find_builtin(name) for name in used.intersection(hidden))


def _is_closed(tests: UnaryTests, hidden: Collection[str]) -> bool:
    return not tests.names and is_constant(tests.tree, hidden)


def _refuses_null(node: Node) -> bool:
    return isinstance(node, RangeLiteral) or (isinstance(node, UnaryComparison) and node.operator in ("<", "<=", ">", ">="))
