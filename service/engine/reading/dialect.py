"""The dialect: camunda: attributes and extension elements. What is not executed is reported, never left out in silence."""

import re

from lxml import etree

from service.engine.findings import Report
from service.engine.parameters import InputOutput
from service.engine.reading import camunda_words
from service.engine.reading.bpmn_xml import extensions, split
from service.engine.reading.diagram import Passed
from service.engine.reading.mapping_reader import MappingReader
from service.engine.reading.vocabulary import BPMN, BPMN_ATTRIBUTES, CAMUNDA, OTHER_ENGINES, PASSED_ATTRIBUTES, XML_NAMESPACES

_CASE_KEY = re.compile(r"[$#]\{\s*execution\.(?:processBusinessKey|businessKey)\s*\}")
"""Exactly the business key of the case, as Camunda Modeler hands it on; here the called process has that anyway."""


def properties_of(element: etree._Element) -> dict[str, str]:
    """The entries of camunda:properties."""
    found: dict[str, str] = {}
    for part in extensions(element):
        if split(part.tag) == (CAMUNDA, "properties"):
            found.update({entry.get("name", ""): entry.get("value", "") for entry in part})
    return found


class Dialect:
    """Reads and judges the extensions of one file's elements."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._mappings = MappingReader(report)
        self._vendors: set[str] = set()

    def attributes(self, element: etree._Element) -> dict[str, str]:
        """The camunda: attributes, by their name without prefix."""
        prefix = f"{{{CAMUNDA}}}"
        return {str(name)[len(prefix) :]: str(value) for name, value in element.attrib.items() if str(name).startswith(prefix)}

    def check(self, element: etree._Element, owner: str, kind: str) -> None:
        """Report every attribute and extension of the element that is not executed; `owner` is the id to name."""
        self._check_attributes(element, owner, kind)
        for part in extensions(element):
            namespace, name = split(part.tag)
            if namespace == CAMUNDA:
                word = camunda_words.judge(camunda_words.ELEMENTS, name, kind)
                self._judged(word, owner, part.sourceline, kind, "unsupported-extension")
            elif namespace in OTHER_ENGINES:
                message = f"{name!r} on the {kind} {owner!r} belongs to {OTHER_ENGINES[namespace]} and means nothing here"
                self.report.error(owner, part.sourceline, "unsupported-extension", message)
            else:
                self._vendor(namespace, owner, part.sourceline)

    def _check_attributes(self, element: etree._Element, owner: str, kind: str) -> None:
        plain = BPMN_ATTRIBUTES.get(kind)
        for attribute in map(str, element.attrib):
            namespace, name = split(attribute)
            if namespace == CAMUNDA:
                word = camunda_words.judge(camunda_words.ATTRIBUTES, name, kind)
                self._judged(word, owner, element.sourceline, kind, "unsupported-attribute")
            elif namespace in OTHER_ENGINES:
                message = f"{name!r} on the {kind} {owner!r} belongs to {OTHER_ENGINES[namespace]} and means nothing here"
                self.report.error(owner, element.sourceline, "unsupported-attribute", message)
            elif namespace:
                self._vendor(namespace, owner, element.sourceline)
            elif plain is not None and name not in plain:
                message = f"BPMN has no attribute {name!r} on the {kind} {owner!r} (a prefix such as camunda: may be missing)"
                self.report.error(owner, element.sourceline, "unknown-attribute", message)

    def _judged(self, word: camunda_words.Word, owner: str, line: int | None, kind: str, code: str) -> None:
        message = f"camunda:{word.name} on the {kind} {owner!r}: {word.note}"
        if word.effect == camunda_words.REFUSED:
            self.report.error(owner, line, code, message)
        elif word.effect == camunda_words.WITHOUT_EFFECT:
            self.report.warn(owner, line, "without-effect", message)

    def _vendor(self, namespace: str, owner: str, line: int | None) -> None:
        """Words of a modeling tool: told once per tool and file, at the first element that has any."""
        if namespace not in XML_NAMESPACES | {BPMN} | self._vendors:
            self._vendors.add(namespace)
            message = f"what {namespace or 'no namespace'} adds to {owner!r} and perhaps to other elements is not read"
            self.report.warn(owner, line, "without-effect", message)

    def mapping(self, kind: str, element: etree._Element, node_id: str) -> InputOutput | None:
        """The camunda:inputOutput of a flow node; None when it has none."""
        return self._mappings.read(kind, element, node_id)

    def passed(self, element: etree._Element, node_id: str, direction: str) -> tuple[Passed, ...]:
        """The camunda:in or camunda:out elements (`direction`) of a call activity, in their order."""
        found = []
        for part in extensions(element):
            if split(part.tag) != (CAMUNDA, direction):
                continue
            fault = self._passed_fault(part, direction)
            if fault is not None:
                message = f"camunda:{direction} of {node_id!r} {fault}"
                self.report.error(node_id, part.sourceline, "invalid-mapping", message)
            elif part.get("businessKey") is None:
                local = part.get("local", "false").strip() == "true"
                found.append(Passed(part.get("source"), part.get("sourceExpression"), part.get("target"), local))
            elif not _CASE_KEY.fullmatch(part.get("businessKey", "").strip()):
                message = (
                    f"the business key {part.get('businessKey')!r} that {node_id!r} passes has no effect: the called process is part of its"
                    " case, and its expressions, tasks and messages have the key of that; what else they shall know is passed as a variable"
                )
                self.report.warn(node_id, part.sourceline, "business-key", message)
        return tuple(found)

    @staticmethod
    def _passed_fault(part: etree._Element, direction: str) -> str | None:
        """What is wrong with one camunda:in or camunda:out."""
        unknown = sorted(str(name) for name in part.attrib if str(name) not in PASSED_ATTRIBUTES)
        if unknown or len(part):
            return f"has {', '.join(unknown) or 'elements inside'}, which is not supported"
        given = [name for name in ("source", "sourceExpression", "variables", "businessKey") if part.get(name) is not None]
        if len(given) != 1:
            return "needs exactly one of source, sourceExpression and variables"
        kind, target = given[0], part.get("target")
        if not part.get(kind).strip():
            return f"has an empty {kind}"
        if kind == "businessKey":
            return "cannot pass a business key" if direction == "out" else None
        if kind == "variables":
            if part.get("variables") != "all":
                return f'has variables={part.get("variables")!r}; only "all" is possible'
            return "has a target, which means nothing together with variables" if target is not None else None
        if target is None or not target.strip():
            return "names no target"
        names = [target] if kind == "sourceExpression" else [part.get("source"), target]
        for name in names:
            if "{" in name or "." in name or name.startswith("="):
                return f"names {name!r}, which is not the name of a variable"
        return None
