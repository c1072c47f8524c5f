"""What a decision decides by although nothing asks whether it is known.

A decision may need another one that lists what is not known yet, so that nothing is decided before. A rule added later to a table it
decides by may read what that list does not look at: unknown, it would count as not so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from service.dmn.dependence import VariablePath
from service.dmn.graph import Graph
from service.dmn.model import Model
from service.dmn.nodes import DecisionNode, InputNode, Key, ServiceNode
from service.dmn.path_set import PathSet
from service.dmn.reading.syntax import Rule
from service.dmn.tables.table import CompiledTable
from service.dmn.value_types import ContextType
from service.feel.free_names import free_paths
from service.feel.tree import ContextLiteral, Literal, walk, with_parts
from service.feel.tree import Node as Tree

Paths = Collection[VariablePath]


@dataclass(frozen=True, slots=True)
class Unasked:
    """A part of input data that the decision `outcome` decides by and that `asking`, the tables of what is not known, never look at.

    The decision `reader` reads it: where that is a table, `rules` in the column called `column`. `element_id` and `line` are those of
    the first of these, or of the outcome where the reader stands in an imported file.
    """

    path: VariablePath
    outcome: str
    asking: tuple[str, ...]
    reader: str
    rules: tuple[str, ...]
    column: str | None
    element_id: str | None
    line: int


def unasked(model: Model, asks: Callable[[str], bool], shown: Collection[str]) -> tuple[Unasked, ...]:
    """What nobody asks for, in the order of the file.

    `asks` tells by its id whether a decision lists what is not known. Each decision of the file that needs such a one itself is looked
    at. A table decides by what its input columns read, any other decision by all it reads, except what it hands over in a context
    as an entry called as one of `shown`. Columns without any condition read nothing, columns of its own table with one for null ask.
    """
    graph, found = model.graph, dict[Unasked, None]()
    for element in model.definitions.decisions:
        outcome = graph.nodes[f"{model.definitions.namespace}#{element.id}"]
        if isinstance(outcome, DecisionNode) and not asks(element.id):
            asking = _asking(graph, outcome, asks)
            if asking:
                found.update(dict.fromkeys(_unasked_by(model, outcome, asking, asks, shown)))
    return tuple(sorted(found, key=lambda one: one.line))


def _asking(graph: Graph, outcome: DecisionNode, asks: Callable[[str], bool]) -> list[DecisionNode]:
    return [node for node in _needed(graph, outcome, outcome.used_paths) if asks(node.id)]


def _unasked_by(
    model: Model, outcome: DecisionNode, asking: Collection[DecisionNode], asks: Callable[[str], bool], shown: Collection[str]
) -> Iterator[Unasked]:
    graph, lists = model.graph, _behind(model.graph, asking)
    asked = PathSet(path for node in lists for path in _read(graph, node))
    if outcome.table is not None:
        for path in _inputs_in(graph, outcome, _asked_in(outcome.table)):
            asked.add(path)
    here = tuple(node.id for node in lists if node.table is not None and _is_of(model, node))
    deciding = _deciding(outcome, shown)
    # One that asks by itself is looked at where it is written.
    others = [node for node in _needed(graph, outcome, deciding) if not asks(node.id) and not _asking(graph, node, asks)]
    read = [(outcome, path) for path in _inputs_in(graph, outcome, deciding)]
    read += [(node, path) for node in _behind(graph, others) for path in _read(graph, node)]
    results = {node.name for node in graph.nodes.values() if isinstance(node, InputNode) and _is_result(node, shown)}
    for reader, path in read:
        if path[0] not in results and not asked.touches(path):
            yield _told(model, outcome, here or tuple(node.id for node in asking), reader, path)


def _told(model: Model, outcome: DecisionNode, asking: tuple[str, ...], reader: DecisionNode, path: VariablePath) -> Unasked:
    column, rules = _rules(model.graph, reader, path)
    place = outcome.place
    if _is_of(model, reader):
        place = rules[0].place if rules else reader.place
    names = tuple(rule.id or str(rule.index) for rule in rules)
    return Unasked(path, outcome.id, asking, reader.id, names, column, place.element_id, place.line)


def _is_of(model: Model, node: DecisionNode) -> bool:
    return node.key.rpartition("#")[0] == model.definitions.namespace


def _is_result(node: InputNode, shown: Collection[str]) -> bool:
    """Whether it is what another table found, handed over together with what is not known of it."""
    return isinstance(node.kind, ContextType) and any(name in shown for name in node.kind.components)


def _needed(graph: Graph, owner: DecisionNode, paths: Paths) -> list[DecisionNode]:
    """The decisions the owner requires and mentions in these paths."""
    mentioned = PathSet(paths)
    nodes = (graph.nodes[key] for key in dict.fromkeys(one.key for one in owner.requirements if mentioned.touches(one.path)))
    return [node for node in nodes if isinstance(node, DecisionNode)]


def _deciding(outcome: DecisionNode, shown: Collection[str]) -> Paths:
    """What its outcome depends on, as far as the places tell in which it stands."""
    if outcome.table is not None:
        return _conditions(outcome.table)
    if outcome.expression is None:
        return outcome.used_paths
    names = frozenset(requirement.path[0] for requirement in outcome.requirements)
    return free_paths(_without(outcome.expression, shown), names)


def _without(tree: Tree, shown: Collection[str]) -> Tree:
    if isinstance(tree, ContextLiteral):
        tree = replace(tree, entries=tuple(entry for entry in tree.entries if entry.name not in shown))
    return with_parts(tree, lambda part: _without(part, shown))


def _conditions(table: CompiledTable) -> Paths:
    """What the columns with a condition read, and the conditions themselves."""
    found = {path for number, _ in _used_columns(table) for path in table.inputs[number].expression.paths}
    return found.union(*(cell.tests.paths for rule in table.rules for cell in rule.cells))


def _asked_in(table: CompiledTable) -> Paths:
    """What the columns read in which a rule asks for null."""
    asked = {cell.column for rule in table.rules for cell in rule.cells if Literal(None) in walk(cell.tests.tree)}
    return {path for number in asked for path in table.inputs[number].expression.paths}


def _used_columns(table: CompiledTable) -> Iterator[tuple[int, tuple[Rule, ...]]]:
    """Each column with the rules that have a condition in it."""
    for number in range(len(table.inputs)):
        rules = tuple(rule.rule for rule in table.rules if any(cell.column == number for cell in rule.cells))
        if rules:
            yield number, rules


def _behind(graph: Graph, targets: Iterable[DecisionNode]) -> Collection[DecisionNode]:
    """The decisions with all they need, also inside the services they need."""
    found: dict[Key, DecisionNode] = {}
    seen = set[tuple[tuple[Key, ...], frozenset[Key]]]()
    pending = [(tuple(node.key for node in targets), frozenset[Key]())]
    while pending:
        wanted = pending.pop()
        if wanted in seen:
            continue
        seen.add(wanted)
        for node in graph.plan(*wanted):
            if isinstance(node, DecisionNode):
                found.setdefault(node.key, node)
            elif isinstance(node, ServiceNode):
                pending.append((node.outputs, frozenset(key for _, key in node.parameters)))
    return found.values()


def _read(graph: Graph, node: DecisionNode) -> Iterable[VariablePath]:
    """The parts of input data the logic of a decision reads."""
    if node.table is None:
        return _inputs_in(graph, node, node.used_paths)
    in_columns = {path for column in node.table.inputs for path in column.expression.paths}
    return _inputs_in(graph, node, {*node.used_paths} - in_columns | {*_conditions(node.table)})


def _inputs_in(graph: Graph, node: DecisionNode, paths: Paths) -> Iterable[VariablePath]:
    """The paths as parts of input data. What is handed on whole is not read here."""
    found: dict[VariablePath, None] = {}
    for requirement in node.requirements:
        source = graph.nodes[requirement.key]
        if isinstance(source, InputNode):
            length = len(requirement.path)
            parts = (path[length:] for path in sorted(paths) if path[:length] == requirement.path)
            found.update(((source.name, *part), None) for part in parts if part or not isinstance(source.kind, ContextType))
    return found


def _rules(graph: Graph, reader: DecisionNode, path: VariablePath) -> tuple[str | None, tuple[Rule, ...]]:
    """The first column in which a table reads the path, and its rules there."""
    if reader.table is not None:
        for number, rules in _used_columns(reader.table):
            column = reader.table.inputs[number]
            if path in _inputs_in(graph, reader, column.expression.paths):
                return column.clause.label or column.expression.text, rules
    return None, ()
