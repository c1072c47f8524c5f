"""The graph of decisions over symbolic values, each decision worked out as far as the question needs it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from service.dmn.built_in_types import BUILT_IN
from service.dmn.findings import DecisionFailure
from service.dmn.graph import Values
from service.dmn.model import Clock, Model
from service.dmn.nodes import DecisionNode, InputNode, Key, KnowledgeNode, ServiceNode, scope_of
from service.dmn.prospects.calls import Caller, Calls
from service.dmn.prospects.conversion import Conversion
from service.dmn.prospects.diagrams import Diagram, Leaf, values
from service.dmn.prospects.expressions import Evaluator
from service.dmn.prospects.frames import CalledFrame, Frame
from service.dmn.prospects.inquiry import Inquiry
from service.dmn.prospects.limits import Exhausted, Undecided
from service.dmn.prospects.marks import Anything, Failure
from service.dmn.prospects.scopes import Scope
from service.dmn.prospects.symbolic import Lazy, Symbolic
from service.dmn.prospects.tables import OpenTable, Owner
from service.dmn.run import Run
from service.dmn.tables.table import CompiledTable
from service.dmn.value_types import ANY, ValueType
from service.feel import FeelLimitError, Limits

_Made = TypeVar("_Made")


class Walk:
    """One way through everything some decisions require. `failures` are in the order evaluation would meet them.

    `called` are the tables inside of what is called.
    """

    def __init__(self, model: Model, inquiry: Inquiry, frame: Frame, clock: Clock, called: list[OpenTable]) -> None:
        self._model = model
        self.graph = model.graph
        self._inquiry = inquiry
        self._diagrams = inquiry.diagrams
        self._frame = frame
        self._clock = clock
        self._calls = Calls(self, inquiry)
        self._callers: dict[Key, Caller] = {}
        self.results: dict[Key, Lazy] = {key: Lazy(_constant(value)) for key, value in frame.given.items()}
        self.tables: dict[Key, OpenTable] = {}
        self.called = called
        self.failures: list[Diagram] = []

    def required(self, target: DecisionNode) -> None:
        """Work through what the asked decision requires."""
        self._work((target.key,), target.key)

    def within(self, service: ServiceNode, bound: Mapping[Key, Symbolic], place: tuple[Hashable, ...]) -> tuple[list[Lazy], list[Diagram]]:
        """The output decisions of a service called with these parameters, and the failures on the way to them."""
        frame = CalledFrame(self._frame, bound, self.graph, self._inquiry, place)
        walk = Walk(self._model, self._inquiry, frame, self._clock, self.called)
        walk._work(service.outputs)
        self.called.extend(walk.tables.values())
        return [walk.results[key] for key in service.outputs], walk.failures

    def _work(self, targets: tuple[Key, ...], left_out: Key | None = None) -> None:
        for node in self.graph.plan(targets, frozenset(self._frame.given)):
            if node.key == left_out:
                continue
            if isinstance(node, InputNode):
                self.results[node.key] = Lazy(_constant(self._frame.value(node)))
            elif isinstance(node, KnowledgeNode):
                self.results[node.key] = Lazy(partial(self._function, node))
            elif isinstance(node, ServiceNode):
                self.results[node.key] = Lazy(partial(self._service, node))
            else:
                self.results[node.key] = self._decision(node)

    def table(self, node: DecisionNode) -> OpenTable | None:
        """The asked decision's table, None when its logic is none."""
        return None if node.table is None else self._open_table(node, node.table)

    def _open_table(self, node: DecisionNode, table: CompiledTable) -> OpenTable:
        doubts = self._inquiry.assembly.doubts
        scope = self.scope(node)
        found = OpenTable(Owner(node.id, (*self._frame.place, node.key)), table, scope, self._inquiry, calls=self._may_call(node))
        self.tables[node.key] = found
        self.failures.append(self._failures(node, found.failure))
        self._check_calls(node, doubts)
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
        """The outputs of a decision that is no table, as one diagram."""
        most = self._inquiry.limits.outcomes
        return self._settled(node, lambda: self._without_table(node), lambda found: self._inquiry.assembly.outputs(found, most))

    def scope(self, node: DecisionNode) -> Scope:
        """The names the expressions of a decision see."""
        return self._calls.scope(node.requirements, self._caller(node))

    def _caller(self, node: DecisionNode) -> Caller:
        return self._callers.setdefault(node.key, Caller(node.id, (*self._frame.place, node.key)))

    def _decision(self, node: DecisionNode) -> Lazy:
        known = self._frame.known_for(node.key)
        if known is not None:
            return Lazy(_constant(self._known(node, known)))
        if node.table is not None and self._declared(node.table) is not None:
            try:
                table = self._spending(lambda: self._open_table(node, _present(node.table)))
            except (Exhausted, Undecided) as reason:
                self._inquiry.note(f"{node.id}: {_why(reason)}")
                self._may_fail(node)
                return Lazy(_constant(self._anything(node)))
            return self._guarded(node, lambda: self._table_value(node, table))
        if node.expression is not None and not self._may_call(node):
            return self._guarded(node, lambda: self._without_table(node))
        # Functions called may fail, so the value is needed even if nobody asks for it.
        return Lazy(_constant(self._settled(node, self._guarded(node, lambda: self._without_table(node)).get)))

    def _known(self, node: DecisionNode, found: Values) -> Diagram:
        """The value of a decision whose inputs are all known."""
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

    def _settled(self, node: DecisionNode, make: Callable[[], Symbolic], as_one: Callable[[Symbolic], Diagram] | None = None) -> Diagram:
        """The value without the failures in it, which are noted; logic over what is not known may fail in ways of its own."""
        doubts = self._inquiry.assembly.doubts
        found = (as_one or self._inquiry.assembly.whole)(make())
        if node.expression is None and any(isinstance(value, Anything) for value in values(found)):
            self._may_fail(node)
        else:
            self._check_calls(node, doubts)
        if not any(isinstance(value, Failure) for value in values(found)):
            return found
        self.failures.append(self._failures(node, found))
        return self._diagrams.apply(lambda value: None if isinstance(value, Failure) else value, (found,))

    def _failures(self, node: DecisionNode, found: Diagram) -> Diagram:
        """The failures in a value of this decision. A function called with known values does not know for whom it fails."""

        def of_node(value: Any) -> Failure | None:
            if not isinstance(value, Failure):
                return None
            return value if value.decision_id else replace(value, decision_id=node.id)

        return self._diagrams.apply(of_node, (found,))

    def _check_calls(self, node: DecisionNode, doubts: int) -> None:
        """A function used as a value may have been called with what is not known, and may fail."""
        if self._caller(node).by_value and self._inquiry.assembly.doubts > doubts:
            self._may_fail(node)

    def _guarded(self, node: DecisionNode, make: Callable[[], Symbolic]) -> Lazy:
        def guarded() -> Symbolic:
            try:
                return self._spending(make)
            except (Exhausted, Undecided) as reason:
                self._inquiry.note(f"{node.id}: {_why(reason)}")
                if self._may_call(node):
                    self._may_fail(node)
                return self._anything(node)

        return Lazy(guarded)

    def _spending(self, make: Callable[[], _Made]) -> _Made:
        return self._diagrams.spending(self._inquiry.limits.steps, make)

    def _anything(self, node: DecisionNode) -> Diagram:
        return self._diagrams.leaf(Anything(self._frame.unknown_behind(node.key)))

    def _may_fail(self, node: DecisionNode) -> None:
        choice = self._inquiry.choice(self._frame.unknown_behind(node.key), f"{node.id} may fail")
        self.failures.append(self._diagrams.choose(choice, self._diagrams.leaf(Failure("undecided", node.id)), self._diagrams.null))

    def _function(self, node: KnowledgeNode) -> Diagram:
        """The function of a business knowledge model; anything if it calls a service over what is not known."""
        found: Values = {}
        for requirement in node.requirements:
            if requirement.key != node.key:
                needed = self._inquiry.assembly.whole(self.results[requirement.key].get())
                if not isinstance(needed, Leaf) or isinstance(needed.value, Anything):
                    return self._diagrams.leaf(self._inquiry.assembly.unsure(tuple(values(needed))))
                found[requirement.key] = needed.value
        return self._diagrams.leaf(node.logic(scope_of(node.requirements, found), self._run()))

    def _service(self, node: ServiceNode) -> Diagram:
        known = self._frame.known(self.graph.inputs_of((node.key,)))
        if known is None:
            return self._diagrams.leaf(Anything(self._frame.unknown_behind(*node.outputs)))
        return self._diagrams.leaf(self.graph.service_function(node, known, self._run(), {}))

    def _may_call(self, node: DecisionNode) -> bool:
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
