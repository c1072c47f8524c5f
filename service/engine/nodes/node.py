"""What all elements of a diagram have in common when they run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn, cast

from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.domain.errors import StepFailed
from service.engine.language.expressions import Formula
from service.engine.mappings import Mappings
from service.engine.reading.diagram import Node
from service.engine.scopes import around, identity
from service.engine.state.recorder import CANCELLED, COMPLETED

if TYPE_CHECKING:
    from service.engine.instance import Instance
    from service.engine.nodes.boundary import BoundaryEvent
    from service.engine.nodes.compensation import Compensation


SILENT = "silent"
"""Key in a task's internal data: the task waits on behalf of another element and is no visit of its own."""


class Way:
    """A sequence flow out of a node: where it leads, under which condition (None: always), with how many tokens (completionQuantity)."""

    __slots__ = ("condition", "id", "target", "tokens")

    def __init__(self, flow_id: str, target: "BpmnNode", condition: Formula | None, tokens: int = 1) -> None:
        self.id = flow_id
        self.target = target
        self.condition = condition
        self.tokens = tokens


class BpmnNode(BpmnSpecMixin):
    """A flow node that passes at once. Shared by all instances of a definition; whatever belongs to one instance is in its task.

    A task goes FUTURE (on the agenda) → READY (entered) → STARTED (waiting for what is outside or inside) → COMPLETED or CANCELLED.
    """

    def __init__(self, spec: WorkflowSpec, node: Node, name: str | None = None, manual: bool = False) -> None:
        super().__init__(spec, name or node.id, bpmn_name=node.name, manual=manual)  # type: ignore[no-untyped-call]
        self.bpmn_id: str = node.id
        self.node = node
        self.ways: list[Way] = []
        self.default_way: Way | None = None
        self.boundaries: list[BoundaryEvent] = []
        self.mappings: Mappings | None = None
        self.compensation: Compensation | None = None
        """What remembers the completed element, when it can be undone."""
        self.keeps_counters = False
        """True for the body of a multi-instance or loop, whose variables only the engine sets."""
        self.patient = False
        """True for an element that runs only when no other token of the instance can."""

    def test(self) -> None:
        """Nothing to check while running: the linter has seen the diagram."""

    def serialize(self, serializer: object, **kwargs: object) -> NoReturn:
        """Specs are compiled from the diagram again, never written down."""
        raise NotImplementedError("specs are compiled from the diagram")

    # --- entering

    def arrive(self, instance: "Instance", scope: Task, way: Way | None) -> None:
        """A token reaches the node inside `scope` over `way` (None: not over a sequence flow)."""
        instance.schedule(self, scope)

    def _on_ready_hook(self, my_task: Task) -> None:
        instance = _instance(my_task)
        self.note_entered(instance, my_task)
        if self.mappings is not None:
            self.mappings.enter(instance, my_task)
        for boundary in self.boundaries:
            boundary.attach(instance, my_task)
        self.entered(instance, my_task)

    def entered(self, instance: "Instance", task: Task) -> None:
        """What the element does when it is entered, before it runs."""

    def _run_hook(self, my_task: Task) -> bool | None:
        done = self.act(_instance(my_task), my_task)
        # An event that the element threw may have ended it: then it is neither done nor waiting.
        return None if my_task.state == TaskState.CANCELLED else done

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Do the work. True: done; None: it goes on outside (the task becomes STARTED)."""
        return True

    # --- leaving

    def _on_complete_hook(self, my_task: Task) -> None:
        instance = _instance(my_task)
        instance.cancel_children(my_task)
        self.completed(instance, my_task)
        if self.mappings is not None:
            self.mappings.leave(instance, my_task)
        if self.compensation is not None:
            self.compensation.remember(my_task)
        self.note_ended(instance, my_task, COMPLETED)

    def completed(self, instance: "Instance", task: Task) -> None:
        """What the element does when its work is done, before the token moves on."""

    def _on_cancel(self, my_task: Task) -> None:
        instance = _instance(my_task)
        self.cancelled(instance, my_task)
        self.note_ended(instance, my_task, CANCELLED)

    def cancelled(self, instance: "Instance", task: Task) -> None:
        """What the element takes back when it is cancelled."""

    def leave(self, instance: "Instance", task: Task) -> None:
        """Move the token of a completed task on."""
        scope = around(task)
        ways = self.choose(instance, task)
        instance.remove(task)
        for way in ways:
            for _ in range(way.tokens):
                way.target.arrive(instance, scope, way)
        node_of(scope).token_left(instance, scope, task)

    def choose(self, instance: "Instance", task: Task) -> Sequence[Way]:
        """The ways the token takes: all without a condition, those whose condition is true, and the default one when none is.

        A flow without a condition does not keep the default one from being taken (BPMN 2.0.2 §13.2.1: it is taken if all other
        conditional flows are false).
        """
        taken: list[Way] = []
        fulfilled = False
        for way in self.ways:
            if way is self.default_way:
                continue
            if self.is_open(instance, task, way):
                taken.append(way)
                fulfilled = fulfilled or way.condition is not None
        if self.default_way is not None and not fulfilled:
            taken.append(self.default_way)
        if not taken and self.ways:
            raise StepFailed(
                self.bpmn_id, "expression", f"no sequence flow out of {self.bpmn_id!r} has a true condition and there is no default flow"
            )
        return taken

    def is_open(self, instance: "Instance", task: Task, way: Way) -> bool:
        """True when the way has no condition or a true one; anything but true or false is a failed step naming the sequence flow."""
        # A sequence flow without an id of its own is named by where it comes from.
        name = self.bpmn_id if ":" in way.id else way.id
        return way.condition is None or way.condition.truth(instance.inquiry(name, task))

    def token_left(self, instance: "Instance", scope: Task, task: Task) -> None:
        """A token inside `scope` (a task of this node) moved on or ended; only scopes react."""

    # --- history

    def note_entered(self, instance: "Instance", task: Task) -> None:
        """Note that the element was entered."""
        instance.recorder.entered(identity(task), self.bpmn_id, self.node.name, self.node.kind)

    def note_ended(self, instance: "Instance", task: Task, state: str) -> None:
        """Note how the visit ended."""
        if SILENT in task.internal_data:
            return
        actor = instance.moment.actor if self.manual and state == COMPLETED else None
        instance.recorder.ended(identity(task), self.bpmn_id, self.node.name, self.node.kind, state, actor)


class PassThrough(BpmnNode):
    """Start and end events without a definition, undefined and manual tasks: nothing to do."""


def _instance(task: Task) -> "Instance":
    return cast("Instance", task.workflow)


def node_of(task: Task) -> BpmnNode:
    """The element a task is a visit of."""
    return cast(BpmnNode, task.task_spec)
