"""Arguments bound to the parameters of a function: converted to their types, or the call yields null."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from service.dmn.prospects.conversion import Conversion
from service.dmn.prospects.diagrams import Diagram, values
from service.dmn.prospects.domains import domain_of
from service.dmn.prospects.inquiry import Inquiry
from service.dmn.prospects.marks import Anything, Failure
from service.dmn.prospects.symbolic import Context, Symbolic
from service.dmn.value_types import ANY, ConstrainedType, ContextType, DeferredType, ListType, ValueType

_MISFIT: Any = object()


class Binding:
    """One call. `arguments` are the values of its parameters where they fit.

    `misfit`: where an argument is not of the type of its parameter; `failure`: where one has no value.
    """

    def __init__(self, inquiry: Inquiry, name: str, arguments: Iterable[tuple[Symbolic, ValueType]]) -> None:
        self._inquiry = inquiry
        self._diagrams = inquiry.diagrams
        self._name = name
        self._conversion = Conversion(inquiry, name)
        self.misfit: Diagram = self._diagrams.false
        self.failure: Diagram = self._diagrams.null
        self.arguments = [self._bound(value, kind) for value, kind in arguments]

    def _bound(self, value: Symbolic, kind: ValueType) -> Symbolic:
        if isinstance(value, Context) and value.origin is not None and _same(value.origin.kind, kind, set()):
            return value
        if kind is ANY and not (isinstance(value, Diagram) and any(isinstance(found, Failure) for found in values(value))):
            return value
        whole = self._inquiry.assembly.whole(value)
        failed = self._diagrams.apply(lambda found: found if isinstance(found, Failure) else None, (whole,))
        before = self._diagrams.apply(lambda found: found is not None, (self.failure,))
        self.failure = self._diagrams.choose(before, self.failure, failed)
        given = self._diagrams.apply(lambda found: None if isinstance(found, Failure) else found, (whole,))
        self._check(given, kind)
        fitted = self._diagrams.apply(lambda found: self._fitted(found, kind), (given,))
        return self._diagrams.apply(lambda found: None if found is _MISFIT else found, (fitted,))

    def _fitted(self, value: Any, kind: ValueType) -> Any:
        return self._conversion.converted(value, kind, _MISFIT)

    def _check(self, given: Diagram, kind: ValueType) -> None:
        states = self._diagrams.apply(lambda found: self._misfits(found, kind), (given,))
        wrong = self._diagrams.apply(lambda state: state is True, (states,))
        if None in values(states):
            choice = self._inquiry.choice(self._inquiry.behind(given), f"an argument of {self._name} may not be of the type {kind.name}")
            wrong = self._diagrams.choose(self._diagrams.apply(lambda state: state is None, (states,)), choice, wrong)
        self.misfit = self._diagrams.choose(self.misfit, self._diagrams.true, wrong)

    def _misfits(self, value: Any, kind: ValueType) -> bool | None:
        """None where that is not known."""
        found = self._fitted(value, kind)
        if found is _MISFIT:
            return True
        if not isinstance(found, Anything) or kind is ANY:
            return False
        domain = domain_of(kind)
        sure = isinstance(value, Anything) and value.kind is not None and value.kind == domain.kind
        return False if sure and domain.supported and not domain.conditions and not domain.whole else None


def _same(one: ValueType, other: ValueType, seen: set[tuple[int, int]]) -> bool:
    """Whether two types admit the same values, as far as their form tells: files are read more than once."""
    while isinstance(one, DeferredType):
        one = one.target
    while isinstance(other, DeferredType):
        other = other.target
    if one is other or (id(one), id(other)) in seen:
        return True
    seen.add((id(one), id(other)))
    if isinstance(one, ContextType) and isinstance(other, ContextType):
        return one.components.keys() == other.components.keys() and all(
            _same(kind, other.components[name], seen) for name, kind in one.components.items()
        )
    if isinstance(one, ListType) and isinstance(other, ListType):
        return _same(one.element, other.element, seen)
    if isinstance(one, ConstrainedType) and isinstance(other, ConstrainedType):
        return one.constraint.text == other.constraint.text and _same(one.base, other.base, seen)
    return False
