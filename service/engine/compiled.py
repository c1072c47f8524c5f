"""From diagram to Spiff specs: one task spec per element, compiled once and shared by all instances, never changed by one."""

from dataclasses import dataclass

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from service.engine.compiled_activities import compensates, compile_compensation, entry, repeated
from service.engine.language.assignment import Assignment
from service.engine.language.expressions import ExpressionFault, compile_condition, compile_feel, compile_text
from service.engine.mappings import compile_mappings
from service.engine.nodes.boundary import BoundaryEvent
from service.engine.nodes.call_activity import CallActivity, Passage
from service.engine.nodes.catching import SeveralTriggers, Watcher
from service.engine.nodes.compensation import CompensationThrow
from service.engine.nodes.complex_gateway import ComplexGateway
from service.engine.nodes.event_sub_process import EventSubProcessStart
from service.engine.nodes.events import CatchEvent, EventBasedGateway, StartEvent, TerminateEnd
from service.engine.nodes.gateways import ExclusiveGateway, InclusiveGateway, Join, ParallelGateway
from service.engine.nodes.node import BpmnNode, PassThrough, Way
from service.engine.nodes.scope_nodes import ProcessScope, ScopeNode, SubProcess
from service.engine.nodes.tasks import BusinessRuleTask, ScriptTask, UserTask
from service.engine.nodes.throw_events import ThrowEvent, Thrown, ThrownError, ThrownEscalation, ThrownMessage, ThrownSignal
from service.engine.nodes.transactions import CancelEnd
from service.engine.nodes.triggers import CodeTrigger, ConditionTrigger, MessageTrigger, SignalTrigger, TimerTrigger, Trigger
from service.engine.reading import diagram
from service.engine.reading.diagram import EventDefinition, Node, Passed, ProcessDiagram
from service.engine.reading.starts import instantiating_nodes
from service.engine.work import work_node

ROOT = ":process"


@dataclass(frozen=True, slots=True)
class CompiledProcess:
    """A process ready to run. `starts` are the start events of the outermost level by element id."""

    key: str
    spec: WorkflowSpec
    root: ProcessScope
    starts: dict[str, BpmnNode]

    @property
    def plain_start(self) -> BpmnNode | None:
        """The start event without a message; the linter lets no second one pass."""
        return next((start for start in self.starts.values() if start.node.event.kind == "none"), None)


def compile_process(process: ProcessDiagram) -> CompiledProcess:
    """Build the specs of a diagram that the linter passed. Raises ExpressionFault for one it did not see."""
    spec = WorkflowSpec(name=process.key)  # type: ignore[no-untyped-call]
    root = ProcessScope(spec, Node(process.key, "process", process.name, "", process.line), ROOT)
    inner: dict[str, BpmnNode] = {}
    outer: dict[str, BpmnNode] = {}
    # The start event of an event sub-process needs the body it starts, so scopes come before what stands in them.
    for node in process.nodes:
        body = inner.get(node.scope)
        waits = node.kind == "startEvent" and not compensates(node)
        if waits and isinstance(body, SubProcess) and body.node.triggered_by_event:
            inner[node.id] = EventSubProcessStart(spec, node, _trigger(spec, node), body)
        else:
            inner[node.id] = _task_spec(spec, node)
        if node.mapping is not None:
            inner[node.id].mappings = compile_mappings(node.id, node.mapping)
        outer[node.id] = repeated(spec, node, inner[node.id])
    for node in process.nodes:
        start = inner[node.id]
        if isinstance(start, EventSubProcessStart):
            surrounding = inner.get(start.body.node.scope, root)
            assert isinstance(surrounding, ScopeNode), "event sub-processes stand in processes and sub-processes"
            surrounding.event_starts.append(start)
        if node.attached_to is not None and not compensates(node):
            boundary = inner[node.id]
            assert isinstance(boundary, BoundaryEvent), "only boundary events are attached"
            outer[node.attached_to].boundaries.append(boundary)
        if node.kind == "startEvent":
            scope = inner.get(node.scope, root)
            assert isinstance(scope, ScopeNode), "start events stand in processes and sub-processes"
            scope.starts[node.id] = inner[node.id]
    _connect(process, outer, {node.id: entry(spec, node, outer[node.id]) for node in process.nodes})
    compile_compensation(process, spec, inner, outer)
    for node in process.nodes:
        gateway = inner[node.id]
        if isinstance(gateway, InclusiveGateway):
            gateway.reach = reach(process, node.id)
    _start_without_event(process, inner, outer)
    return CompiledProcess(process.key, spec, root, {**root.starts, **_instantiating(process, inner)})


def _instantiating(process: ProcessDiagram, inner: dict[str, BpmnNode]) -> dict[str, BpmnNode]:
    """Receive tasks, and events behind an event-based gateway, whose message starts the process."""
    found = instantiating_nodes(process)
    for element_id, gateway in found.items():
        taker = inner[element_id]
        assert isinstance(taker, CatchEvent), "the linter lets only what takes a message instantiate"
        taker.instantiating_gateway = gateway
    return {element_id: inner[element_id] for element_id in found}


def _connect(process: ProcessDiagram, outer: dict[str, BpmnNode], entries: dict[str, BpmnNode]) -> None:
    for flow in process.flows:
        source, target = outer[flow.source], entries[flow.target]
        condition = None
        is_default = source.node.default_flow == flow.id
        if flow.condition is not None and not is_default:
            condition = compile_condition(flow.condition, flow.language)
        way = Way(flow.id, target, condition, source.node.completion_quantity)
        source.ways.append(way)
        source.connect(target)  # type: ignore[no-untyped-call]
        if is_default:
            source.default_way = way
        if isinstance(target, Join):
            target.incoming.append(flow.id)


def _start_without_event(process: ProcessDiagram, inner: dict[str, BpmnNode], outer: dict[str, BpmnNode]) -> None:
    """A sub-process without a start event begins at every element nothing leads to (BPMN 2.0.2 §10.3.5)."""
    targets = {flow.target for flow in process.flows}
    for node in process.nodes:
        scope = inner.get(node.scope)
        if not isinstance(scope, SubProcess) or any(start.node.kind == "startEvent" for start in scope.starts.values()):
            continue
        if node.id not in targets and node.kind != "boundaryEvent" and not node.triggered_by_event and not node.for_compensation:
            scope.starts[node.id] = outer[node.id]


def _trigger(spec: WorkflowSpec, node: Node) -> Trigger:
    if len(node.events) == 1:
        return _single_trigger(node.event)
    return SeveralTriggers(
        tuple(Watcher(spec, node, _single_trigger(event), number, node.parallel_multiple) for number, event in enumerate(node.events))
    )


def _single_trigger(event: EventDefinition) -> Trigger:
    match event.kind:
        case "timer":
            return TimerTrigger(event.timer_kind or "duration", compile_text(event.timer_text))
        case "message":
            assert event.message_name is not None, "the reader asks for a message"
            return MessageTrigger(compile_text(event.message_name))
        case "signal":
            assert event.signal_name is not None, "the reader asks for a signal"
            return SignalTrigger(compile_text(event.signal_name))
        case "conditional":
            return ConditionTrigger(compile_condition(event.condition, event.language), event.change)
        case "error" | "escalation" | "cancel":
            return CodeTrigger(event.kind, event.code, event.code_variable, event.text_variable)
        case _:
            raise ExpressionFault(f"an event of the kind {event.kind!r} cannot be waited for")


def _task_spec(spec: WorkflowSpec, node: Node) -> BpmnNode:
    match node.kind:
        case "intermediateCatchEvent" | "intermediateThrowEvent" if node.event.kind == "link":
            return PassThrough(spec, node)
        case "startEvent":
            return StartEvent(spec, node)
        case "endEvent" | "intermediateThrowEvent":
            return _throwing(spec, node)
        case "intermediateCatchEvent" | "receiveTask":
            return CatchEvent(spec, node, _trigger(spec, node))
        case "boundaryEvent" if compensates(node):
            return PassThrough(spec, node)
        case "boundaryEvent":
            return BoundaryEvent(spec, node, _trigger(spec, node))
        case "userTask":
            return UserTask(spec, node, Assignment.compile(node))
        case "scriptTask":
            assert node.script is not None, "the reader gives every script task a script"
            return ScriptTask(spec, node, compile_feel(node.script.text), node.attributes["resultVariable"])
        case "serviceTask" | "sendTask" | "businessRuleTask" if node.work is not None:
            return work_node(spec, node, node.work)
        case "sendTask":
            return ThrowEvent(spec, node, [_thrown(node, event) for event in node.events])
        case "businessRuleTask":
            mapping = node.attributes.get("mapDecisionResult", "resultList")
            return BusinessRuleTask(spec, node, node.attributes.get("resultVariable"), mapping)
        case "subProcess" | "transaction":
            return SubProcess(spec, node)
        case "callActivity":
            assert node.call is not None, "the reader gives every call activity a call"
            return CallActivity(spec, node, compile_text(node.call.key), _passages(node.call.inputs), _passages(node.call.outputs))
        case "exclusiveGateway":
            return ExclusiveGateway(spec, node)
        case "parallelGateway":
            return ParallelGateway(spec, node)
        case "inclusiveGateway":
            return InclusiveGateway(spec, node)
        case "complexGateway":
            activation = compile_condition(node.activation, node.activation_language) if node.activation is not None else None
            return ComplexGateway(spec, node, activation)
        case "eventBasedGateway":
            return EventBasedGateway(spec, node)
        case "task" | "manualTask":
            return PassThrough(spec, node)
        case _:
            raise ExpressionFault(f"{node.id!r}: elements of the kind {node.kind!r} are not executed")


def _passages(passed: tuple[Passed, ...]) -> tuple[Passage, ...]:
    return tuple(
        Passage(one.source, compile_text(one.expression) if one.expression is not None else None, one.target or "", one.local)
        for one in passed
    )


def _throwing(spec: WorkflowSpec, node: Node) -> BpmnNode:
    if node.event.kind == "terminate":
        return TerminateEnd(spec, node)
    if node.event.kind == "cancel":
        return CancelEnd(spec, node)
    if not node.events:
        return PassThrough(spec, node)
    if len(node.events) == 1 and node.event.work is not None:
        return work_node(spec, node, node.event.work)
    compensation = next((event for event in node.events if event.kind == "compensate"), None)
    if compensation is not None:
        others = [_thrown(node, event) for event in node.events if event is not compensation]
        return CompensationThrow(spec, node, others, compensation.activity, compensation.wait)
    return ThrowEvent(spec, node, [_thrown(node, event) for event in node.events])


def _thrown(node: Node, event: EventDefinition) -> Thrown:
    match event.kind:
        case "message":
            assert event.message_name is not None, "the reader asks for a message"
            return ThrownMessage(event.message_name)
        case "signal":
            assert event.signal_name is not None, "the reader asks for a signal"
            return ThrownSignal(compile_text(event.signal_name), _passages(event.payload))
        case "error":
            return ThrownError(event.code or "", compile_text(event.text))
        case "escalation":
            return ThrownEscalation(event.code or "")
        case _:
            raise ExpressionFault(f"{node.id!r}: an event of the kind {event.kind!r} cannot be thrown together with others")


def reach(process: ProcessDiagram, gateway: str) -> dict[str, frozenset[str]]:
    """For each element of the gateway's level: the incoming flows of `gateway` a token there can come to without passing it."""
    into: dict[str, list[diagram.Flow]] = {}
    for flow in process.flows:
        into.setdefault(flow.target, []).append(flow)
    hosts = {node.id: node.attached_to for node in process.nodes if node.attached_to is not None}
    found: dict[str, set[str]] = {}
    for last in into.get(gateway, ()):
        pending = [last.source]
        seen: set[str] = set()
        while pending:
            element = pending.pop()
            if element == gateway or element in seen:
                continue
            seen.add(element)
            found.setdefault(element, set()).add(last.id)
            pending.extend(flow.source for flow in into.get(element, ()))
            if element in hosts:
                pending.append(hosts[element])
    return {element: frozenset(flows) for element, flows in found.items()}
