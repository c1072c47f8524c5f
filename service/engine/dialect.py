"""The dialect: camunda: attributes and extension elements. What is not executed is reported, never left out in silence."""

from lxml import etree

from service.engine.bpmn_xml import child, extensions, split, text_of
from service.engine.diagram import Passed
from service.engine.findings import Report
from service.engine.vocabulary import (
    BPMN_ATTRIBUTES,
    CAMUNDA,
    CAMUNDA_ATTRIBUTES,
    CAMUNDA_ELEMENTS_WITHOUT_EFFECT,
    CAMUNDA_WITHOUT_EFFECT,
    OTHER_ENGINES,
    PASSED_ATTRIBUTES,
)

_CASE_KEY = "execution.processBusinessKey"
"""What Camunda Modeler writes to hand on the business key; here the called process is part of the case and has it anyway."""


class Dialect:
    """Reads and judges the extensions of one file's elements."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def attributes(self, element: etree._Element) -> dict[str, str]:
        """The camunda: attributes, by their name without prefix."""
        prefix = f"{{{CAMUNDA}}}"
        return {str(name)[len(prefix) :]: str(value) for name, value in element.attrib.items() if str(name).startswith(prefix)}

    def check(self, element: etree._Element, owner: str, kind: str) -> None:
        """Report every attribute and extension of the element that is not executed; `owner` is the id to name."""
        self._check_attributes(element, owner, kind)
        known = CAMUNDA_ATTRIBUTES.get(kind, frozenset())
        for name in self.attributes(element):
            if name not in known and name not in CAMUNDA_WITHOUT_EFFECT:
                message = f"camunda:{name} on the {kind} {owner!r} is not supported"
                self.report.error(owner, element.sourceline, "unsupported-attribute", message)
        for part in extensions(element):
            namespace, name = split(part.tag)
            if namespace in OTHER_ENGINES:
                message = f"{name!r} on the {kind} {owner!r} belongs to {OTHER_ENGINES[namespace]}, whose dialect is not read"
                self.report.error(owner, part.sourceline, "unsupported-extension", message)
            if namespace != CAMUNDA or name in ("properties", "inputOutput") or name in CAMUNDA_ELEMENTS_WITHOUT_EFFECT:
                continue
            if kind == "callActivity" and name in ("in", "out"):
                continue
            self.report.error(owner, part.sourceline, "unsupported-extension", f"camunda:{name} on the {kind} {owner!r} is not supported")
        if kind in ("process", "sequenceFlow") and any(split(part.tag) == (CAMUNDA, "inputOutput") for part in extensions(element)):
            self.report.error(owner, element.sourceline, "unsupported-extension", f"camunda:inputOutput on the {kind} is not supported")

    def _check_attributes(self, element: etree._Element, owner: str, kind: str) -> None:
        plain = BPMN_ATTRIBUTES.get(kind)
        for attribute in map(str, element.attrib):
            namespace, name = split(attribute)
            if namespace in OTHER_ENGINES:
                message = f"{name!r} on the {kind} {owner!r} belongs to {OTHER_ENGINES[namespace]}, whose dialect is not read"
                self.report.error(owner, element.sourceline, "unsupported-attribute", message)
            elif not namespace and plain is not None and name not in plain:
                message = f"BPMN has no attribute {name!r} on the {kind} {owner!r} (a prefix such as camunda: may be missing)"
                self.report.error(owner, element.sourceline, "unknown-attribute", message)

    def properties(self, element: etree._Element) -> dict[str, str]:
        """The entries of camunda:properties."""
        found: dict[str, str] = {}
        for part in extensions(element):
            if split(part.tag) == (CAMUNDA, "properties"):
                found.update({entry.get("name", ""): entry.get("value", "") for entry in part})
        return found

    def payload(self, kind: str, element: etree._Element, node_id: str) -> dict[str, str] | None:
        """What camunda:inputOutput names as the payload of a message; None when it names nothing. Elsewhere it is refused."""
        inputs: dict[str, str] | None = None
        for part in extensions(element):
            if split(part.tag) != (CAMUNDA, "inputOutput"):
                continue
            sends = kind in ("endEvent", "intermediateThrowEvent") and child(element, "messageEventDefinition") is not None
            if not sends:
                message = f"camunda:inputOutput is only supported on message throw and end events, not on the {kind} {node_id!r}"
                self.report.error(node_id, part.sourceline, "unsupported-extension", message)
                continue
            inputs = {}
            for parameter in part:
                name = parameter.get("name", "")
                if split(parameter.tag) != (CAMUNDA, "inputParameter") or not name or len(parameter):
                    message = "a message's payload is named by camunda:inputParameter elements holding text or one expression"
                    self.report.error(node_id, parameter.sourceline, "unsupported-extension", message)
                    continue
                inputs[name] = text_of(parameter)
        return inputs

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
            elif _CASE_KEY not in part.get("businessKey", ""):
                message = f"the business key that {node_id!r} passes has no effect: a called process has that of its case"
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
