"""Throwing events, and the send task with a message: what each of their event definitions does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.domain.json_values import Json
from service.domain.step import MessageSent, UncaughtError
from service.engine.language.expressions import Formula
from service.engine.nodes.call_activity import Passage, called_process
from service.engine.nodes.node import BpmnNode, node_of
from service.engine.nodes.throwing import is_caught, throw_error, throw_escalation, throw_signal, uncaught_words
from service.engine.nodes.triggers import event_name
from service.engine.reading.diagram import Node
from service.engine.scopes import identity, visible

if TYPE_CHECKING:
    from service.engine.instance import Instance

UNCAUGHT = "uncaught"
"""Key in a task's internal data: its error was thrown and nothing caught it."""


class Thrown(Protocol):
    """One event definition of a throwing event."""

    def throw(self, instance: "Instance", task: Task, element_id: str) -> None:
        """Throw it at `task`, which may be cancelled by what it causes."""
        ...


@dataclass(frozen=True, slots=True)
class ThrownMessage:
    """A message: it leaves with the step. Its payload are the inputs that the element maps, without any all variables in sight."""

    name: str

    def throw(self, instance: "Instance", task: Task, element_id: str) -> None:
        """Send."""
        mappings = node_of(task).mappings
        payload = dict(visible(task)) if mappings is None else mappings.payload(task)
        instance.recorder.sent(MessageSent(element_id, self.name, payload, mappings is not None, called_process(task)))


@dataclass(frozen=True, slots=True)
class ThrownSignal:
    """A signal, with what camunda:in names."""

    name: Formula
    passed: Sequence[Passage]

    def throw(self, instance: "Instance", task: Task, element_id: str) -> None:
        """Broadcast."""
        throw_signal(instance, task, *self.settled(instance, task, element_id))

    def settled(self, instance: "Instance", task: Task, element_id: str) -> tuple[str, Mapping[str, Json]]:
        """Its name and payload, as seen from `task`."""
        payload: dict[str, Json] = {}
        for passage in self.passed:
            payload.update(passage.values(element_id, task.data if passage.local else visible(task), instance.moment))
        return event_name(self.name, instance.inquiry(element_id, task)), payload


@dataclass(frozen=True, slots=True)
class ThrownError:
    """An error, with its message ("" for none)."""

    code: str
    message: Formula

    def throw(self, instance: "Instance", task: Task, element_id: str) -> None:
        """To the nearest that catches it. Where nothing does, what led here has happened all the same: the token stays."""
        message = self._words(instance, task, element_id)
        if not is_caught(instance, task, self.code, message, {}):
            task.internal_data[UNCAUGHT] = True
            instance.recorder.uncaught[identity(task)] = UncaughtError(
                identity(task), element_id, self.code, uncaught_words(self.code, message)
            )

    def throw_again(self, instance: "Instance", task: Task, element_id: str) -> None:
        """Once more. Raises StepFailed(kind="error-event") when still nothing catches it."""
        throw_error(instance, task, self.code, self._words(instance, task, element_id))

    def _words(self, instance: "Instance", task: Task, element_id: str) -> str:
        message = self.message.evaluate(instance.inquiry(element_id, task))
        return message if isinstance(message, str) else str(message)


@dataclass(frozen=True, slots=True)
class ThrownEscalation:
    """An escalation; one that nobody catches is allowed (BPMN 2.0.2 §10.5.7: it is then resolved at the outermost level)."""

    code: str

    def throw(self, instance: "Instance", task: Task, element_id: str) -> None:
        """To the nearest that catches it."""
        throw_escalation(instance, task, self.code)


_ORDER: tuple[type, ...] = (ThrownMessage, ThrownSignal, ThrownEscalation, ThrownError)
"""A message ends nothing here, an error always does."""


class ThrowEvent(BpmnNode):
    """An end event or intermediate throwing event with one or more definitions, or a send task with a message."""

    def __init__(self, spec: WorkflowSpec, node: Node, thrown: Sequence[Thrown]) -> None:
        super().__init__(spec, node)
        # What may end this event, and with it what it has not thrown yet, comes last: all of them happen at once (BPMN 2.0.2 §10.5.6).
        self.thrown = tuple(sorted(thrown, key=lambda one: _ORDER.index(type(one))))
        # Signals are not kept for those that begin to wait later, so all other tokens first come to where they wait.
        self.patient = any(isinstance(one, ThrownSignal) for one in self.thrown)

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Throw all of them. A signal that ends this event keeps no other from being told; only what looks for its catcher here ends."""
        signals = [one.settled(instance, task, self.bpmn_id) for one in self.thrown if isinstance(one, ThrownSignal)]
        for one in self.thrown:
            if isinstance(one, ThrownSignal):
                throw_signal(instance, task, *signals.pop(0))
            elif task.state != TaskState.CANCELLED:
                one.throw(instance, task, self.bpmn_id)
        return None if UNCAUGHT in task.internal_data else True

    def throw_again(self, instance: "Instance", task: Task) -> None:
        """The error that nothing caught, once more. Raises StepFailed(kind="error-event") when still nothing catches it."""
        for one in self.thrown:
            if isinstance(one, ThrownError):
                one.throw_again(instance, task, self.bpmn_id)

    def cancelled(self, instance: "Instance", task: Task) -> None:
        """An error that nothing caught is no longer waiting for an answer."""
        if UNCAUGHT in task.internal_data:
            instance.recorder.settled_error(identity(task))
