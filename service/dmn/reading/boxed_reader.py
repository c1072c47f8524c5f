"""XML of boxed expressions to their syntax."""

from __future__ import annotations

import lxml.etree as etree

from service.dmn.findings import Findings
from service.dmn.language import check_language
from service.dmn.reading.document import DROOLS, attribute, child, children, feel_text, local, place_of, type_ref
from service.dmn.reading.syntax import (
    Binding,
    Boxed,
    Conditional,
    ContextEntry,
    ContextExpression,
    FilterExpression,
    FunctionExpression,
    Invocation,
    Iterator,
    ListExpression,
    LiteralExpression,
    Named,
    Relation,
)
from service.dmn.reading.table_reader import read_table
from service.dmn.reading.vocabulary import EXPRESSIONS

_DEEPEST = 60
_DROOLS_KINDS = {"J": "Java", "P": "PMML"}


class BoxedReader:
    """Reads the expressions of one file; `language` is the file's default expression language."""

    def __init__(self, findings: Findings, language: str | None) -> None:
        self._findings = findings
        self._language = language
        self._depth = 0

    def only_expression(self, parent: etree._Element) -> Boxed | None:
        """The one boxed expression among the children of `parent`; None when there is none."""
        found = next(children(parent, *EXPRESSIONS), None)
        return self.expression(found) if found is not None else None

    def expression(self, element: etree._Element) -> Boxed:
        """Any boxed expression."""
        if self._depth >= _DEEPEST:
            self._findings.error(place_of(element), "too-deep", f"boxed expressions nest deeper than {_DEEPEST}")
            return LiteralExpression(place_of(element), None, "null")
        self._depth += 1
        try:
            return self._expression(element)
        finally:
            self._depth -= 1

    def _expression(self, element: etree._Element) -> Boxed:
        kind = local(element)
        place = place_of(element)
        if kind == "literalExpression":
            return self._literal(element)
        if kind == "decisionTable":
            return read_table(element, self._findings, self._language)
        if kind == "context":
            return self._context(element)
        if kind == "invocation":
            return self._invocation(element)
        if kind == "list":
            items = tuple(self.expression(item) for item in children(element, *EXPRESSIONS))
            return ListExpression(place, type_ref(element), items)
        if kind == "relation":
            return self._relation(element)
        if kind == "functionDefinition":
            return self.function(element)
        if kind == "conditional":
            parts = [self._part(element, name) for name in ("if", "then", "else")]
            return Conditional(place, type_ref(element), *parts)
        if kind == "filter":
            return FilterExpression(place, type_ref(element), self._part(element, "in"), self._part(element, "match"))
        return self._iterator(element)

    def _part(self, element: etree._Element, name: str) -> Boxed:
        part = child(element, name)
        found = self.only_expression(part) if part is not None else None
        return found if found is not None else self._missing(element, f"{local(element)} has no {name} expression")

    def _missing(self, element: etree._Element, message: str) -> Boxed:
        self._findings.error(place_of(element), "missing-expression", message)
        return LiteralExpression(place_of(element), None, "null")

    def _literal(self, element: etree._Element) -> LiteralExpression:
        check_language(element, self._findings, self._language)
        if child(element, "importedValues") is not None:
            self._findings.error(place_of(element), "imported-values", "importedValues cannot be executed; write FEEL")
        text = feel_text(element)
        return LiteralExpression(text.place, type_ref(element), text.text)

    def _context(self, element: etree._Element) -> ContextExpression:
        entries = []
        for entry in children(element, "contextEntry"):
            variable = child(entry, "variable")
            name = attribute(variable, "name") if variable is not None else None
            expression = self.only_expression(entry)
            if expression is None:
                expression = self._missing(entry, f"context entry {name or ''} has no expression")
            type_name = type_ref(variable) if variable is not None else None
            entries.append(ContextEntry(place_of(entry), name, type_name, expression))
        return ContextExpression(place_of(element), type_ref(element), tuple(entries))

    def _invocation(self, element: etree._Element) -> Invocation:
        called = self.only_expression(element) or self._missing(element, "the invocation names no function")
        bindings = []
        for binding in children(element, "binding"):
            parameter = child(binding, "parameter")
            name = attribute(parameter, "name") if parameter is not None else None
            if name is None:
                self._findings.error(place_of(binding), "missing-name", "the binding names no parameter")
                continue
            bindings.append(Binding(place_of(binding), name, self.only_expression(binding)))
        return Invocation(place_of(element), type_ref(element), called, tuple(bindings))

    def _relation(self, element: etree._Element) -> Relation:
        columns = tuple(read_named(column, self._findings) for column in children(element, "column"))
        rows = []
        for row in children(element, "row"):
            cells = tuple(self.expression(cell) for cell in children(row, *EXPRESSIONS))
            if len(cells) != len(columns):
                self._findings.error(place_of(row), "wrong-width", f"the row has {len(cells)} cells for {len(columns)} columns")
                continue
            rows.append(cells)
        return Relation(place_of(element), type_ref(element), columns, tuple(rows))

    def function(self, element: etree._Element) -> FunctionExpression:
        """A function definition, also the encapsulated logic of a business knowledge model."""
        parameters = tuple(read_named(found, self._findings) for found in children(element, "formalParameter"))
        kind = (attribute(element, "kind") or _drools_kind(element) or "FEEL").upper()
        return FunctionExpression(place_of(element), type_ref(element), kind, parameters, self.only_expression(element))

    def _iterator(self, element: etree._Element) -> Iterator:
        kind = local(element)
        variable = attribute(element, "iteratorVariable")
        if variable is None:
            self._findings.error(place_of(element), "missing-name", f"{kind} names no iterator variable")
        body = "return" if kind == "for" else "satisfies"
        source = child(element, "in")
        return Iterator(
            place_of(element),
            type_ref(element),
            "for" if kind == "for" else "some" if kind == "some" else "every",
            variable or "",
            type_ref(source) if source is not None else None,
            self._part(element, "in"),
            self._part(element, body),
        )


def _drools_kind(element: etree._Element) -> str | None:
    """The kind of a function in files of DMN 1.1, which had no attribute for it: Drools wrote one of its own."""
    return _DROOLS_KINDS.get(element.get(f"{{{DROOLS}}}kind", ""))


def read_named(element: etree._Element, findings: Findings) -> Named:
    """A parameter or column: name and type."""
    name = attribute(element, "name")
    if name is None:
        findings.error(place_of(element), "missing-name", f"{local(element)} has no name")
    return Named(place_of(element), name or "", type_ref(element))
