"""startQuantity (BPMN 2.0.2 §10.3.1): an activity that begins only when several tokens have come.

completionQuantity needs no element of its own: it is the number of tokens a way takes (see `Way`).
"""

from typing import TYPE_CHECKING

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.engine.nodes.node import BpmnNode, Way
from service.engine.reading.diagram import Node

if TYPE_CHECKING:
    from service.engine.instance import Instance

GATHERING_SUFFIX = ":startQuantity"
"""A colon cannot stand in an XML id, so the name cannot meet an element's."""

_TOKENS = "tokens"


class Gathering(BpmnNode):
    """Stands before the activity `begun` and holds its tokens, whichever sequence flows they come over, until there are enough."""

    def __init__(self, spec: WorkflowSpec, node: Node, begun: BpmnNode) -> None:
        super().__init__(spec, node, node.id + GATHERING_SUFFIX)
        self.begun = begun

    def note_entered(self, instance: "Instance", task: Task) -> None:
        """The activity has not begun."""

    def note_ended(self, instance: "Instance", task: Task, state: str) -> None:
        """The activity is the visit."""

    def arrive(self, instance: "Instance", scope: Task, way: Way | None) -> None:
        """One more token is there."""
        waiting = next((task for task in scope.children if task.task_spec is self), None)
        if waiting is None:
            waiting = instance.create(self, scope, TaskState.WAITING)
        tokens = int(waiting.internal_data.get(_TOKENS, 0)) + 1
        waiting.internal_data[_TOKENS] = tokens
        if tokens == self.node.start_quantity:
            instance.remove(waiting)
            self.begun.arrive(instance, scope, way)
