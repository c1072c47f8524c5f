"""Event sub-processes: their start event waits inside the scope they stand in, as long as that scope lives (BPMN 2.0.2 §13.5.4).

An interrupting one ends everything else in the scope before anything in it runs on; the scope then ends with the event sub-process.
"""

from typing import TYPE_CHECKING

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task

from service.engine.nodes.boundary import waits_at_host
from service.engine.nodes.catching import Catching
from service.engine.nodes.node import SILENT
from service.engine.nodes.scope_nodes import SubProcess
from service.engine.nodes.triggers import Trigger
from service.engine.reading.diagram import Node
from service.engine.scopes import around

if TYPE_CHECKING:
    from service.engine.instance import Instance


class EventSubProcessStart(Catching):
    """The start event of an event sub-process. A silent task of it waits in the scope; the visit inside passes at once."""

    def __init__(self, spec: WorkflowSpec, node: Node, trigger: Trigger, body: SubProcess) -> None:
        super().__init__(spec, node, trigger)
        self.body = body

    def attach(self, instance: "Instance", scope: Task) -> None:
        """Begin to wait in the scope."""
        self.trigger.arm(instance, self.wait_inside(instance, scope), self.bpmn_id)

    def receiver(self, task: Task) -> Task:
        """What comes with the event is set in the scope, where the event sub-process runs."""
        return around(task)

    def cancelled(self, instance: "Instance", task: Task) -> None:
        """The scope ended, or the wait was renewed."""
        if SILENT in task.internal_data:
            self.trigger.disarm(instance, task)

    @property
    def lasts(self) -> bool:
        """A non-interrupting one may happen any number of times."""
        return not self.node.interrupting

    def begin_token(self, instance: "Instance", task: Task) -> Task:
        """The event sub-process beside what runs."""
        return instance.schedule(self.body, around(task))

    def fire(self, instance: "Instance", task: Task) -> Task:
        """It happened: end what runs in the scope if interrupting, then run the event sub-process there."""
        scope = around(task)
        if self.node.interrupting:
            for child in list(scope.children):
                if not waits_at_host(child):
                    instance.cancel_task(child)
        else:
            self.renew(instance, task)
        return instance.schedule(self.body, scope)
