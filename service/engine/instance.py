"""One process instance as a Spiff workflow: its tasks are the live tokens, nested as the scopes of the diagram are nested.

SpiffWorkflow gives the task tree with its states, the task specs and running, completing and cancelling a task. Three things differ
from its own `BpmnWorkflow`, because they were measured to go wrong there: READY tasks are found on an agenda instead of by walking the
tree (which costs O(n²) and stops at depth 1000); a token that moves on leaves the tree instead of becoming the parent of the next, so
loops do not grow the state; and data is held by scopes instead of being copied along each branch.
"""

import logging
import time
from collections.abc import Callable
from typing import cast
from uuid import UUID

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from service.actions.ports import Circumstances, Law, ProcessSource
from service.domain.errors import StepFailed
from service.domain.identifiers import new_id
from service.domain.json_values import Json
from service.engine.compiled import CompiledProcess
from service.engine.language.inquiry import Inquiry
from service.engine.nodes.ballots import closed_box
from service.engine.nodes.call_activity import called_process
from service.engine.nodes.catching import Catching
from service.engine.nodes.gateways import InclusiveGateway
from service.engine.nodes.node import BpmnNode, node_of
from service.engine.nodes.scope_nodes import ScopeNode
from service.engine.nodes.triggers import ConditionTrigger
from service.engine.scopes import visible
from service.engine.state.recorder import Recorder

# Spiff logs every change of a task's state together with its data; the variables of a case must not reach a log.
for _name in ("spiff.task", "spiff.workflow"):
    logging.getLogger(_name).setLevel(logging.WARNING)

MAX_MOVES = 10_000
"""Elements one step may run through before it is taken for an endless loop."""

MAX_LIVE = 10_000
"""Live tokens one instance may have."""

OPENED = "opened"
"""Key in a task's internal data: it waited in a join, as everybody was told, and is now on the agenda."""

STEP_SECONDS = 10.0
"""Time one step may take, unless the settings say otherwise. It is looked at between elements and before each expression and decision."""


class Instance(Workflow):
    """A living instance. Used by one thread for one step; after an exception it must be thrown away.

    `processes` gives a called process in its compiled form; `seconds` is the time a step may take.
    """

    def __init__(self, spec: WorkflowSpec, processes: Callable[[ProcessSource], CompiledProcess], seconds: float = STEP_SECONDS) -> None:
        super().__init__(spec, deserializing=True)
        self.processes = processes
        self.seconds = seconds
        self.ends_by = time.monotonic() + seconds
        self.agenda: list[Task] = []
        self.fresh: list[Task] = []
        self.postponed: list[Task] = []
        self.watched: dict[str, Task] = {}
        """Tasks that wait for a condition, by id."""
        self.recorder = Recorder()
        self.circumstances: Circumstances | None = None
        self.moves = 0
        self.by_hand = False
        """True while an administrator moves tokens."""

    # --- what nodes use

    def create(self, node: BpmnNode, parent: Task | None, state: int = TaskState.FUTURE, task_id: str | None = None) -> Task:
        """Make a task of `node` inside `parent`."""
        if len(self.tasks) >= MAX_LIVE:
            raise StepFailed(node.bpmn_id, "budget", f"the instance has more than {MAX_LIVE} live elements")
        # Spiff only ever compares and hashes ids, so ours may be the text that leaves the engine.
        task = Task(self, node, parent, state=state, id=cast(UUID, task_id or new_id()))
        if task_id is not None and isinstance(node, Catching) and isinstance(node.trigger, ConditionTrigger) and node.waits(task):
            self.watched[task_id] = task
        return task

    def schedule(self, node: BpmnNode, parent: Task) -> Task:
        """Make a task of `node` inside `parent` and put it on the agenda."""
        task = self.create(node, parent)
        self.fresh.append(task)
        return task

    def reschedule(self, task: Task, noted: bool = True) -> None:
        """Put a task that waited in a join on the agenda; `noted`: its visit was told while it waited."""
        task._set_state(TaskState.FUTURE)
        if noted:
            task.internal_data[OPENED] = True
        self.fresh.append(task)

    def let_end(self, scope: Task) -> None:
        """Complete a scope that its last token left, next of all; a condition that is true by now happens before."""
        self.fresh.append(scope)

    def inquiry(self, element_id: str, task: Task) -> Inquiry:
        """One look at the variables seen from `task`."""
        self.check_time(element_id)
        clock = node_of(task).node.clock
        return Inquiry(element_id, visible(task), self.moment, clock, lambda activity: closed_box(task, activity, element_id))

    def law_at(self, task: Task) -> Law:
        """The law as it holds for the process in which `task` stands."""
        return self.moment.law.within(called_process(task))

    def variable_changed(self, scope: Task, name: str, created: bool) -> None:
        """A variable was set in `scope`, `created`: for the first time; conditional events may wait for just that."""
        for task in self.watched.values():
            trigger = cast(Catching, task.task_spec).trigger
            assert isinstance(trigger, ConditionTrigger), "only conditions are watched"
            trigger.variable_changed(task, scope, name, created)

    @property
    def moment(self) -> Circumstances:
        """The circumstances of the running step."""
        if self.circumstances is None:
            raise StepFailed(None, "definition", "no step is running")
        return self.circumstances

    def cancel_task(self, task: Task) -> None:
        """Cancel a task with everything inside it, innermost first, and take it out of the tree."""
        for child in list(task.children):
            self.cancel_task(child)
        if task.state == TaskState.FUTURE and OPENED not in task.internal_data:
            # Never entered: nothing to take back and nothing to tell.
            task._set_state(TaskState.CANCELLED)
        else:
            task.cancel()
        self.remove(task)

    def cancel_children(self, task: Task) -> None:
        """Cancel everything inside `task`, its boundary events included."""
        for child in list(task.children):
            self.cancel_task(child)

    def remove(self, task: Task) -> None:
        """Take a finished task out of the tree."""
        if task.parent is not None:
            self._remove_task(task.id)

    # --- running

    def run_agenda(self) -> None:
        """Run until only people, timers, messages and open joins are waited for. Depth first, in document order, as Camunda does."""
        self._stack()
        while task := self._next():
            self._count_move(task)
            self.begin(task)
            self._stack()

    def _next(self) -> Task | None:
        """The element to run next; a patient one only when there is no other and no join can open."""
        while True:
            self._look_at_conditions()
            if not self.agenda and self._open_inclusive_join():
                self._stack()
                continue
            if not self.agenda and not self.postponed:
                return None
            patiently = not self.agenda
            task = self.postponed.pop(0) if patiently else self.agenda.pop()
            node = node_of(task)
            if isinstance(node, ScopeNode) and task.state == TaskState.STARTED and node.is_done(task):
                self.finish(task)
                self._stack()
            if task.state != TaskState.FUTURE:
                continue
            if node.patient and not patiently:
                self.postponed.append(task)
                continue
            return task

    def _look_at_conditions(self) -> None:
        for task in list(self.watched.values()):
            node = task.task_spec
            if self.tasks.get(task.id) is not task:
                # Gone before, or just now by what another condition set off.
                self.watched.pop(str(task.id), None)
                continue
            assert isinstance(node, Catching), "only catching events wait for conditions"
            assert isinstance(node.trigger, ConditionTrigger), "only conditions are watched"
            if node.trigger.became_true(self, task, node.bpmn_id):
                node.fire(self, task)
                self._stack()

    def _stack(self) -> None:
        # The agenda is a stack: what became due first shall run first.
        self.agenda.extend(reversed(self.fresh))
        self.fresh.clear()

    def _count_move(self, task: Task) -> None:
        self.moves += 1
        if self.moves > MAX_MOVES:
            raise StepFailed(
                node_of(task).bpmn_id, "budget", f"more than {MAX_MOVES} elements in one step: this looks like an endless loop"
            )
        self.check_time(node_of(task).bpmn_id)

    def check_time(self, element_id: str) -> None:
        """Raise StepFailed(kind="budget") when the step has taken its time."""
        if time.monotonic() > self.ends_by:
            raise StepFailed(element_id, "budget", f"the step takes longer than {self.seconds:g} seconds, and had come to {element_id!r}")

    def rest(self) -> None:
        """Between two steps: forget the notes of the last one."""
        self.recorder = Recorder()
        self.circumstances = None
        self.moves = 0
        self.last_task = None

    def arrange(self) -> list[tuple[Task, int]]:
        """The live tokens in tree order, each with the number of the one around it (-1 for the process).

        From now on they are looked at in this order, as after reading the state: staying alive must make no difference.
        """
        tasks: dict[UUID, Task] = {}
        order: list[tuple[Task, int]] = []
        pending = [(self.task_tree, -1)]
        while pending:
            token = pending.pop()
            task = token[0]
            tasks[task.id] = task
            # Spiff's property `children` looks every one up with a check of its own, which would be most of the work here.
            if task._children:
                number = len(order)
                pending.extend([(self.tasks[child], number) for child in reversed(task._children)])
            order.append(token)
        self.tasks = tasks
        if len(self.watched) > 1:
            self.watched = {str(identifier): task for identifier, task in tasks.items() if str(identifier) in self.watched}
        return order

    def wake(self) -> None:
        """A new step begins: its time runs from now."""
        self.ends_by = time.monotonic() + self.seconds

    def begin(self, task: Task) -> None:
        """Enter an element; run it unless a person has to."""
        task._ready()
        if task.state == TaskState.READY and not task.task_spec.manual:
            task.run()

    def finish(self, task: Task) -> None:
        """Complete an element that waited, and note what follows."""
        if task.state == TaskState.READY:
            task.run()
        else:
            task.complete()

    def _open_inclusive_join(self) -> bool:
        for task in self.tasks.values():
            gateway = task.task_spec
            if isinstance(gateway, InclusiveGateway) and task.state == TaskState.WAITING and gateway.may_open(task):
                gateway.open(self, task)
                return True
        return False

    # --- hooks of Spiff

    def _task_completed_notify(self, task: Task) -> None:
        """A task is COMPLETED: move its token on."""
        node_of(task).leave(self, task)

    @property
    def variables(self) -> dict[str, Json]:
        """The outermost scope."""
        data: dict[str, Json] = self.task_tree.data
        return data
