"""Gateways that split by conditions and join tokens.

A join is one WAITING task per scope that counts the tokens of each incoming flow; it does not look at the history of the branches, so
joins work in loops and in unstructured diagrams.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.domain.errors import StepFailed
from service.engine.nodes.node import SILENT, BpmnNode, Way, node_of
from service.engine.reading.diagram import Node
from service.engine.scopes import around

if TYPE_CHECKING:
    from service.engine.instance import Instance

ARRIVED = "arrived"


class ExclusiveGateway(BpmnNode):
    """Takes the first sequence flow, in document order, whose condition is true."""

    def choose(self, instance: "Instance", task: Task) -> Sequence[Way]:
        """The one way to go."""
        for way in self.ways:
            if way is not self.default_way and self.is_open(instance, task, way):
                return (way,)
        if self.default_way is not None:
            return (self.default_way,)
        if not self.ways:
            return ()
        raise StepFailed(
            self.bpmn_id, "expression", f"no condition out of the gateway {self.bpmn_id!r} is true and there is no default flow"
        )


class Join(BpmnNode):
    """Collects tokens before it goes on."""

    def __init__(self, spec: WorkflowSpec, node: Node) -> None:
        super().__init__(spec, node)
        self.incoming: list[str] = []

    def arrive(self, instance: "Instance", scope: Task, way: Way | None) -> None:
        """Count the token at the join of this scope."""
        if len(self.incoming) < 2 or way is None:
            super().arrive(instance, scope, way)
            return
        join = next((task for task in scope.children if task.task_spec is self and task.state == TaskState.WAITING), None)
        if join is None:
            join = self._waiting(instance, scope, {})
        arrived = join.internal_data[ARRIVED]
        arrived[way.id] = int(arrived.get(way.id, 0)) + 1
        self.counted(instance, join)

    def counted(self, instance: "Instance", join: Task) -> None:
        """One more token is there."""

    def _waiting(self, instance: "Instance", scope: Task, arrived: dict[str, int]) -> Task:
        join = instance.create(self, scope, TaskState.WAITING)
        join.internal_data[ARRIVED] = arrived
        self.note_entered(instance, join)
        return join

    def open(self, instance: "Instance", join: Task) -> None:
        """Use up one token of each flow that has some; what is left waits at a fresh join."""
        left = {flow: int(count) - 1 for flow, count in join.internal_data.pop(ARRIVED).items() if int(count) > 1}
        if left:
            self._waiting(instance, around(join), left)
        instance.reschedule(join)


class ParallelGateway(Join):
    """Waits for a token on every incoming flow, then takes every outgoing one."""

    def counted(self, instance: "Instance", join: Task) -> None:
        """Open when every flow has a token."""
        if len(join.internal_data[ARRIVED]) == len(self.incoming):
            self.open(instance, join)

    def choose(self, instance: "Instance", task: Task) -> Sequence[Way]:
        """All of them."""
        return self.ways


class InclusiveGateway(Join):
    """Waits for the tokens that can still come (BPMN 2.0.2 §13.4.3), then takes every flow whose condition is true.

    `reach` maps the name of a node to the incoming flows of this gateway that a token there can still come to without passing the gateway.
    """

    def __init__(self, spec: WorkflowSpec, node: Node) -> None:
        super().__init__(spec, node)
        self.reach: dict[str, frozenset[str]] = {}

    def choose(self, instance: "Instance", task: Task) -> Sequence[Way]:
        """At a gateway a flow without a condition counts as one whose condition is true, so it rules the default flow out."""
        open_ways = [way for way in self.ways if way is not self.default_way and self.is_open(instance, task, way)]
        return open_ways or super().choose(instance, task)

    def may_open(self, join: Task) -> bool:
        """True when no token that is missed can come any more."""
        return self.none_can_come(join, frozenset(join.internal_data[ARRIVED]))

    def none_can_come(self, join: Task, filled: frozenset[str]) -> bool:
        """True when no token of the scope can still reach a flow that is not `filled`, unless it can as well reach one that is."""
        for task in around(join).children:
            # A gateway may wait without holding a token.
            if task is join or SILENT in task.internal_data or task.internal_data.get(ARRIVED) == {}:
                continue
            reached = self.reach.get(node_of(task).bpmn_id, frozenset())
            if reached - filled and not reached & filled:
                return False
        return True
