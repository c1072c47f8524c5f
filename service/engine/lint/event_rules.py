"""Which events BPMN 2.0.2 allows where (tables 10.84 to 10.93), and what single event definitions need."""

from collections.abc import Mapping

from lxml import etree

from service.engine.findings import Report
from service.engine.lint.document import Document, is_true, kind_of
from service.engine.reading.bpmn_xml import child

_TRIGGERS = frozenset({"message", "timer", "conditional", "signal"})
_ALLOWED: Mapping[str, frozenset[str]] = {
    "intermediateCatchEvent": _TRIGGERS | {"link"},
    "intermediateThrowEvent": frozenset({"message", "escalation", "link", "signal", "compensate"}),
    "boundaryEvent": _TRIGGERS | {"error", "escalation", "cancel", "compensate"},
    "endEvent": frozenset({"message", "error", "escalation", "cancel", "compensate", "signal", "terminate"}),
}
_EVENT_SUB_PROCESS_START = _TRIGGERS | {"error", "escalation", "compensate"}
_ALWAYS_INTERRUPTING = frozenset({"error", "cancel", "compensate"})


def check_events(document: Document, report: Report) -> None:
    """Judge every event of the processes that run."""
    for event in document.each("startEvent", *_ALLOWED):
        kinds = {kind_of(found).removesuffix("EventDefinition"): found for found in document.definitions_of(event)}
        if kind_of(event) == "startEvent":
            _start(document, report, event, kinds)
        else:
            _elsewhere(report, event, kinds)
        _require_together(report, event, kinds)
        if "link" in kinds and len(kinds) > 1:
            message = f"the link event {event.get('id')!r} has other event definitions besides its link"
            report.error(event.get("id"), event.sourceline, "event-not-allowed", message)


def _require_together(report: Report, event: etree._Element, kinds: Mapping[str, etree._Element]) -> None:
    """What ends the scope of an end event at once leaves nothing to be undone in it, and no other way to end it."""
    if kind_of(event) == "endEvent" and "terminate" in kinds and len(kinds) > 1:
        message = f"the terminate end event {event.get('id')!r} has other event definitions; throw them before it"
        report.error(event.get("id"), event.sourceline, "event-not-allowed", message)
    if kind_of(event) == "endEvent" and {"error", "compensate"} <= kinds.keys():
        message = f"{event.get('id')!r} throws an error, which ends what its compensation would have to undo; compensate before it"
        report.error(event.get("id"), event.sourceline, "event-not-allowed", message)


def _start(document: Document, report: Report, event: etree._Element, kinds: Mapping[str, etree._Element]) -> None:
    around = event.getparent()
    if kind_of(around) == "process":
        allowed, where = _TRIGGERS, "of a process"
    elif is_true(around, "triggeredByEvent"):
        allowed, where = _EVENT_SUB_PROCESS_START, "of an event sub-process"
        if not is_true(event, "isInterrupting", default=True):
            _must_interrupt(report, event, kinds, "isInterrupting", {"error", "compensate"})
    else:
        allowed, where = frozenset(), "of a sub-process, which must be a plain one"
    _refuse_others(report, event, kinds, allowed, f"the start event {where}")


def _elsewhere(report: Report, event: etree._Element, kinds: Mapping[str, etree._Element]) -> None:
    name = kind_of(event)
    _refuse_others(report, event, kinds, _ALLOWED[name], f"an {name}" if name[0] in "aei" else f"a {name}")
    if name == "endEvent" and "cancel" in kinds and kind_of(event.getparent()) != "transaction":
        message = f"the cancel end event {event.get('id')!r} stands in no transaction"
        report.error(event.get("id"), event.sourceline, "cancel-outside-transaction", message)
    if name == "boundaryEvent" and not is_true(event, "cancelActivity", default=True):
        _must_interrupt(report, event, kinds, "cancelActivity", _ALWAYS_INTERRUPTING)


def _refuse_others(report: Report, event: etree._Element, kinds: Mapping[str, etree._Element], allowed: frozenset[str], what: str) -> None:
    for kind in kinds:
        if kind not in allowed:
            message = f"{what} cannot have a {kind} event definition ({event.get('id')!r})"
            report.error(event.get("id"), event.sourceline, "event-not-allowed", message)


def _must_interrupt(
    report: Report, event: etree._Element, kinds: Mapping[str, etree._Element], attribute: str, always: frozenset[str] | set[str]
) -> None:
    for kind in kinds:
        if kind in always:
            message = f'a {kind} event always interrupts, but {event.get("id")!r} says {attribute}="false"'
            report.error(event.get("id"), event.sourceline, "not-interrupting", message)


def check_boundaries(document: Document, report: Report) -> None:
    """Judge what boundary events are attached to, and compensation: its handlers, its flows and what it throws."""
    handlers = _handlers(document)
    for event in document.each("boundaryEvent"):
        kinds = {kind_of(found) for found in document.definitions_of(event)}
        host = document.find(event.get("attachedToRef"))
        if "cancelEventDefinition" in kinds and host is not None and kind_of(host) != "transaction":
            message = f"the cancel event {event.get('id')!r} is attached to the {kind_of(host)} {host.get('id')!r}, not to a transaction"
            report.error(event.get("id"), event.sourceline, "cancel-outside-transaction", message)
        if host is not None and host.getparent() is not event.getparent():
            message = f"the boundary event {event.get('id')!r} stands in another (sub-)process than {host.get('id')!r}"
            report.error(event.get("id"), event.sourceline, "dangling-reference", message)
        if "compensateEventDefinition" in kinds and kinds == {"compensateEventDefinition"}:
            _compensation(report, event, handlers.get(event.get("id", ""), []))
    for activity in document.each("compensateEventDefinition"):
        _compensated(document, report, activity)


def _handlers(document: Document) -> Mapping[str, list[etree._Element]]:
    """Per boundary event the compensation activities that associations lead to."""
    found: dict[str, list[etree._Element]] = {}
    for association in document.each("association"):
        target = document.find(association.get("targetRef"))
        if target is not None and is_true(target, "isForCompensation"):
            found.setdefault(association.get("sourceRef", "").strip(), []).append(target)
    return found


def _compensation(report: Report, event: etree._Element, handlers: list[etree._Element]) -> None:
    if len(handlers) != 1:
        found = "none" if not handlers else ", ".join(repr(handler.get("id")) for handler in handlers)
        message = f"{event.get('id')!r} needs an association to exactly one activity with isForCompensation; it has {found}"
        report.error(event.get("id"), event.sourceline, "compensation-handler", message)


def _compensated(document: Document, report: Report, definition: etree._Element) -> None:
    """A compensation names an activity of the level it is thrown in, or of the level an event sub-process belongs to."""
    event = definition.getparent()
    target = document.find(definition.get("activityRef"))
    if target is None or kind_of(event) not in ("endEvent", "intermediateThrowEvent"):
        return
    level = event.getparent()
    if is_true(level, "triggeredByEvent"):
        level = level.getparent()
    if target.getparent() is not level and target.getparent() is not event.getparent():
        message = f"{event.get('id')!r} compensates {target.get('id')!r}, which is an activity of another level"
        report.error(event.get("id"), event.sourceline, "compensation-handler", message)


def check_links(document: Document, report: Report) -> None:
    """A link's source and target, where they are named, must agree with each other's names."""
    for definition in document.each("linkEventDefinition"):
        event = definition.getparent()
        for word, wanted in (("source", "intermediateThrowEvent"), ("target", "intermediateCatchEvent")):
            part = child(definition, word)
            other = document.find(part.text) if part is not None else None
            if other is None or kind_of(other) != "linkEventDefinition":
                continue
            if kind_of(other.getparent()) != wanted or other.get("name") != definition.get("name"):
                message = f"the link event {event.get('id')!r} names {other.get('id')!r} as its {word}, which is no {word} of its name"
                report.error(event.get("id"), event.sourceline, "dangling-link", message)
