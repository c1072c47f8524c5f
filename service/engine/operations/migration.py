"""Moving a running instance to another version of its diagram: every live token gets the element that the plan names for it.

Everything that is open keeps its id, its dates and its variables; what is not open is not looked at. Judged before anything moves, and
refused where the live state would mean something else in the new diagram: another kind of element or scope, other boundary events, other
joins, other iterations, another called process. What differs harmlessly is noted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task

from service.domain.errors import Objection, OperationRefused
from service.engine.compiled import CompiledProcess
from service.engine.instance import Instance
from service.engine.nodes.ballots import is_ballot, rename_boxes
from service.engine.nodes.compensation import COMPENSATION, Compensation, Undoable, done_inside, rename_done
from service.engine.nodes.events import EventBasedGateway
from service.engine.nodes.gateways import ARRIVED, Join
from service.engine.nodes.node import BpmnNode, Way, node_of
from service.engine.nodes.scope_nodes import ProcessScope, ScopeNode
from service.engine.operations.outlook import Place, Undecided, ends_scope, outlook, places_of, reachable, tokens_of
from service.engine.operations.standpoint import Standpoint
from service.engine.reading.diagram import Node
from service.engine.scopes import identity


@dataclass(slots=True)
class MigrationPlan:
    """From elements of the present diagram to those of the target; `same_ids`: an element not named keeps its id."""

    target: CompiledProcess
    mapping: Mapping[str, str]
    same_ids: bool
    nodes: dict[Task, BpmnNode] = field(default_factory=dict)
    objections: list[Objection] = field(default_factory=list)
    notes: list[Objection] = field(default_factory=list)

    def element_of(self, element_id: str) -> str | None:
        """The id that the element has in the target; None when nothing says so."""
        named = self.mapping.get(element_id)
        if named is None and self.same_ids and element_id in self.target.spec.task_specs:
            return element_id
        return named

    def object(self, element_id: str, code: str, message: str, pointer: str = "/mapping") -> None:
        """Note what speaks against the migration, once."""
        objection = Objection(element_id, code, message, pointer)
        if objection not in self.objections:
            self.objections.append(objection)

    def note(self, element_id: str, code: str, message: str) -> None:
        """Note what differs and does no harm."""
        note = Objection(element_id, code, message)
        if note not in self.notes:
            self.notes.append(note)


def plan_migration(instance: Instance, target: CompiledProcess, mapping: Mapping[str, str], same_ids: bool) -> MigrationPlan:
    """Judge the whole instance. Raises OperationRefused with every objection."""
    plan = MigrationPlan(target, mapping, same_ids)
    _judge_mapping(instance, plan)
    standpoint = Standpoint(instance)
    own = [task for task in instance.tasks.values() if standpoint.is_own(task)]
    for task in own:
        _judge_task(plan, task)
    _judge_ends_of_plan(plan)
    if not plan.objections:
        for task in own:
            if isinstance(task.task_spec, ScopeNode):
                _judge_course(plan, task)
    if plan.objections:
        raise OperationRefused(f"{len(plan.objections)} reason(s) why this cannot be done safely; nothing was changed", plan.objections)
    return plan


def migrate(instance: Instance, plan: MigrationPlan) -> dict[str, tuple[str, str]]:
    """Give every live task its new element. Returns (element id, name) of those whose id changed, by the id of the visit."""
    renamed = {}
    for task, node in plan.nodes.items():
        if node.bpmn_id != node_of(task).bpmn_id:
            renamed[identity(task)] = (node.bpmn_id, node.node.name)
        rename_done(task, lambda name: plan.element_of(name) or name)
        rename_boxes(task, lambda name: plan.element_of(name) or name)
        task.task_spec = node
    instance.spec = plan.target.spec
    return renamed


def _judge_mapping(instance: Instance, plan: MigrationPlan) -> None:
    for index, (source, target) in enumerate(plan.mapping.items()):
        if not _is_element(instance.spec, source):
            plan.object(source, "unknown-activity", f"the present diagram has no element {source!r}", f"/mapping/{index}/from")
        if not _is_element(plan.target.spec, target):
            plan.object(target, "unknown-activity", f"the target has no element {target!r}", f"/mapping/{index}/to")
    targets = list(plan.mapping.values())
    for target in {target for target in targets if targets.count(target) > 1}:
        plan.object(target, "mapped-twice", f"several elements are mapped to {target!r}")


def _is_element(spec: WorkflowSpec, name: str) -> bool:
    """Whether the diagram has it: the process itself and the bodies around repeated activities are none."""
    node = spec.task_specs.get(name)
    return isinstance(node, BpmnNode) and node.bpmn_id == name and not isinstance(node, ProcessScope)


def _judge_ends_of_plan(plan: MigrationPlan) -> None:
    """Of two open elements only one can be an element of the target, also where equal ids are mapped."""
    sources: dict[BpmnNode, BpmnNode] = {}
    for task, node in plan.nodes.items():
        first = sources.setdefault(node, node_of(task))
        if first is not node_of(task):
            words = f"{first.bpmn_id!r} and {node_of(task).bpmn_id!r} are both open, and both would become {node.bpmn_id!r}"
            plan.object(node.bpmn_id, "mapped-twice", words)


def _judge_task(plan: MigrationPlan, task: Task) -> None:
    node = node_of(task)
    if isinstance(node, Compensation):
        plan.object(node.bpmn_id, "compensation", "a compensation is under way; the instance cannot be migrated before that is done")
        return
    if isinstance(node, ProcessScope):
        plan.nodes[task] = plan.target.root
        _judge_inside(plan, task, node, plan.target.root)
        return
    element_id = plan.element_of(node.bpmn_id)
    if element_id is None and node.node.kind == "boundaryEvent":
        # Told with the activity it waits at.
        return
    if element_id is None:
        plan.object(node.bpmn_id, "not-mapped", f"{node.bpmn_id!r} is open and the plan does not say what becomes of it")
        return
    known = plan.target.spec.task_specs.get(element_id)
    if not isinstance(known, BpmnNode):
        plan.object(node.bpmn_id, "unknown-activity", f"the target has no element {element_id!r}")
        return
    found = plan.target.spec.task_specs.get(element_id + node.name[len(node.bpmn_id) :])
    if not isinstance(found, BpmnNode) or known.node.kind != node.node.kind or type(found) is not type(node):
        words = f"{node.bpmn_id!r} is a {_shape(node.node)}, {element_id!r} in the target a {_shape(known.node)}"
        plan.object(node.bpmn_id, "other-kind", words)
        return
    plan.nodes[task] = found
    _judge_element(plan, node, found)
    _judge_inside(plan, task, node, found)


def _shape(node: Node) -> str:
    around = "multi-instance " if node.multi_instance is not None else "looping " if node.loop is not None else ""
    events = ", ".join(event.kind for event in node.events)
    return f"{around}{node.kind}{f' ({events})' if events else ''}"


def _judge_element(plan: MigrationPlan, node: BpmnNode, target: BpmnNode) -> None:
    """What the element itself says, whatever is open in it."""
    old, new, name = node.node, target.node, node.bpmn_id
    scope = plan.target.key if old.scope == _process_key(node) else plan.element_of(old.scope)
    if new.scope != scope:
        plan.object(name, "other-scope", f"{name!r} stands in {old.scope!r}, {new.id!r} in the target in {new.scope!r}")
    if _without_lines(old) != _without_lines(new):
        plan.object(name, "iterations-changed", f"{name!r} and {new.id!r} differ in how often and over what they are run")
    if old.triggered_by_event != new.triggered_by_event:
        plan.object(name, "other-kind", f"only one of {name!r} and {new.id!r} is an event sub-process")
    _judge_event(plan, old, new)
    for what, code, of in _KEPT:
        if of(old) != of(new):
            plan.object(name, code, f"{what} of {name!r} and {new.id!r} differ")
    if old.attributes != new.attributes and old.kind == "userTask":
        plan.note(name, "task-kept", f"the open task {name!r} keeps its assignee, candidates, dates, priority and form")
    elif old.attributes != new.attributes and "topic" in old.attributes:
        plan.note(name, "task-kept", f"the open external task {name!r} keeps its topic and priority")
    _judge_boundaries(plan, node, target)


_KEPT: tuple[tuple[str, str, Callable[[Node], object]], ...] = (
    ("the called processes", "called-process-changed", lambda node: None if node.call is None else node.call.key),
    ("the secrecy of the vote", "ballot-changed", is_ballot),
    ("the activation conditions", "join-changed", lambda node: node.activation),
    ("the ordering and completion", "ad-hoc-changed", lambda node: (node.ordering, node.completion, node.cancel_remaining)),
)
"""What a live element must have in common with its target: words, code, and how to read it."""


def _without_lines(node: Node) -> object:
    plan, loop = node.multi_instance, node.loop
    if plan is not None:
        plan = replace(plan, line=None, thrown=tuple(replace(one, event=replace(one.event, line=None)) for one in plan.thrown))
    return plan, None if loop is None else replace(loop, line=None), node.start_quantity, node.completion_quantity


def _signature(node: Node) -> object:
    events = [(event.kind, event.name, event.code, event.timer_kind) for event in node.events]
    return node.interrupting, node.parallel_multiple, events


def _judge_event(plan: MigrationPlan, old: Node, new: Node) -> None:
    """What is waited for is the same; dates that were computed stay."""
    if _signature(old) != _signature(new):
        plan.object(old.id, "event-changed", f"{old.id!r} and {new.id!r} do not wait for the same, or not in the same manner")
    elif [event.timer_text for event in old.events] != [event.timer_text for event in new.events]:
        plan.note(old.id, "timer-kept", f"the timer {old.id!r} stays due when it was; the new text counts when it is armed again")
    elif [(event.condition, event.change) for event in old.events] != [(event.condition, event.change) for event in new.events]:
        plan.note(old.id, "condition-changed", f"from now on the condition of {new.id!r} counts")


def _judge_boundaries(plan: MigrationPlan, node: BpmnNode, target: BpmnNode) -> None:
    here, there = {one.bpmn_id: one for one in node.boundaries}, {one.bpmn_id: one for one in target.boundaries}
    mapped = {name: plan.element_of(name) for name in here}
    for name, event in here.items():
        new = there.get(mapped[name] or "")
        if new is None:
            plan.object(name, "boundary-removed", f"{target.bpmn_id!r} in the target has no boundary event in place of {name!r}")
        else:
            _judge_event(plan, event.node, new.node)
    for name in set(there) - set(mapped.values()):
        words = f"{target.bpmn_id!r} in the target has the boundary event {name!r}, which does not wait at {node.bpmn_id!r}"
        plan.object(node.bpmn_id, "boundary-added", words)


def _judge_inside(plan: MigrationPlan, task: Task, node: BpmnNode, target: BpmnNode) -> None:
    """What is kept in the live task fits the target."""
    name = node.bpmn_id
    if isinstance(node, Join) and isinstance(target, Join) and ARRIVED in task.internal_data:
        here = {(flow, plan.mapping.get(source, source)) for flow, source in _sources(node)}
        if here != set(_sources(target)):
            words = f"tokens wait in {name!r}, and {target.bpmn_id!r} in the target has other incoming sequence flows"
            plan.object(name, "join-changed", words)
    if isinstance(node, EventBasedGateway):
        here_events = {plan.element_of(way.target.bpmn_id) for way in node.ways}
        if here_events != {way.target.bpmn_id for way in target.ways}:
            plan.object(name, "events-changed", f"{name!r} waits for other events than {target.bpmn_id!r} in the target")
    if isinstance(node, ScopeNode) and isinstance(target, ScopeNode):
        here_starts = {(plan.element_of(one.body.bpmn_id), plan.element_of(one.bpmn_id)): one for one in node.event_starts}
        there_starts = {(one.body.bpmn_id, one.bpmn_id): one for one in target.event_starts}
        if here_starts.keys() != there_starts.keys():
            words = f"the event sub-processes of {name!r} and of {target.bpmn_id!r} in the target are not the same"
            plan.object(name, "event-sub-process-changed", words)
        for key, start in here_starts.items():
            if key in there_starts:
                _judge_event(plan, start.node, there_starts[key].node)
    if [name for name, _ in _inputs(node)] != [name for name, _ in _inputs(target)]:
        words = f"{name!r} is open with the inputs it was entered with; {target.bpmn_id!r} in the target has others"
        plan.object(name, "inputs-changed", words)
    for done in done_inside(task):
        if not _can_undo(plan, done):
            words = f"{done.activity!r} was completed and can be undone; the target has nothing that undoes it in this way"
            plan.object(done.activity, "compensation", words)


def _inputs(node: BpmnNode) -> Sequence[tuple[str, object]]:
    return () if node.mappings is None else node.mappings.inputs


def _can_undo(plan: MigrationPlan, done: Undoable) -> bool:
    undoing, name = plan.target.spec.task_specs[COMPENSATION], plan.element_of(done.activity)
    assert isinstance(undoing, Compensation), "every process has it under this name"
    if done.by_itself:
        return name in undoing.handlers
    inside = isinstance(plan.target.spec.task_specs.get(name or ""), ScopeNode)
    return inside and (not done.empty or name in undoing.event_sub_processes)


def _sources(join: Join) -> list[tuple[str, str]]:
    nodes = (node for node in join._wf_spec.task_specs.values() if isinstance(node, BpmnNode))
    return [(way.id, node.bpmn_id) for node in nodes for way in node.ways if way.target is join]


def _process_key(node: BpmnNode) -> str:
    root = next(one for one in node._wf_spec.task_specs.values() if isinstance(one, ProcessScope))
    return root.bpmn_id


def _judge_course(plan: MigrationPlan, scope: Task) -> None:
    """The tokens of the scope can end in the target as well as they could before."""
    node, target = node_of(scope), plan.nodes[scope]
    if isinstance(node, ScopeNode) and isinstance(target, ScopeNode) and _flows(plan, node) == _flows(None, target):
        return
    here: dict[Place, int] = {}
    there: dict[Place, int] = {}
    for token in tokens_of(scope):
        for (at, flow), count in places_of(token).items():
            here[(at, flow)] = here.get((at, flow), 0) + count
            moved = (plan.nodes[token], flow)
            there[moved] = there.get(moved, 0) + count
    try:
        before, after = outlook(here), outlook(there)
    except Undecided as undecided:
        words = f"{node.bpmn_id!r} has other flows in the target, and it cannot be decided whether its tokens can all end: {undecided}"
        plan.object(undecided.element_id or node.bpmn_id, "undecided", words)
        return
    if after.stuck and (not before.stuck or (before.ends and not after.ends)):
        words = f"with its tokens where they are, a join in {target.bpmn_id!r} of the target would wait for ever"
        plan.object(node.bpmn_id, "waits-forever", words)


def _flows(plan: MigrationPlan | None, scope: ScopeNode) -> set[tuple[object, ...]]:
    """The sequence flows of a scope and what of them counts for tokens, with the names of the target where a plan is given."""

    def name(element_id: str) -> str:
        return element_id if plan is None else plan.mapping.get(element_id, element_id)

    nodes = reachable(scope.starts.values())
    ways = [(node, way) for node in nodes for way in node.ways]
    return {(way.id, name(node.bpmn_id), node.node.kind, name(way.target.bpmn_id), *_course(node, way)) for node, way in ways}


def _course(node: BpmnNode, way: Way) -> tuple[object, ...]:
    target = way.target
    return way.condition is None, way is node.default_way, way.tokens, target.node.start_quantity, ends_scope(target)
