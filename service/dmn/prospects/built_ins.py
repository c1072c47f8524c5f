"""Built-in functions over lists that are kept in their parts."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from service.dmn.prospects.diagrams import Diagram
from service.dmn.prospects.inquiry import Inquiry
from service.dmn.prospects.marks import inexact
from service.dmn.prospects.symbolic import Items
from service.feel import tree as feel

_EQUAL = feel.Comparison("=", feel.Name("operand 0"), feel.Name("operand 1"))


def count(guards: Iterable[Diagram], inquiry: Inquiry) -> Diagram:
    """How many of the guards are true."""
    total: Diagram = inquiry.diagrams.leaf(Decimal(0))
    for guard in guards:
        total = inquiry.diagrams.choose(guard, inquiry.diagrams.apply(lambda before: before + 1, (total,)), total)
    return total


def contains(items: Items, sought: Diagram, inquiry: Inquiry) -> Diagram:
    """Whether an element equals what is sought."""

    def either(before: Any, value: Any) -> Any:
        if before is True or value is True:
            return True
        return inquiry.assembly.unsure((before, value), "boolean") if inexact(before) or inexact(value) else False

    found: Diagram = inquiry.diagrams.false
    for guard, element in items.elements:
        same = inquiry.compute(_EQUAL, {("operand 0",): inquiry.assembly.whole(element), ("operand 1",): sought}, "boolean")
        found = inquiry.diagrams.choose(guard, inquiry.diagrams.apply(either, (found, same)), found)
    return found
