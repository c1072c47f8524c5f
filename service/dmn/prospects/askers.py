"""Which decisions and rules an unknown input is for."""

from __future__ import annotations

from collections.abc import Iterable

from service.dmn.nodes import DecisionNode, Key
from service.dmn.path_set import PathSet
from service.dmn.prospects.answer import Asker
from service.dmn.prospects.asked import Question
from service.dmn.prospects.diagrams import Branch, support
from service.dmn.prospects.inquiry import Inquiry
from service.dmn.prospects.marks import Path
from service.dmn.prospects.symbolic import Context
from service.dmn.prospects.tables import OpenTable
from service.dmn.prospects.walk import Walk
from service.dmn.tables.table import CompiledTable
from service.feel import Expression


class Askers:
    """The decisions behind the outputs asked for."""

    def __init__(self, question: Question, inquiry: Inquiry, walk: Walk) -> None:
        self._unknowns = inquiry.unknowns
        self._walk = walk
        behind = self._closure(question.node, question.asked)
        tables = [(table, self._reads(question, key, table)) for key, table in walk.tables.items() if key in behind]
        tables.extend((table, self._read_inside(table)) for table in walk.called)
        self._tables = [(table, read, [support(matched) for matched in table.matched]) for table, read in tables]

    def _reads(self, question: Question, key: Key, table: OpenTable) -> PathSet:
        node = self._walk.graph.nodes[key]
        assert isinstance(node, DecisionNode)
        return question.facts.read(node, _tested(table.table))

    def _read_inside(self, table: OpenTable) -> PathSet:
        """What a table reads inside of something called, where names are bound to arguments."""
        read = PathSet()
        for path in _tested(table.table):
            found = table.scope.visited(path)
            if isinstance(found, Branch) and self._unknowns[found.unknown].path is not None:
                read.add(self._unknowns[found.unknown].path or ())
            elif isinstance(found, Context) and found.origin is not None:
                read.add(found.origin.path)
        return read

    def _closure(self, node: DecisionNode, asked: tuple[str, ...]) -> dict[Key, None]:
        found: dict[Key, None] = {}
        pending = [(node, _names_for(node.table, asked) if node.table is not None else _used(node))]
        while pending:
            current, names = pending.pop()
            found.setdefault(current.key)
            for requirement in current.requirements:
                needed = self._walk.graph.nodes[requirement.key]
                if isinstance(needed, DecisionNode) and needed.key not in found and requirement.path[0] in names:
                    pending.append((needed, _used(needed)))
        return found

    def of(self, path: Path) -> tuple[Asker, ...]:
        """The decisions whose own tables, or those of the functions they call, read the input: with the rules for which it matters."""
        numbers = {unknown.number for unknown in self._unknowns if path in unknown.sources}
        askers: dict[str, dict[str, None]] = {}
        for table, read, asked in self._tables:
            if read.touches(path):
                pairs = zip(table.table.rules, asked, strict=True)
                rules = [rule.rule.id or str(rule.rule.index) for rule, asked_for in pairs if asked_for & numbers]
                if rules:
                    askers.setdefault(table.owner.id, {}).update(dict.fromkeys(rules))
        return tuple(Asker(decision, tuple(rules)) for decision, rules in askers.items())


def _used(node: DecisionNode) -> frozenset[str]:
    return frozenset(path[0] for path in node.used_paths)


def _tested(table: CompiledTable) -> frozenset[Path]:
    """What the conditions of a table read."""
    cells = (cell.tests for rule in table.rules for cell in rule.cells)
    return frozenset(path for found in (*(column.expression for column in table.inputs), *cells) for path in found.paths)


def _names_for(table: CompiledTable, asked: Iterable[str]) -> frozenset[str]:
    """The names a table needs for some of its outputs."""
    places = [place for place, column in enumerate(table.outputs) if column.name in asked]
    rows = [*(rule.outputs for rule in table.rules), table.defaults]
    outputs = [row[place] for row in rows for place in places]
    tested = {path[0] for path in _tested(table)}
    return frozenset(tested | {name for output in outputs if isinstance(output, Expression) for name in output.names})
