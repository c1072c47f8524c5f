"""Multi-instance: a body around the activity, one iteration (a task of the activity itself) per element.

Camunda 7's model: the body holds nrOfInstances, nrOfActiveInstances and nrOfCompletedInstances; each iteration is a scope of its own
with loopCounter (from 0) and the element variable. What is first written inside an iteration stays there; results come out through
loopDataOutputRef/outputDataItem, in the order of the collection.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.engine.language import timers
from service.engine.language.expressions import Formula
from service.engine.language.inquiry import Inquiry
from service.engine.language.whole_numbers import whole_number
from service.engine.nodes.ballots import end_box, is_ballot, open_box
from service.engine.nodes.behavior import Thrower
from service.engine.nodes.node import SILENT, BpmnNode
from service.engine.reading.diagram import Node
from service.engine.scopes import LOCAL, around, assign, put, visible
from service.engine.state.storable import require_storable

if TYPE_CHECKING:
    from service.engine.instance import Instance

MAX_ITERATIONS = 1_000
_COUNTABLE = 2**31 - 1
"""What is larger is no cardinality at all."""

BODY_SUFFIX = ":multiInstanceBody"
"""A colon cannot stand in an XML id, so the name cannot meet an element's."""

_STANDARD_NAMES = {
    "nrOfInstances": "numberOfInstances",
    "nrOfActiveInstances": "numberOfActiveInstances",
    "nrOfCompletedInstances": "numberOfCompletedInstances",
}
"""The counters of Camunda 7 and what BPMN 2.0.2 (table 10.30) calls them."""

_INDEX, _ITEMS, _RESULTS, _NEXT = "index", "items", "results", "next"


class MultiInstanceBody(BpmnNode):
    """The whole of a multi-instance activity: boundary events and sequence flows are its, the work is the iterations'."""

    def __init__(
        self,
        spec: WorkflowSpec,
        node: Node,
        inner: BpmnNode,
        collection: Formula | None,
        cardinality: Formula | None,
        condition: Formula | None,
        thrown: Sequence[Thrower] = (),
    ) -> None:
        super().__init__(spec, node, node.id + BODY_SUFFIX)
        assert node.multi_instance is not None, "only for multi-instance activities"
        self.keeps_counters = True
        self.plan = node.multi_instance
        self.inner = inner
        self.collection = collection
        self.cardinality = cardinality
        self.condition = condition
        self.thrown = tuple(thrown)

    def note_entered(self, instance: "Instance", task: Task) -> None:
        """The iterations are the visits."""

    def note_ended(self, instance: "Instance", task: Task, state: str) -> None:
        """The iterations are the visits."""

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Start all iterations, or the first one of a sequence."""
        items = self._items(instance, task)
        if len(items) > MAX_ITERATIONS:
            raise StepFailed(
                self.bpmn_id, "budget", f"the multi-instance activity has {len(items)} elements; {MAX_ITERATIONS} are possible"
            )
        task.internal_data[_RESULTS] = {}
        if is_ballot(self.node):
            open_box(instance, task, self.node, len(items))
        self._count(task, len(items), 0, 0)
        if not items:
            return True
        if self.plan.sequential:
            task.internal_data[_ITEMS] = items
            task.internal_data[_NEXT] = 1
            self._iterate(instance, task, 0, items[0])
            self._count(task, len(items), 1, 0)
        else:
            self._count(task, len(items), len(items), 0)
            for index, item in enumerate(items):
                self._iterate(instance, task, index, item)
        return None

    def _items(self, instance: "Instance", task: Task) -> list[Json]:
        inquiry = instance.inquiry(self.bpmn_id, task)
        if self.collection is not None:
            value = self.collection.evaluate(inquiry)
            if not isinstance(value, list):
                found = timers.describe(value)
                raise StepFailed(self.bpmn_id, "expression", f"the collection {self.collection.text} gives {found}, not a list")
            return list(value)
        assert self.cardinality is not None, "the linter asks for a collection or a cardinality"
        number = self.cardinality.evaluate(inquiry)
        count = whole_number(number, 0, _COUNTABLE)
        if count is None:
            found = timers.describe(number)
            raise StepFailed(
                self.bpmn_id, "expression", f"the cardinality {self.cardinality.text} gives {found}, not a whole number from 0"
            )
        return [None] * min(count, MAX_ITERATIONS + 1)

    def _iterate(self, instance: "Instance", body: Task, index: int, item: Json) -> None:
        iteration = instance.schedule(self.inner, body)
        iteration.internal_data.update({LOCAL: True, _INDEX: index})
        iteration.data["loopCounter"] = Decimal(index)
        if self.plan.element_variable:
            iteration.data[self.plan.element_variable] = item
        if self.plan.output_item:
            # Declared here, so that what an iteration answers never lands in a variable of that name outside.
            iteration.data.setdefault(self.plan.output_item, None)

    @staticmethod
    def _count(body: Task, instances: int, active: int, done: int) -> None:
        counts = {"nrOfInstances": instances, "nrOfActiveInstances": active, "nrOfCompletedInstances": done}
        for name, count in counts.items():
            if body.data.get(name) != count:
                put(body, name, Decimal(count))

    def token_left(self, instance: "Instance", scope: Task, task: Task) -> None:
        """An iteration ended: keep its result, then go on or be done."""
        if SILENT in task.internal_data:
            return
        internal = scope.internal_data
        index = int(task.internal_data[_INDEX])
        if self.plan.output_item:
            internal[_RESULTS][str(index)] = task.data.get(self.plan.output_item)
        total = int(scope.data["nrOfInstances"])
        done = int(scope.data["nrOfCompletedInstances"]) + 1
        following = int(internal.get(_NEXT, total))
        self._count(scope, total, 0 if self.plan.sequential else total - done, done)
        enough = self._throw(instance, scope, task, first=done == 1)
        if scope.state == TaskState.CANCELLED:
            return
        if enough or (self.condition is not None and self._holds(self.condition, instance, scope, task)):
            instance.finish(scope)
        elif following < total:
            internal[_NEXT] = following + 1
            self._count(scope, total, 1, done)
            self._iterate(instance, scope, following, internal[_ITEMS][following])
        elif done == total:
            instance.finish(scope)

    def _throw(self, instance: "Instance", body: Task, iteration: Task, first: bool) -> bool:
        """Throw what the behavior says when an iteration ended; True when it is complex and a condition of it ends the activity."""
        if self.plan.behavior == "One" and not first:
            return False
        enough = False
        for thrower in self.thrown:
            if body.state == TaskState.CANCELLED:
                break
            if thrower.condition is None or self._holds(thrower.condition, instance, body, iteration):
                enough = enough or thrower.condition is not None
                thrower.throw(instance, body, self.bpmn_id)
        return enough

    def _holds(self, condition: Formula, instance: "Instance", body: Task, iteration: Task) -> bool:
        """Look at a condition as seen from an iteration that ended; the counters have the names of BPMN there as well as Camunda's."""
        counters = {standard: body.data[name] for name, standard in _STANDARD_NAMES.items()}
        # An iteration may have a variable of its own by the name of a counter; that must not end the others.
        seen = {**counters, "numberOfTerminatedInstances": Decimal(0), **visible(iteration), **body.data}
        return condition.truth(Inquiry(self.bpmn_id, seen, instance.moment))

    def completed(self, instance: "Instance", task: Task) -> None:
        """Hand the results out; iterations that did not end have none."""
        if is_ballot(self.node):
            end_box(instance, task, self.bpmn_id)
        if self.plan.output_collection:
            results = task.internal_data[_RESULTS]
            gathered = [results[key] for key in sorted(results, key=int)]
            require_storable(self.bpmn_id, f"the collection {self.plan.output_collection!r}", gathered)
            assign(around(task), self.plan.output_collection, gathered)

    def cancelled(self, instance: "Instance", task: Task) -> None:
        """A ballot that an event of the diagram ends is closed; one that is ended by hand is void."""
        if is_ballot(self.node):
            end_box(instance, task, self.bpmn_id)
