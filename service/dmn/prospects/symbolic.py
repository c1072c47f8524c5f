"""Values of expressions while some inputs are unknown: diagrams of whole values, and contexts and lists kept in their parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from service.dmn.prospects.diagrams import Diagram, Diagrams, values
from service.dmn.prospects.limits import Undecided
from service.dmn.prospects.marks import Anything, Failure, Path, Within
from service.dmn.value_types import ValueType


class Lazy:
    """A value worked out when first asked for; most of what a decision could show is never asked for."""

    __slots__ = ("_found", "_make")

    def __init__(self, make: Callable[[], Symbolic]) -> None:
        self._make = make
        self._found: Symbolic | None = None

    @property
    def found(self) -> Symbolic | None:
        """The value if anybody has asked for it."""
        return self._found

    def get(self) -> Symbolic:
        """The value."""
        if self._found is None:
            self._found = self._make()
        return self._found


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an input stands among the variables, and its declared type."""

    path: Path
    kind: ValueType


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """A context where `present` is true, elsewhere null.

    `rest` makes entries that are not listed (contexts without declared components); `whole` is the value as one, where
    the entries do not make it up. `origin` is set where it is an input, or a part of one, as it was given; `missing` tells
    where an input that is not known is null as a whole, which is only where all its entries are null.
    """

    present: Diagram
    entries: Mapping[str, Lazy]
    rest: Callable[[str], Symbolic] | None = None
    whole: Callable[[], Diagram] | None = None
    origin: Origin | None = None
    missing: Callable[[], Diagram] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """A list: each element is there where its guard is true, in this order."""

    elements: tuple[tuple[Diagram, Symbolic], ...] = field(default_factory=tuple)


Symbolic = Context | Items | Diagram


class Assembly:
    """Puts parts together and takes wholes apart. `doubts` counts the values that were left open."""

    def __init__(self, diagrams: Diagrams, sources_of: Callable[[Within], frozenset[tuple[str, ...]]]) -> None:
        self._diagrams = diagrams
        self._sources_of = sources_of
        self._origins = count()
        self.doubts = 0

    def unsure(self, found: tuple[Any, ...], kind: str | None = None) -> Anything:
        """What can be said of a value computed from these."""
        self.doubts += 1
        sources: set[tuple[str, ...]] = set()
        for value in found:
            if isinstance(value, Anything):
                sources |= value.sources
            elif isinstance(value, Within):
                sources |= self._sources_of(value)
        return Anything(frozenset(sources), kind, next(self._origins))

    def combine(self, operation: Callable[..., Any], *operands: Diagram) -> Diagram:
        """`operation` over ordinary values; a value that is not known exactly makes the result unsure."""

        def over(*found: Any) -> Any:
            failure = next((value for value in found if isinstance(value, Failure)), None)
            if failure is not None:
                return failure
            if any(isinstance(value, Anything | Within) for value in found):
                return self.unsure(found)
            return operation(*found)

        return self._diagrams.apply(over, operands)

    def whole(self, value: Symbolic, most: int | None = None) -> Diagram:
        """The value as one diagram. Raises `Undecided` when it is a list of more than `most` values."""
        if isinstance(value, Items):
            items: Diagram = self._diagrams.leaf([])
            for guard, element in value.elements:
                items = self._diagrams.choose(guard, self.combine(lambda done, last: [*done, last], items, self.whole(element)), items)
                if most is not None:
                    _check(items, most)
            return items
        if isinstance(value, Context):
            if value.whole is not None:
                return value.whole()
            entries: Diagram = self._diagrams.leaf({})
            for name, entry in value.entries.items():
                entries = self.combine(_with_entry(name), entries, self.whole(entry.get()))
            return self._diagrams.choose(value.present, entries, self._diagrams.null)
        return value

    def outputs(self, value: Symbolic, most: int) -> Diagram:
        """The value as one diagram to be shown, not to be worked with: entries that are not known exactly stand among the others.

        Raises `Undecided` when there are more than `most` values.
        """
        if isinstance(value, Items):
            return self.whole(value, most)
        if not isinstance(value, Context) or value.whole is not None:
            return self.whole(value)
        entries: Diagram = self._diagrams.leaf({})
        for name, entry in value.entries.items():
            part = entry.get()
            entries = self._diagrams.apply(_shown_with(name), (entries, self.whole(part, most if isinstance(part, Items) else None)))
            _check(entries, most)
        return self._diagrams.choose(value.present, entries, self._diagrams.null)

    def may_fail(self, items: Items) -> bool:
        """Whether an element holds a failure."""
        return any(isinstance(found, Failure) for _, element in items.elements for found in values(self.whole(element)))

    def is_null(self, value: Symbolic) -> Diagram:
        """Whether the value is null; of what is known by its class only that can be told."""
        if isinstance(value, Items):
            return self._diagrams.false
        if isinstance(value, Context):
            missing = value.missing() if value.missing is not None else self._diagrams.false
            if value.missing is None and value.whole is not None:
                missing = self.is_null(value.whole())
            return self._diagrams.choose(value.present, missing, self._diagrams.true)
        return self._diagrams.apply(self._null_or_not, (value,))

    def _null_or_not(self, value: Any) -> Any:
        if isinstance(value, Anything):
            return self.unsure((value,), "boolean")
        return value if isinstance(value, Failure) else value is None

    def entry(self, context: Context, name: str) -> Symbolic:
        """`context.name`."""
        if name not in context.entries:
            return context.rest(name) if context.rest is not None else self._diagrams.null
        found = context.entries[name].get()
        if context.present is self._diagrams.true:
            return found
        if isinstance(found, Context):
            present = self._diagrams.both(context.present, found.present)
            return Context(present, found.entries, found.rest, found.whole, None, found.missing)
        return self._diagrams.choose(context.present, self.whole(found), self._diagrams.null)


def _check(shown: Diagram, most: int) -> None:
    if len(values(shown)) > most:
        raise Undecided(f"more than {most} outcomes are possible")


def _with_entry(name: str) -> Callable[[Any, Any], Any]:
    return lambda done, value: {**done, name: value}


def _shown_with(name: str) -> Callable[[Any, Any], Any]:
    def shown(done: Any, value: Any) -> Any:
        failure = next((found for found in (done, value) if isinstance(found, Failure)), None)
        return {**done, name: value} if failure is None else failure

    return shown


def has_entries(diagram: Diagram, name: str) -> bool | None:
    """Whether every value of the diagram is a context with this entry, or none is; None when that differs or is not known."""
    found = {isinstance(value, dict) and name in value for value in values(diagram)}
    if any(isinstance(value, Anything | Within) for value in values(diagram)) or len(found) != 1:
        return None
    return found.pop()
