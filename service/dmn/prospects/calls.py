"""Looks through calls of decision services and business knowledge models: their logic over the arguments."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Protocol

from service.dmn.graph import Graph
from service.dmn.nodes import DecisionNode, FunctionBody, Key, KnowledgeNode, Requirement, ServiceNode
from service.dmn.prospects.binding import Binding
from service.dmn.prospects.conversion import Conversion
from service.dmn.prospects.diagrams import Diagram, Leaf
from service.dmn.prospects.expressions import Evaluator
from service.dmn.prospects.inquiry import Inquiry
from service.dmn.prospects.marks import Path, inexact
from service.dmn.prospects.scopes import Callee, Scope
from service.dmn.prospects.symbolic import Context, Lazy, Symbolic
from service.dmn.prospects.tables import OpenTable, Owner
from service.dmn.value_types import ValueType, result_type
from service.feel import tree as feel

_CALLED = "called"


@dataclass(slots=True)
class Caller:
    """A decision whose expressions call functions. `by_value`: it used one as a value, without looking through it."""

    id: str
    place: tuple[Hashable, ...]
    by_value: bool = field(default=False)


class Around(Protocol):
    """The decisions around the calls."""

    graph: Graph
    results: dict[Key, Lazy]
    called: list[OpenTable]

    def within(self, service: ServiceNode, bound: Mapping[Key, Symbolic], place: tuple[Hashable, ...]) -> tuple[list[Lazy], list[Diagram]]:
        """The output decisions of a service, and the failures on the way to them."""
        ...


class Calls:
    """The calls made by the decisions of one walk."""

    def __init__(self, around: Around, inquiry: Inquiry) -> None:
        self._around = around
        self._inquiry = inquiry
        self._diagrams = inquiry.diagrams
        self._numbers = count()
        self._made: dict[Hashable, tuple[Sequence[Symbolic], Symbolic | None]] = {}

    def scope(self, requirements: Iterable[Requirement], caller: Caller) -> Scope:
        """The names that the expressions of a decision or knowledge model see."""
        names: dict[str, Lazy] = {}
        models: dict[str, dict[str, Lazy]] = {}
        functions: dict[Path, Callee] = {}
        for requirement in requirements:
            node = self._around.graph.nodes[requirement.key]
            value = self._around.results[requirement.key]
            if isinstance(node, KnowledgeNode | ServiceNode):
                value = Lazy(partial(_by_value, value, caller))
                functions[requirement.path] = Callee(_parameters(node), partial(self._call, node, caller))
            if len(requirement.path) == 1:
                names[requirement.path[0]] = value
            else:
                models.setdefault(requirement.path[0], {})[requirement.path[1]] = value
        for name, entries in models.items():
            context = Context(self._diagrams.true, entries)
            names[name] = Lazy(partial(_same, context))
        return Scope(names, functions=functions)

    def _call(self, node: KnowledgeNode | ServiceNode, caller: Caller, arguments: Sequence[Symbolic]) -> Symbolic | None:
        self._diagrams.tick()
        known = self._of_known(node, arguments)
        if known is not None:
            return known
        key = (node.key, caller.place, *map(id, arguments))
        if key not in self._made:
            place = (*caller.place, next(self._numbers), node.key)
            found = self._serve(node, arguments, place) if isinstance(node, ServiceNode) else self._apply(node, arguments, caller, place)
            self._made[key] = (arguments, found)
        return self._made[key][1]

    def _of_known(self, node: KnowledgeNode | ServiceNode, arguments: Sequence[Symbolic]) -> Diagram | None:
        """The function evaluated as it is, if everything is known."""
        operands: list[Diagram] = []
        for argument in arguments:
            if not isinstance(argument, Leaf) or inexact(argument.value):
                return None
            operands.append(argument)
        function = self._around.results[node.key].get()
        if not isinstance(function, Leaf) or inexact(function.value):
            return None
        names = [f"argument {number}" for number in range(len(operands))]
        tree = feel.Call(feel.Name(_CALLED), tuple(feel.Argument(None, feel.Name(name)) for name in names))
        given: dict[Path, Diagram] = {(name,): operand for name, operand in zip(names, operands, strict=True)}
        return self._inquiry.compute(tree, {(_CALLED,): function, **given})

    def _serve(self, service: ServiceNode, arguments: Sequence[Symbolic], place: tuple[Hashable, ...]) -> Symbolic:
        kinds = [_kind_of(self._around.graph, key) for _, key in service.parameters]
        binding = Binding(self._inquiry, service.name, zip(arguments, kinds, strict=True))
        keys = [key for _, key in service.parameters]
        outputs, failures = self._around.within(service, dict(zip(keys, binding.arguments, strict=True)), place)
        value: Symbolic = self._diagrams.null
        if len(outputs) == 1:
            value = outputs[0].get()
        elif outputs:
            decisions = [self._around.graph.nodes[key] for key in service.outputs]
            entries = {found.variable: lazy for found, lazy in zip(decisions, outputs, strict=True) if isinstance(found, DecisionNode)}
            value = Context(self._diagrams.true, entries)
        return self._result(service.id, value, (result_type(service.kind),), binding, failures)

    def _apply(self, node: KnowledgeNode, arguments: Sequence[Symbolic], caller: Caller, place: tuple[Hashable, ...]) -> Symbolic | None:
        if node.body is None:
            return None
        binding = Binding(self._inquiry, node.name, zip(arguments, (kind for _, kind in node.body.parameters), strict=True))
        around = self.scope(node.requirements, caller)
        itself = Lazy(partial(_by_value, self._around.results[node.key], caller))
        parameters = {name: Lazy(partial(_same, value)) for (name, _), value in zip(node.body.parameters, binding.arguments, strict=True)}
        scope = Scope(parameters, Scope({**around.names, node.name: itself}, functions=_others(around.functions, node.name)))
        value, failure = self._body(node.body, scope, Owner(caller.id, place))
        return self._result(caller.id, value, node.body.kinds, binding, [failure])

    def _body(self, body: FunctionBody, scope: Scope, owner: Owner) -> tuple[Symbolic, Diagram]:
        if body.table is None:
            assert body.expression is not None
            return Evaluator(self._inquiry).evaluate(body.expression, scope), self._diagrams.null
        table = OpenTable(owner, body.table, scope, self._inquiry, calls=True)
        self._around.called.append(table)
        return table.value(), table.failure

    def _result(self, name: str, value: Symbolic, kinds: Iterable[ValueType], binding: Binding, failures: Sequence[Diagram]) -> Symbolic:
        """The value as its types; null where an argument does not fit, and the first failure there is."""
        for kind in kinds:
            value = Conversion(self._inquiry, name).result(value, kind)
        if binding.misfit is not self._diagrams.false:
            value = self._diagrams.choose(binding.misfit, self._diagrams.null, self._inquiry.assembly.whole(value))
        inside: Diagram = self._diagrams.null
        for failure in reversed(failures):
            inside = self._first(failure, inside)
        failure = self._first(binding.failure, self._diagrams.choose(binding.misfit, self._diagrams.null, inside))
        return value if failure is self._diagrams.null else self._first(failure, self._inquiry.assembly.whole(value))

    def _first(self, failure: Diagram, otherwise: Diagram) -> Diagram:
        return self._diagrams.choose(self._diagrams.apply(lambda found: found is not None, (failure,)), failure, otherwise)


def _by_value(value: Lazy, caller: Caller) -> Symbolic:
    caller.by_value = True
    return value.get()


def _same(value: Symbolic) -> Symbolic:
    return value


def _others(functions: Mapping[Path, Callee], name: str) -> dict[Path, Callee]:
    return {path: found for path, found in functions.items() if path[0] != name}


def _parameters(node: KnowledgeNode | ServiceNode) -> tuple[str, ...]:
    parameters: Iterable[tuple[str, Any]] = node.parameters if isinstance(node, ServiceNode) else node.body.parameters if node.body else ()
    return tuple(name for name, _ in parameters)


def _kind_of(graph: Graph, key: Key) -> ValueType:
    node = graph.nodes[key]
    assert not isinstance(node, KnowledgeNode)
    return node.kind
