"""What all elements of a diagram have in common when they run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn, cast

from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task

from service.domain.errors import StepFailed
from service.engine.diagram import Node
from service.engine.expressions import Formula
from service.engine.recorder import CANCELLED, COMPLETED
from service.engine.scopes import around, identity

if TYPE_CHECKING:
    from service.engine.instance import Instance
    from service.engine.nodes.boundary import BoundaryEvent


SILENT = "silent"
"""Key in a task's internal data: the task waits on behalf of another element and is no visit of its own."""


class Way:
    """A sequence flow out of a node: where it leads and under which condition (None: always)."""

    __slots__ = ("condition", "id", "target")

    def __init__(self, flow_id: str, target: "BpmnNode", condition: Formula | None) -> None:
        self.id = flow_id
        self.target = target
        self.condition = condition


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
        for boundary in self.boundaries:
            boundary.attach(instance, my_task)
        self.entered(instance, my_task)

    def entered(self, instance: "Instance", task: Task) -> None:
        """What the element does when it is entered, before it runs."""

    def _run_hook(self, my_task: Task) -> bool | None:
        return self.act(_instance(my_task), my_task)

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Do the work. True: done; None: it goes on outside (the task becomes STARTED)."""
        return True

    # --- leaving

    def _on_complete_hook(self, my_task: Task) -> None:
        instance = _instance(my_task)
        instance.cancel_children(my_task)
        self.completed(instance, my_task)
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
            way.target.arrive(instance, scope, way)
        node_of(scope).token_left(instance, scope, task)

    def choose(self, instance: "Instance", task: Task) -> Sequence[Way]:
        """The ways the token takes: all without a condition, those whose condition is true, else the default one."""
        if self.default_way is None and all(way.condition is None for way in self.ways):
            return self.ways
        taken = [way for way in self.ways if way is not self.default_way and self.is_open(instance, task, way)]
        if not taken and self.default_way is not None:
            return [self.default_way]
        if not taken:
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
