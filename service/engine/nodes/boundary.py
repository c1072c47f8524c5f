"""Boundary events: they wait inside the task of the activity they sit on, and so end with it whatever ends it."""

from typing import TYPE_CHECKING

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.engine.diagram import Node
from service.engine.nodes.node import SILENT, BpmnNode
from service.engine.nodes.triggers import Trigger
from service.engine.scopes import around

if TYPE_CHECKING:
    from service.engine.instance import Instance


class BoundaryEvent(BpmnNode):
    """A timer or message on an activity. A waiting task is silent; the token that comes out when it happens is another task."""

    def __init__(self, spec: WorkflowSpec, node: Node, trigger: Trigger) -> None:
        super().__init__(spec, node)
        self.trigger = trigger

    def attach(self, instance: "Instance", host: Task) -> None:
        """Begin to wait on the activity whose task is `host`."""
        self.trigger.arm(instance, self._waiting(instance, host), self.bpmn_id)

    def _waiting(self, instance: "Instance", host: Task) -> Task:
        task = instance.create(self, host, TaskState.WAITING)
        task.internal_data[SILENT] = True
        return task

    def cancelled(self, instance: "Instance", task: Task) -> None:
        """The activity ended first."""
        if SILENT in task.internal_data:
            self.trigger.disarm(instance, task)

    def fire(self, instance: "Instance", task: Task) -> Task:
        """It happened: end the activity if interrupting, then go on after the event. Returns the token that goes on."""
        host = around(task)
        scope = around(host)
        if self.node.interrupting:
            instance.cancel_task(host)
        else:
            fresh = self._waiting(instance, host)
            if not self.trigger.arm_again(instance, task, fresh, self.bpmn_id):
                instance.remove(fresh)
            instance.cancel_task(task)
        return instance.schedule(self, scope)
