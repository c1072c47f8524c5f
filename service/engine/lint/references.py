"""Whether every reference in a file leads to an element of the kind it may lead to (BPMN 2.0.2, the attribute tables of each element)."""

from collections.abc import Mapping

from lxml import etree

from service.engine.findings import Report
from service.engine.lint.document import (
    ACTIVITY_KINDS,
    EVENT_DEFINITION_KINDS,
    FLOW_NODE_KINDS,
    GLOBAL_TASK_KINDS,
    Document,
    kind_of,
)
from service.engine.reading.bpmn_xml import local_name

_ANY = frozenset[str]()
_ITEM_AWARE = frozenset(
    {"dataObject", "dataObjectReference", "dataStoreReference", "dataStore", "dataInput", "dataOutput", "property"}
    | {"inputDataItem", "outputDataItem"}
)
_DATA_INPUT = frozenset({"dataInput", "inputDataItem"})
_DATA_OUTPUT = frozenset({"dataOutput", "outputDataItem"})
_COLLABORATION = frozenset({"collaboration", "choreography", "globalConversation", "globalChoreographyTask"})

_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "activityRef": ACTIVITY_KINDS,
    "attachedToRef": ACTIVITY_KINDS,
    "categoryValueRef": frozenset({"categoryValue"}),
    "correlationKeyRef": frozenset({"correlationKey"}),
    "correlationPropertyRef": frozenset({"correlationProperty"}),
    "dataObjectRef": frozenset({"dataObject"}),
    "dataStoreRef": frozenset({"dataStore"}),
    "definitionalCollaborationRef": _COLLABORATION,
    "errorRef": frozenset({"error"}),
    "escalationRef": frozenset({"escalation"}),
    "inputDataRef": frozenset({"inputSet", "dataInput"}),
    "itemRef": frozenset({"itemDefinition"}),
    "itemSubjectRef": frozenset({"itemDefinition"}),
    "messageRef": frozenset({"message"}),
    "noneBehaviorEventRef": EVENT_DEFINITION_KINDS,
    "oneBehaviorEventRef": EVENT_DEFINITION_KINDS,
    "operationRef": frozenset({"operation"}),
    "outputDataRef": frozenset({"outputSet", "dataOutput"}),
    "parameterRef": frozenset({"resourceParameter"}),
    "partitionElementRef": _ANY,
    "processRef": frozenset({"process"}),
    "signalRef": frozenset({"signal"}),
    "structureRef": frozenset({"itemDefinition"}),
}
"""What an attribute may refer to; `sourceRef`, `targetRef` and `calledElement` depend on their element and are below."""

_BY_ELEMENT: Mapping[tuple[str, str], frozenset[str]] = {
    ("association", "sourceRef"): _ANY,
    ("association", "targetRef"): _ANY,
}

_CHILDREN: Mapping[str, frozenset[str]] = {
    "categoryValueRef": frozenset({"categoryValue"}),
    "choreographyRef": frozenset({"choreography", "globalChoreographyTask"}),
    "correlationPropertyRef": frozenset({"correlationProperty"}),
    "dataInputRefs": _DATA_INPUT,
    "dataOutputRefs": _DATA_OUTPUT,
    "endPointRef": frozenset({"endPoint"}),
    "errorRef": frozenset({"error"}),
    "eventDefinitionRef": EVENT_DEFINITION_KINDS,
    "flowNodeRef": FLOW_NODE_KINDS | {"dataObjectReference", "dataStoreReference", "dataObject"},
    "inMessageRef": frozenset({"message"}),
    "innerParticipantRef": frozenset({"participant"}),
    "inputSetRefs": frozenset({"inputSet"}),
    "interfaceRef": frozenset({"interface"}),
    "messageFlowRef": frozenset({"messageFlow"}),
    "operationRef": frozenset({"operation"}),
    "optionalInputRefs": _DATA_INPUT,
    "optionalOutputRefs": _DATA_OUTPUT,
    "outMessageRef": frozenset({"message"}),
    "outerParticipantRef": frozenset({"participant"}),
    "outputSetRefs": frozenset({"outputSet"}),
    "participantRef": frozenset({"participant"}),
    "resourceRef": frozenset({"resource"}),
    "source": frozenset({"linkEventDefinition"}),
    "sourceRef": _ITEM_AWARE,
    "supportedInterfaceRef": frozenset({"interface"}),
    "supports": frozenset({"process"}),
    "target": frozenset({"linkEventDefinition"}),
    "targetRef": _ITEM_AWARE,
    "whileExecutingInputRefs": _DATA_INPUT,
    "whileExecutingOutputRefs": _DATA_OUTPUT,
}
"""What the text of an element may refer to."""

_TYPES = frozenset({"itemRef", "itemSubjectRef", "structureRef"})
"""References to types, which may be those of XML Schema or of another file: nothing here runs by them."""


def check_references(document: Document, report: Report) -> None:
    """Put every reference that leads nowhere, or to an element of the wrong kind, into the report."""
    for element in document.root.iter():
        kind = kind_of(element)
        if not kind or any(kind_of(above) == "extensionElements" for above in element.iterancestors()):
            continue
        for attribute, wanted in _ATTRIBUTES.items():
            text = element.get(attribute)
            # The type of an item definition is described elsewhere, in whatever language.
            if text is not None and not (kind == "itemDefinition" and attribute == "structureRef"):
                _check(document, report, element, attribute, text, wanted)
        for (owner, attribute), wanted in _BY_ELEMENT.items():
            if kind == owner and element.get(attribute) is not None:
                _check(document, report, element, attribute, element.get(attribute), wanted)
        if kind in _CHILDREN and len(element) == 0 and kind_of(element.getparent()) != "relationship":
            _check(document, report, element, kind, element.text or "", _CHILDREN[kind])
        if kind == "callActivity":
            _check_called(document, report, element)


def _check(document: Document, report: Report, element: etree._Element, word: str, text: str, wanted: frozenset[str]) -> None:
    if document.is_foreign(element, text) and (word in _TYPES or document.find(text) is None):
        if word not in _TYPES:
            message = f"{word} of {document.owner(element)!r} names {text.strip()!r} of another file, which is not read"
            report.error(document.owner(element), element.sourceline, "external-reference", message)
        return
    found = document.find(text)
    owner = document.owner(element)
    if found is None:
        message = f"{word} of {owner!r} refers to {text.strip()!r}, which does not exist"
        # The structure of a signal or error is a type in whatever language; nothing here runs by it.
        note = report.warn if word == "structureRef" else report.error
        note(owner, element.sourceline, "unknown-type" if word == "structureRef" else "dangling-reference", message)
    elif wanted and kind_of(found) not in wanted:
        kinds = " or ".join(sorted(wanted)[:4])
        message = f"{word} of {owner!r} refers to the {kind_of(found)} {text.strip()!r}; only {kinds} can stand there"
        report.error(owner, element.sourceline, "wrong-reference", message)


def _check_called(document: Document, report: Report, element: etree._Element) -> None:
    """A process may be in another file, but an element of this file must be one that can be called."""
    found = document.ids.get(local_name(element.get("calledElement", "")))
    if found is not None and kind_of(found) not in GLOBAL_TASK_KINDS | {"process"}:
        message = f"calledElement of {element.get('id')!r} names the {kind_of(found)} {found.get('id')!r}, which cannot be called"
        report.error(document.owner(element), element.sourceline, "wrong-reference", message)
