"""What is known about variables while compiling: one scope per frame that will exist at run time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal


class Scope:
    """`local` knows its names, `item` (the body of a filter) learns them from each element, `root` from the caller."""

    __slots__ = ("kind", "names", "outer")

    def __init__(self, kind: Literal["root", "local", "item"], outer: Scope | None = None, names: Iterable[str] = ()) -> None:
        self.kind = kind
        self.outer = outer
        self.names = set(names)

    def local(self, *names: str) -> Scope:
        """A scope inside this one."""
        return Scope("local", self, names)

    def item(self) -> Scope:
        """The scope of a filter body inside this one."""
        return Scope("item", self)

    def find(self, name: str) -> tuple[int, bool, bool]:
        """How many frames outwards the name lives, whether an item on the way may hide it, whether it is the root."""
        distance = 0
        crosses_item = False
        scope: Scope = self
        while True:
            if scope.kind == "local" and name in scope.names:
                return distance, crosses_item, False
            if scope.kind == "item":
                crosses_item = True
            if scope.outer is None:
                return distance, crosses_item, True
            scope = scope.outer
            distance += 1
