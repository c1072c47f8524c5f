"""Declared types applied to diagrams: inputs of a table, outputs of a table, results of decisions."""

from __future__ import annotations

from typing import Any

from service.dmn.prospects.diagrams import Diagram, values
from service.dmn.prospects.domains import constants_of, domain_of
from service.dmn.prospects.inquiry import Inquiry
from service.dmn.prospects.marks import Anything, Failure, Within
from service.dmn.prospects.symbolic import Symbolic
from service.dmn.tables.constraint import Constraint
from service.dmn.tables.table import InputColumn, OutputColumn
from service.dmn.value_types import ANY, MISMATCH, ValueType


class Conversion:
    """Conversions within one decision; failures carry its id."""

    def __init__(self, inquiry: Inquiry, decision_id: str) -> None:
        self._inquiry = inquiry
        self._decision_id = decision_id

    def wrong_type(self, column: InputColumn) -> Diagram:
        """The failure of an input that is not of its column's type."""
        return self._inquiry.diagrams.leaf(self._failure("wrong-type", column.clause.place.element_id))

    def _failure(self, code: str, element_id: str | None) -> Failure:
        return Failure(code, self._decision_id, element_id)

    def input(self, value: Diagram, column: InputColumn) -> Diagram:
        """The value of an input column; what does not fit is a failure."""
        if column.kind is ANY and column.allowed is None:
            return value
        element_id = column.clause.place.element_id
        wrong, refused = self._failure("wrong-type", element_id), self._failure("not-allowed", element_id)

        def at(found: Any) -> Any:
            if found is None or isinstance(found, Failure | Anything):
                return found
            return self._constrained(self.converted(found, column.kind, wrong), column.allowed, refused)

        return self._inquiry.diagrams.apply(at, (value,))

    def output(self, value: Symbolic, column: OutputColumn) -> Symbolic:
        """An output; what is not of the type is null, what is not allowed a failure."""
        if column.kind is ANY and column.allowed is None:
            return value
        refused = self._failure("output-not-allowed", column.clause.place.element_id)
        whole = self._inquiry.assembly.whole(value)

        def at(found: Any) -> Any:
            if found is None or isinstance(found, Failure):
                return found
            return self._constrained(self.converted(found, column.kind, None), column.allowed, refused)

        found = self._inquiry.diagrams.apply(at, (whole,))
        if column.allowed is None or not any(isinstance(end, Anything) for end in values(found)):
            return found
        computed = self._inquiry.diagrams.apply(lambda end: isinstance(end, Anything), (found,))
        sources = self._inquiry.behind(found)
        fails = self._inquiry.choice(sources, f"the output {column.name} of {self._decision_id} may not be one of its allowed values")
        return self._inquiry.diagrams.choose(self._inquiry.diagrams.both(computed, fails), self._inquiry.diagrams.leaf(refused), found)

    def result(self, value: Symbolic, kind: ValueType) -> Symbolic:
        """A decision's result as its declared type; what does not fit is null."""
        if kind is ANY:
            return value
        whole = self._inquiry.assembly.whole(value)
        return self._inquiry.diagrams.apply(lambda found: self.converted(found, kind, None), (whole,))

    def converted(self, value: Any, kind: ValueType, mismatch: Any) -> Any:
        """One value as the type, or `mismatch`."""
        if value is None or isinstance(value, Failure) or kind is ANY:
            return value
        if isinstance(value, Anything):
            return Anything(value.sources, domain_of(kind).kind, (value, id(kind)))
        if not isinstance(value, Within):
            found = kind.convert(value)
            return mismatch if found is MISMATCH else found
        domain = domain_of(kind)
        unknown = self._inquiry.unknowns[value.unknown]
        if unknown.domain.kind is None and unknown.path is not None and domain.supported:
            self._inquiry.assume(value, domain)
        member = unknown.classes.members[value.index]
        if member.kind != domain.kind or domain.kind == "list":
            return mismatch if unknown.domain.supported and domain.supported else self._inquiry.assembly.unsure((value,), domain.kind)
        if domain.whole and not unknown.domain.whole:
            if not member.single:
                return self._inquiry.assembly.unsure((value,), domain.kind)
            if kind.convert(value.sample) is MISMATCH:
                return mismatch
        if not domain.conditions:
            return value
        if all(self._alike(value, condition) for condition in domain.conditions):
            return mismatch if kind.convert(value.sample) is MISMATCH else value
        return self._inquiry.assembly.unsure((value,), domain.kind)

    def _constrained(self, value: Any, allowed: Constraint | None, refused: Failure) -> Any:
        if allowed is None or value is None or isinstance(value, Failure | Anything):
            return value
        if not isinstance(value, Within):
            return value if allowed.allows(value) else refused
        if self._alike(value, allowed):
            return value if allowed.allows(value.sample) else refused
        return self._inquiry.assembly.unsure((value,))

    def _alike(self, value: Within, condition: Constraint) -> bool:
        if not self._inquiry.unknowns[value.unknown].domain.supported:
            return False
        constants = constants_of(condition)
        return constants is not None and self._inquiry.tells_apart(value, constants)
