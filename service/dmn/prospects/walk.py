"""The graph of decisions over symbolic values, each decision worked out as far as the question needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from service.dmn.built_in_types import BUILT_IN
from service.dmn.findings import DecisionFailure
from service.dmn.graph import Values
from service.dmn.model import Clock, Model
from service.dmn.nodes import DecisionNode, InputNode, Key, KnowledgeNode, ServiceNode, scope_of
from service.dmn.prospects.conversion import Conversion
from service.dmn.prospects.diagrams import Diagram, Leaf, values
from service.dmn.prospects.expressions import Evaluator
from service.dmn.prospects.facts import Facts
from service.dmn.prospects.inquiry import Inquiry
from service.dmn.prospects.limits import Exhausted
from service.dmn.prospects.marks import Anything, Failure
from service.dmn.prospects.scopes import Scope
from service.dmn.prospects.symbolic import Context, Lazy, Symbolic
from service.dmn.prospects.tables import OpenTable, Undecided
from service.dmn.run import Run
from service.dmn.tables.table import CompiledTable
from service.dmn.value_types import ANY, ValueType
from service.feel import FeelLimitError, Limits

_Made = TypeVar("_Made")


class Walk:
    """One way through everything the asked decision requires. `failures` are in the order evaluation would meet them."""

    def __init__(self, model: Model, inquiry: Inquiry, facts: Facts, clock: Clock) -> None:
        self._model = model
        self.graph = model.graph
        self._inquiry = inquiry
        self._diagrams = inquiry.diagrams
        self._facts = facts
        self._clock = clock
        self._results: dict[Key, Lazy] = {}
        self.tables: dict[Key, OpenTable] = {}
        self.failures: list[Diagram] = []

    def required(self, target: DecisionNode) -> None:
        """Work through what the asked decision requires."""
        for node in self.graph.plan((target.key,)):
            if node.key == target.key:
                continue
            if isinstance(node, InputNode):
                value = self._facts.value(node, self._inquiry)
                self._results[node.key] = Lazy(_constant(value))
            elif isinstance(node, KnowledgeNode):
                self._results[node.key] = Lazy(_constant(self._function(node)))
            elif isinstance(node, ServiceNode):
                self._results[node.key] = Lazy(_constant(self._service(node)))
            else:
                self._results[node.key] = self._decision(node)

    def table(self, node: DecisionNode) -> OpenTable | None:
        """The asked decision's table, None when its logic is none."""
        return None if node.table is None else self._open_table(node, node.table)

    def _open_table(self, node: DecisionNode, table: CompiledTable) -> OpenTable:
        calls = self._calls(node)
        known = len(self._inquiry.unknowns)
        found = OpenTable(node, table, self.scope(node), self._inquiry, calls=calls)
        self.tables[node.key] = found
        self.failures.append(found.failure)
        left_open = any(unknown.path is None for unknown in self._inquiry.unknowns[known:])
        if calls and (left_open or found.has_open_outputs()):
            # A function called with what is not known may fail.
            self._may_fail(node)
        return found

    def _table_value(self, node: DecisionNode, table: OpenTable) -> Symbolic:
        conversion = Conversion(self._inquiry, node.id)
        return conversion.result(conversion.result(table.value(), self._declared(table.table) or ANY), node.kind)

    def _declared(self, table: CompiledTable) -> ValueType | None:
        """The type declared for a table itself; None when it is that of another file."""
        written = table.table.type_ref
        if written is None:
            return ANY
        names = (written, written.rpartition(":")[2])
        return next((found for name in names for found in (self._model.types.get(name), BUILT_IN.get(name)) if found is not None), None)

    def logic(self, node: DecisionNode) -> Diagram:
        """The value of a decision that is no table, as one diagram."""
        return self._settled(node, self._inquiry.assembly.whole(self._without_table(node)))

    def scope(self, node: DecisionNode) -> Scope:
        """The names the expressions of a decision see."""
        names: dict[str, Lazy] = {}
        models: dict[str, dict[str, Lazy]] = {}
        for requirement in node.requirements:
            if len(requirement.path) == 1:
                names[requirement.path[0]] = self._results[requirement.key]
            else:
                models.setdefault(requirement.path[0], {})[requirement.path[1]] = self._results[requirement.key]
        for name, entries in models.items():
            names[name] = Lazy(_constant(Context(self._diagrams.true, entries)))
        return Scope(names)

    def _decision(self, node: DecisionNode) -> Lazy:
        if not self._facts.unknown_behind(node.key):
            return Lazy(_constant(self._known(node)))
        if node.table is not None and self._declared(node.table) is not None:
            try:
                table = self._spending(lambda: self._open_table(node, _present(node.table)))
            except (Exhausted, Undecided) as reason:
                self._inquiry.note(f"{node.id}: {_why(reason)}")
                self._may_fail(node)
                return Lazy(_constant(self._anything(node)))
            return self._guarded(node, lambda: self._table_value(node, table))
        if node.expression is not None and not self._calls(node):
            return self._guarded(node, lambda: self._without_table(node))
        # Functions called may fail, so the value is needed even if nobody asks for it.
        found = self._guarded(node, lambda: self._without_table(node)).get()
        return Lazy(_constant(self._settled(node, self._inquiry.assembly.whole(found))))

    def _known(self, node: DecisionNode) -> Diagram:
        """The value of a decision whose inputs are all known."""
        found: Values = dict(self._facts.admitted)
        try:
            self.graph.solve((node.key,), found, self._run(), {})
        except DecisionFailure as failure:
            self.failures.append(self._diagrams.leaf(Failure(failure.code, failure.decision_id.rpartition("#")[2], failure.element_id)))
            return self._diagrams.null
        except FeelLimitError as error:
            self.failures.append(self._diagrams.leaf(Failure("limit-exceeded", node.id)))
            self._inquiry.note(error.message)
            return self._diagrams.null
        return self._diagrams.leaf(found[node.key])

    def _without_table(self, node: DecisionNode) -> Symbolic:
        if node.expression is not None:
            found = Evaluator(self._inquiry).evaluate(node.expression, self.scope(node))
            return Conversion(self._inquiry, node.id).result(found, node.kind)
        return self._whole_logic(node)

    def _whole_logic(self, node: DecisionNode) -> Diagram:
        """Boxed logic as it is, over the values of the names it uses."""
        scope = self.scope(node)
        paths = {path[0] for path in node.used_paths}
        operands = {name: self._inquiry.assembly.whole(scope.names[name].get()) for name in sorted(scope.names) if name in paths}
        nothing = dict.fromkeys(scope.names)

        def evaluate(*found: Any) -> Any:
            try:
                return node.logic({**nothing, **dict(zip(operands, found, strict=True))}, self._run())
            except DecisionFailure as failure:
                return Failure(failure.code, node.id, failure.element_id)
            except FeelLimitError:
                return Failure("limit-exceeded", node.id)

        return self._inquiry.assembly.combine(evaluate, *operands.values())

    def _settled(self, node: DecisionNode, found: Diagram) -> Diagram:
        """The value without the failures in it, which are noted; logic over what is not known may fail in ways of its own."""
        if any(isinstance(value, Anything) for value in values(found)) and (self._calls(node) or node.expression is None):
            self._may_fail(node)
        if not any(isinstance(value, Failure) for value in values(found)):
            return found
        self.failures.append(self._diagrams.apply(lambda value: value if isinstance(value, Failure) else None, (found,)))
        return self._diagrams.apply(lambda value: None if isinstance(value, Failure) else value, (found,))

    def _guarded(self, node: DecisionNode, make: Callable[[], Symbolic]) -> Lazy:
        def guarded() -> Symbolic:
            try:
                return self._spending(make)
            except (Exhausted, Undecided) as reason:
                self._inquiry.note(f"{node.id}: {_why(reason)}")
                return self._anything(node)

        return Lazy(guarded)

    def _spending(self, make: Callable[[], _Made]) -> _Made:
        return self._diagrams.spending(self._inquiry.limits.steps, make)

    def _anything(self, node: DecisionNode) -> Diagram:
        return self._diagrams.leaf(Anything(self._facts.unknown_behind(node.key)))

    def _may_fail(self, node: DecisionNode | ServiceNode) -> None:
        choice = self._inquiry.choice(self._facts.unknown_behind(node.key), f"{node.id} may fail")
        self.failures.append(self._diagrams.choose(choice, self._diagrams.leaf(Failure("undecided", node.id)), self._diagrams.null))

    def _function(self, node: KnowledgeNode) -> Diagram:
        """The function of a business knowledge model; anything if it calls a service over what is not known."""
        found: Values = {}
        for requirement in node.requirements:
            if requirement.key != node.key:
                needed = self._inquiry.assembly.whole(self._results[requirement.key].get())
                if not isinstance(needed, Leaf) or isinstance(needed.value, Anything):
                    return self._diagrams.leaf(self._inquiry.assembly.unsure(tuple(values(needed))))
                found[requirement.key] = needed.value
        return self._diagrams.leaf(node.logic(scope_of(node.requirements, found), self._run()))

    def _service(self, node: ServiceNode) -> Diagram:
        if self._facts.unknown_behind(*node.outputs):
            self._may_fail(node)
            return self._diagrams.leaf(Anything(self._facts.unknown_behind(*node.outputs)))
        return self._diagrams.leaf(self.graph.service_function(node, dict(self._facts.admitted), self._run(), {}))

    def _calls(self, node: DecisionNode) -> bool:
        """Whether its expressions can call functions of the file."""
        required = (self.graph.nodes[requirement.key] for requirement in node.requirements)
        return any(isinstance(found, KnowledgeNode | ServiceNode) for found in required)

    def _run(self) -> Run:
        return Run(self._clock, Limits())


def _why(reason: Exhausted | Undecided) -> str:
    return f"the budget of {reason.limit} ended" if isinstance(reason, Exhausted) else str(reason)


def _constant(value: Symbolic) -> Callable[[], Symbolic]:
    return lambda: value


def _present(table: CompiledTable | None) -> CompiledTable:
    assert table is not None
    return table
