"""Cancelling a transaction (BPMN 2.0.2 §10.3.5, §13.3.4): what runs in it ends, what was done is undone, its cancel event happens."""

from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task

from service.domain.errors import StepFailed
from service.engine.nodes.boundary import BoundaryEvent
from service.engine.nodes.compensation import compensation_of, take
from service.engine.nodes.node import BpmnNode
from service.engine.nodes.scope_nodes import ScopeNode
from service.engine.nodes.triggers import CodeTrigger
from service.engine.scopes import around

if TYPE_CHECKING:
    from service.engine.instance import Instance

_LASTING = frozenset({"cancel", "error"})
"""Kinds of boundary events that still can happen while a transaction is being undone: its end, and a hazard."""


class CancelEnd(BpmnNode):
    """The cancel end event of a transaction."""

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """End what runs and undo what was done."""
        transaction = around(task)
        scope = transaction.task_spec
        if not isinstance(scope, ScopeNode):
            raise StepFailed(
                self.bpmn_id, "definition", f"{self.bpmn_id!r} cancels the transaction while a handler in it undoes an activity"
            )
        scope.terminate(instance, transaction, task)
        for child in list(transaction.children):
            if isinstance(child.task_spec, BoundaryEvent) and not {event.kind for event in child.task_spec.node.events} <= _LASTING:
                _take_back(instance, child)
        records = take(task, None)
        if records:
            compensation_of(self).begin(instance, task, records)
        else:
            _cancel(instance, transaction)
        return None

    def token_left(self, instance: "Instance", scope: Task, task: Task) -> None:
        """All is undone."""
        _cancel(instance, around(scope))


def _take_back(instance: "Instance", boundary: Task) -> None:
    """Of a boundary event only a definition that catches errors goes on waiting; one without such a definition does not."""
    watchers = list(boundary.children)
    others = [watcher for watcher in watchers if not isinstance(getattr(watcher.task_spec, "trigger", None), CodeTrigger)]
    for given_up in [boundary] if len(others) == len(watchers) else others:
        instance.cancel_task(given_up)


def _cancel(instance: "Instance", transaction: Task) -> None:
    for child in list(transaction.children):
        boundary = child.task_spec
        if isinstance(boundary, BoundaryEvent) and boundary.node.event.kind == "cancel":
            boundary.fire(instance, child)
            return
    raise AssertionError("the linter asks for a cancel boundary event")
