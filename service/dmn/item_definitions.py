"""Item definitions to value types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from service.dmn.built_in_types import BUILT_IN
from service.dmn.findings import Findings
from service.dmn.reading.syntax import ItemComponent, Place, Text
from service.dmn.tables.constraint import Constraint, compile_constraint
from service.dmn.value_types import (
    ANY,
    ConstrainedType,
    ContextType,
    DeferredType,
    FunctionType,
    ListType,
    ValueType,
)

_FEEL = ("feel:", "feel.")
"""What modelers write before the name of a built-in type."""


class TypeTable:
    """Finds the type a `typeRef` means.

    `imported` holds types of other files under `import name.type name`, `imported_names` are what their elements are called.
    """

    def __init__(
        self,
        items: Iterable[ItemComponent],
        imported: Mapping[str, ValueType],
        findings: Findings,
        imported_names: frozenset[str] = frozenset(),
        *,
        strict: bool = True,
    ) -> None:
        self._findings = findings
        self._strict = strict
        self._items: dict[str, ItemComponent] = {}
        self._imported = imported
        self._built: dict[str, ValueType] = {}
        self._pending: dict[str, DeferredType] = {}
        for item in items:
            if item.name in self._items:
                findings.error(item.place, "duplicate-name", f"two item definitions are called {item.name}")
            self._items[item.name] = item
        self._check_aliases()
        self.component_names = frozenset((*_component_names(self._items.values()), *_components_of(imported.values())))
        # Only these have to be told to the FEEL parser; a plain word is read as a name anyway.
        self.special_names = frozenset(name for name in self.component_names | imported_names if not name.isidentifier())
        for name in self._items:
            self._named(name)

    def named_types(self) -> dict[str, ValueType]:
        """The types this file defines or imports, by name."""
        return {**self._imported, **self._built}

    def named(self, name: str) -> ValueType | None:
        """The item definition of this name, here or imported."""
        return self._built.get(name) or self._imported.get(name)

    def find(self, type_ref: str | None, place: Place) -> ValueType:
        """The type, `ANY` when none is given; an unknown one is a finding."""
        if type_ref is None:
            return ANY
        if type_ref[:5] in _FEEL and type_ref[5:] in BUILT_IN:
            return BUILT_IN[type_ref[5:]]
        for name in _candidates(type_ref):
            if name in self._items:
                return self._named(name)
            if name in BUILT_IN:
                return BUILT_IN[name]
            if name in self._imported:
                return self._imported[name]
        report = self._findings.error if self._strict else self._findings.warning
        report(place, "unknown-type", f"the type {type_ref} is not defined")
        return ANY

    def _item_of(self, type_ref: str) -> ItemComponent | None:
        """The item definition of this file that a `typeRef` means."""
        if type_ref[:5] in _FEEL and type_ref[5:] in BUILT_IN:
            return None
        return next((self._items[name] for name in _candidates(type_ref) if name in self._items), None)

    def _check_aliases(self) -> None:
        """Types that refer to nothing but each other have no meaning."""
        for name in list(self._items):
            item = self._items[name]
            seen = {name}
            current: ItemComponent | None = item
            while current is not None and current.type_ref is not None and not current.components:
                found = self._item_of(current.type_ref)
                if found is current and current.name in BUILT_IN:
                    # A file may give a built-in type's name to its own: within itself the name means FEEL's.
                    self._items[current.name] = replace(current, type_ref=f"feel:{current.name}")
                    break
                if found is not None and found.name in seen:
                    self._findings.error(item.place, "cycle", f"the item definition {item.name} is defined by itself")
                    self._items[item.name] = ItemComponent(item.place, item.name, None, False, None, None)
                    break
                if found is not None:
                    seen.add(found.name)
                current = found

    def _named(self, name: str) -> ValueType:
        if name in self._built:
            return self._built[name]
        if name in self._pending:
            return self._pending[name]
        deferred = self._pending[name] = DeferredType(name)
        built = self._build(self._items[name])
        deferred.target = built
        self._built[name] = built
        del self._pending[name]
        return built

    def _build(self, item: ItemComponent) -> ValueType:
        base: ValueType
        if item.components:
            base = self._context(item)
        elif item.function is not None:
            parameters = tuple(self.find(found.type_ref, found.place) for found in item.function.parameters)
            base = FunctionType(item.name, parameters, self.find(item.function.output_type, item.place))
        else:
            base = self.find(item.type_ref, item.place)
        allowed = self._constraint(item.allowed)
        if allowed is not None:
            base = ConstrainedType(base, allowed, item.name)
        if item.is_collection:
            base = ListType(base, f"a list of {base.name}")
        whole = self._constraint(item.constraint)
        return ConstrainedType(base, whole, item.name) if whole is not None else base

    def _context(self, item: ItemComponent) -> ContextType:
        found = ContextType(item.name)
        for component in item.components:
            if component.name in found.components:
                self._findings.error(component.place, "duplicate-name", f"{item.name} has two components called {component.name}")
            found.components[component.name] = self._build(component)
        return found

    def _constraint(self, text: Text | None) -> Constraint | None:
        return compile_constraint(text, self.special_names, self._findings) if text is not None else None


def _candidates(type_ref: str) -> tuple[str, ...]:
    """The name as it stands, then without the prefix of a qualified name (DMN 1.1)."""
    return (type_ref, type_ref.rpartition(":")[2])


def _components_of(kinds: Iterable[ValueType]) -> Iterable[str]:
    """The names of all components in built types; a type inside its own definition is not followed."""
    for kind in kinds:
        if isinstance(kind, ContextType):
            yield from kind.components
            yield from _components_of(kind.components.values())
        elif isinstance(kind, ListType):
            yield from _components_of((kind.element,))
        elif isinstance(kind, ConstrainedType):
            yield from _components_of((kind.base,))


def _component_names(items: Iterable[ItemComponent]) -> Iterable[str]:
    for item in items:
        for component in item.components:
            yield component.name
        yield from _component_names(item.components)
