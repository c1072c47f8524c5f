"""Evaluation order and evaluation of the compiled graph."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from service.dmn.findings import InputProblem
from service.dmn.logic import fit
from service.dmn.nodes import DecisionNode, InputNode, Key, Node, ServiceNode, scope_of
from service.dmn.run import DecisionTrace, Run, Value
from service.dmn.value_types import MISMATCH, ValueType, result_type
from service.feel import Function, Signature

Values = dict[Key, Value]
InputPaths = Mapping[Key, tuple[tuple[str, ...], ...]]


def needs(node: Node) -> tuple[Key, ...]:
    """What must be known before `node`; a service computes its own decisions when it is called."""
    return tuple(requirement.key for requirement in node.requirements)


class Graph:
    """All nodes of a file and its imports; immutable once built, shared between threads."""

    def __init__(self, nodes: Mapping[Key, Node], input_paths: InputPaths) -> None:
        self.nodes = nodes
        self.input_paths = input_paths
        self._decisions = frozenset(key for key, node in nodes.items() if isinstance(node, DecisionNode))
        self._plans: dict[tuple[tuple[Key, ...], frozenset[Key]], tuple[Node, ...]] = {}
        self._inputs: dict[tuple[Key, ...], tuple[InputNode, ...]] = {}
        self._behind: dict[Key, tuple[InputNode, ...]] = {}

    def plan(self, targets: tuple[Key, ...], given: frozenset[Key] = frozenset()) -> tuple[Node, ...]:
        """The nodes to work through for `targets`, each after what it needs; `given` ones and behind are left out."""
        wanted = (targets, given)
        if wanted not in self._plans:
            self._plans[wanted] = tuple(self._ordered(targets, given))
        return self._plans[wanted]

    def _ordered(self, targets: Iterable[Key], given: frozenset[Key]) -> Iterable[Node]:
        done: set[Key] = set(given)
        pending: list[tuple[Key, bool]] = [(key, False) for key in reversed(list(targets))]
        while pending:
            key, ready = pending.pop()
            if key in done:
                continue
            node = self.nodes[key]
            if ready:
                done.add(key)
                yield node
                continue
            pending.append((key, True))
            pending.extend((needed, False) for needed in reversed(needs(node)) if needed not in done)

    def inputs_of(self, targets: tuple[Key, ...]) -> tuple[InputNode, ...]:
        """Input data that `targets` can depend on, also through services they call."""
        if targets not in self._inputs:
            found = (inputs for key in targets for inputs in self._inputs_behind(key))
            self._inputs[targets] = tuple({node.key: node for node in found}.values())
        return self._inputs[targets]

    def _inputs_behind(self, target: Key) -> tuple[InputNode, ...]:
        """Each node is looked at once for all that depend on it: a chain of thousands of decisions would else cost its square."""
        pending = [target]
        while pending:
            key = pending[-1]
            node = self.nodes[key]
            unknown = [needed for needed in needs(node) if needed not in self._behind]
            if key not in self._behind and unknown:
                pending.extend(unknown)
                continue
            pending.pop()
            if key in self._behind:
                continue
            found = {inner.key: inner for needed in needs(node) for inner in self._behind[needed]}
            if isinstance(node, InputNode):
                found[key] = node
            elif isinstance(node, ServiceNode):
                found.update((inner.key, inner) for inner in self._inputs_of_service(node))
            self._behind[key] = tuple(found.values())
        return self._behind[target]

    def _inputs_of_service(self, service: ServiceNode) -> Iterable[InputNode]:
        """What its own decisions can depend on; those given as its parameters hide what is behind them."""
        seen: set[tuple[tuple[Key, ...], frozenset[Key]]] = set()
        pending = [(service.outputs, frozenset(key for _, key in service.parameters))]
        while pending:
            wanted = pending.pop()
            if wanted in seen:
                continue
            seen.add(wanted)
            for node in self.plan(*wanted):
                if isinstance(node, InputNode):
                    yield node
                elif isinstance(node, ServiceNode):
                    pending.append((node.outputs, frozenset(key for _, key in node.parameters)))

    def admit(self, inputs: Iterable[InputNode], variables: Mapping[str, Any]) -> tuple[Values, list[InputProblem]]:
        """The values of `inputs` found in `variables`, checked against their types, and what is wrong with them.

        Inputs of imported files may mean the same variable: what is wrong with it is told once.
        """
        values: Values = {}
        problems: list[InputProblem] = []
        for node in inputs:
            for path in self.input_paths[node.key]:
                found, raw = _look_up(variables, path)
                if found:
                    kind = node.kind
                    values[node.key] = raw if type(raw) in kind.scalars else kind.admit(_singleton(raw, kind), path, problems)
                    break
        return values, list(dict.fromkeys(problems))

    def solve(self, targets: tuple[Key, ...], values: Values, run: Run, traces: dict[Key, DecisionTrace]) -> Values:
        """`values` completed with everything `targets` need; decisions leave their traces."""
        for node in self.plan(targets, self._decisions.intersection(values)):
            if isinstance(node, InputNode):
                values.setdefault(node.key, None)
            elif isinstance(node, ServiceNode):
                values[node.key] = self.service_function(node, values, run, traces)
            elif isinstance(node, DecisionNode):
                values[node.key] = _decide(node, values, run, traces)
            else:
                values[node.key] = node.logic(scope_of(node.requirements, values), run)
        return values

    def service_function(self, node: ServiceNode, values: Values, run: Run, traces: dict[Key, DecisionTrace]) -> Function:
        """The function value of a decision service."""
        names = tuple(name for name, _ in node.parameters)
        return Function(node.name, (Signature(names),), partial(self._serve, node, dict(values), run, traces))

    def _serve(
        self,
        node: ServiceNode,
        values: Values,
        run: Run,
        traces: dict[Key, DecisionTrace],
        _feel_run: object,
        *arguments: Value,
    ) -> Value:
        given = {key: value for key, value in values.items() if isinstance(self.nodes[key], InputNode)}
        for (name, key), argument in zip(node.parameters, arguments, strict=True):
            parameter = self.nodes[key]
            kind = parameter.kind if isinstance(parameter, InputNode | DecisionNode) else None
            fitted = kind.convert(argument) if kind is not None else argument
            if fitted is MISMATCH:
                run.warn("INVALID_TYPE", f"{node.name}: {name} does not have its declared type", node.id)
                return None
            given[key] = fitted
        inner: dict[Key, DecisionTrace] = {}
        solved = self.solve(node.outputs, given, run, inner)
        for key, trace in inner.items():
            traces.setdefault(key, trace)
        return self.service_result(node, solved, run)

    def service_result(self, node: ServiceNode, solved: Values, run: Run) -> Value:
        """One output decision gives its value, several a context by their names."""
        if not node.outputs:
            return None
        if len(node.outputs) == 1:
            value = solved[node.outputs[0]]
        else:
            decisions = [self.nodes[key] for key in node.outputs]
            value = {decision.variable: solved[decision.key] for decision in decisions if isinstance(decision, DecisionNode)}
        return fit(value, result_type(node.kind), run, node.id)


def _decide(node: DecisionNode, values: Values, run: Run, traces: dict[Key, DecisionTrace]) -> Value:
    started = time.perf_counter_ns()
    scope = scope_of(node.requirements, values)
    trace = DecisionTrace(node.key, scope)
    outer, run.current = run.current, trace
    try:
        trace.result = node.logic(scope, run)
    finally:
        run.current = outer
    trace.micros = (time.perf_counter_ns() - started) // 1000
    traces[node.key] = trace
    return trace.result


def _singleton(raw: Any, kind: ValueType) -> Any:
    """As for any parameter a list of one is opened where no list is expected, and made where one is (DMN 1.5, 10.3.2.9.4)."""
    if isinstance(raw, list):
        return raw[0] if len(raw) == 1 and not kind.takes_lists else raw
    return [raw] if kind.is_collection and raw is not None else raw


def _look_up(variables: Mapping[str, Any], path: tuple[str, ...]) -> tuple[bool, Any]:
    if path[0] not in variables:
        return False, None
    current: Any = variables[path[0]]
    if len(path) == 1:
        return True, current
    for part in path[1:]:
        if not isinstance(current, Mapping) or part not in current:
            return False, None
        current = current[part]
    return True, current
