"""Constraints of BPMN 2.0.2 on single elements that its schema cannot say: compensation, resources, gateways, artifacts, expressions."""

import re
from decimal import Decimal

from lxml import etree

from service.engine.findings import Report
from service.engine.lint.document import ACTIVITY_KINDS, FLOW_NODE_KINDS, Document, is_true, kind_of
from service.engine.lint.schema_types import EXPRESSIONS
from service.engine.reading.bpmn_xml import child, children, text_of
from service.engine.reading.vocabulary import CAMUNDA

_MIME_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+( *;.*)?")
_ROLES = ("resourceRole", "performer", "humanPerformer", "potentialOwner")
_NUMBER = re.compile(r"[+-]?[0-9]+")
_OF_MESSAGES = frozenset({"message"})


def check_elements(document: Document, report: Report) -> None:
    """Judge the elements of the processes that run, one at a time."""
    _artifacts(document, report)
    _whole_file(document, report)
    for activity in document.each(*ACTIVITY_KINDS):
        _activity(document, report, activity)
    for gateway in document.each("eventBasedGateway"):
        _event_gateway(document, report, gateway)
    for role in document.each(*_ROLES):
        _resource(document, report, role)
    for inner in document.each("adHocSubProcess"):
        _ad_hoc(report, inner)
    for loop in document.each("multiInstanceLoopCharacteristics"):
        _behavior(document, report, loop)
    for expression in document.root.iter():
        if kind_of(expression) in EXPRESSIONS:
            _expression(document, report, expression)
    for node in document.each(*FLOW_NODE_KINDS):
        if not node.get("id"):
            report.error(document.owner(node), node.sourceline, "missing-id", f"the {kind_of(node)} in line {node.sourceline} has no id")


def _artifacts(document: Document, report: Report) -> None:
    for part in document.root.iter():
        if kind_of(part) in ("textAnnotation", "documentation"):
            form = part.get("textFormat")
            if form is not None and not _MIME_TYPE.fullmatch(form.strip()):
                message = f"textFormat={form[:60]!r} of the {kind_of(part)} is no MIME type"
                report.error(document.owner(part), part.sourceline, "invalid-value", message)
        elif kind_of(part) == "dataObjectReference":
            _state_in_name(document, report, part)


def _whole_file(document: Document, report: Report) -> None:
    """BPMN 2.0.2 §8.3.3: an extension that must be understood, and is not, forbids to run the file; table 9.3: how many participants."""
    for part in document.root.iter():
        if kind_of(part) == "extension" and is_true(part, "mustUnderstand"):
            message = f"the extension {part.get('definition')!r} must be understood (mustUnderstand), and it is not"
            report.error(document.owner(part), part.sourceline, "unsupported-extension", message)
        elif kind_of(part) == "participantMultiplicity":
            least, most = part.get("minimum", "0").strip(), part.get("maximum", "1").strip()
            if all(_NUMBER.fullmatch(number) for number in (least, most)) and not 0 <= Decimal(least) <= Decimal(most) >= 1:
                message = f"the number of participants is from {least} to {most}; from 0 or more to 1 or more, not fewer, is possible"
                report.error(document.owner(part.getparent()), part.sourceline, "invalid-quantity", message)


def _state_in_name(document: Document, report: Report, reference: etree._Element) -> None:
    """BPMN 2.0.2 §10.4.1: a reference to a data object in a state is called `name [state]`."""
    meant, state = document.find(reference.get("dataObjectRef")), child(reference, "dataState")
    if meant is None or state is None or not state.get("name") or not meant.get("name") or not reference.get("name"):
        return
    wanted = f"{meant.get('name')} [{state.get('name')}]"
    if " ".join(reference.get("name", "").split()).replace(" [", "[") != " ".join(wanted.split()).replace(" [", "["):
        message = f"{reference.get('id')!r} is called {reference.get('name')!r}; the data object and its state make {wanted!r}"
        report.error(document.owner(reference), reference.sourceline, "data-state-name", message)


def _activity(document: Document, report: Report, activity: etree._Element) -> None:
    if is_true(activity, "isForCompensation"):
        name = activity.get("id", "")
        if document.flows_from.get(name) or document.flows_to.get(name):
            message = f"a sequence flow is connected to {activity.get('id')!r}, which only runs to compensate"
            report.error(activity.get("id"), activity.sourceline, "compensation-handler", message)
    if kind_of(activity) == "transaction" and is_true(activity, "triggeredByEvent"):
        message = f"the transaction {activity.get('id')!r} cannot be an event sub-process"
        report.error(activity.get("id"), activity.sourceline, "event-sub-process", message)


def _resource(document: Document, report: Report, role: etree._Element) -> None:
    """BPMN 2.0.2 table 10.4: a role names a resource (with parameters) or an expression that finds one, not both."""
    resource, expression = child(role, "resourceRef"), child(role, "resourceAssignmentExpression")
    if resource is not None and expression is not None:
        message = "a role names either a resource (resourceRef) or an expression that finds one, not both"
        report.error(document.owner(role), role.sourceline, "resource-role", message)
    if resource is None and child(role, "resourceParameterBinding") is not None:
        message = "parameters of a resource (resourceParameterBinding) mean nothing without the resource (resourceRef)"
        report.error(document.owner(role), role.sourceline, "resource-role", message)


def _event_gateway(document: Document, report: Report, gateway: etree._Element) -> None:
    name = gateway.get("id")
    targets = [document.find(flow.get("targetRef")) for flow in document.flows_from.get(name or "", ())]
    messages, tasks = False, False
    for target in targets:
        if target is None:
            continue
        kinds = {kind_of(found).removesuffix("EventDefinition") for found in document.definitions_of(target)}
        messages, tasks = messages or "message" in kinds, tasks or kind_of(target) == "receiveTask"
        if is_true(gateway, "instantiate") and kind_of(target) == "intermediateCatchEvent" and kinds - _OF_MESSAGES:
            message = f"the gateway {name!r} starts the process, so only messages can follow it, not {target.get('id')!r}"
            report.error(name, gateway.sourceline, "instantiating-gateway", message)
    if messages and tasks:
        message = f"message events and receive tasks both follow the event-based gateway {name!r}; only one of the two kinds can"
        report.error(name, gateway.sourceline, "not-an-event", message)
    if gateway.get("eventGatewayType", "Exclusive").strip() == "Parallel" and not is_true(gateway, "instantiate"):
        message = f'the gateway {name!r} can only be eventGatewayType="Parallel" when it starts the process (instantiate="true")'
        report.error(name, gateway.sourceline, "instantiating-gateway", message)


def _ad_hoc(report: Report, inner: etree._Element) -> None:
    """BPMN 2.0.2 §10.3.5: an ad hoc sub-process has activities, and neither start nor end events nor choreography or conversation."""
    for name, part in children(inner):
        if name in ("startEvent", "endEvent", "choreographyTask", "subChoreography", "callChoreography"):
            message = f"the ad hoc sub-process {inner.get('id')!r} cannot have the {name} {part.get('id') or ''!r}"
            report.error(part.get("id") or inner.get("id"), part.sourceline, "ad-hoc", message)
    if not any(name in ACTIVITY_KINDS for name, _ in children(inner)):
        report.error(inner.get("id"), inner.sourceline, "ad-hoc", f"the ad hoc sub-process {inner.get('id')!r} has no activity")


def _behavior(document: Document, report: Report, loop: etree._Element) -> None:
    """BPMN 2.0.2 table 10.30: what each behaviour of a multi-instance needs."""
    behavior = loop.get("behavior", "All").strip()
    owner = document.owner(loop.getparent())
    for value, attribute in (("None", "noneBehaviorEventRef"), ("One", "oneBehaviorEventRef")):
        if behavior == value and not loop.get(attribute):
            message = f'the multi-instance {owner!r} has behavior="{value}" but no {attribute}'
            report.error(owner, loop.sourceline, "multi-instance", message)
    if behavior == "Complex" and child(loop, "complexBehaviorDefinition") is None:
        message = f'the multi-instance {owner!r} has behavior="Complex" but no complexBehaviorDefinition'
        report.error(owner, loop.sourceline, "multi-instance", message)


def _expression(document: Document, report: Report, expression: etree._Element) -> None:
    """An expression of a process that runs has a body; Camunda's conditions may stand in a file of their own (refused elsewhere)."""
    inside = any(kind_of(above) == "extensionElements" for above in expression.iterancestors())
    if not inside and not text_of(expression) and not len(expression) and expression.get(f"{{{CAMUNDA}}}resource") is None:
        message = f"the {kind_of(expression)} of {document.owner(expression)!r} is empty"
        report.error(document.owner(expression), expression.sourceline, "empty-expression", message)


def check_message_flows(document: Document, report: Report) -> None:
    """A message flow begins at a pool or what can send, and ends at a pool or what can receive (BPMN 2.0.2 §9.4, table 7.4)."""
    for collaboration in (part for name, part in children(document.root) if name == "collaboration"):
        if child(collaboration, "choreographyRef") is not None:
            message = "what a choreography says of a collaboration is not executed"
            report.error(document.owner(collaboration), collaboration.sourceline, "unsupported-element", message)
        for _, flow in children(collaboration, "messageFlow"):
            for attribute, wrong in (("sourceRef", _cannot_send), ("targetRef", _cannot_receive)):
                end = document.find(flow.get(attribute))
                reason = None if end is None else wrong(document, end)
                if end is not None and reason is not None:
                    owner = end.get("id")
                    message = (
                        f"the message flow {flow.get('id')!r} cannot {'leave' if attribute == 'sourceRef' else 'enter'} {owner!r}: {reason}"
                    )
                    report.error(flow.get("id"), flow.sourceline, "message-flow", message)
                    report.error(owner, end.sourceline, "message-flow", message)


def _cannot_send(document: Document, end: etree._Element) -> str | None:
    kind = kind_of(end)
    if kind in ("endEvent", "intermediateThrowEvent"):
        return _without_message(document, end)
    return None if kind in ACTIVITY_KINDS | {"participant"} and kind != "receiveTask" else f"a {kind} sends no message"


def _cannot_receive(document: Document, end: etree._Element) -> str | None:
    kind = kind_of(end)
    if kind in ("startEvent", "intermediateCatchEvent", "boundaryEvent"):
        return _without_message(document, end)
    return None if kind in ACTIVITY_KINDS | {"participant"} and kind != "sendTask" else f"a {kind} receives no message"


def _without_message(document: Document, event: etree._Element) -> str | None:
    if any(kind_of(found) == "messageEventDefinition" for found in document.definitions_of(event)):
        return None
    return f"the {kind_of(event)} is about no message"
