"""Reading what an event is about: its event definitions, the messages, signals, errors and escalations they refer to."""

from collections.abc import Mapping

from lxml import etree

from service.engine.findings import Report
from service.engine.language.expressions import is_expression
from service.engine.language.juel import is_juel
from service.engine.reading.bpmn_xml import child, children, local_name, text_of
from service.engine.reading.diagram import NONE_EVENT, EventDefinition, VariableChange
from service.engine.reading.dialect import Dialect
from service.engine.reading.vocabulary import EVENTS, NEEDS_DEFINITION
from service.engine.reading.work_reader import WorkReader

_TIMERS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_CARRIED = frozenset({"inMessageRef", "outMessageRef"})
_CODES = {"error": "errorCode", "escalation": "escalationCode"}


class EventReader:
    """Reads the event definitions of one file."""

    def __init__(self, root: etree._Element, report: Report, dialect: Dialect) -> None:
        self.report = report
        self.dialect = dialect
        self._roots: Mapping[str, Mapping[str, etree._Element]] = {
            kind: {found.get("id", ""): found for _, found in children(root, kind)} for kind in ("message", "signal", "error", "escalation")
        }
        self._operations = {
            found.get("id", ""): found for _, face in children(root, "interface") for _, found in children(face, "operation")
        }
        self.work = WorkReader(report, dialect, self._roots["error"])
        # Event definitions may stand at the top of the file, to be shared by reference (BPMN 2.0.2 §10.5.1, eventDefinitionRefs).
        self._shared = {found.get("id", ""): (name, found) for name, found in children(root) if name.endswith("EventDefinition")}

    def events(self, kind: str, element: etree._Element, node_id: str) -> tuple[EventDefinition, ...]:
        """All event definitions of a flow node, in document order."""
        if kind in ("receiveTask", "sendTask"):
            return self._task_message(kind, element, node_id)
        if kind not in EVENTS:
            return ()
        found: list[EventDefinition] = []
        parts = [(name, part) for name, part in children(element) if name.endswith("EventDefinition") or name == "eventDefinitionRef"]
        if not parts and kind in NEEDS_DEFINITION:
            message = f"the {kind} {node_id!r} does not say what it waits for"
            self.report.error(node_id, element.sourceline, "missing-event-definition", message)
        for name, part in parts:
            if name == "eventDefinitionRef":
                shared = self.shared(text_of(part), part, node_id)
                if shared is None:
                    continue
                name, part = shared
            if name not in EVENTS[kind]:
                message = f"{name!r} on the {kind} {node_id!r} is not supported"
                self.report.error(node_id, part.sourceline, "unsupported-element", message)
            else:
                found.append(self.definition(name, part, node_id, throws=kind in ("endEvent", "intermediateThrowEvent")))
        if kind == "startEvent" and not _is_inside_event_sub_process(element):
            for definition in found:
                self._must_be_fixed(definition, node_id)
        return tuple(definition for definition in found if definition is not NONE_EVENT)

    def _must_be_fixed(self, definition: EventDefinition, node_id: str) -> None:
        """A process is started, and a message is sent, when there are no variables to name it by, or none that the receiver has."""
        if definition.name is not None and is_juel(definition.name):
            message = f"the {definition.kind} name {definition.name!r} of {node_id!r} holds an expression, which is not possible there"
            self.report.error(node_id, definition.line, "unsupported-expression", message)

    def shared(self, reference: str, element: etree._Element, node_id: str) -> tuple[str, etree._Element] | None:
        """The event definition at the top of the file that `reference` names; a finding when there is none."""
        shared = self._shared.get(reference.strip()) or self._shared.get(local_name(reference))
        if shared is None:
            message = f"{node_id!r} refers to the event definition {reference!r}, which does not exist"
            self.report.error(node_id, element.sourceline, "dangling-reference", message)
        return shared

    def definition(self, name: str, element: etree._Element, node_id: str, throws: bool) -> EventDefinition:
        """Read one event definition element of that local name; `throws`: it is thrown, not caught."""
        self.dialect.check(element, node_id, name)
        attributes, line = self.dialect.attributes(element), element.sourceline
        match name:
            case "messageEventDefinition":
                return self._message_definition(element, node_id, throws)
            case "signalEventDefinition":
                payload = self.dialect.passed(element, node_id, "in")
                return EventDefinition("signal", signal_name=self._signal(element, node_id), payload=payload, line=line)
            case "timerEventDefinition":
                return self._timer(element, node_id)
            case "errorEventDefinition" | "escalationEventDefinition":
                kind = name.removesuffix("EventDefinition")
                return EventDefinition(
                    kind,
                    code=self._code(kind, element, node_id, throws),
                    code_variable=attributes.get(f"{kind}CodeVariable"),
                    text_variable=attributes.get(f"{kind}MessageVariable"),
                    text=self._text(kind, element) if throws else "",
                    line=line,
                )
            case "conditionalEventDefinition":
                return self._condition(element, node_id)
            case "compensateEventDefinition":
                wait = element.get("waitForCompletion", "true").strip() in ("true", "1")
                activity = element.get("activityRef")
                return EventDefinition("compensate", activity=local_name(activity) if activity else None, wait=wait, line=line)
            case "linkEventDefinition":
                return EventDefinition("link", link=element.get("name", "").strip(), line=line)
            case "cancelEventDefinition":
                return EventDefinition("cancel", line=line)
            case _:
                return EventDefinition("terminate", line=line)

    def message(self, element: etree._Element, node_id: str) -> str | None:
        """Name of the message that an event definition or receive task refers to."""
        self._check_operation(element, node_id)
        return self._named("message", element, node_id)

    def _check_operation(self, element: etree._Element, node_id: str) -> None:
        """An operation only says how the message travels; it must be one of the message that is named."""
        reference = (element.get("operationRef") or text_of(child(element, "operationRef"))).strip()
        if not reference:
            return
        operation = self._operations.get(reference, self._operations.get(local_name(reference)))
        messages = [] if operation is None else [text_of(part) for name, part in children(operation) if name in _CARRIED]
        if local_name(element.get("messageRef", "")) not in map(local_name, messages):
            message = f"{node_id!r} names the operation {reference!r}, which does not carry the message that it names (messageRef)"
            self.report.error(node_id, element.sourceline, "unsupported-element", message)

    def _message_definition(self, element: etree._Element, node_id: str, throws: bool) -> EventDefinition:
        work = self.work.read(element, node_id)
        if work is not None and not throws:
            message = f"{node_id!r} waits for a message; only a message that is thrown can be sent by a worker or an expression"
            self.report.error(node_id, element.sourceline, "unsupported-attribute", message)
        # Who sends for us knows what; the message need not be named.
        name = None if work is not None and not element.get("messageRef") else self.message(element, node_id)
        definition = EventDefinition("message", message_name=name, work=work, line=element.sourceline)
        if throws:
            self._must_be_fixed(definition, node_id)
        return definition

    def _task_message(self, kind: str, element: etree._Element, node_id: str) -> tuple[EventDefinition, ...]:
        if kind == "sendTask" and not element.get("messageRef"):
            return ()
        definition = EventDefinition("message", message_name=self.message(element, node_id), line=element.sourceline)
        if kind == "sendTask" or element.get("instantiate", "false").strip() in ("true", "1"):
            self._must_be_fixed(definition, node_id)
        return (definition,)

    def _signal(self, element: etree._Element, node_id: str) -> str | None:
        return self._named("signal", element, node_id)

    def _named(self, kind: str, element: etree._Element, node_id: str) -> str | None:
        found = self._referred(kind, element, node_id)
        name = (found.get("name") or "").strip() if found is not None else None
        if name == "":
            message = f"the {kind} {element.get(f'{kind}Ref')!r} of {node_id!r} has no name"
            self.report.error(node_id, element.sourceline, f"missing-{kind}", message)
        return name or None

    def _referred(self, kind: str, element: etree._Element, node_id: str) -> etree._Element | None:
        reference = element.get(f"{kind}Ref")
        if not reference:
            message = f"{node_id!r} names no {kind} ({kind}Ref)"
            self.report.error(node_id, element.sourceline, f"missing-{kind}", message)
            return None
        roots = self._roots[kind]
        found = roots.get(reference.strip(), roots.get(local_name(reference)))
        if found is None:
            message = f"the {kind} {reference!r} of {node_id!r} does not exist"
            self.report.error(node_id, element.sourceline, f"missing-{kind}", message)
        return found

    def _code(self, kind: str, element: etree._Element, node_id: str, throws: bool) -> str | None:
        """The code; None for a catching event that takes any."""
        if not throws and not element.get(f"{kind}Ref"):
            return None
        found = self._referred(kind, element, node_id)
        code = (found.get(_CODES[kind]) or "").strip() if found is not None else ""
        if throws and found is not None and not code:
            message = f"the {kind} {found.get('id')!r} that {node_id!r} throws has no {_CODES[kind]}"
            self.report.error(node_id, element.sourceline, "missing-code", message)
        return code or None

    def _text(self, kind: str, element: etree._Element) -> str:
        """What camunda:errorMessage of the error that is thrown says."""
        found = self._roots[kind].get(local_name(element.get(f"{kind}Ref", "")))
        return "" if found is None else self.dialect.attributes(found).get("errorMessage", "")

    def _condition(self, element: etree._Element, node_id: str) -> EventDefinition:
        condition = child(element, "condition")
        text = text_of(condition)
        if condition is None or not text:
            message = f"the conditional event {node_id!r} has no condition"
            self.report.error(node_id, element.sourceline, "missing-condition", message)
            return NONE_EVENT
        language = condition.get("language", "").strip()
        change = self._change(element, node_id)
        return EventDefinition("conditional", condition=text, language=language, change=change, line=element.sourceline)

    def _change(self, element: etree._Element, node_id: str) -> VariableChange | None:
        attributes = self.dialect.attributes(element)
        name, listed = attributes.get("variableName", "").strip(), attributes.get("variableEvents", "")
        if is_expression(name):
            message = f"camunda:variableName={name!r} of {node_id!r} must be the name of a variable, not an expression"
            self.report.error(node_id, element.sourceline, "unsupported-expression", message)
        kinds = {kind.strip() for kind in listed.split(",") if kind.strip()}
        unknown = sorted(kinds - {"create", "update", "delete"})
        if unknown or kinds == {"delete"}:
            why = f"knows no {', '.join(unknown)}" if unknown else "names only deletions, and nothing here deletes a variable"
            message = f"camunda:variableEvents={listed!r} of {node_id!r} {why}; possible are create and update"
            self.report.error(node_id, element.sourceline, "unsupported-attribute", message)
        return VariableChange(name or None, frozenset(kinds - {"delete"})) if name or kinds else None

    def _timer(self, element: etree._Element, node_id: str) -> EventDefinition:
        parts = [(name, part) for name, part in children(element) if name in _TIMERS]
        if len(parts) != 1:
            message = f"the timer {node_id!r} needs exactly one of timeDate, timeDuration and timeCycle"
            self.report.error(node_id, element.sourceline, "invalid-timer", message)
            return NONE_EVENT
        name, part = parts[0]
        return EventDefinition("timer", timer_kind=_TIMERS[name], timer_text=text_of(part), line=part.sourceline)


def _is_inside_event_sub_process(element: etree._Element) -> bool:
    around = element.getparent()
    return around is not None and str(around.get("triggeredByEvent", "false")).strip() in ("true", "1")
