"""Standard loops (BPMN 2.0.2 §13.3.6): a body around the activity, one iteration after the other.

`loopCounter` is the number of iterations begun: 0 when the condition is looked at before the first one, 1 inside and after it. Unlike
those of a multi-instance, iterations are no scopes: what one writes, the next one and the elements after the loop see.
"""

from decimal import Decimal
from typing import TYPE_CHECKING

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task

from service.engine.language.expressions import Formula
from service.engine.nodes.node import SILENT, BpmnNode
from service.engine.reading.diagram import Node
from service.engine.scopes import put

if TYPE_CHECKING:
    from service.engine.instance import Instance

LOOP_SUFFIX = ":loop"
"""A colon cannot stand in an XML id, so the name cannot meet an element's."""

_COUNTER = "loopCounter"


class LoopBody(BpmnNode):
    """The whole of a looping activity: boundary events and sequence flows are its, the work is the iterations'."""

    def __init__(self, spec: WorkflowSpec, node: Node, inner: BpmnNode, condition: Formula) -> None:
        super().__init__(spec, node, node.id + LOOP_SUFFIX)
        assert node.loop is not None, "only for looping activities"
        self.keeps_counters = True
        self.plan = node.loop
        self.inner = inner
        self.condition = condition

    def note_entered(self, instance: "Instance", task: Task) -> None:
        """The iterations are the visits."""

    def note_ended(self, instance: "Instance", task: Task, state: str) -> None:
        """The iterations are the visits."""

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Run the first time; when the condition is tested before, perhaps not at all."""
        task.data[_COUNTER] = Decimal(0)
        if self.plan.test_before and not self._goes_on(instance, task):
            return True
        self._iterate(instance, task)
        return None

    def token_left(self, instance: "Instance", scope: Task, task: Task) -> None:
        """An iteration ended: run again or be done."""
        if SILENT in task.internal_data:
            return
        if self._goes_on(instance, scope):
            self._iterate(instance, scope)
        else:
            instance.finish(scope)

    def _goes_on(self, instance: "Instance", body: Task) -> bool:
        if self.plan.maximum is not None and body.data[_COUNTER] >= self.plan.maximum:
            return False
        return self.condition.truth(instance.inquiry(self.bpmn_id, body))

    def _iterate(self, instance: "Instance", body: Task) -> None:
        put(body, _COUNTER, body.data[_COUNTER] + 1)
        instance.schedule(self.inner, body)
