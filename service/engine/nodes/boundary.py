"""Boundary events: they wait inside the task of the activity they sit on, and so end with it whatever ends it."""

from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task

from service.engine.nodes.catching import Catching
from service.engine.nodes.node import SILENT
from service.engine.scopes import around

if TYPE_CHECKING:
    from service.engine.instance import Instance


class BoundaryEvent(Catching):
    """An event on an activity. A waiting task is silent; the token that comes out when it happens is another task."""

    def attach(self, instance: "Instance", host: Task) -> None:
        """Begin to wait on the activity whose task is `host`."""
        self.trigger.arm(instance, self.wait_inside(instance, host), self.bpmn_id)

    def receiver(self, task: Task) -> Task:
        """Where the path after the event runs, not in the activity that the event may end."""
        return around(around(task))

    def cancelled(self, instance: "Instance", task: Task) -> None:
        """The activity ended first."""
        if SILENT in task.internal_data:
            self.trigger.disarm(instance, task)

    @property
    def lasts(self) -> bool:
        """A non-interrupting one may happen any number of times."""
        return not self.node.interrupting

    def begin_token(self, instance: "Instance", task: Task) -> Task:
        """The token behind the event."""
        return instance.schedule(self, around(around(task)))

    def fire(self, instance: "Instance", task: Task) -> Task:
        """It happened: end the activity if interrupting, then go on after the event. Returns the token that goes on."""
        host = around(task)
        scope = around(host)
        if self.node.interrupting:
            instance.cancel_task(host)
        else:
            self.renew(instance, task)
        return instance.schedule(self, scope)


def waits_at_host(task: Task) -> bool:
    """True for a boundary event that waits. A token that came out of one stands in the scope like any other and ends with it."""
    return isinstance(task.task_spec, BoundaryEvent) and SILENT in task.internal_data
