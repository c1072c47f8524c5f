"""Properties that are almost ours, or stand where they change nothing: told, since what they were meant for does not happen."""

from lxml import etree

from service.engine.findings import Report
from service.engine.lint.document import FLOW_NODE_KINDS, Document, kind_of
from service.engine.reading.bpmn_xml import extensions, split
from service.engine.reading.dialect import properties_of
from service.engine.reading.own_properties import OWN_PROPERTIES, RECEIVED_AS, meant_by
from service.engine.reading.vocabulary import CAMUNDA

_REFUSED_ELSEWHERE = frozenset({"secretBallot", "signature", "correlationKeys"})
"""At flow nodes these are refused, not only without effect."""


def check_properties(document: Document, report: Report) -> None:
    """Warn of properties that do nothing though their name says, or almost says, that they do."""
    for element in document.root.iter():
        kind = kind_of(element)
        if kind:
            for name, line in _names(element):
                _judge(document, report, element, kind, name, line)


def _names(element: etree._Element) -> list[tuple[str, int | None]]:
    holders = [part for part in extensions(element) if split(part.tag) == (CAMUNDA, "properties")]
    return [(entry.get("name") or "", entry.sourceline) for holder in holders for entry in holder if isinstance(entry.tag, str)]


def _judge(document: Document, report: Report, element: etree._Element, kind: str, name: str, line: int | None) -> None:
    owner = document.owner(element)
    if name not in OWN_PROPERTIES:
        meant = meant_by(name)
        if meant is not None:
            message = f"the property {name!r} of {owner!r} does nothing here; {meant!r} is written so"
            report.warn(owner, line, "misspelt-property", message)
        return
    if kind in FLOW_NODE_KINDS and name in _REFUSED_ELSEWHERE:
        return
    why = None if kind in OWN_PROPERTIES[name] else f"it means something at {', '.join(sorted(OWN_PROPERTIES[name]))}"
    why = why or _why_not_here(document, element, kind, name)
    if why is not None:
        report.warn(owner, line, "misplaced-property", f"the property {name!r} of the {kind} {owner!r} does nothing: {why}")


def _why_not_here(document: Document, element: etree._Element, kind: str, name: str) -> str | None:
    """Why the property does nothing at an element of the right kind."""
    if kind == "participant":
        process = document.find(element.get("processRef"))
        if process is not None and process.get("isExecutable", "true") != "false":
            return "the process of the pool is in the file"
        if name == "correlationKeys" and not properties_of(element).get("definitionKey"):
            return "the pool has no definitionKey"
    if name == "reservedVariables" and not _may_begin(document, element, kind):
        return "it means something where a process starts"
    if name == RECEIVED_AS and kind == "startEvent" and kind_of(element.getparent()) == "process":
        return "it means something where a case waits, not where one starts"
    if name == "forCalls":
        if kind_of(element.getparent()) != "process" or document.definitions_of(element):
            return "only the plain start of a process is one that calls take"
        value = next(entry.get("value") for holder in extensions(element) for entry in holder if entry.get("name") == name)
        if value not in ("true", "false"):
            return f"its value is {value!r}, neither true nor false"
    return None


def _may_begin(document: Document, element: etree._Element, kind: str) -> bool:
    """Whether a process starts there: at its start event, a receive task that instantiates, or behind such a gateway."""
    if kind == "startEvent":
        return kind_of(element.getparent()) == "process"
    if element.get("instantiate") == "true":
        return True
    flows = document.flows_to.get(element.get("id", ""), [])
    sources = [document.find(flow.get("sourceRef")) for flow in flows]
    return any(source is not None and kind_of(source) == "eventBasedGateway" and source.get("instantiate") == "true" for source in sources)
