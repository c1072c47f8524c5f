"""From diagram to Spiff specs: one task spec per element, compiled once and shared by all instances, never changed by one."""

from dataclasses import dataclass

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from service.engine import diagram
from service.engine.assignment import Assignment
from service.engine.diagram import Node, Passed, ProcessDiagram
from service.engine.expressions import compile_condition, compile_feel, compile_reference, compile_text
from service.engine.nodes.boundary import BoundaryEvent
from service.engine.nodes.call_activity import CallActivity, Passage
from service.engine.nodes.events import CatchEvent, EventBasedGateway, MessageThrow, StartEvent, TerminateEnd
from service.engine.nodes.gateways import ExclusiveGateway, InclusiveGateway, Join, ParallelGateway
from service.engine.nodes.multi_instance import MultiInstanceBody
from service.engine.nodes.node import BpmnNode, PassThrough, Way
from service.engine.nodes.scope_nodes import ProcessScope, ScopeNode, SubProcess
from service.engine.nodes.tasks import BusinessRuleTask, ScriptTask, UserTask
from service.engine.nodes.triggers import MessageTrigger, TimerTrigger, Trigger

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
    for node in process.nodes:
        inner[node.id] = _task_spec(spec, node)
        outer[node.id] = _body(spec, node, inner[node.id])
    for node in process.nodes:
        if node.attached_to is not None:
            boundary = inner[node.id]
            assert isinstance(boundary, BoundaryEvent), "only boundary events are attached"
            outer[node.attached_to].boundaries.append(boundary)
        if node.kind == "startEvent":
            scope = inner.get(node.scope, root)
            assert isinstance(scope, ScopeNode), "start events stand in processes and sub-processes"
            scope.starts[node.id] = inner[node.id]
    _connect(process, outer)
    for node in process.nodes:
        gateway = inner[node.id]
        if isinstance(gateway, InclusiveGateway):
            gateway.reach = reach(process, node.id)
    _start_without_event(process, inner, outer)
    return CompiledProcess(process.key, spec, root, dict(root.starts))


def _connect(process: ProcessDiagram, outer: dict[str, BpmnNode]) -> None:
    for flow in process.flows:
        source, target = outer[flow.source], outer[flow.target]
        condition = None
        is_default = source.node.default_flow == flow.id
        if flow.condition is not None and not is_default:
            condition = compile_condition(flow.condition, flow.language)
        way = Way(flow.id, target, condition)
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
        if node.id not in targets and node.kind != "boundaryEvent":
            scope.starts[node.id] = outer[node.id]


def _trigger(node: Node) -> Trigger:
    event = node.event
    if event.kind == "timer":
        return TimerTrigger(event.timer_kind or "duration", compile_text(event.timer_text))
    assert event.message_name is not None, "the linter asks for a message"
    return MessageTrigger(event.message_name)


def _task_spec(spec: WorkflowSpec, node: Node) -> BpmnNode:
    match node.kind:
        case "intermediateCatchEvent" | "intermediateThrowEvent" if node.event.kind == "link":
            return PassThrough(spec, node)
        case "startEvent":
            return StartEvent(spec, node)
        case "endEvent" | "intermediateThrowEvent":
            return _throwing(spec, node)
        case "intermediateCatchEvent" | "receiveTask":
            return CatchEvent(spec, node, _trigger(node))
        case "boundaryEvent":
            return BoundaryEvent(spec, node, _trigger(node))
        case "userTask":
            return UserTask(spec, node, Assignment.compile(node))
        case "scriptTask":
            assert node.script is not None, "the reader gives every script task a script"
            return ScriptTask(spec, node, compile_feel(node.script.text), node.attributes["resultVariable"])
        case "businessRuleTask":
            mapping = node.attributes.get("mapDecisionResult", "resultList")
            return BusinessRuleTask(spec, node, node.attributes.get("resultVariable"), mapping)
        case "subProcess":
            return SubProcess(spec, node)
        case "callActivity":
            assert node.call is not None, "the reader gives every call activity a call"
            return CallActivity(spec, node, _passages(node.call.inputs), _passages(node.call.outputs))
        case "exclusiveGateway":
            return ExclusiveGateway(spec, node)
        case "parallelGateway":
            return ParallelGateway(spec, node)
        case "inclusiveGateway":
            return InclusiveGateway(spec, node)
        case "eventBasedGateway":
            return EventBasedGateway(spec, node)
        case _:
            return PassThrough(spec, node)


def _passages(passed: tuple[Passed, ...]) -> tuple[Passage, ...]:
    return tuple(
        Passage(one.source, compile_text(one.expression) if one.expression is not None else None, one.target or "", one.local)
        for one in passed
    )


def _throwing(spec: WorkflowSpec, node: Node) -> BpmnNode:
    if node.event.kind == "terminate":
        return TerminateEnd(spec, node)
    if node.event.kind == "message":
        assert node.event.message_name is not None, "the linter asks for a message"
        inputs = {name: compile_text(text) for name, text in node.inputs.items()} if node.inputs is not None else None
        return MessageThrow(spec, node, node.event.message_name, inputs)
    return PassThrough(spec, node)


def _body(spec: WorkflowSpec, node: Node, inner: BpmnNode) -> BpmnNode:
    plan = node.multi_instance
    if plan is None:
        return inner
    condition = compile_condition(plan.completion_condition, plan.completion_language) if plan.completion_condition else None
    collection = compile_reference(plan.collection) if plan.collection else None
    cardinality = compile_text(plan.cardinality) if plan.cardinality else None
    return MultiInstanceBody(spec, node, inner, collection, cardinality, condition)


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
