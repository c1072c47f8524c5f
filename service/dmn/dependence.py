"""What a decision depends on: which of the variables it is given can matter to it at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from service.dmn.findings import DecisionFailure
from service.dmn.graph import Graph
from service.dmn.model import Model
from service.dmn.nodes import DecisionNode, InputNode, Key, Node, ServiceNode
from service.feel.free_names import free_paths, path_of
from service.feel.tree import Argument, Call

VariablePath = tuple[str, ...]
"""Names from the outermost variable inwards: `("facts", "motive")`."""

_Asked = tuple[tuple[Key, ...], frozenset[Key]]
_Reads = frozenset[tuple[Key, VariablePath]]
"""Parts of input data, and of decisions given from outside."""


def read_paths(model: Model, invocable_id: str) -> frozenset[VariablePath]:
    """The variables and parts of variables that the expressions behind a decision or decision service mention.

    A path stands for everything below it. What is not mentioned cannot change the outcome; what is mentioned may. An imported
    input counts under each of the names by which it is found. The parameters of a service that is called are no variables: of what
    is handed over, the parts count that the service reads. Raises `DecisionFailure` for an unknown id.
    """
    graph, found = model.graph, set[VariablePath]()
    for key, part in _reads(graph, _asked(model, invocable_id)):
        node = graph.nodes[key]
        names = ((node.variable,),) if isinstance(node, DecisionNode) else graph.input_paths[key]
        found.update((*name, *part) for name in names)
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


def _asked(model: Model, invocable_id: str) -> _Asked:
    """What has to be evaluated, and the decisions that are given from outside instead."""
    key = f"{model.definitions.namespace}#{invocable_id}"
    node = model.graph.nodes.get(key)
    if isinstance(node, DecisionNode):
        return (key,), frozenset()
    if isinstance(node, ServiceNode):
        return _inside(node)
    raise DecisionFailure("unknown-decision", f"there is no decision {invocable_id}", invocable_id)


def _inside(service: ServiceNode) -> _Asked:
    return service.outputs, frozenset(key for _, key in service.parameters)


def _reads(graph: Graph, asked: _Asked) -> _Reads:
    """What is read for `asked`; each service is worked out once, before those that call it."""
    known: dict[_Asked, _Reads] = {}
    pending = [asked]
    while pending:
        targets, given = wanted = pending[-1]
        plan = graph.plan(targets, frozenset(key for key in given if isinstance(graph.nodes[key], DecisionNode)))
        services = [node for node in plan if isinstance(node, ServiceNode)]
        unknown = [inside for inside in map(_inside, services) if inside not in known]
        if unknown and wanted not in known:
            pending.extend(unknown)
            continue
        pending.pop()
        if wanted not in known:
            within = {service.key: known[_inside(service)] for service in services}
            known[wanted] = _read_by(graph.nodes, plan, given, within)
    return known[asked]


def _read_by(nodes: Mapping[Key, Node], plan: Collection[Node], given: frozenset[Key], within: Mapping[Key, _Reads]) -> _Reads:
    """What the decisions of a plan read; `within` is what the services among it read, also of their parameters."""
    found = set[tuple[Key, VariablePath]]()
    for node in plan:
        if isinstance(node, ServiceNode):
            parameters = {key for _, key in node.parameters}
            found.update(read for read in within[node.key] if read[0] not in parameters)
        elif isinstance(node, DecisionNode):
            used = _used_paths(node, nodes, within)
            for requirement in node.requirements:
                if requirement.key in given or isinstance(nodes[requirement.key], InputNode):
                    found.update((requirement.key, part) for path in used for part in _below(requirement.path, path))
    return frozenset(found)


def _used_paths(decision: DecisionNode, nodes: Mapping[Key, Node], within: Mapping[Key, _Reads]) -> Collection[VariablePath]:
    """What its logic mentions; where that is one call of a service, of a variable handed over only what the service reads."""
    call = decision.expression
    if not isinstance(call, Call):
        return decision.used_paths
    called = path_of(call.function)
    service = next((nodes[found.key] for found in decision.requirements if found.path == called), None)
    if not isinstance(service, ServiceNode):
        return decision.used_paths
    used, others = set[VariablePath](), list[Argument]()
    for number, argument in enumerate(call.arguments):
        handed = path_of(argument.value)
        parameters = service.parameters[number : number + 1] if argument.name is None else service.parameters
        keys = {key for name, key in parameters if argument.name in (None, name)}
        if handed is None or not keys:
            others.append(argument)
        else:
            used.update((*handed, *part) for key, part in within[service.key] if key in keys)
    names = frozenset(requirement.path[0] for requirement in decision.requirements)
    return used | free_paths(Call(call.function, tuple(others)), names)


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
