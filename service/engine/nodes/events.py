"""Plain start events, intermediate catching events, the receive task, the event-based gateway between them, and the terminate end event."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.domain.identifiers import new_id
from service.engine.nodes.catching import Catching
from service.engine.nodes.node import SILENT, BpmnNode, Way
from service.engine.nodes.scope_nodes import ScopeNode
from service.engine.reading.diagram import Node
from service.engine.scopes import around, process_scope, put
from service.engine.state.recorder import COMPLETED

if TYPE_CHECKING:
    from service.engine.instance import Instance

FIRED = "fired"


class StartEvent(BpmnNode):
    """Where a token begins. `initiator` names the variable that takes the id of who started."""

    def __init__(self, spec: WorkflowSpec, node: Node) -> None:
        super().__init__(spec, node)
        self.initiator = node.attributes.get("initiator")

    def entered(self, instance: "Instance", task: Task) -> None:
        """Remember who started."""
        if self.initiator:
            put(process_scope(task), self.initiator, instance.moment.actor)


class CatchEvent(Catching):
    """An intermediate catching event or a receive task: waits for its trigger."""

    instantiating_gateway: Node | None = None
    """The gateway before it, when its message starts the process."""

    def waits(self, task: Task) -> bool:
        """True from when the event is reached until it happened."""
        return task.state in (TaskState.STARTED, TaskState.WAITING)

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Wait, unless the event is what an event-based gateway already waited for."""
        if FIRED in task.internal_data:
            return True
        self.trigger.arm(instance, task, self.bpmn_id)
        return None

    def instantiate(self, instance: "Instance", process: Task) -> None:
        """The message has come that starts the process here: the event has happened when it is reached."""
        gateway = self.instantiating_gateway
        if gateway is not None:
            instance.recorder.ended(new_id(), gateway.id, gateway.name, gateway.kind, COMPLETED, None)
        instance.schedule(self, process).internal_data[FIRED] = True

    def wait_for_gateway(self, instance: "Instance", gateway: Task) -> None:
        """Wait on behalf of an event-based gateway."""
        self.trigger.arm(instance, self.wait_inside(instance, gateway), self.bpmn_id)

    def fire(self, instance: "Instance", task: Task) -> Task:
        """It happened. Returns the token that goes on."""
        if SILENT in task.internal_data:
            gateway = around(task)
            token = instance.schedule(self, around(gateway))
            token.internal_data[FIRED] = True
            instance.finish(gateway)
            return token
        instance.finish(task)
        return task

    def completed(self, instance: "Instance", task: Task) -> None:
        """The trigger was used."""
        if FIRED not in task.internal_data:
            self.trigger.disarm(instance, task)

    def cancelled(self, instance: "Instance", task: Task) -> None:
        """Nobody waits for it any more."""
        if FIRED not in task.internal_data:
            self.trigger.disarm(instance, task)


class EventBasedGateway(BpmnNode):
    """Waits for the first of several events; the others are taken back."""

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Wait for all of them."""
        for way in self.ways:
            target = way.target
            assert isinstance(target, CatchEvent), "the linter lets only catching events follow"
            target.wait_for_gateway(instance, task)
        return None

    def choose(self, instance: "Instance", task: Task) -> Sequence[Way]:
        """The event that happened has a token of its own."""
        return ()


class TerminateEnd(BpmnNode):
    """Ends everything in the scope around it."""

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """End the others; this token then ends the scope."""
        scope = around(task)
        cast(ScopeNode, scope.task_spec).terminate(instance, scope, task)
        return True
