"""One BPMN file as the rules on its XML see it: elements by id, references that resolve, the processes that run."""

from collections.abc import Iterator

from lxml import etree

from service.engine.reading.bpmn_xml import children, local_name, split, text_of
from service.engine.reading.vocabulary import BPMN

EVENT_KINDS = frozenset({"startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"})
SUB_PROCESS_KINDS = frozenset({"subProcess", "transaction", "adHocSubProcess"})
TASK_KINDS = frozenset(
    {"task", "userTask", "manualTask", "scriptTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask"},
)
ACTIVITY_KINDS = TASK_KINDS | SUB_PROCESS_KINDS | {"callActivity"}
GATEWAY_KINDS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"})
FLOW_NODE_KINDS = ACTIVITY_KINDS | GATEWAY_KINDS | EVENT_KINDS
GLOBAL_TASK_KINDS = frozenset({"globalTask", "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask"})
EVENT_DEFINITION_KINDS = frozenset(
    f"{kind}EventDefinition"
    for kind in ("cancel", "compensate", "conditional", "error", "escalation", "link", "message", "signal", "terminate", "timer")
)


def kind_of(element: etree._Element) -> str:
    """The BPMN name of an element; "" for one that is not BPMN."""
    namespace, name = split(element.tag)
    return name if namespace == BPMN else ""


def is_true(element: etree._Element, attribute: str, default: bool = False) -> bool:
    """A boolean attribute as XML Schema reads it."""
    value = element.get(attribute)
    return default if value is None else value.strip() in ("true", "1")


class Document:
    """The file: elements by id, sequence flows by their ends. Everything is looked up once, when the document is made."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.ids: dict[str, etree._Element] = {}
        self.flows_from: dict[str, list[etree._Element]] = {}
        self.flows_to: dict[str, list[etree._Element]] = {}
        for element in root.iter():
            identifier = element.get("id")
            if identifier is not None and kind_of(element):
                self.ids.setdefault(identifier.strip(), element)
            if kind_of(element) == "sequenceFlow":
                self.flows_from.setdefault(element.get("sourceRef", "").strip(), []).append(element)
                self.flows_to.setdefault(element.get("targetRef", "").strip(), []).append(element)

    def owner(self, element: etree._Element) -> str | None:
        """The id to name for an element: its own, else that of the nearest element around it that has one."""
        found: etree._Element | None = element
        while found is not None:
            if found.get("id") and kind_of(found):
                return str(found.get("id"))
            found = found.getparent()
        return None

    def find(self, reference: str | None) -> etree._Element | None:
        """The element a reference names; None when the file has none of that id."""
        if not reference:
            return None
        found = self.ids.get(reference.strip())
        return found if found is not None else self.ids.get(local_name(reference))

    def is_foreign(self, element: etree._Element, reference: str) -> bool:
        """True for a QName whose prefix is bound to a namespace other than this file's."""
        prefix, colon, _ = reference.strip().partition(":")
        if not colon:
            return False
        namespace = element.nsmap.get(prefix)
        return namespace is not None and namespace not in (self.root.get("targetNamespace"), BPMN)

    def each(self, *kinds: str) -> Iterator[etree._Element]:
        """All elements of these kinds in executable processes."""
        for process in self.processes():
            yield from process.iter(*(f"{{{BPMN}}}{kind}" for kind in kinds))

    def processes(self) -> Iterator[etree._Element]:
        """The processes that run."""
        for _, process in children(self.root, "process"):
            if is_true(process, "isExecutable"):
                yield process

    def definitions_of(self, event: etree._Element) -> list[etree._Element]:
        """The event definitions of an event, those at the top of the file that it refers to among them."""
        found = []
        for name, part in children(event):
            target = self.find(text_of(part)) if name == "eventDefinitionRef" else part if name in EVENT_DEFINITION_KINDS else None
            if target is not None and kind_of(target) in EVENT_DEFINITION_KINDS:
                found.append(target)
        return found
