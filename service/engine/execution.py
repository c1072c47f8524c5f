"""One instance brought to life for one step: the engine's side of the port `Execution`."""

from collections.abc import Callable, Mapping, Sequence

from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.actions.ports import Circumstances
from service.domain.errors import StepFailed
from service.domain.instance import COMPLETED
from service.domain.json_values import Json
from service.domain.step import CalledProcess, Step
from service.engine import codec
from service.engine.compiled import CompiledProcess
from service.engine.instance import Instance
from service.engine.nodes.boundary import BoundaryEvent
from service.engine.nodes.call_activity import called_process
from service.engine.nodes.events import CatchEvent
from service.engine.nodes.node import node_of
from service.engine.nodes.tasks import UserTask
from service.engine.nodes.triggers import MessageTrigger, TimerTrigger
from service.engine.scopes import around, assign, assign_path, process_scope, visible
from service.engine.storable import printable, require_storable_variables


def start_instance(
    instance: Instance, process: CompiledProcess, start_element_id: str, variables: Mapping[str, Json], circumstances: Circumstances
) -> "InstanceExecution":
    """The empty instance with a token at exactly that start event; nothing has run yet."""
    start = process.starts.get(start_element_id)
    if start is None:
        raise StepFailed(start_element_id, "definition", f"the process {process.key!r} has no start event {start_element_id!r}")
    instance.circumstances = circumstances
    root = instance.create(process.root, None, TaskState.STARTED)
    instance.task_tree = root
    require_storable_variables(start_element_id, variables)
    root.data.update(variables)
    start.arrive(instance, root, None)
    return InstanceExecution(instance)


class InstanceExecution:
    """Satisfies `service.actions.ports.Execution`."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    # --- looking

    def variables(self) -> Mapping[str, Json]:
        """The variables of the outermost scope."""
        return dict(self._instance.variables)

    def task_variables(self, task_id: str) -> Mapping[str, Json]:
        """All variables seen from an open user task. Raises StepFailed(kind="definition") when it is not open."""
        return dict(visible(self._user_task(task_id)))

    def message_variables(self, subscription_id: str) -> Mapping[str, Json]:
        """All variables seen from where a message's own are set. Raises StepFailed(kind="definition") when it is not awaited."""
        return dict(visible(_receiving(*self._waiting(subscription_id, MessageTrigger, "subscription"))))

    def called_process(self, waiting_id: str) -> CalledProcess | None:
        """The called process in which an open task, timer or subscription stands."""
        return called_process(self._open(waiting_id))

    # --- moving

    def begin(self) -> Step:
        """Run what a start has put in place."""
        return self._step(lambda: None)

    def complete_task(self, task_id: str, variables: Sequence[tuple[tuple[str, ...], Json]], circumstances: Circumstances) -> Step:
        """A person completes a task; see the port."""
        self._instance.circumstances = circumstances

        def complete() -> None:
            task = self._user_task(task_id)
            for path, value in variables:
                assign_path(task, path, value)
            # A path may lead deep into a variable, so the whole of it is looked at, once.
            seen = visible(task)
            require_storable_variables(node_of(task).bpmn_id, {path[0]: seen[path[0]] for path, _ in variables})
            self._instance.finish(task)

        return self._step(complete)

    def deliver_message(self, subscription_id: str, variables: Mapping[str, Json], circumstances: Circumstances) -> Step:
        """A message arrives at a subscription; its variables are set before the token moves on."""
        self._instance.circumstances = circumstances

        def deliver() -> None:
            task, node = self._waiting(subscription_id, MessageTrigger, "subscription")
            require_storable_variables(node.bpmn_id, variables)
            holder = _receiving(task, node)
            for name, value in variables.items():
                assign(holder, name, value)
            node.fire(self._instance, task)

        return self._step(deliver)

    def fire_timer(self, timer_id: str, circumstances: Circumstances) -> Step:
        """A timer is due: the caller decides when, no clock is looked at."""
        self._instance.circumstances = circumstances

        def fire() -> None:
            task, node = self._waiting(timer_id, TimerTrigger, "timer")
            node.fire(self._instance, task)

        return self._step(fire)

    def set_variables(self, variables: Mapping[str, Json], waiting_id: str) -> None:
        """Before a retry, set top-level variables of the process in which an open task, timer or subscription stands.

        Raises StepFailed(kind="data") for a value that cannot be kept.
        """
        task = self._open(waiting_id)
        require_storable_variables(node_of(task).bpmn_id, variables)
        process_scope(task).data.update(variables)

    # --- inside

    def _step(self, move: Callable[[], None]) -> Step:
        instance = self._instance
        try:
            move()
            instance.run_agenda()
        except SpiffWorkflowException as error:
            element = getattr(getattr(error, "task_spec", None), "bpmn_id", None)
            raise StepFailed(element, "definition", printable(f"the engine cannot go on: {error}")) from error
        except StepFailed as failure:
            # The message may quote a value, and it has to be kept too.
            raise StepFailed(failure.element_id, failure.kind, printable(failure.message)) from failure
        finished = COMPLETED if instance.completed else None
        return instance.recorder.step(codec.dump(instance), finished, instance.variables)

    def _open(self, waiting_id: str) -> Task:
        task: Task | None = self._instance.tasks.get(waiting_id)
        if task is None:
            raise StepFailed(None, "definition", f"nothing with the id {waiting_id!r} waits in the instance")
        return task

    def _user_task(self, task_id: str) -> Task:
        task: Task | None = self._instance.tasks.get(task_id)
        if task is None or not isinstance(task.task_spec, UserTask) or task.state != TaskState.READY:
            raise StepFailed(None, "definition", f"no open user task has the id {task_id!r}")
        return task

    def _waiting(self, task_id: str, trigger: type, what: str) -> tuple[Task, BoundaryEvent | CatchEvent]:
        task: Task | None = self._instance.tasks.get(task_id)
        node = task.task_spec if task is not None else None
        if task is None or not isinstance(node, BoundaryEvent | CatchEvent) or not isinstance(node.trigger, trigger):
            raise StepFailed(None, "definition", f"no {what} with the id {task_id!r} waits in the instance")
        return task, node


def _receiving(task: Task, node: BoundaryEvent | CatchEvent) -> Task:
    """Where the variables of a message belong: where the path after the event runs, not into the activity a boundary event may end."""
    return around(around(task)) if isinstance(node, BoundaryEvent) else task
