"""From XML to diagrams. Whatever is not understood becomes a finding naming the element; nothing is dropped in silence."""

from collections.abc import Iterator, Mapping

from lxml import etree

from service.engine.diagram import LINK, NONE_EVENT, EventDefinition, Flow, MultiInstance, Node, ProcessDiagram, Script
from service.engine.findings import Report
from service.engine.vocabulary import (
    BPMN,
    BPMN_ATTRIBUTES,
    CAMUNDA,
    CAMUNDA_ATTRIBUTES,
    CAMUNDA_ELEMENTS_WITHOUT_EFFECT,
    CAMUNDA_WITHOUT_EFFECT,
    DATA_PARTS,
    DEFINITIONS_PARTS,
    DRAWING,
    EVENTS,
    FLOW_NODES,
    NEEDS_DEFINITION,
    NODE_PARTS,
    OTHER_ENGINES,
)

_DI = "http://www.omg.org/spec/BPMN/20100524/DI"


def _split(tag: object) -> tuple[str, str]:
    namespace, _, name = str(tag)[1:].partition("}") if str(tag).startswith("{") else ("", "", str(tag))
    return namespace, name


def _text(element: etree._Element | None) -> str:
    return "".join(element.itertext()).strip() if element is not None else ""


def _reference(text: str) -> str:
    """The local part of a QName reference."""
    return text.strip().rpartition(":")[2]


class DiagramReader:
    """Reads one file. `report` receives the findings."""

    def __init__(self, root: etree._Element, report: Report) -> None:
        self.root = root
        self.report = report
        self.messages: Mapping[str, str | None] = {}

    # --- small helpers

    def _children(self, element: etree._Element, name: str | None = None) -> Iterator[tuple[str, etree._Element]]:
        for child in element:
            namespace, local = _split(child.tag)
            if namespace == BPMN and name in (None, local):
                yield local, child

    def _child(self, element: etree._Element, name: str) -> etree._Element | None:
        return next((child for _, child in self._children(element, name)), None)

    def _refuse(self, element: etree._Element, owner: str | None, code: str, message: str) -> None:
        self.report.error(element.get("id") or owner, element.sourceline, code, message)

    # --- the file

    def read(self) -> tuple[ProcessDiagram, ...]:
        """All executable processes of the file."""
        if _split(self.root.tag) != (BPMN, "definitions"):
            self._refuse(self.root, None, "not-bpmn", f"the root element is {self.root.tag!r}, not BPMN 2.0 definitions")
            return ()
        self._check_identifiers()
        for namespace, name, child in ((*_split(child.tag), child) for child in self.root):
            if namespace == BPMN and name not in DEFINITIONS_PARTS:
                self._refuse(child, None, "unsupported-element", f"the element {name!r} is not supported")
        self.messages = {child.get("id", ""): child.get("name") for _, child in self._children(self.root, "message")}
        self._check_message_flows()
        processes = [child for _, child in self._children(self.root, "process")]
        executable = [process for process in processes if process.get("isExecutable", "false").strip() in ("true", "1")]
        if not executable:
            self.report.error(None, None, "no-process", 'the file has no process with isExecutable="true"')
        return tuple(diagram for diagram in map(self._process, executable) if diagram is not None)

    def _check_identifiers(self) -> None:
        seen: dict[str, int | None] = {}
        for element in self.root.iter():
            identifier = element.get("id")
            if identifier is None or _split(element.tag)[0] != BPMN:
                continue
            if identifier in seen:
                message = f"the id {identifier!r} is used twice (first in line {seen[identifier]})"
                self._refuse(element, None, "duplicate-id", message)
            seen.setdefault(identifier, element.sourceline)

    def _check_message_flows(self) -> None:
        """Message flows are drawing, but what they connect must exist and stand in two pools."""
        pools: dict[str, str] = {}
        for _, collaboration in self._children(self.root, "collaboration"):
            for _, pool in self._children(collaboration, "participant"):
                pools[pool.get("id", "")] = pool.get("id", "")
                process = next((p for _, p in self._children(self.root, "process") if p.get("id") == pool.get("processRef")), None)
                if process is not None:
                    pools.update({inner.get("id"): pool.get("id", "") for inner in process.iter() if inner.get("id")})
            for _, flow in self._children(collaboration, "messageFlow"):
                ends = [_reference(flow.get(end, "")) for end in ("sourceRef", "targetRef")]
                for end in ends:
                    if end not in pools:
                        self._refuse(flow, None, "dangling-flow", f"the message flow refers to {end!r}, which does not exist in any pool")
                if ends[0] in pools and pools[ends[0]] == pools.get(ends[1]):
                    self._refuse(flow, None, "message-flow", "a message flow connects two pools, this one begins and ends in the same")

    def _process(self, element: etree._Element) -> ProcessDiagram | None:
        key = element.get("id")
        if not key:
            self._refuse(element, None, "missing-id", "a process needs an id")
            return None
        if element.get("processType") == "Public":
            self._refuse(
                element, key, "public-process", f"the process {key!r} is public, which is a view for partners and cannot be executable"
            )
        self._check_camunda(element, key, "process")
        nodes: list[Node] = []
        flows: list[Flow] = []
        self._level(element, key, nodes, flows)
        self._join_links(nodes, flows)
        return ProcessDiagram(key, element.get("name") or key, element.sourceline, tuple(nodes), tuple(flows))

    def _level(self, container: etree._Element, scope: str, nodes: list[Node], flows: list[Flow]) -> None:
        for name, child in self._children(container):
            if name == "sequenceFlow":
                flow = self._flow(child, scope, len(flows))
                if flow is not None:
                    flows.append(flow)
            elif name in FLOW_NODES:
                node = self._node(name, child, scope)
                if node is not None:
                    nodes.append(node)
                    if name == "subProcess":
                        self._level(child, node.id, nodes, flows)
            elif name in DATA_PARTS:
                self._check_data(child, scope)
            elif name not in DRAWING and name not in NODE_PARTS:
                self._refuse(child, scope, "unsupported-element", f"the element {name!r} is not supported")
                if child.get("id"):
                    # Kept as a node, so that what it is connected with is not reported as well.
                    nodes.append(Node(child.get("id"), name, child.get("name") or child.get("id"), scope, child.sourceline))

    # --- flows

    def _flow(self, element: etree._Element, scope: str, number: int) -> Flow | None:
        source, target = element.get("sourceRef"), element.get("targetRef")
        # The id of a sequence flow is optional; a colon keeps ours apart from all in the file.
        flow_id = element.get("id") or f"{scope}:flow{number + 1}"
        self._check_camunda(element, flow_id, "sequenceFlow")
        if not source or not target:
            self._refuse(element, flow_id, "dangling-flow", "a sequence flow needs sourceRef and targetRef")
            return None
        if element.get("isImmediate", "true").strip() in ("false", "0"):
            message = (
                f"the sequence flow {flow_id!r} stands for activities that are not drawn (isImmediate=false) and so cannot be executed"
            )
            self._refuse(element, flow_id, "unsupported-attribute", message)
        condition = self._child(element, "conditionExpression")
        if condition is not None and condition.get(f"{{{CAMUNDA}}}resource"):
            self._refuse(condition, flow_id, "unsupported-attribute", "conditions in resources of their own are not supported")
        language = condition.get("language", "").strip() if condition is not None else ""
        return Flow(
            id=flow_id,
            name=element.get("name", ""),
            source=source.strip(),
            target=target.strip(),
            condition=_text(condition) if condition is not None else None,
            language=language,
            line=element.sourceline,
        )

    # --- nodes

    def _node(self, kind: str, element: etree._Element, scope: str) -> Node | None:
        node_id = element.get("id")
        if not node_id:
            self._refuse(element, scope, "missing-id", f"the {kind} in line {element.sourceline} has no id")
            return None
        self._check_camunda(element, node_id, kind)
        self._check_parts(kind, element, node_id)
        script = None
        if kind == "scriptTask":
            script = Script(element.get("scriptFormat", "").strip(), _text(self._child(element, "script")))
        return Node(
            id=node_id,
            kind=kind,
            name=(element.get("name") or "").strip() or node_id,
            scope=scope,
            line=element.sourceline,
            attributes=self._camunda_attributes(element),
            properties=self._properties(element),
            inputs=self._inputs(kind, element, node_id),
            event=self._event(kind, element, node_id),
            attached_to=element.get("attachedToRef") if kind == "boundaryEvent" else None,
            interrupting=element.get("cancelActivity", "true").strip() in ("true", "1"),
            default_flow=element.get("default"),
            multi_instance=self._multi_instance(element, node_id),
            script=script,
            direction=element.get("gatewayDirection", "Unspecified"),
            listed_incoming=frozenset(_reference(_text(part)) for _, part in self._children(element, "incoming")),
            listed_outgoing=frozenset(_reference(_text(part)) for _, part in self._children(element, "outgoing")),
        )

    def _check_parts(self, kind: str, element: etree._Element, node_id: str) -> None:
        inner = kind == "subProcess"
        for name, child in self._children(element):
            if name in NODE_PARTS or name.endswith("EventDefinition") or name == "eventDefinitionRef":
                continue
            if name in DATA_PARTS:
                self._check_data(child, node_id)
            elif not inner:
                self._refuse(child, node_id, "unsupported-element", f"{name!r} on the {kind} {node_id!r} is not supported")
        for attribute, harmless in _FIXED_ATTRIBUTES.items():
            value = element.get(attribute)
            if value is not None and value.strip() not in harmless:
                self._refuse(element, node_id, "unsupported-attribute", f"{attribute}={value!r} on the {kind} {node_id!r} is not supported")

    def _check_data(self, element: etree._Element, owner: str) -> None:
        for part in element.iter(f"{{{BPMN}}}assignment", f"{{{BPMN}}}transformation"):
            name = _split(part.tag)[1]
            self._refuse(part, owner, "unsupported-element", f"data associations with {name!r} are not supported; map data with FEEL")

    def _camunda_attributes(self, element: etree._Element) -> dict[str, str]:
        prefix = f"{{{CAMUNDA}}}"
        return {str(name)[len(prefix) :]: str(value) for name, value in element.attrib.items() if str(name).startswith(prefix)}

    def _check_camunda(self, element: etree._Element, owner: str, kind: str) -> None:
        self._check_attributes(element, owner, kind)
        known = CAMUNDA_ATTRIBUTES.get(kind, frozenset())
        for name in self._camunda_attributes(element):
            if name not in known and name not in CAMUNDA_WITHOUT_EFFECT:
                message = f"camunda:{name} on the {kind} {owner!r} is not supported"
                self.report.error(owner, element.sourceline, "unsupported-attribute", message)
        for part in self._extensions(element):
            namespace, name = _split(part.tag)
            if namespace in OTHER_ENGINES:
                message = f"{name!r} on the {kind} {owner!r} belongs to {OTHER_ENGINES[namespace]}, whose dialect is not read"
                self.report.error(owner, part.sourceline, "unsupported-extension", message)
            if namespace != CAMUNDA or name in ("properties", "inputOutput") or name in CAMUNDA_ELEMENTS_WITHOUT_EFFECT:
                continue
            self.report.error(owner, part.sourceline, "unsupported-extension", f"camunda:{name} on the {kind} {owner!r} is not supported")
        if kind in ("process", "sequenceFlow") and any(_split(part.tag) == (CAMUNDA, "inputOutput") for part in self._extensions(element)):
            self.report.error(owner, element.sourceline, "unsupported-extension", f"camunda:inputOutput on the {kind} is not supported")

    def _check_attributes(self, element: etree._Element, owner: str, kind: str) -> None:
        plain = BPMN_ATTRIBUTES.get(kind)
        for attribute in map(str, element.attrib):
            namespace, name = _split(attribute)
            if namespace in OTHER_ENGINES:
                message = f"{name!r} on the {kind} {owner!r} belongs to {OTHER_ENGINES[namespace]}, whose dialect is not read"
                self.report.error(owner, element.sourceline, "unsupported-attribute", message)
            elif not namespace and plain is not None and name not in plain:
                message = f"BPMN has no attribute {name!r} on the {kind} {owner!r} (a prefix such as camunda: may be missing)"
                self.report.error(owner, element.sourceline, "unknown-attribute", message)

    def _extensions(self, element: etree._Element) -> Iterator[etree._Element]:
        holder = self._child(element, "extensionElements")
        return iter(holder) if holder is not None else iter(())

    def _properties(self, element: etree._Element) -> dict[str, str]:
        found: dict[str, str] = {}
        for part in self._extensions(element):
            if _split(part.tag) == (CAMUNDA, "properties"):
                found.update({entry.get("name", ""): entry.get("value", "") for entry in part})
        return found

    def _inputs(self, kind: str, element: etree._Element, node_id: str) -> dict[str, str] | None:
        inputs: dict[str, str] | None = None
        for part in self._extensions(element):
            if _split(part.tag) != (CAMUNDA, "inputOutput"):
                continue
            sends = kind in ("endEvent", "intermediateThrowEvent") and self._child(element, "messageEventDefinition") is not None
            if not sends:
                message = f"camunda:inputOutput is only supported on message throw and end events, not on the {kind} {node_id!r}"
                self.report.error(node_id, part.sourceline, "unsupported-extension", message)
                continue
            inputs = {}
            for parameter in part:
                name = parameter.get("name", "")
                if _split(parameter.tag) != (CAMUNDA, "inputParameter") or not name or len(parameter):
                    message = "a message's payload is named by camunda:inputParameter elements holding text or one expression"
                    self.report.error(node_id, parameter.sourceline, "unsupported-extension", message)
                    continue
                inputs[name] = _text(parameter)
        return inputs

    # --- events

    def _event(self, kind: str, element: etree._Element, node_id: str) -> EventDefinition:
        if kind == "receiveTask":
            return EventDefinition("message", message_name=self._message(element, node_id), line=element.sourceline)
        if kind not in EVENTS:
            return NONE_EVENT
        parts = [(name, part) for name, part in self._children(element) if name.endswith("EventDefinition") or name == "eventDefinitionRef"]
        if not parts:
            if kind in NEEDS_DEFINITION:
                self._refuse(element, node_id, "missing-event-definition", f"the {kind} {node_id!r} does not say what it waits for")
            return NONE_EVENT
        if len(parts) > 1:
            self._refuse(element, node_id, "unsupported-element", f"the {kind} {node_id!r} has several event definitions")
            return NONE_EVENT
        name, part = parts[0]
        if name not in EVENTS[kind]:
            self.report.error(node_id, part.sourceline, "unsupported-element", f"{name!r} on the {kind} {node_id!r} is not supported")
            return NONE_EVENT
        self._check_camunda(part, node_id, name)
        if name == "messageEventDefinition":
            return EventDefinition("message", message_name=self._message(part, node_id), line=part.sourceline)
        if name == "timerEventDefinition":
            return self._timer(part, node_id)
        if name == "linkEventDefinition":
            return EventDefinition("link", link=part.get("name", "").strip(), line=part.sourceline)
        return EventDefinition("terminate", line=part.sourceline)

    def _message(self, element: etree._Element, node_id: str) -> str | None:
        if self._child(element, "operationRef") is not None or element.get("operationRef"):
            self.report.error(node_id, element.sourceline, "unsupported-element", "operationRef is not supported; name the message")
        reference = element.get("messageRef")
        if not reference:
            self.report.error(node_id, element.sourceline, "missing-message", f"{node_id!r} names no message (messageRef)")
            return None
        name = self.messages.get(reference.strip(), self.messages.get(_reference(reference)))
        if not name:
            what = "has no name" if _reference(reference) in self.messages else "does not exist"
            self.report.error(node_id, element.sourceline, "missing-message", f"the message {reference!r} of {node_id!r} {what}")
            return None
        if "${" in name or "#{" in name:
            message = f"the message name {name!r} holds an expression; names must be fixed text"
            self.report.error(node_id, element.sourceline, "unsupported-expression", message)
        return name

    def _timer(self, element: etree._Element, node_id: str) -> EventDefinition:
        kinds = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
        parts = [(name, part) for name, part in self._children(element) if name in kinds]
        if len(parts) != 1:
            message = f"the timer {node_id!r} needs exactly one of timeDate, timeDuration and timeCycle"
            self.report.error(node_id, element.sourceline, "invalid-timer", message)
            return NONE_EVENT
        name, part = parts[0]
        return EventDefinition("timer", timer_kind=kinds[name], timer_text=_text(part), line=part.sourceline)

    def _join_links(self, nodes: list[Node], flows: list[Flow]) -> None:
        catching: dict[tuple[str, str], Node] = {}
        linked = [node for node in nodes if node.event.kind == "link"]
        for node in linked:
            name = node.event.link or ""
            if not name:
                self.report.error(node.id, node.line, "dangling-link", f"the link event {node.id!r} has no link name")
            elif node.kind == "intermediateCatchEvent":
                first = catching.setdefault((node.scope, name), node)
                if first is not node:
                    message = f"{first.id!r} and {node.id!r} both catch the link {name!r}; only one target is possible"
                    self.report.error(node.id, node.line, "several-link-targets", message)
        for node in linked:
            target = catching.get((node.scope, node.event.link or ""))
            if node.kind != "intermediateThrowEvent" or not node.event.link:
                continue
            if target is None:
                message = f"no catching link event of the same level has the name {node.event.link!r}"
                self.report.error(node.id, node.line, "dangling-link", message)
            else:
                flows.append(Flow(node.id + LINK, "", node.id, target.id, None, "", node.line))

    # --- multi-instance

    def _multi_instance(self, element: etree._Element, node_id: str) -> MultiInstance | None:
        loop = self._child(element, "multiInstanceLoopCharacteristics")
        if loop is None:
            return None
        self._check_camunda(loop, node_id, "multiInstanceLoopCharacteristics")
        for attribute in ("behavior", "oneBehaviorEventRef", "noneBehaviorEventRef"):
            if loop.get(attribute, "All") != "All":
                self._refuse(loop, node_id, "unsupported-attribute", f"{attribute} on the multi-instance {node_id!r} is not supported")
        known = {"loopCardinality", "completionCondition", "loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem"}
        for name, part in self._children(loop):
            if name not in known | {"documentation", "extensionElements"}:
                self._refuse(part, node_id, "unsupported-element", f"{name!r} on the multi-instance {node_id!r} is not supported")
        attributes = self._camunda_attributes(loop)
        item_in, item_out = self._child(loop, "inputDataItem"), self._child(loop, "outputDataItem")
        condition = self._child(loop, "completionCondition")
        return MultiInstance(
            sequential=loop.get("isSequential", "false").strip() in ("true", "1"),
            collection=(attributes.get("collection") or _text(self._child(loop, "loopDataInputRef"))).strip() or None,
            element_variable=attributes.get("elementVariable") or (self._item(item_in) if item_in is not None else None),
            cardinality=_text(self._child(loop, "loopCardinality")) or None,
            completion_condition=_text(condition) or None,
            completion_language=condition.get("language", "").strip() if condition is not None else "",
            output_collection=_text(self._child(loop, "loopDataOutputRef")) or None,
            output_item=self._item(item_out) if item_out is not None else None,
            line=loop.sourceline,
        )

    @staticmethod
    def _item(element: etree._Element) -> str | None:
        name: str | None = element.get("name") or element.get("id")
        return name


_FIXED_ATTRIBUTES = {
    "startQuantity": ("1",),
    "completionQuantity": ("1",),
    "isForCompensation": ("false", "0"),
    "triggeredByEvent": ("false", "0"),
    "instantiate": ("false", "0"),
    "parallelMultiple": ("false", "0"),
    "eventGatewayType": ("Exclusive",),
}
"""Attributes of flow nodes that are only executed with these values."""
