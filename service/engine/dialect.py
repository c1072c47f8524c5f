"""The dialect: camunda: attributes and extension elements. What is not executed is reported, never left out in silence."""

from lxml import etree

from service.engine.bpmn_xml import child, extensions, split, text_of
from service.engine.findings import Report
from service.engine.vocabulary import (
    BPMN_ATTRIBUTES,
    CAMUNDA,
    CAMUNDA_ATTRIBUTES,
    CAMUNDA_ELEMENTS_WITHOUT_EFFECT,
    CAMUNDA_WITHOUT_EFFECT,
    OTHER_ENGINES,
)


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
