"""From XML to diagrams. Whatever is not understood becomes a finding naming the element; nothing is dropped in silence."""

from lxml import etree

from service.engine.findings import Report
from service.engine.language.expressions import is_expression
from service.engine.reading.bpmn_xml import child, children, local_name, split, text_of
from service.engine.reading.clocks import with_clocks
from service.engine.reading.data_reader import DATA_TASKS, DataReader
from service.engine.reading.diagram import LINK, SUB_PROCESSES, Call, Flow, Node, ProcessDiagram, Script, Work
from service.engine.reading.dialect import Dialect, properties_of
from service.engine.reading.event_reader import EventReader
from service.engine.reading.form_reader import FormReader
from service.engine.reading.repetition_reader import RepetitionReader
from service.engine.reading.vocabulary import (
    BPMN,
    CAMUNDA,
    DATA_PARTS,
    DEFINITIONS_PARTS,
    DRAWING,
    FLOW_NODES,
    NODE_PARTS,
)
from service.engine.reading.work_reader import WORKING


class DiagramReader:
    """Reads one file. `report` receives the findings."""

    def __init__(self, root: etree._Element, report: Report) -> None:
        self.root = root
        self.report = report
        self.dialect = Dialect(report)
        self.events = EventReader(root, report, self.dialect)
        # Associations also lead to notes; only what is marked so undoes what others did.
        handlers = {found.get("id") for found in root.iter(etree.Element) if _is_true(found, "isForCompensation")}
        self._associations = [
            (local_name(found.get("sourceRef", "")), target)
            for found in root.iter(f"{{{BPMN}}}association")
            if (target := local_name(found.get("targetRef", ""))) in handlers
        ]
        self.forms = FormReader(report)
        self.data = DataReader(root, report)
        self._key = ""
        self.repetition = RepetitionReader(report, self.dialect, self.events)

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
            elif name in ("message", "signal", "error", "escalation"):
                self.dialect.check(part, part.get("id") or name, name)
        self._check_message_flows()
        processes = [child for _, child in children(self.root, "process")]
        executable = [process for process in processes if _is_true(process, "isExecutable")] or self._assumed(processes)
        if not executable:
            for process in processes:
                self._refuse(process, None, "no-process", f'the process {process.get("id")!r} does not run: isExecutable is not "true"')
            if not processes:
                self._refuse(self.root, None, "no-process", "the file has no process")
        return tuple(diagram for diagram in map(self._process, executable) if diagram is not None)

    def _assumed(self, processes: list[etree._Element]) -> list[etree._Element]:
        """Where no process says that it runs, those that do not say anything do, as in Camunda 7 (BPMN's own default is false)."""
        silent = [process for process in processes if process.get("isExecutable") is None]
        for process in silent:
            message = f'the process {process.get("id")!r} does not say isExecutable; it is taken to be "true"'
            self.report.warn(process.get("id"), process.sourceline, "assumed-executable", message)
        return silent

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
        self._key = key
        self.dialect.check(element, key, "process")
        self.events.work.default_priority = self.dialect.attributes(element).get("taskPriority")
        nodes: list[Node] = []
        flows: list[Flow] = []
        self._level(element, key, nodes, flows)
        self._join_links(nodes, flows)
        tag = self.dialect.attributes(element).get("versionTag")
        return ProcessDiagram(key, element.get("name") or key, element.sourceline, tuple(with_clocks(nodes)), tuple(flows), tag)

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
                    if name in SUB_PROCESSES:
                        self._level(part, node.id, nodes, flows)
            elif name in DATA_PARTS:
                self._check_data(part, scope)
            elif name not in DRAWING and name not in NODE_PARTS:
                why = _REFUSED.get(name, f"the element {name!r} is not supported")
                self._refuse(part, scope, "unsupported-element", why)
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
        activation = child(element, "activationCondition") if kind == "complexGateway" else None
        script = None
        if kind == "scriptTask":
            script = Script(element.get("scriptFormat", "").strip(), text_of(child(element, "script")))
        data, mapping = self.data.read(kind, element, node_id), self.dialect.mapping(kind, element, node_id)
        events = self.events.events(kind, element, node_id)
        plain = scope == self._key and not events
        attributes, form = self.forms.read(kind, element, node_id, self._key, self.dialect.attributes(element), plain)
        return Node(
            id=node_id,
            kind=kind,
            name=(element.get("name") or "").strip() or node_id,
            scope=scope,
            line=element.sourceline,
            attributes=attributes,
            form=form,
            properties=properties_of(element),
            mapping=mapping if data is None else data.followed_by(mapping),
            events=events,
            parallel_multiple=_is_true(element, "parallelMultiple"),
            attached_to=element.get("attachedToRef") if kind == "boundaryEvent" else None,
            interrupting=_is_true(element, "isInterrupting" if kind == "startEvent" else "cancelActivity", "true"),
            default_flow=element.get("default"),
            multi_instance=self.repetition.multi_instance(element, node_id),
            script=script,
            call=self._call(element, node_id) if kind == "callActivity" else None,
            work=self._work(kind, element, node_id),
            for_compensation=_is_true(element, "isForCompensation"),
            triggered_by_event=_is_true(element, "triggeredByEvent"),
            handler=self._handler(node_id) if kind == "boundaryEvent" else None,
            instantiate=_is_true(element, "instantiate"),
            start_quantity=self.repetition.quantity(element, "startQuantity", node_id),
            completion_quantity=self.repetition.quantity(element, "completionQuantity", node_id),
            loop=self.repetition.standard_loop(element, node_id),
            activation=text_of(activation) or None,
            activation_language=activation.get("language", "").strip() if activation is not None else "",
            direction=element.get("gatewayDirection", "Unspecified"),
            listed_incoming=frozenset(local_name(text_of(part)) for _, part in children(element, "incoming")),
            listed_outgoing=frozenset(local_name(text_of(part)) for _, part in children(element, "outgoing")),
        )

    def _check_parts(self, kind: str, element: etree._Element, node_id: str) -> None:
        inner = kind in SUB_PROCESSES
        declares = kind in DATA_TASKS and child(element, "ioSpecification") is not None
        for name, part in children(element):
            if declares and (name == "ioSpecification" or name.endswith("Association")):
                continue  # The data reader judges them.
            if name in NODE_PARTS or name.endswith("EventDefinition") or name == "eventDefinitionRef":
                continue
            if name in DATA_PARTS:
                self._check_data(part, node_id)
            elif not inner and (kind, name) != ("complexGateway", "activationCondition"):
                self._refuse(part, node_id, "unsupported-element", f"{name!r} on the {kind} {node_id!r} is not supported")
        for attribute, harmless in _FIXED_ATTRIBUTES.items():
            value = element.get(attribute)
            if value is not None and value.strip() not in harmless:
                self._refuse(element, node_id, "unsupported-attribute", f"{attribute}={value!r} on the {kind} {node_id!r} is not supported")

    def _check_data(self, element: etree._Element, owner: str) -> None:
        for part in element.iter(f"{{{BPMN}}}assignment", f"{{{BPMN}}}transformation"):
            name = split(part.tag)[1]
            self._refuse(part, owner, "unsupported-element", f"data associations with {name!r} are not supported; map data with FEEL")

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

    # --- work of others

    def _work(self, kind: str, element: etree._Element, node_id: str) -> Work | None:
        if kind not in WORKING:
            return None
        work = self.events.work.read(element, node_id)
        if work is None and (kind == "serviceTask" or (kind == "sendTask" and not element.get("messageRef"))):
            self.events.work.missing(kind, element, node_id)
        return work

    def _handler(self, node_id: str) -> str | None:
        """The activity that a compensation boundary event is associated with; the linter wants exactly one."""
        return next((target for source, target in self._associations if source == node_id), None)

    # --- calls

    def _call(self, element: etree._Element, node_id: str) -> Call:
        text = element.get("calledElement", "").strip()
        # A QName in BPMN; process ids hold no colon, but an expression may.
        key = text if is_expression(text) else local_name(text)
        return Call(key, self.dialect.passed(element, node_id, "in"), self.dialect.passed(element, node_id, "out"))


def _is_true(element: etree._Element, attribute: str, default: str = "false") -> bool:
    return str(element.get(attribute, default)).strip() in ("true", "1")


_REFUSED = {
    "adHocSubProcess": "an ad hoc sub-process is not supported: which of its activities run, when and how often is for a person to choose"
    " while it runs (BPMN 2.0.2 §13.3.5), and a diagram cannot be run without that choice",
}
"""Why an element is refused, where there is more to say than that it is."""

_FIXED_ATTRIBUTES = {
    "method": ("##Compensate", "compensate", "##compensate"),
    "eventGatewayType": ("Exclusive",),
}
"""Attributes of flow nodes that are only executed with these values."""
