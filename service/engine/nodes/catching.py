"""What all events that wait have in common, and the events that wait for several things at once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.engine.nodes.node import SILENT, BpmnNode
from service.engine.nodes.triggers import Trigger
from service.engine.reading.diagram import Node
from service.engine.reading.own_properties import RECEIVED_AS
from service.engine.scopes import around

if TYPE_CHECKING:
    from service.engine.instance import Instance


class Catching(BpmnNode):
    """An event that waits for its trigger."""

    def __init__(self, spec: WorkflowSpec, node: Node, trigger: Trigger, name: str | None = None) -> None:
        super().__init__(spec, node, name)
        self.trigger = trigger

    def fire(self, instance: "Instance", task: Task) -> Task | None:
        """What is waited for by `task` happened. Returns the token that goes on, None when more is waited for."""
        raise NotImplementedError

    def waits(self, task: Task) -> bool:
        """True while `task` waits for the trigger."""
        return task.state == TaskState.WAITING

    def receiver(self, task: Task) -> Task:
        """The task from which the variables that come with the event are set."""
        return task

    @property
    def received_as(self) -> str:
        """The one variable that takes all a message brings, so that nothing of the case is overwritten; empty: each becomes one."""
        return self.node.properties.get(RECEIVED_AS, "").strip()

    @property
    def lasts(self) -> bool:
        """True for an event that can happen again while what it waits at goes on."""
        return False

    def begin_token(self, instance: "Instance", task: Task) -> Task:
        """The token that goes on, when an event that lasts has happened at `task`."""
        raise NotImplementedError

    def renew(self, instance: "Instance", task: Task) -> None:
        """Wait once more instead of `task`, which has happened; not at all when that was the last time."""
        fresh = self.wait_inside(instance, around(task))
        if not self.trigger.arm_again(instance, task, fresh, self.bpmn_id):
            instance.remove(fresh)
        instance.cancel_task(task)

    def wait_inside(self, instance: "Instance", holder: Task) -> Task:
        """A silent task inside `holder` that waits; its trigger is armed by the caller."""
        task = instance.create(self, holder, TaskState.WAITING)
        task.internal_data[SILENT] = True
        return task


class Watcher(Catching):
    """One event definition of several: a silent task inside the waiting event."""

    def __init__(self, spec: WorkflowSpec, node: Node, trigger: Trigger, number: int, parallel: bool) -> None:
        super().__init__(spec, node, trigger, f"{node.id}:event{number}")
        self.parallel = parallel

    def fire(self, instance: "Instance", task: Task) -> Task | None:
        """The event happens at the first of its definitions; a parallel one when the last one did."""
        waiting = around(task)
        event = waiting.task_spec
        assert isinstance(event, Catching), "watchers stand inside the event they belong to"
        if self.parallel and len(waiting.children) > 1:
            instance.cancel_task(task)
            return None
        if event.lasts and not self.parallel:
            # The other definitions wait on as they did: a deadline is not put off by a message.
            self.renew(instance, task)
            return event.begin_token(instance, waiting)
        return event.fire(instance, waiting)

    def receiver(self, task: Task) -> Task:
        """As for the event."""
        waiting = around(task)
        event = waiting.task_spec
        assert isinstance(event, Catching), "watchers stand inside the event they belong to"
        return event.receiver(waiting)

    def cancelled(self, instance: "Instance", task: Task) -> None:
        """No longer needed, or no longer missing."""
        self.trigger.disarm(instance, task)


@dataclass(frozen=True, slots=True)
class SeveralTriggers:
    """The trigger of an event with several definitions: a watcher for each."""

    watchers: tuple[Watcher, ...]

    def arm(self, instance: "Instance", task: Task, element_id: str) -> None:
        """Wait for all of them."""
        for watcher in self.watchers:
            watcher.trigger.arm(instance, watcher.wait_inside(instance, task), element_id)

    def disarm(self, instance: "Instance", task: Task) -> None:
        """Wait for none of them."""
        instance.cancel_children(task)

    def arm_again(self, instance: "Instance", fired: Task, fresh: Task, element_id: str) -> bool:
        """From the beginning."""
        self.arm(instance, fresh, element_id)
        return True
