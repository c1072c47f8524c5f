"""Which decisions and rules an unknown input is for."""

from __future__ import annotations

from collections.abc import Iterable

from service.dmn.nodes import DecisionNode, Key
from service.dmn.prospects.answer import Asker
from service.dmn.prospects.asked import Question
from service.dmn.prospects.diagrams import support
from service.dmn.prospects.inquiry import Inquiry
from service.dmn.prospects.marks import Path
from service.dmn.prospects.walk import Walk
from service.dmn.tables.table import CompiledTable
from service.feel import Expression


class Askers:
    """The decisions behind the outputs asked for."""

    def __init__(self, question: Question, inquiry: Inquiry, walk: Walk) -> None:
        self._unknowns = inquiry.unknowns
        self._walk = walk
        behind = self._closure(question.node, question.asked)
        self._tables = [
            (table, question.facts.read(table.node, _tested(table.table)), [support(matched) for matched in table.matched])
            for key, table in walk.tables.items()
            if key in behind
        ]

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
        """The decisions whose own tables read the input, with the rules for which it makes a difference."""
        numbers = {unknown.number for unknown in self._unknowns if path in unknown.sources}
        askers = []
        for table, read, asked in self._tables:
            if read.touches(path):
                pairs = zip(table.table.rules, asked, strict=True)
                rules = tuple(rule.rule.id or str(rule.rule.index) for rule, asked_for in pairs if asked_for & numbers)
                if rules:
                    askers.append(Asker(table.node.id, rules))
        return tuple(askers)


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
