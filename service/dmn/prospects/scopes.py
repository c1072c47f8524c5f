"""The names an expression sees, with symbolic values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from service.dmn.prospects.diagrams import Leaf, values
from service.dmn.prospects.marks import Path
from service.dmn.prospects.symbolic import Assembly, Context, Items, Lazy, Symbolic, has_entries

Member = Callable[[Symbolic, str], Symbolic]


class Unstructured(Exception):
    """The elements of a list cannot be looked at one by one here: what a name means would differ from case to case."""


@dataclass(frozen=True, slots=True)
class Callee:
    """A decision service or business knowledge model that can be looked through.

    `call` yields the value for arguments in the order of the parameters, None where it cannot be looked through after all.
    """

    parameters: tuple[str, ...]
    call: Callable[[Sequence[Symbolic]], Symbolic | None]


class Scope:
    """Names and their values; `item` is the element a filter looks at, whose entries hide the names outside.

    `functions` are those among the names (after the name of an import) that can be looked through when they are called.
    """

    def __init__(
        self,
        names: Mapping[str, Lazy],
        outer: Scope | None = None,
        item: Symbolic | None = None,
        functions: Mapping[Path, Callee] | None = None,
    ) -> None:
        self.names = names
        self.functions = functions or {}
        self.outer = outer
        self.item = item

    def known(self) -> frozenset[str]:
        """All names with a value."""
        inner = {*self.names}
        if self.item is not None:
            inner |= {"item", *_entry_names(self.item)}
        return frozenset(inner | self.outer.known()) if self.outer is not None else frozenset(inner)

    def find(self, name: str, assembly: Assembly, member: Member) -> Symbolic:
        """The value of a name; `member` reads an entry. Raises `Unstructured`."""
        if name in self.names:
            return self.names[name].get()
        found = _of_item(name, self.item, assembly, member) if self.item is not None else None
        if found is not None:
            return found
        if self.outer is None:
            raise Unstructured(name)
        return self.outer.find(name, assembly, member)

    def visited(self, path: Path) -> Symbolic | None:
        """What somebody has already found under these names, as far as it has parts; None where nobody has looked."""
        if path[0] not in self.names:
            return self.outer.visited(path) if self.outer is not None else None
        found = self.names[path[0]].found
        for name in path[1:]:
            if not isinstance(found, Context) or name not in found.entries:
                break
            found = found.entries[name].found
        return found

    def callee(self, path: Path, assembly: Assembly, member: Member) -> Callee | None:
        """The function called by this name, if it can be looked through. Raises `Unstructured`."""
        if path[0] in self.names:
            return self.functions.get(path)
        if self.item is not None and _of_item(path[0], self.item, assembly, member) is not None:
            return None
        return self.outer.callee(path, assembly, member) if self.outer is not None else None


def _entry_names(value: Symbolic) -> set[str]:
    if isinstance(value, Context):
        return set(value.entries)
    if isinstance(value, Items):
        return set()
    return {name for found in values(value) if isinstance(found, dict) for name in found}


def _of_item(name: str, item: Symbolic, assembly: Assembly, member: Member) -> Symbolic | None:
    if isinstance(item, Context):
        always = isinstance(item.present, Leaf) and item.present.value is True
        if not always or item.rest is not None:
            raise Unstructured(name)
        if name in item.entries:
            return assembly.entry(item, name)
    elif not isinstance(item, Items):
        there = has_entries(item, name)
        if there is None and name != "item":
            raise Unstructured(name)
        if there:
            return member(item, name)
    return item if name == "item" else None
