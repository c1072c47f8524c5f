"""Where an instance stands, for those who want to move it by hand: elements, scopes and tokens by the ids of its diagram, and what speaks
against touching them.
"""

from SpiffWorkflow.task import Task

from service.domain.errors import Objection
from service.engine.instance import Instance
from service.engine.nodes.boundary import BoundaryEvent
from service.engine.nodes.compensation import Compensation
from service.engine.nodes.event_sub_process import EventSubProcessStart
from service.engine.nodes.events import EventBasedGateway
from service.engine.nodes.gateways import Join
from service.engine.nodes.loops import LOOP_SUFFIX, LoopBody
from service.engine.nodes.multi_instance import BODY_SUFFIX, MultiInstanceBody
from service.engine.nodes.node import BpmnNode, node_of
from service.engine.nodes.scope_nodes import ProcessScope, ScopeNode
from service.engine.operations.outlook import tokens_of
from service.engine.scopes import CALLED, around, outwards


class Standpoint:
    """Looks at an instance; changes nothing."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._root = instance.task_tree
        self._nodes = instance.spec.task_specs

    # --- elements

    def element(self, element_id: str) -> BpmnNode | None:
        """The element as sequence flows see it: of a multi-instance or looping activity the whole body."""
        node = next((found for suffix in (BODY_SUFFIX, LOOP_SUFFIX, "") if (found := self._nodes.get(element_id + suffix))), None)
        return node if isinstance(node, BpmnNode) and node.bpmn_id == element_id and not isinstance(node, ProcessScope) else None

    def unknown(self, element_id: str) -> Objection:
        """Why there is no such element."""
        for task in self._instance.tasks.values():
            if CALLED in task.internal_data and element_id in node_of(task)._wf_spec.task_specs:
                words = f"{element_id!r} belongs to the called process {node_of(task).bpmn_id!r}; only the call as a whole can be touched"
                return Objection(element_id, "called-process", words)
        return Objection(element_id, "unknown-activity", f"the diagram has no element {element_id!r}")

    # --- scopes

    def scope_of(self, node: BpmnNode) -> Task | Objection:
        """The live scope in which the element stands."""
        if node.node.scope == node_of(self._root).bpmn_id:
            return self._root
        inner = self._nodes[node.node.scope]
        open_ = [task for task in self._instance.tasks.values() if task.task_spec is inner and self.is_own(task)]
        if not open_:
            words = f"{node.bpmn_id!r} stands in the sub-process {node.node.scope!r}, which is not open; start that as a whole"
            return Objection(node.bpmn_id, "other-scope", words)
        confined = self.confinement(open_[0])
        if confined is None and len(open_) > 1:
            words = f"the sub-process {node.node.scope!r} is open {len(open_)} times; name what to touch in it by the ids of visits"
            return Objection(node.bpmn_id, "ambiguous", words)
        return confined or open_[0]

    def confinement(self, scope: Task) -> Objection | None:
        """Why nothing inside this scope may be touched by itself."""
        node = node_of(scope)
        if not isinstance(node, ScopeNode):
            return Objection(node.bpmn_id, "not-open", f"what waits on behalf of {node.bpmn_id!r} can only be touched with it")
        for level in outwards(scope):
            here = node_of(level)
            if CALLED in level.internal_data:
                words = f"what stands in the called process {here.bpmn_id!r} can only be touched with the call as a whole"
                return Objection(here.bpmn_id, "called-process", words)
            if here.node.multi_instance is not None:
                words = f"{here.bpmn_id!r} is a multi-instance; its iterations can only be touched together, as a whole"
                return Objection(here.bpmn_id, "multi-instance-part", words)
            if here.node.loop is not None:
                words = f"{here.bpmn_id!r} is a loop; what stands in it can only be touched together with the whole of it"
                return Objection(here.bpmn_id, "multi-instance-part", words)
            if here.node.triggered_by_event:
                words = f"{here.bpmn_id!r} is an event sub-process; what runs in it cannot be moved"
                return Objection(here.bpmn_id, "event-sub-process", words)
            if here.node.kind == "adHocSubProcess":
                words = f"{here.bpmn_id!r} is an ad hoc sub-process; it can only be touched as a whole"
                return Objection(here.bpmn_id, "ad-hoc-part", words)
        return None

    def scope_objection(self, scope: Task) -> Objection | None:
        """Why the tokens of this scope cannot be moved now, although the scope could be touched."""
        for child in scope.children:
            node = node_of(child)
            if node.node.triggered_by_event and self._interrupts(scope, node):
                words = f"the event sub-process {node.bpmn_id!r} has interrupted {node_of(scope).bpmn_id!r}; nothing else can run in it"
                return Objection(node.bpmn_id, "event-sub-process", words)
            if any(isinstance(task.task_spec, Compensation) for task in (child, *child.children)):
                name = node_of(scope).bpmn_id
                words = f"a compensation is under way in {name!r}; its tokens cannot be moved before that is done"
                return Objection(name, "compensation", words)
        return None

    @staticmethod
    def _interrupts(scope: Task, body: BpmnNode) -> bool:
        around_it = node_of(scope)
        starts = around_it.event_starts if isinstance(around_it, ScopeNode) else []
        return any(start.body is body and start.node.interrupting for start in starts)

    def is_own(self, task: Task) -> bool:
        """Whether the task belongs to the diagram of the instance, not to that of a called process."""
        *_, root = outwards(task)
        return root is self._root

    # --- tokens

    def tokens_at(self, node: BpmnNode) -> list[Task] | Objection:
        """The tokens that stand at the element."""
        scope = self.scope_of(node)
        if isinstance(scope, Objection):
            return scope
        if node.node.triggered_by_event:
            words = f"{node.bpmn_id!r} is an event sub-process; it cannot be cancelled by itself"
            return Objection(node.bpmn_id, "event-sub-process", words)
        found = [token for token in tokens_of(scope) if node_of(token) is node]
        return found or Objection(node.bpmn_id, "not-open", f"nothing is open at {node.bpmn_id!r}")

    def token_of(self, visit_id: str) -> Task | Objection:
        """The token that this visit, or user task, is; a part of something that can only be touched as a whole is none."""
        task = self._instance.tasks.get(visit_id)
        if task is None or task.parent is None:
            return Objection(None, "not-open", f"nothing with the id {visit_id!r} is open")
        node, holder = node_of(task), around(task)
        if self.body_of(visit_id) is not None:
            words = f"{visit_id!r} is one iteration of {node.bpmn_id!r}, which can only be touched as a whole, by its activityId"
            return Objection(node.bpmn_id, "multi-instance-part", words)
        objection = self.confinement(holder)
        if objection is None and task not in tokens_of(holder):
            objection = Objection(node.bpmn_id, "not-open", f"{visit_id!r} is no token that can be moved")
        return objection or task

    def body_of(self, visit_id: str) -> Task | None:
        """The multi-instance or loop of which this visit is an iteration."""
        task = self._instance.tasks.get(visit_id)
        holder = None if task is None else task.parent
        return holder if holder is not None and isinstance(holder.task_spec, MultiInstanceBody | LoopBody) else None

    # --- starting

    def start_objection(self, node: BpmnNode) -> Objection | None:
        """Why nothing can be started before the element."""
        name = node.bpmn_id
        if isinstance(node, BoundaryEvent | EventSubProcessStart) or node.node.triggered_by_event:
            return Objection(name, "not-startable", f"{name!r} happens by itself; start after it, or before what follows it")
        if node.node.for_compensation:
            return Objection(name, "not-startable", f"{name!r} runs only as a compensation")
        if isinstance(node, Join) and len(node.incoming) > 1:
            words = f"{name!r} joins {len(node.incoming)} sequence flows and counts what comes over each; start after one in front of it"
            return Objection(name, "not-startable", words)
        before = [other for other in self._nodes.values() if isinstance(other, EventBasedGateway)]
        if any(way.target is node for gateway in before for way in gateway.ways):
            return Objection(name, "not-startable", f"{name!r} is one of several events a gateway waits for; start before the gateway")
        return None

    def leave_objection(self, node: BpmnNode) -> Objection | None:
        """Why nothing can be started after the element."""
        name, count = node.bpmn_id, len(node.ways)
        if node.node.for_compensation or isinstance(node, EventSubProcessStart | EventBasedGateway) or node.node.triggered_by_event:
            return Objection(name, "not-startable", f"no token comes out of {name!r} in this way")
        if count != 1:
            words = f"{name!r} has {count} outgoing sequence flows, not one; start before the element that shall follow"
            return Objection(name, "not-startable", words)
        return None
