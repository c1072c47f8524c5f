"""From XML to diagrams. Whatever is not understood becomes a finding naming the element; nothing is dropped in silence."""

from collections.abc import Mapping

from lxml import etree

from service.engine.bpmn_xml import child, children, local_name, split, text_of
from service.engine.diagram import LINK, NONE_EVENT, Call, EventDefinition, Flow, MultiInstance, Node, ProcessDiagram, Script
from service.engine.dialect import Dialect
from service.engine.findings import Report
from service.engine.vocabulary import (
    BPMN,
    CAMUNDA,
    DATA_PARTS,
    DEFINITIONS_PARTS,
    DRAWING,
    EVENTS,
    FLOW_NODES,
    NEEDS_DEFINITION,
    NODE_PARTS,
)


class DiagramReader:
    """Reads one file. `report` receives the findings."""

    def __init__(self, root: etree._Element, report: Report) -> None:
        self.root = root
        self.report = report
        self.dialect = Dialect(report)
        self.messages: Mapping[str, str | None] = {}

    def _refuse(self, element: etree._Element, owner: str | None, code: str, message: str) -> None:
        self.report.error(element.get("id") or owner, element.sourceline, code, message)

    # --- the file

    def read(self) -> tuple[ProcessDiagram, ...]:
        """All executable processes of the file."""
        if split(self.root.tag) != (BPMN, "definitions"):
            self._refuse(self.root, None, "not-bpmn", f"the root element is {self.root.tag!r}, not BPMN 2.0 definitions")
            return ()
        self._check_identifiers()
        for namespace, name, part in ((*split(part.tag), part) for part in self.root):
            if namespace == BPMN and name not in DEFINITIONS_PARTS:
                self._refuse(part, None, "unsupported-element", f"the element {name!r} is not supported")
        self.messages = {child.get("id", ""): child.get("name") for _, child in children(self.root, "message")}
        self._check_message_flows()
        processes = [child for _, child in children(self.root, "process")]
        executable = [process for process in processes if process.get("isExecutable", "false").strip() in ("true", "1")]
        if not executable:
            self.report.error(None, None, "no-process", 'the file has no process with isExecutable="true"')
        return tuple(diagram for diagram in map(self._process, executable) if diagram is not None)

    def _check_identifiers(self) -> None:
        seen: dict[str, int | None] = {}
        for element in self.root.iter():
            identifier = element.get("id")
            if identifier is None or split(element.tag)[0] != BPMN:
                continue
            if identifier in seen:
                message = f"the id {identifier!r} is used twice (first in line {seen[identifier]})"
                self._refuse(element, None, "duplicate-id", message)
            seen.setdefault(identifier, element.sourceline)

    def _check_message_flows(self) -> None:
        """Message flows are drawing, but what they connect must exist and stand in two pools."""
        pools: dict[str, str] = {}
        for _, collaboration in children(self.root, "collaboration"):
            for _, pool in children(collaboration, "participant"):
                pools[pool.get("id", "")] = pool.get("id", "")
                process = next((p for _, p in children(self.root, "process") if p.get("id") == pool.get("processRef")), None)
                if process is not None:
                    pools.update({inner.get("id"): pool.get("id", "") for inner in process.iter() if inner.get("id")})
            for _, flow in children(collaboration, "messageFlow"):
                ends = [local_name(flow.get(end, "")) for end in ("sourceRef", "targetRef")]
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
        self.dialect.check(element, key, "process")
        nodes: list[Node] = []
        flows: list[Flow] = []
        self._level(element, key, nodes, flows)
        self._join_links(nodes, flows)
        return ProcessDiagram(key, element.get("name") or key, element.sourceline, tuple(nodes), tuple(flows))

    def _level(self, container: etree._Element, scope: str, nodes: list[Node], flows: list[Flow]) -> None:
        for name, part in children(container):
            if name == "sequenceFlow":
                flow = self._flow(part, scope, len(flows))
                if flow is not None:
                    flows.append(flow)
            elif name in FLOW_NODES:
                node = self._node(name, part, scope)
                if node is not None:
                    nodes.append(node)
                    if name == "subProcess":
                        self._level(part, node.id, nodes, flows)
            elif name in DATA_PARTS:
                self._check_data(part, scope)
            elif name not in DRAWING and name not in NODE_PARTS:
                self._refuse(part, scope, "unsupported-element", f"the element {name!r} is not supported")
                if part.get("id"):
                    # Kept as a node, so that what it is connected with is not reported as well.
                    nodes.append(Node(part.get("id"), name, part.get("name") or part.get("id"), scope, part.sourceline))

    # --- flows

    def _flow(self, element: etree._Element, scope: str, number: int) -> Flow | None:
        source, target = element.get("sourceRef"), element.get("targetRef")
        # The id of a sequence flow is optional; a colon keeps ours apart from all in the file.
        flow_id = element.get("id") or f"{scope}:flow{number + 1}"
        self.dialect.check(element, flow_id, "sequenceFlow")
        if not source or not target:
            self._refuse(element, flow_id, "dangling-flow", "a sequence flow needs sourceRef and targetRef")
            return None
        if element.get("isImmediate", "true").strip() in ("false", "0"):
            message = (
                f"the sequence flow {flow_id!r} stands for activities that are not drawn (isImmediate=false) and so cannot be executed"
            )
            self._refuse(element, flow_id, "unsupported-attribute", message)
        condition = child(element, "conditionExpression")
        if condition is not None and condition.get(f"{{{CAMUNDA}}}resource"):
            self._refuse(condition, flow_id, "unsupported-attribute", "conditions in resources of their own are not supported")
        language = condition.get("language", "").strip() if condition is not None else ""
        return Flow(
            id=flow_id,
            name=element.get("name", ""),
            source=source.strip(),
            target=target.strip(),
            condition=text_of(condition) if condition is not None else None,
            language=language,
            line=element.sourceline,
        )

    # --- nodes

    def _node(self, kind: str, element: etree._Element, scope: str) -> Node | None:
        node_id = element.get("id")
        if not node_id:
            self._refuse(element, scope, "missing-id", f"the {kind} in line {element.sourceline} has no id")
            return None
        self.dialect.check(element, node_id, kind)
        self._check_parts(kind, element, node_id)
        script = None
        if kind == "scriptTask":
            script = Script(element.get("scriptFormat", "").strip(), text_of(child(element, "script")))
        return Node(
            id=node_id,
            kind=kind,
            name=(element.get("name") or "").strip() or node_id,
            scope=scope,
            line=element.sourceline,
            attributes=self.dialect.attributes(element),
            properties=self.dialect.properties(element),
            inputs=self.dialect.payload(kind, element, node_id),
            event=self._event(kind, element, node_id),
            attached_to=element.get("attachedToRef") if kind == "boundaryEvent" else None,
            interrupting=element.get("cancelActivity", "true").strip() in ("true", "1"),
            default_flow=element.get("default"),
            multi_instance=self._multi_instance(element, node_id),
            script=script,
            call=self._call(element, node_id) if kind == "callActivity" else None,
            direction=element.get("gatewayDirection", "Unspecified"),
            listed_incoming=frozenset(local_name(text_of(part)) for _, part in children(element, "incoming")),
            listed_outgoing=frozenset(local_name(text_of(part)) for _, part in children(element, "outgoing")),
        )

    def _check_parts(self, kind: str, element: etree._Element, node_id: str) -> None:
        inner = kind == "subProcess"
        for name, part in children(element):
            if name in NODE_PARTS or name.endswith("EventDefinition") or name == "eventDefinitionRef":
                continue
            if name in DATA_PARTS:
                self._check_data(part, node_id)
            elif not inner:
                self._refuse(part, node_id, "unsupported-element", f"{name!r} on the {kind} {node_id!r} is not supported")
        for attribute, harmless in _FIXED_ATTRIBUTES.items():
            value = element.get(attribute)
            if value is not None and value.strip() not in harmless:
                self._refuse(element, node_id, "unsupported-attribute", f"{attribute}={value!r} on the {kind} {node_id!r} is not supported")

    def _check_data(self, element: etree._Element, owner: str) -> None:
        for part in element.iter(f"{{{BPMN}}}assignment", f"{{{BPMN}}}transformation"):
            name = split(part.tag)[1]
            self._refuse(part, owner, "unsupported-element", f"data associations with {name!r} are not supported; map data with FEEL")

    # --- events

    def _event(self, kind: str, element: etree._Element, node_id: str) -> EventDefinition:
        if kind == "receiveTask":
            return EventDefinition("message", message_name=self._message(element, node_id), line=element.sourceline)
        if kind not in EVENTS:
            return NONE_EVENT
        parts = [(name, part) for name, part in children(element) if name.endswith("EventDefinition") or name == "eventDefinitionRef"]
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
        self.dialect.check(part, node_id, name)
        if name == "messageEventDefinition":
            return EventDefinition("message", message_name=self._message(part, node_id), line=part.sourceline)
        if name == "timerEventDefinition":
            return self._timer(part, node_id)
        if name == "linkEventDefinition":
            return EventDefinition("link", link=part.get("name", "").strip(), line=part.sourceline)
        return EventDefinition("terminate", line=part.sourceline)

    def _message(self, element: etree._Element, node_id: str) -> str | None:
        if child(element, "operationRef") is not None or element.get("operationRef"):
            self.report.error(node_id, element.sourceline, "unsupported-element", "operationRef is not supported; name the message")
        reference = element.get("messageRef")
        if not reference:
            self.report.error(node_id, element.sourceline, "missing-message", f"{node_id!r} names no message (messageRef)")
            return None
        name = self.messages.get(reference.strip(), self.messages.get(local_name(reference)))
        if not name:
            what = "has no name" if local_name(reference) in self.messages else "does not exist"
            self.report.error(node_id, element.sourceline, "missing-message", f"the message {reference!r} of {node_id!r} {what}")
            return None
        if "${" in name or "#{" in name:
            message = f"the message name {name!r} holds an expression; names must be fixed text"
            self.report.error(node_id, element.sourceline, "unsupported-expression", message)
        return name

    def _timer(self, element: etree._Element, node_id: str) -> EventDefinition:
        kinds = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
        parts = [(name, part) for name, part in children(element) if name in kinds]
        if len(parts) != 1:
            message = f"the timer {node_id!r} needs exactly one of timeDate, timeDuration and timeCycle"
            self.report.error(node_id, element.sourceline, "invalid-timer", message)
            return NONE_EVENT
        name, part = parts[0]
        return EventDefinition("timer", timer_kind=kinds[name], timer_text=text_of(part), line=part.sourceline)

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

    # --- calls

    def _call(self, element: etree._Element, node_id: str) -> Call:
        text = element.get("calledElement", "").strip()
        # A QName in BPMN; process ids hold no colon, but an expression (which the linter refuses) may.
        key = text if "{" in text else local_name(text)
        return Call(key, self.dialect.passed(element, node_id, "in"), self.dialect.passed(element, node_id, "out"))

    # --- multi-instance

    def _multi_instance(self, element: etree._Element, node_id: str) -> MultiInstance | None:
        loop = child(element, "multiInstanceLoopCharacteristics")
        if loop is None:
            return None
        self.dialect.check(loop, node_id, "multiInstanceLoopCharacteristics")
        for attribute in ("behavior", "oneBehaviorEventRef", "noneBehaviorEventRef"):
            if loop.get(attribute, "All") != "All":
                self._refuse(loop, node_id, "unsupported-attribute", f"{attribute} on the multi-instance {node_id!r} is not supported")
        known = {"loopCardinality", "completionCondition", "loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem"}
        for name, part in children(loop):
            if name not in known | {"documentation", "extensionElements"}:
                self._refuse(part, node_id, "unsupported-element", f"{name!r} on the multi-instance {node_id!r} is not supported")
        attributes = self.dialect.attributes(loop)
        item_in, item_out = child(loop, "inputDataItem"), child(loop, "outputDataItem")
        condition = child(loop, "completionCondition")
        return MultiInstance(
            sequential=loop.get("isSequential", "false").strip() in ("true", "1"),
            collection=(attributes.get("collection") or text_of(child(loop, "loopDataInputRef"))).strip() or None,
            element_variable=attributes.get("elementVariable") or (self._item(item_in) if item_in is not None else None),
            cardinality=text_of(child(loop, "loopCardinality")) or None,
            completion_condition=text_of(condition) or None,
            completion_language=condition.get("language", "").strip() if condition is not None else "",
            output_collection=text_of(child(loop, "loopDataOutputRef")) or None,
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
