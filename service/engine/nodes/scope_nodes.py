"""Elements with a life inside: the process itself and the embedded sub-process."""

from typing import TYPE_CHECKING

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task

from service.engine.nodes.boundary import waits_at_host
from service.engine.nodes.node import SILENT, BpmnNode
from service.engine.reading.diagram import Node

if TYPE_CHECKING:
    from service.engine.instance import Instance
    from service.engine.nodes.event_sub_process import EventSubProcessStart


class ScopeNode(BpmnNode):
    """A node whose task holds tokens; it is done when the last one ended."""

    def __init__(self, spec: WorkflowSpec, node: Node, name: str | None = None) -> None:
        super().__init__(spec, node, name)
        self.starts: dict[str, BpmnNode] = {}
        self.event_starts: list[EventSubProcessStart] = []

    def open(self, instance: "Instance", scope: Task) -> None:
        """From now on the event sub-processes of the scope can happen."""
        for start in self.event_starts:
            start.attach(instance, scope)

    def token_left(self, instance: "Instance", scope: Task, task: Task) -> None:
        """Let the scope end when nothing is left inside but events that wait at it."""
        if self.is_done(scope):
            instance.let_end(scope)

    @staticmethod
    def is_done(scope: Task) -> bool:
        """True when no token is left in it."""
        return all(SILENT in child.internal_data for child in scope.children)

    def terminate(self, instance: "Instance", scope: Task, by: Task) -> None:
        """End everything inside at once, except the end event `by` which does it."""
        for child in list(scope.children):
            if child is not by and not waits_at_host(child):
                instance.cancel_task(child)


class ProcessScope(ScopeNode):
    """A process: root of the task tree, or called and then inside the task of its call activity. It is no visit of its own."""

    def note_entered(self, instance: "Instance", task: Task) -> None:
        """The call activity is the visit."""

    def note_ended(self, instance: "Instance", task: Task, state: str) -> None:
        """The call activity is the visit."""

    def _on_complete_hook(self, my_task: Task) -> None:
        super()._on_complete_hook(my_task)
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
        self.open(instance, task)
        for start in self.starts.values():
            start.arrive(instance, task, None)
        return None
