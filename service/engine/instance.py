"""One process instance as a Spiff workflow: its tasks are the live tokens, nested as the scopes of the diagram are nested.

SpiffWorkflow gives the task tree with its states, the task specs and running, completing and cancelling a task. Three things differ
from its own `BpmnWorkflow`, because they were measured to go wrong there: READY tasks are found on an agenda instead of by walking the
tree (which costs O(n²) and stops at depth 1000); a token that moves on leaves the tree instead of becoming the parent of the next, so
loops do not grow the state; and data is held by scopes instead of being copied along each branch.
"""

import logging
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
from service.engine.expressions import Inquiry
from service.engine.nodes.call_activity import called_process
from service.engine.nodes.gateways import InclusiveGateway
from service.engine.nodes.node import BpmnNode, node_of
from service.engine.recorder import Recorder
from service.engine.scopes import visible

# Spiff logs every change of a task's state together with its data; the variables of a case must not reach a log.
for _name in ("spiff.task", "spiff.workflow"):
    logging.getLogger(_name).setLevel(logging.WARNING)

MAX_MOVES = 10_000
"""Elements one step may run through before it is taken for an endless loop."""

MAX_LIVE = 10_000
"""Live tokens one instance may have."""


class Instance(Workflow):
    """A living instance. Used by one thread for one step; after an exception it must be thrown away.

    `processes` gives a called process in its compiled form.
    """

    def __init__(self, spec: WorkflowSpec, processes: Callable[[ProcessSource], CompiledProcess]) -> None:
        super().__init__(spec, deserializing=True)
        self.processes = processes
        self.agenda: list[Task] = []
        self.fresh: list[Task] = []
        self.recorder = Recorder()
        self.circumstances: Circumstances | None = None
        self.moves = 0

    # --- what nodes use

    def create(self, node: BpmnNode, parent: Task | None, state: int = TaskState.FUTURE, task_id: str | None = None) -> Task:
        """Make a task of `node` inside `parent`."""
        if len(self.tasks) >= MAX_LIVE:
            raise StepFailed(node.bpmn_id, "budget", f"the instance has more than {MAX_LIVE} live elements")
        # Spiff only ever compares and hashes ids, so ours may be the text that leaves the engine.
        return Task(self, node, parent, state=state, id=cast(UUID, task_id or new_id()))

    def schedule(self, node: BpmnNode, parent: Task) -> Task:
        """Make a task of `node` inside `parent` and put it on the agenda."""
        task = self.create(node, parent)
        self.fresh.append(task)
        return task

    def reschedule(self, task: Task) -> None:
        """Put a task that waited in a join on the agenda."""
        task._set_state(TaskState.FUTURE)
        self.fresh.append(task)

    def inquiry(self, element_id: str, task: Task) -> Inquiry:
        """One look at the variables seen from `task`."""
        return Inquiry(element_id, visible(task), self.moment)

    def law_at(self, task: Task) -> Law:
        """The law as it holds for the process in which `task` stands."""
        return self.moment.law.within(called_process(task))

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
        if task.state == TaskState.FUTURE:
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
        while True:
            self._stack()
            while self.agenda:
                task = self.agenda.pop()
                if task.state == TaskState.FUTURE:
                    self._count_move(task)
                    self.begin(task)
                    self._stack()
            if not self._open_inclusive_join():
                return

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
