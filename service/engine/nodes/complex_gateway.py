"""The complex gateway (BPMN 2.0.2 §13.4.5): it opens when its activation condition is true, and again when it resets.

Waiting for start, it looks at the condition whenever a token comes. When that is true it uses up one token of each incoming flow that has
some, takes the outgoing flows and waits for reset: until a token has come over each of the other flows, or none can come any more, as at an
inclusive join. Then it uses those tokens up and waits for start again.

The conditions of its outgoing flows are looked at in both phases; they may name `waitingForStart` (true in the first phase) and
`activationCount`. A flow without a condition is taken in the first phase only, which makes a discriminator of a gateway with one way out.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.engine.language.expressions import Formula
from service.engine.language.inquiry import Inquiry
from service.engine.nodes.gateways import ARRIVED, InclusiveGateway
from service.engine.nodes.node import Way, node_of
from service.engine.reading.diagram import Node
from service.engine.scopes import around, visible

if TYPE_CHECKING:
    from service.engine.instance import Instance

_USED, _COUNT = "used", "count"


class ComplexGateway(InclusiveGateway):
    """One WAITING task per scope holds the tokens; `used` in its internal data are, while it waits for reset, the flows of phase one."""

    def __init__(self, spec: WorkflowSpec, node: Node, activation: Formula | None) -> None:
        super().__init__(spec, node)
        self.activation = activation

    def note_entered(self, instance: "Instance", task: Task) -> None:
        """Waiting for reset is no visit, a reset that lets tokens out is one."""
        if _USED not in task.internal_data:
            super().note_entered(instance, task)

    def note_ended(self, instance: "Instance", task: Task, state: str) -> None:
        """Waiting for reset is no visit."""
        if _USED not in task.internal_data:
            super().note_ended(instance, task, state)

    def may_open(self, join: Task) -> bool:
        """In the first phase: the condition holds for the tokens there are. In the second: no other token can come."""
        used = join.internal_data.get(_USED)
        if used is None:
            return bool(join.internal_data[ARRIVED]) and self._is_activated(join)
        return self.none_can_come(join, frozenset(used) | frozenset(join.internal_data[ARRIVED]))

    def _is_activated(self, join: Task) -> bool:
        assert self.activation is not None, "the linter asks a joining gateway for one"
        return self.activation.truth(self._inquiry(join, self.bpmn_id, sum(map(int, join.internal_data[ARRIVED].values())), True))

    def _inquiry(self, task: Task, element_id: str, count: int, waiting_for_start: bool) -> Inquiry:
        variables = {**visible(task), "activationCount": Decimal(count), "waitingForStart": waiting_for_start}
        return Inquiry(element_id, variables, cast("Instance", task.workflow).moment)

    def counted(self, instance: "Instance", join: Task) -> None:
        """Look at the condition while the token is new: what comes next in this step may be too late."""
        if _USED not in join.internal_data and self._is_activated(join):
            self.open(instance, join)

    def open(self, instance: "Instance", join: Task) -> None:
        """Activate or reset: use up tokens, wait on, and let tokens out."""
        internal = join.internal_data
        arrived = {flow: int(count) for flow, count in internal.pop(ARRIVED).items()}
        used = internal.pop(_USED, None)
        taken = [flow for flow in arrived if used is None or flow not in used]
        left = {flow: count - (flow in taken) for flow, count in arrived.items() if count > (flow in taken)}
        scope = around(join)
        if used is None:
            waiting = instance.create(self, scope, TaskState.WAITING)
            waiting.internal_data.update({ARRIVED: left, _USED: taken})
            internal[_COUNT] = sum(arrived.values())
            instance.reschedule(join)
            return
        if left:
            self._waiting(instance, scope, left)
        if any(way.condition is not None for way in self.ways):
            internal.update({_COUNT: sum(arrived.values()), ARRIVED: {}})
            instance.reschedule(join, noted=False)
        else:
            instance.remove(join)
            node_of(scope).token_left(instance, scope, join)

    def is_open(self, instance: "Instance", task: Task, way: Way) -> bool:
        """As at any gateway, with the state of this one in sight."""
        name = self.bpmn_id if ":" in way.id else way.id
        count = int(task.internal_data.get(_COUNT, 1))
        return way.condition is None or way.condition.truth(self._inquiry(task, name, count, ARRIVED not in task.internal_data))

    def choose(self, instance: "Instance", task: Task) -> Sequence[Way]:
        """First phase: as at an inclusive gateway. Reset: the conditions that are true, else the default flow, else nothing."""
        if ARRIVED not in task.internal_data:
            return super().choose(instance, task)
        conditional = [way for way in self.ways if way.condition is not None]
        taken = [way for way in conditional if self.is_open(instance, task, way)]
        return taken or ([self.default_way] if self.default_way is not None else [])
