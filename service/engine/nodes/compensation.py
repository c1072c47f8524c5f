"""Compensation (BPMN 2.0.2 §10.7, §13.5.5): undoing what was done, last first.

A scope keeps what was completed in it and can be undone, oldest first, in the internal data of its task; a sub-process that completes
hands its list to the scope around it, with the variables that were its own, as Camunda 7 does; so does an iteration of a multi-instance,
each of which is undone for itself. Throwing takes what it undoes off the
list, so nothing is undone twice. What was undone half when the scope is cancelled is gone with the scope.

One record: {"of": activity id, "seen": {variables of its own}, "in": [records of what was done inside]}. "in" is only there when the
activity is undone by undoing what was done inside it, "seen" only when it had variables of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.domain.identifiers import new_id
from service.engine.nodes.boundary import waits_at_host
from service.engine.nodes.multi_instance import MultiInstanceBody
from service.engine.nodes.node import SILENT, BpmnNode, node_of
from service.engine.nodes.scope_nodes import ScopeNode
from service.engine.nodes.throw_events import ThrowEvent, Thrown
from service.engine.reading.diagram import Node
from service.engine.scopes import LOCAL, around
from service.engine.state.recorder import COMPLETED

if TYPE_CHECKING:
    from service.engine.instance import Instance

COMPENSATION = ":compensation"
"""Name of the spec that undoes; a colon keeps it apart from all ids of the file."""

DONE = "done"
"""Key in a scope's internal data: the records of what was completed in it and can be undone, oldest first."""

_PENDING = "pending"
_OF, _SEEN, _IN = "of", "seen", "in"

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Handler:
    """What undoes an activity: the compensation boundary event on it and the activity this leads to."""

    boundary: Node
    activity: BpmnNode


class Compensation(BpmnNode):
    """Undoes records one after the other. A task of it is no visit; with "of" in its internal data it stands for that completed scope.

    `handlers` and `event_sub_processes` are by the id of the activity they undo.
    """

    def __init__(self, spec: WorkflowSpec, process: Node) -> None:
        super().__init__(spec, process, COMPENSATION)
        self.handlers: dict[str, Handler] = {}
        self.event_sub_processes: dict[str, BpmnNode] = {}

    def note_entered(self, instance: "Instance", task: Task) -> None:
        """The handlers are the visits."""

    def note_ended(self, instance: "Instance", task: Task, state: str) -> None:
        """The handlers are the visits."""

    # --- what was done

    def remember(self, task: Task) -> None:
        """An activity, whose task still stands in its scope, was completed: keep what is needed to undo it."""
        name = node_of(task).bpmn_id
        record: Record = {_OF: name}
        scoped = isinstance(task.task_spec, ScopeNode)
        if name not in self.handlers:
            inside = task.internal_data.get(DONE, [])
            if not scoped or (not inside and name not in self.event_sub_processes):
                return
            record[_IN] = inside
        if task.data and (scoped or isinstance(around(task).task_spec, MultiInstanceBody)):
            record[_SEEN] = dict(task.data)
        scope_of(task).internal_data.setdefault(DONE, []).append(record)

    # --- undoing

    def begin(self, instance: "Instance", parent: Task, records: list[Record]) -> None:
        """Undo `records`, of which there is one or more, inside `parent`; it is told when a token left that all is undone."""
        self._advance(instance, self._level(instance, parent, records))

    def _level(self, instance: "Instance", parent: Task, records: list[Record], seen: Mapping[str, Any] | None = None) -> Task:
        level = instance.create(self, parent, TaskState.STARTED)
        level.internal_data[_PENDING] = records
        if seen:
            level.data.update(seen)
            level.internal_data[LOCAL] = True
        return level

    def _advance(self, instance: "Instance", level: Task) -> None:
        pending: list[Record] = level.internal_data[_PENDING]
        if not pending:
            instance.finish(level)
            return
        record = pending.pop()
        name, seen = record[_OF], record.get(_SEEN)
        if _IN not in record:
            handler = self.handlers[name]
            self._note_boundary(instance, handler.boundary)
            instance.schedule(handler.activity, level).data.update(seen or {})
        elif name in self.event_sub_processes:
            # The event sub-process runs in the completed scope as it was left, and itself says what of it is undone.
            scope = self._level(instance, level, [], seen)
            scope.internal_data.update({_OF: name, DONE: record[_IN]})
            instance.schedule(self.event_sub_processes[name], scope)
        else:
            scope = self._level(instance, level, record[_IN], seen)
            scope.internal_data[_OF] = name
            self._advance(instance, scope)

    @staticmethod
    def _note_boundary(instance: "Instance", boundary: Node) -> None:
        visit = new_id()
        instance.recorder.entered(visit, boundary.id, boundary.name, boundary.kind)
        instance.recorder.ended(visit, boundary.id, boundary.name, boundary.kind, COMPLETED, None)

    def token_left(self, instance: "Instance", scope: Task, task: Task) -> None:
        """A handler is done with everything that followed it: go on with what was done before."""
        if all(SILENT in child.internal_data for child in scope.children):
            self._advance(instance, scope)

    def terminate(self, instance: "Instance", scope: Task, by: Task) -> None:
        """A terminate end event after a boundary event of a handler: it ends the scope that the handler stands in."""
        if _OF in scope.internal_data:
            # That scope was completed; only its undoing is left to end.
            scope.internal_data[_PENDING] = []
            for child in [child for child in scope.children if child is not by]:
                instance.cancel_task(child)
            return
        outer = scope_of(scope)
        for child in [child for child in outer.children if not waits_at_host(child)]:
            instance.cancel_task(child)
        instance.finish(outer)


class CompensationThrow(ThrowEvent):
    """Throws compensation: at one activity of the scope, or (`activity` None) at all that was completed in it."""

    def __init__(self, spec: WorkflowSpec, node: Node, thrown: Sequence[Thrown], activity: str | None, wait: bool) -> None:
        super().__init__(spec, node, thrown)
        self.activity = activity
        self.wait = wait

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Undo, and wait until that is done unless the event says otherwise."""
        if super().act(instance, task) is None or task.state == TaskState.CANCELLED:
            return None
        records = take(task, self.activity)
        if not records:
            return True
        compensation_of(self).begin(instance, task if self.wait else around(task), records)
        return None if self.wait else True

    def token_left(self, instance: "Instance", scope: Task, task: Task) -> None:
        """All is undone."""
        instance.finish(scope)


def compensation_of(node: BpmnNode) -> Compensation:
    """What undoes in the process of `node`."""
    found = node._wf_spec.task_specs[COMPENSATION]
    assert isinstance(found, Compensation), "every process has it under this name"
    return found


def take(task: Task, activity: str | None) -> list[Record]:
    """Take off what a throw at `task` undoes, oldest first: in its scope and, from an event sub-process, in the scope around that."""
    scope = scope_of(task)
    taken = _take_from(scope, activity)
    while node_of(scope).node.triggered_by_event:
        scope = scope_of(scope)
        taken = _take_from(scope, activity) + taken
    return taken


def _take_from(scope: Task, activity: str | None) -> list[Record]:
    done: list[Record] = scope.internal_data.pop(DONE, [])
    left = [record for record in done if activity not in (None, record[_OF])]
    if left:
        scope.internal_data[DONE] = left
    return [record for record in done if activity in (None, record[_OF])]


@dataclass(frozen=True, slots=True)
class Undoable:
    """An activity that was completed and can be undone. `by_itself`: by its own handler, not by what was done inside it; then
    `empty` says that only its event sub-process undoes something.
    """

    activity: str
    by_itself: bool
    empty: bool


def done_inside(task: Task) -> list[Undoable]:
    """What was completed in the scope `task` and can be undone, what is inside one another included."""
    return [one for record in task.internal_data.get(DONE, []) for one in _undoable(record)]


def rename_done(task: Task, rename: Callable[[str], str]) -> None:
    """The scope has moved to another diagram: give the records in it the ids that the activities have there."""
    if DONE in task.internal_data:
        task.internal_data[DONE] = [_renamed(record, rename) for record in task.internal_data[DONE]]


def _undoable(record: Record) -> list[Undoable]:
    inside = record.get(_IN, [])
    return [Undoable(record[_OF], _IN not in record, not inside), *(one for inner in inside for one in _undoable(inner))]


def _renamed(record: Record, rename: Callable[[str], str]) -> Record:
    changed = {**record, _OF: rename(record[_OF])}
    if _IN in record:
        changed[_IN] = [_renamed(inner, rename) for inner in record[_IN]]
    return changed


def scope_of(task: Task) -> Task:
    """The scope in which `task` stands, or what stands for it while it is undone; bodies of loops and multi-instances are none."""
    scope = around(task)
    while not isinstance(scope.task_spec, ScopeNode) and not (isinstance(scope.task_spec, Compensation) and _OF in scope.internal_data):
        scope = around(scope)
    return scope
