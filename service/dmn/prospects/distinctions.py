"""Which values of an unknown input make a difference to the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from service.dmn.prospects.answer import Distinction
from service.dmn.prospects.diagrams import Branch, Diagram, Diagrams, nodes
from service.dmn.prospects.domains import NULL
from service.dmn.prospects.inquiry import Unknown

Places = Callable[[Diagram], Sequence[int]]
"""The positions of the outcomes a diagram leaves possible."""


def distinctions_of(
    unknown: Unknown, inside: Sequence[Unknown], answer: Diagram, diagrams: Diagrams, places: Places
) -> tuple[Distinction, ...]:
    """The classes of the unknown, those put together that lead to the same wherever it is asked.

    `inside` are the unknown entries of a context: where it is null, so are they.
    """
    asking = [part for part in nodes(answer) if isinstance(part, Branch) and part.unknown == unknown.number]
    groups: dict[tuple[int, ...], list[int]] = {}
    for index in range(len(unknown.classes.members)):
        groups.setdefault(tuple(id(part.children[index]) for part in asking), []).append(index)
    found = []
    for group in groups.values():
        left = diagrams.restrict(answer, unknown.number, group[0])
        if NULL in group:
            for entry in inside:
                left = diagrams.restrict(left, entry.number, NULL)
        found.append(Distinction(unknown.classes.text(group), tuple(places(left))))
    return tuple(found)
