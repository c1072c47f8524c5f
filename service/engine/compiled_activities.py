"""From the marks of an activity to the specs around it: quantities of tokens, loops, multi-instances, and what undoes it."""

from collections.abc import Mapping

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from service.engine.language.expressions import compile_condition, compile_reference, compile_text
from service.engine.nodes.behavior import Thrower
from service.engine.nodes.compensation import Compensation, Handler
from service.engine.nodes.loops import LoopBody
from service.engine.nodes.multi_instance import MultiInstanceBody
from service.engine.nodes.node import BpmnNode
from service.engine.nodes.quantities import Gathering
from service.engine.nodes.scope_nodes import SubProcess
from service.engine.reading.diagram import Behavior, Node, ProcessDiagram


def repeated(spec: WorkflowSpec, node: Node, inner: BpmnNode) -> BpmnNode:
    """The body of a looping or multi-instance activity; else the activity itself."""
    plan = node.multi_instance
    if node.loop is not None:
        return LoopBody(spec, node, inner, compile_condition(node.loop.condition or "", node.loop.language))
    if plan is None:
        return inner
    condition = compile_condition(plan.completion_condition, plan.completion_language) if plan.completion_condition else None
    collection = compile_reference(plan.collection) if plan.collection else None
    cardinality = compile_text(plan.cardinality) if plan.cardinality else None
    return MultiInstanceBody(spec, node, inner, collection, cardinality, condition, [_thrower(one) for one in plan.thrown])


def _thrower(behavior: Behavior) -> Thrower:
    condition = compile_condition(behavior.condition, behavior.language) if behavior.condition is not None else None
    return Thrower(behavior.event if behavior.event.kind != "none" else None, condition)


def entry(spec: WorkflowSpec, node: Node, outer: BpmnNode) -> BpmnNode:
    """What the sequence flows into an activity lead to."""
    return Gathering(spec, node, outer) if node.start_quantity > 1 else outer


def compile_compensation(process: ProcessDiagram, spec: WorkflowSpec, inner: Mapping[str, BpmnNode], outer: Mapping[str, BpmnNode]) -> None:
    """Give the process what undoes its activities, and tell the activities that they can be undone."""
    compensation = Compensation(spec, Node(process.key, "process", process.name, "", process.line))
    for node in process.nodes:
        if compensates(node) and node.kind == "boundaryEvent" and node.attached_to is not None and node.handler is not None:
            compensation.handlers[node.attached_to] = Handler(node, outer[node.handler])
        elif compensates(node) and node.kind == "startEvent":
            body = inner[node.scope]
            compensation.event_sub_processes[body.node.scope] = body
    undoing = {body.bpmn_id for body in compensation.event_sub_processes.values()}
    for node in process.nodes:
        activity = inner[node.id]
        if node.for_compensation or node.id in undoing:
            continue
        if node.id in compensation.handlers or isinstance(activity, SubProcess):
            activity.compensation = compensation


def compensates(node: Node) -> bool:
    """True for the events of compensation."""
    return any(event.kind == "compensate" for event in node.events)
