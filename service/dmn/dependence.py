"""What a decision depends on: which of the variables it is given can matter to it at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from service.dmn.findings import DecisionFailure
from service.dmn.graph import Graph
from service.dmn.model import Model
from service.dmn.nodes import DecisionNode, InputNode, Key, ServiceNode

VariablePath = tuple[str, ...]
"""Names from the outermost variable inwards: `("facts", "motive")`."""

_Seen = set[tuple[tuple[Key, ...], frozenset[Key]]]


def read_paths(model: Model, invocable_id: str) -> frozenset[VariablePath]:
    """The variables and parts of variables that the expressions behind a decision or decision service mention.

    A path stands for everything below it. What is not mentioned cannot change the outcome; what is mentioned may. An imported
    input counts under each of the names by which it is found. Raises `DecisionFailure` for an unknown id.
    """
    graph, found = model.graph, set[VariablePath]()
    targets, given = _asked(model, invocable_id)
    for decision in _decisions(graph, targets, given, set()):
        for requirement in decision.requirements:
            node = graph.nodes[requirement.key]
            parts = [part for path in decision.used_paths for part in _below(requirement.path, path)]
            if isinstance(node, InputNode):
                names: Iterable[VariablePath] = graph.input_paths[node.key]
            elif requirement.key in given and isinstance(node, DecisionNode):
                names = ((node.variable,),)
            else:
                continue
            found.update((*name, *part) for name in names for part in parts)
    return frozenset(found)


def input_paths(model: Model, invocable_id: str) -> tuple[tuple[VariablePath, ...], ...]:
    """The inputs of a decision or decision service: of each the paths in the variables under which it is looked for, in that order.

    Raises `DecisionFailure` for an unknown id.
    """
    targets, given = _asked(model, invocable_id)
    graph = model.graph
    decisions = [((node.variable,),) for node in map(graph.nodes.get, given) if isinstance(node, DecisionNode)]
    return (*(graph.input_paths[node.key] for node in graph.inputs_of(targets)), *decisions)


def given_inputs(model: Model, invocable_id: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The part of `variables` that a decision or decision service takes as its inputs: enough to evaluate it again.

    Each input data is kept whole, also what of it this version does not read. Raises `DecisionFailure` for an unknown id.
    """
    kept: dict[str, Any] = {}
    for paths in input_paths(model, invocable_id):
        for path in paths:
            _copy(variables, kept, path)
    return kept


def _asked(model: Model, invocable_id: str) -> tuple[tuple[Key, ...], frozenset[Key]]:
    """What has to be evaluated, and the decisions that are given from outside instead."""
    key = f"{model.definitions.namespace}#{invocable_id}"
    node = model.graph.nodes.get(key)
    if isinstance(node, DecisionNode):
        return (key,), frozenset()
    if isinstance(node, ServiceNode):
        return node.outputs, frozenset(parameter for _, parameter in node.parameters)
    raise DecisionFailure("unknown-decision", f"there is no decision {invocable_id}", invocable_id)


def _decisions(graph: Graph, targets: tuple[Key, ...], given: frozenset[Key], seen: _Seen) -> Iterator[DecisionNode]:
    """The decisions that are evaluated for `targets`, also those of services that are called."""
    if (targets, given) in seen:
        return
    seen.add((targets, given))
    for node in graph.plan(targets, frozenset(key for key in given if isinstance(graph.nodes[key], DecisionNode))):
        if isinstance(node, DecisionNode):
            yield node
        elif isinstance(node, ServiceNode):
            yield from _decisions(graph, node.outputs, frozenset(key for _, key in node.parameters), seen)


def _below(name: VariablePath, used: VariablePath) -> tuple[VariablePath, ...]:
    """What of the thing called `name` the path reads: nothing, a part, or all of it (also when read with what contains it)."""
    if used[: len(name)] == name:
        return (used[len(name) :],)
    return ((),) if name[: len(used)] == used else ()


def _copy(source: Mapping[str, Any], target: dict[str, Any], path: VariablePath) -> None:
    name, rest = path[0], path[1:]
    if name not in source:
        return
    if not rest:
        target[name] = source[name]
    elif isinstance(source[name], Mapping):
        inner = target.get(name)
        if inner is source[name]:
            return  # Kept whole already.
        if not isinstance(inner, dict):
            inner = target[name] = {}
        _copy(source[name], inner, rest)
