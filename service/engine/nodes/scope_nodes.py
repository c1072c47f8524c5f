"""Elements with a life inside: the process itself and the embedded sub-process."""

from typing import TYPE_CHECKING

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task

from service.engine.diagram import Node
from service.engine.nodes.boundary import BoundaryEvent
from service.engine.nodes.node import BpmnNode

if TYPE_CHECKING:
    from service.engine.instance import Instance


class ScopeNode(BpmnNode):
    """A node whose task holds tokens; it is done when the last one ended."""

    def __init__(self, spec: WorkflowSpec, node: Node, name: str | None = None) -> None:
        super().__init__(spec, node, name)
        self.starts: dict[str, BpmnNode] = {}

    def token_left(self, instance: "Instance", scope: Task, task: Task) -> None:
        """Complete the scope when nothing is left inside but its boundary events."""
        if not any(not isinstance(child.task_spec, BoundaryEvent) for child in scope.children):
            instance.finish(scope)

    def terminate(self, instance: "Instance", scope: Task, by: Task) -> None:
        """End everything inside at once, except the end event `by` which does it."""
        for child in list(scope.children):
            if child is not by and not isinstance(child.task_spec, BoundaryEvent):
                instance.cancel_task(child)


class ProcessScope(ScopeNode):
    """A process: root of the task tree, or called and then inside the task of its call activity. It is no visit of its own."""

    def note_entered(self, instance: "Instance", task: Task) -> None:
        """The call activity is the visit."""

    def note_ended(self, instance: "Instance", task: Task, state: str) -> None:
        """The call activity is the visit."""

    def _on_complete_hook(self, my_task: Task) -> None:
        if my_task.parent is None:
            my_task.workflow.completed = True

    def leave(self, instance: "Instance", task: Task) -> None:
        """The end of the instance leads nowhere, that of a called process to its call activity."""
        if task.parent is not None:
            super().leave(instance, task)


class SubProcess(ScopeNode):
    """An embedded sub-process; its variables are those of the scope around it."""

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Start inside and wait for the end."""
        for start in self.starts.values():
            start.arrive(instance, task, None)
        return None
