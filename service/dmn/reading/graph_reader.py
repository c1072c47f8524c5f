"""The definitions element to the syntax of the whole file."""

from __future__ import annotations

import re

import lxml.etree as etree

from service.dmn.findings import Findings
from service.dmn.reading.boxed_reader import BoxedReader, read_named
from service.dmn.reading.document import DROOLS, attribute, child, children, content_of, dmn_name, feel_text, local, place_of, type_ref
from service.dmn.reading.syntax import (
    DecisionElement,
    Definitions,
    FunctionSignature,
    Import,
    InputData,
    ItemComponent,
    KnowledgeModel,
    Reference,
    ServiceElement,
    Text,
)
from service.dmn.reading.vocabulary import check_elements

_VERSION_TAG = "{http://camunda.org/schema/1.0/dmn}versionTag"
_DMN = re.compile(r"https?://www\.omg\.org/spec/DMN")
_TOLD_BY_ID = frozenset({"inputData", "decision", "businessKnowledgeModel", "decisionService", "rule"})


def read_definitions(root: etree._Element, findings: Findings) -> Definitions:
    """Everything in the file that can be executed; unknown elements become findings."""
    return _GraphReader(root, findings).read()


class _GraphReader:
    def __init__(self, root: etree._Element, findings: Findings) -> None:
        self._root = root
        self._findings = findings
        self._boxed = BoxedReader(findings, attribute(root, "expressionLanguage"))
        self._namespace = attribute(root, "namespace") or ""

    def read(self) -> Definitions:
        root = self._root
        check_elements(root, self._findings)
        self._check_ids()
        return Definitions(
            attribute(root, "id"),
            attribute(root, "name") or "",
            self._namespace,
            tuple(self._import(found) for found in children(root, "import")),
            tuple(self._item(found) for found in children(root, "itemDefinition")),
            tuple(self._input(found) for found in children(root, "inputData")),
            tuple(self._decision(found) for found in children(root, "decision")),
            tuple(self._knowledge(found) for found in children(root, "businessKnowledgeModel")),
            tuple(self._service(found) for found in children(root, "decisionService")),
            self._documentation(root),
        )

    def _check_ids(self) -> None:
        seen: set[str] = set()
        named: set[str] = set()
        for element in self._root.iter():
            # Diagrams and extensions have ids of their own, which nothing here refers to.
            found = element.get("id")
            name = dmn_name(element) if found is not None else None
            if found is None or name is None:
                continue
            told = name in _TOLD_BY_ID
            if found in seen:
                # Modelers write ids of columns and cells twice; what is referred to or explained by its id must be the only one.
                report = self._findings.error if told and found in named else self._findings.warning
                report(place_of(element), "duplicate-id", f"the id {found} is used twice")
            seen.add(found)
            if told:
                named.add(found)

    def _identity(self, element: etree._Element) -> tuple[str, str]:
        """Id and name; either stands in for the other when only one is missing."""
        found_id, name = attribute(element, "id"), attribute(element, "name")
        if found_id is None and name is None:
            self._findings.error(place_of(element), "missing-name", f"{local(element)} has neither id nor name")
        return found_id or name or "", name or found_id or ""

    def _variable(self, element: etree._Element) -> tuple[str | None, str | None]:
        variable = child(element, "variable")
        return (attribute(variable, "name"), type_ref(variable)) if variable is not None else (None, None)

    def _documentation(self, element: etree._Element) -> str | None:
        description = child(element, "description")
        return content_of(description) or None if description is not None else None

    def _import(self, element: etree._Element) -> Import:
        kind = attribute(element, "importType")
        return Import(
            place_of(element),
            attribute(element, "name") or element.get(f"{{{DROOLS}}}name") or "",
            attribute(element, "namespace") or "",
            None if kind is None or _DMN.match(kind) else kind,
        )

    def _item(self, element: etree._Element) -> ItemComponent:
        name = attribute(element, "name")
        if name is None:
            self._findings.error(place_of(element), "missing-name", f"{local(element)} has no name")
        signature = child(element, "functionItem")
        return ItemComponent(
            place_of(element),
            name or "",
            type_ref(element),
            attribute(element, "isCollection") in ("true", "1"),
            self._tests(element, "allowedValues"),
            self._tests(element, "typeConstraint"),
            tuple(self._item(found) for found in children(element, "itemComponent")),
            FunctionSignature(
                tuple(read_named(found, self._findings) for found in children(signature, "parameters")),
                attribute(signature, "outputTypeRef"),
            )
            if signature is not None
            else None,
        )

    def _tests(self, element: etree._Element, name: str) -> Text | None:
        found = child(element, name)
        text = feel_text(found) if found is not None else None
        return text if text is not None and text.text not in ("", "-") else None

    def _input(self, element: etree._Element) -> InputData:
        found_id, name = self._identity(element)
        variable, type_name = self._variable(element)
        return InputData(place_of(element), found_id, variable or name, type_name)

    def _decision(self, element: etree._Element) -> DecisionElement:
        found_id, name = self._identity(element)
        variable, type_name = self._variable(element)
        return DecisionElement(
            place_of(element),
            found_id,
            name,
            variable or name,
            type_name,
            self._documentation(element),
            self._required(element, "informationRequirement", "requiredDecision"),
            self._required(element, "informationRequirement", "requiredInput"),
            self._required(element, "knowledgeRequirement", "requiredKnowledge"),
            self._boxed.only_expression(element),
            attribute(element, _VERSION_TAG),
        )

    def _knowledge(self, element: etree._Element) -> KnowledgeModel:
        found_id, name = self._identity(element)
        variable, type_name = self._variable(element)
        logic = child(element, "encapsulatedLogic")
        return KnowledgeModel(
            place_of(element),
            found_id,
            variable or name,
            type_name,
            self._required(element, "knowledgeRequirement", "requiredKnowledge"),
            self._boxed.function(logic) if logic is not None else None,
        )

    def _service(self, element: etree._Element) -> ServiceElement:
        found_id, name = self._identity(element)
        variable, type_name = self._variable(element)
        return ServiceElement(
            place_of(element),
            found_id,
            variable or name,
            type_name,
            self._references(element, "outputDecision"),
            self._references(element, "encapsulatedDecision"),
            self._references(element, "inputDecision"),
            self._references(element, "inputData"),
        )

    def _required(self, element: etree._Element, requirement: str, target: str) -> tuple[Reference, ...]:
        return tuple(reference for found in children(element, requirement) for reference in self._references(found, target))

    def _references(self, element: etree._Element, name: str) -> tuple[Reference, ...]:
        references = []
        for found in children(element, name):
            href = attribute(found, "href")
            if href is None:
                self._findings.error(place_of(found), "missing-reference", f"{name} has no href")
                continue
            namespace, separator, target = href.rpartition("#")
            outside = namespace if separator and namespace and namespace != self._namespace else None
            references.append(Reference(place_of(found), outside, target))
        return tuple(references)
