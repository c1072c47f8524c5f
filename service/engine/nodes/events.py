"""Catching, throwing and ending events, the receive task, and the event-based gateway that chooses between catching ones."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.domain.step import MessageSent
from service.engine.diagram import Node
from service.engine.expressions import Formula
from service.engine.nodes.node import SILENT, BpmnNode, Way
from service.engine.nodes.scope_nodes import ScopeNode
from service.engine.nodes.triggers import Trigger
from service.engine.scopes import around, process_scope, visible

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
            process_scope(task).data[self.initiator] = instance.moment.actor


class CatchEvent(BpmnNode):
    """An intermediate catching event or a receive task: waits for its trigger."""

    def __init__(self, spec: WorkflowSpec, node: Node, trigger: Trigger) -> None:
        super().__init__(spec, node)
        self.trigger = trigger

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Wait, unless the event is what an event-based gateway already waited for."""
        if FIRED in task.internal_data:
            return True
        self.trigger.arm(instance, task, self.bpmn_id)
        return None

    def wait_for_gateway(self, instance: "Instance", gateway: Task) -> None:
        """Wait on behalf of an event-based gateway."""
        task = instance.create(self, gateway, TaskState.WAITING)
        task.internal_data[SILENT] = True
        self.trigger.arm(instance, task, self.bpmn_id)

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


class MessageThrow(BpmnNode):
    """A message end event or intermediate message throw: the message leaves with the step."""

    def __init__(self, spec: WorkflowSpec, node: Node, message_name: str, inputs: Mapping[str, Formula] | None) -> None:
        super().__init__(spec, node)
        self.message_name = message_name
        self.parameters = inputs

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Send all variables in sight, or those that are named."""
        if self.parameters is None:
            payload = dict(visible(task))
        else:
            inquiry = instance.inquiry(self.bpmn_id, task)
            payload = {name: formula.evaluate(inquiry) for name, formula in self.parameters.items()}
        instance.recorder.sent(MessageSent(self.bpmn_id, self.message_name, payload))
        return True


class TerminateEnd(BpmnNode):
    """Ends everything in the scope around it."""

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """End the others; this token then ends the scope."""
        scope = around(task)
        cast(ScopeNode, scope.task_spec).terminate(instance, scope, task)
        return True
