"""Item definitions to value types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from service.dmn.constraint import Constraint, compile_constraint
from service.dmn.findings import Findings
from service.dmn.syntax import ItemComponent, Place, Text
from service.dmn.value_types import (
    ANY,
    BUILT_IN,
    ConstrainedType,
    ContextType,
    DeferredType,
    FunctionType,
    ListType,
    ValueType,
)


class TypeTable:
    """Finds the type a `typeRef` means; `imported` holds types of other files under `import name.type name`."""

    def __init__(self, items: Iterable[ItemComponent], imported: Mapping[str, ValueType], findings: Findings) -> None:
        self._findings = findings
        self._items: dict[str, ItemComponent] = {}
        self._imported = imported
        self._built: dict[str, ValueType] = {}
        self._pending: dict[str, DeferredType] = {}
        for item in items:
            if item.name in self._items:
                findings.error(item.place, "duplicate-name", f"two item definitions are called {item.name}")
            self._items[item.name] = item
        self._check_aliases()
        self.component_names = frozenset(_component_names(self._items.values()))
        # Only these have to be told to the FEEL parser; a plain word is read as a name anyway.
        self.special_names = frozenset(name for name in self.component_names if not name.isidentifier())
        for name in self._items:
            self._named(name)

    def named_types(self) -> dict[str, ValueType]:
        """The types this file defines, by name."""
        return dict(self._built)

    def named(self, name: str) -> ValueType | None:
        """The item definition of this name, here or imported."""
        return self._built.get(name) or self._imported.get(name)

    def find(self, type_ref: str | None, place: Place) -> ValueType:
        """The type, `ANY` when none is given; an unknown one is an error."""
        if type_ref is None:
            return ANY
        for name in (type_ref, type_ref.rpartition(":")[2]):
            if name in self._items:
                return self._named(name)
            if name in BUILT_IN:
                return BUILT_IN[name]
            if name in self._imported:
                return self._imported[name]
        self._findings.error(place, "unknown-type", f"the type {type_ref} is not defined")
        return ANY

    def _check_aliases(self) -> None:
        """Types that refer to nothing but each other have no meaning."""
        for item in list(self._items.values()):
            seen = {item.name}
            current: ItemComponent | None = item
            while current is not None and current.type_ref is not None and not current.components:
                name = current.type_ref
                if name in seen and name in self._items:
                    self._findings.error(item.place, "cycle", f"the item definition {item.name} is defined by itself")
                    self._items[item.name] = ItemComponent(item.place, item.name, None, False, None, None)
                    break
                seen.add(name)
                current = self._items.get(name)

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


def _component_names(items: Iterable[ItemComponent]) -> Iterable[str]:
    for item in items:
        for component in item.components:
            yield component.name
        yield from _component_names(item.components)
