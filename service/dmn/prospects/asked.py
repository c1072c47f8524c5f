"""What is asked: a decision, some of its outputs, and what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.dmn.findings import DecisionFailure
from service.dmn.nodes import DecisionNode
from service.dmn.prospects.domains import domain_of
from service.dmn.prospects.facts import Facts


@dataclass(frozen=True, slots=True)
class Question:
    """A decision, the outputs asked for and the other ones (none if it is no table), and what is known."""

    node: DecisionNode
    asked: tuple[str, ...]
    others: tuple[str, ...]
    facts: Facts


def asked(node: DecisionNode, outputs: Sequence[str] | None, facts: Facts) -> Question:
    """The question about these outputs, by default those that every rule states as plain values; where there are none, those of which
    the values are limited, or all.

    Raises `DecisionFailure` (`unknown-output`).
    """
    if node.table is None:
        if outputs is not None:
            raise DecisionFailure("unknown-output", f"{node.id} is no table, its outputs cannot be asked for one by one", node.id)
        return Question(node, (), (), facts)
    names = [column.name for column in node.table.outputs]
    unknown = [name for name in outputs or () if name not in names]
    if unknown:
        raise DecisionFailure("unknown-output", f"{node.id} has no output {unknown[0]}", node.id)
    rows = [*(rule.outputs for rule in node.table.rules), node.table.defaults]
    plain = [name for place, name in enumerate(names) if all(row[place] is None or isinstance(row[place], tuple) for row in rows)]
    limited = [column.name for column in node.table.outputs if column.allowed is not None or domain_of(column.kind).conditions]
    chosen = outputs or plain or limited or names
    others = tuple(name for name in names if name not in chosen)
    return Question(node, tuple(name for name in names if name in chosen), others, facts)
