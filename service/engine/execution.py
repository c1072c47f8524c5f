"""One instance brought to life for one step: the engine's side of the port `Execution`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.actions.ports import Circumstances, ProcessSource
from service.domain.errors import StepFailed
from service.domain.instance import COMPLETED
from service.domain.json_values import Json
from service.domain.law import TimeLimit
from service.domain.operations import Instruction, Migrated, Modified, MoveBackPlace
from service.domain.standing import Standing
from service.domain.step import CalledProcess, Step
from service.engine.compiled import CompiledProcess
from service.engine.instance import Instance
from service.engine.nodes.call_activity import called_process
from service.engine.nodes.catching import Catching
from service.engine.nodes.events import CatchEvent
from service.engine.nodes.external_task import ExternalTask
from service.engine.nodes.node import node_of
from service.engine.nodes.tasks import UserTask
from service.engine.nodes.throw_events import UNCAUGHT, ThrowEvent
from service.engine.nodes.throwing import throw_error
from service.engine.nodes.triggers import MessageTrigger, SignalTrigger, TimerTrigger
from service.engine.operations.migration import migrate, plan_migration
from service.engine.operations.modification import Moves, open_activities, plan_modification, set_variables
from service.engine.operations.moving_back import move_back_places, plan_move_back
from service.engine.scopes import assign, assign_path, inner_variables, process_scope, put, visible
from service.engine.state import codec
from service.engine.state.projection import stalled_at, standing
from service.engine.state.storable import printable, require_storable_variables


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
    process.root.open(instance, root)
    if isinstance(start, CatchEvent):
        start.instantiate(instance, root)
    else:
        start.arrive(instance, root, None)
    return InstanceExecution(instance)


class InstanceExecution:
    """Satisfies `service.actions.ports.Execution`."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._keep: Callable[[bytes, Instance], None] | None = None

    def keeping(self, keep: Callable[[bytes, Instance], None]) -> "InstanceExecution":
        """The same; after its step the instance is handed to `keep` with the state it was written as, and this is of no more use."""
        self._keep = keep
        return self

    # --- looking

    def variables(self) -> Mapping[str, Json]:
        """The variables of the outermost scope."""
        return dict(self._instance.variables)

    def task_variables(self, task_id: str) -> Mapping[str, Json]:
        """All variables seen from an open user task. Raises StepFailed(kind="definition") when it is not open."""
        return dict(visible(self._user_task(task_id)))

    def message_variables(self, subscription_id: str) -> Mapping[str, Json]:
        """All variables seen from where a message's own are set, none where they are kept apart (receivedAs).

        Raises StepFailed(kind="definition") when it is not awaited.
        """
        task, node = self._waiting(subscription_id, (MessageTrigger, SignalTrigger), "subscription")
        return {} if node.received_as else dict(visible(node.receiver(task)))

    def external_variables(self, task_id: str) -> Mapping[str, Json] | None:
        """All variables seen from an external task; None when it does not wait."""
        found = self._external(task_id)
        return None if found is None else dict(visible(found[0]))

    def called_process(self, waiting_id: str) -> CalledProcess | None:
        """The called process in which an open task, timer or subscription stands."""
        return called_process(self._open(waiting_id))

    def standing(self) -> Standing:
        """What the state says stands open; see the port."""
        return standing(self._instance)

    # --- moving

    def begin(self) -> Step:
        """Run what a start has put in place."""
        return self._step(lambda: None)

    def complete_task(self, task_id: str, variables: Sequence[tuple[tuple[str, ...], Json]], circumstances: Circumstances) -> Step:
        """A person completes a task; see the port."""
        self._instance.circumstances = circumstances
        inner: list[dict[str, Json] | None] = []

        def complete() -> None:
            task = self._user_task(task_id)
            for path, value in variables:
                assign_path(task, path, value)
            # A path may lead deep into a variable, so the whole of it is looked at, once.
            seen = visible(task)
            require_storable_variables(node_of(task).bpmn_id, {path[0]: seen[path[0]] for path, _ in variables})
            inner.append(inner_variables(task))
            self._instance.finish(task)

        step = self._step(complete)
        return replace(step, inner_variables=inner[0])

    def deliver_message(self, subscription_id: str, variables: Mapping[str, Json], circumstances: Circumstances) -> Step:
        """A message or signal arrives at a subscription; its variables are set before the token moves on."""
        self._instance.circumstances = circumstances

        def deliver() -> None:
            task, node = self._waiting(subscription_id, (MessageTrigger, SignalTrigger), "subscription")
            require_storable_variables(node.bpmn_id, variables)
            holder = node.receiver(task)
            received = {node.received_as: dict(variables)} if node.received_as else variables
            for name, value in received.items():
                assign(holder, name, value)
            node.fire(self._instance, task)

        return self._step(deliver)

    def fire_timer(self, timer_id: str, circumstances: Circumstances) -> Step:
        """A timer is due: the caller decides when, no clock is looked at."""
        self._instance.circumstances = circumstances

        def fire() -> None:
            task, node = self._waiting(timer_id, (TimerTrigger,), "timer")
            node.fire(self._instance, task)

        return self._step(fire)

    def throw_error(self, task_id: str, code: str, message: str, variables: Mapping[str, Json], circumstances: Circumstances) -> Step:
        """A BPMN error comes out of an open user or external task; see the port."""
        self._instance.circumstances = circumstances

        def throw() -> None:
            task = self._open(task_id)
            require_storable_variables(node_of(task).bpmn_id, variables)
            throw_error(self._instance, task, code, message, variables)

        return self._step(throw)

    def throw_again(self, event_id: str, circumstances: Circumstances) -> Step:
        """An error end event throws once more the error that nothing caught; see the port."""
        self._instance.circumstances = circumstances

        def throw() -> None:
            task = self._open(event_id)
            node = task.task_spec
            if not isinstance(node, ThrowEvent) or UNCAUGHT not in task.internal_data:
                raise StepFailed(node_of(task).bpmn_id, "definition", f"no uncaught error has the id {event_id!r}")
            node.throw_again(self._instance, task)

        return self._step(throw)

    def complete_external(
        self,
        task_id: str,
        variables: Mapping[str, Json],
        local_variables: Mapping[str, Json],
        report: Mapping[str, Json],
        circumstances: Circumstances,
    ) -> Step:
        """A worker is done; see the port."""
        self._instance.circumstances = circumstances

        def complete() -> None:
            task, node = self._working(task_id)
            require_storable_variables(node.bpmn_id, variables)
            require_storable_variables(node.bpmn_id, local_variables)
            for name, value in variables.items():
                assign(task, name, value)
            for name, value in local_variables.items():
                put(task, name, value)
            code = node.error_in(self._instance, task, report)
            if code is None:
                self._instance.finish(task)
            else:
                throw_error(self._instance, task, code, str(report.get("errorMessage") or ""))

        return self._step(complete)

    def fail_external(self, task_id: str, report: Mapping[str, Json], circumstances: Circumstances) -> Step | None:
        """A worker could not do it; see the port."""
        self._instance.circumstances = circumstances
        task, node = self._working(task_id)
        try:
            code = node.error_in(self._instance, task, report)
        except StepFailed as failure:
            raise StepFailed(failure.element_id, failure.kind, printable(failure.message)) from failure
        if code is None:
            return None
        return self._step(lambda: throw_error(self._instance, task, code, str(report.get("errorMessage") or "")))

    def change_variables(self, waiting_id: str, variables: Mapping[str, Json], circumstances: Circumstances) -> Step:
        """Set variables and nothing else; see the port."""
        self._instance.circumstances = circumstances
        return self._step(lambda: self.set_variables(variables, waiting_id))

    def modify(self, instructions: Sequence[Instruction], variables: Mapping[str, Json], circumstances: Circumstances) -> Modified:
        """Tokens are moved by hand; see the port."""
        self._instance.circumstances = circumstances
        return self._moved(plan_modification(self._instance, instructions), variables)

    def move_back(
        self, task_id: str | None, activity_id: str | None, target: str, been_through: Sequence[str], circumstances: Circumstances
    ) -> Modified:
        """A token goes back to an earlier activity; see the port."""
        self._instance.circumstances = circumstances
        return self._moved(plan_move_back(self._instance, task_id, activity_id, target, been_through), {})

    def move_back_places(self, been_through: Sequence[str]) -> Sequence[MoveBackPlace]:
        """Where one may go back to, from everywhere the instance stands."""
        return move_back_places(self._instance, been_through)

    def migrate(self, target: ProcessSource, mapping: Mapping[str, str], same_ids: bool, circumstances: Circumstances) -> Migrated:
        """The instance goes over to another version of its diagram; see the port."""
        instance = self._instance
        instance.circumstances = circumstances
        plan = plan_migration(instance, instance.processes(target), mapping, same_ids)
        renamed: dict[str, tuple[str, str]] = {}
        # It would be kept as an instance of the old diagram.
        self._keep = None
        step = self._step(lambda: renamed.update(migrate(instance, plan)))
        return Migrated(step, renamed, tuple(plan.notes), tuple(open_activities(instance)))

    def set_variables(self, variables: Mapping[str, Json], waiting_id: str) -> None:
        """Before a retry, set top-level variables of the process in which an open task, timer or subscription stands.

        Raises StepFailed(kind="data") for a value that cannot be kept.
        """
        task = self._open(waiting_id)
        require_storable_variables(node_of(task).bpmn_id, variables)
        scope = process_scope(task)
        for name, value in variables.items():
            put(scope, name, value)

    def move_timers(self, moved: Mapping[str, tuple[int, TimeLimit]]) -> bytes:
        """Timers that repeat are due at other moments; see the port."""
        for timer_id, (due, limit) in moved.items():
            task, node = self._waiting(timer_id, (TimerTrigger,), "timer")
            assert isinstance(node.trigger, TimerTrigger), "only timers were looked for"
            node.trigger.move(task, due, limit)
        return codec.dump(self._instance)

    # --- inside

    def _moved(self, moves: Moves, variables: Mapping[str, Json]) -> Modified:
        instance = self._instance
        taken = moves.taken(instance)

        def move() -> None:
            set_variables(instance, variables)
            instance.by_hand = True
            moves.make(instance)
            instance.by_hand = False

        # Still looked at after the step.
        self._keep = None
        step = self._step(move)
        return Modified(step, tuple(taken), tuple(open_activities(instance)))

    def _step(self, move: Callable[[], None]) -> Step:
        instance = self._instance
        try:
            move()
            instance.run_agenda()
        except SpiffWorkflowException as error:
            element = getattr(getattr(error, "task_spec", None), "bpmn_id", None)
            raise StepFailed(element, "definition", printable(f"the engine cannot go on: {error}")) from error
        except RecursionError:
            # Twenty calls of a hundred levels each can be entered one by one, but not ended all at once.
            raise StepFailed(None, "budget", "more scopes inside one another than can end in one step") from None
        except StepFailed as failure:
            # The message may quote a value, and it has to be kept too.
            raise StepFailed(failure.element_id, failure.kind, printable(failure.message)) from failure
        finished = COMPLETED if instance.completed else None
        state_data = codec.dump(instance)
        step = replace(instance.recorder.step(state_data, finished, instance.variables), stalled_at=stalled_at(instance))
        if self._keep is not None:
            del self._instance
            self._keep(state_data, instance)
        return step

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

    def _external(self, task_id: str) -> tuple[Task, ExternalTask] | None:
        task: Task | None = self._instance.tasks.get(task_id)
        node = task.task_spec if task is not None else None
        return (task, node) if task is not None and isinstance(node, ExternalTask) and task.state == TaskState.STARTED else None

    def _working(self, task_id: str) -> tuple[Task, ExternalTask]:
        found = self._external(task_id)
        if found is None:
            raise StepFailed(None, "definition", f"no external task with the id {task_id!r} waits in the instance")
        return found

    def _waiting(self, task_id: str, triggers: tuple[type, ...], what: str) -> tuple[Task, Catching]:
        task: Task | None = self._instance.tasks.get(task_id)
        node = task.task_spec if task is not None else None
        if task is None or not isinstance(node, Catching) or not isinstance(node.trigger, triggers) or not node.waits(task):
            raise StepFailed(None, "definition", f"no {what} with the id {task_id!r} waits in the instance")
        return task, node
