"""Work done outside: external tasks, as Camunda 7 has them, and tasks whose work is one expression."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task

from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.step import ExternalTaskOpened
from service.engine.language import timers
from service.engine.language.expressions import Formula
from service.engine.language.inquiry import Inquiry
from service.engine.language.whole_numbers import whole_number
from service.engine.nodes.node import BpmnNode
from service.engine.reading.diagram import Node
from service.engine.scopes import assign, identity, visible

if TYPE_CHECKING:
    from service.engine.instance import Instance

DEFAULT_PRIORITY = 0
"""Camunda's default for external tasks."""

MAX_PRIORITY = 2**31 - 1
"""Either way from zero."""

TOPIC, PRIORITY = "topic", "priority"
"""Keys in a task's internal data: what was told to the store, so that its row can be checked against the state."""

REPORT = "externalTask"
"""The variable under which an error event's expression sees the worker's report."""


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """A camunda:errorEventDefinition: the report of a worker for which `condition` is true is the business error `code`."""

    code: str
    condition: Formula


class ExternalTask(BpmnNode):
    """Waits for a worker outside: a service, send or business rule task, or a message that a worker sends."""

    def __init__(self, spec: WorkflowSpec, node: Node, topic: Formula, priority: Formula | None, rules: tuple[ErrorRule, ...]) -> None:
        super().__init__(spec, node)
        self.topic = topic
        self.priority = priority
        self.rules = rules

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Say what is to be done, and wait."""
        inquiry = instance.inquiry(self.bpmn_id, task)
        opened = ExternalTaskOpened(identity(task), self.bpmn_id, self._topic(inquiry), self._priority(inquiry))
        task.internal_data.update({TOPIC: opened.topic, PRIORITY: opened.priority})
        instance.recorder.opened_external[opened.id] = opened
        return None

    def completed(self, instance: "Instance", task: Task) -> None:
        """The worker is done."""
        instance.recorder.closed_external_task(identity(task))

    def cancelled(self, instance: "Instance", task: Task) -> None:
        """The work is no longer needed."""
        instance.recorder.closed_external_task(identity(task))

    def error_in(self, instance: "Instance", task: Task, report: Mapping[str, Json]) -> str | None:
        """The code of the business error that the worker's report is, by the first rule that fits; None when it is none."""
        seen = {**visible(task), REPORT: dict(report)}
        for rule in self.rules:
            if rule.condition.truth(Inquiry(self.bpmn_id, seen, instance.moment)):
                return rule.code
        return None

    def _topic(self, inquiry: Inquiry) -> str:
        value = self.topic.evaluate(inquiry)
        if not isinstance(value, str) or not value.strip():
            raise StepFailed(self.bpmn_id, "expression", f"camunda:topic ({self.topic.text}) gives {timers.describe(value)}, not a name")
        return value

    def _priority(self, inquiry: Inquiry) -> int:
        value = None if self.priority is None else self.priority.evaluate(inquiry)
        if value is None:
            return DEFAULT_PRIORITY
        number = whole_number(value, -MAX_PRIORITY, MAX_PRIORITY)
        if number is None:
            raise StepFailed(self.bpmn_id, "expression", f"camunda:taskPriority gives {timers.describe(value)}, not a whole number")
        return number


class ExpressionTask(BpmnNode):
    """A service, send or business rule task whose work is camunda:expression; its value goes into `result_variable`, if there is one."""

    def __init__(self, spec: WorkflowSpec, node: Node, expression: Formula, result_variable: str | None) -> None:
        super().__init__(spec, node)
        self.expression = expression
        self.result_variable = result_variable

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Evaluate, and keep the value."""
        value = self.expression.evaluate(instance.inquiry(self.bpmn_id, task))
        if self.result_variable is not None:
            assign(task, self.result_variable, value)
        return True
