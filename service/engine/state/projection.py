"""What a state says stands open, read from the tree alone: what the rows of the instance have to be."""

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.domain.standing import Standing
from service.domain.step import ActivityChange
from service.engine.instance import Instance
from service.engine.nodes.catching import Catching, SeveralTriggers
from service.engine.nodes.external_task import PRIORITY, TOPIC, ExternalTask
from service.engine.nodes.node import SILENT, node_of
from service.engine.nodes.tasks import UserTask
from service.engine.nodes.throw_events import UNCAUGHT
from service.engine.nodes.triggers import CodeTrigger, MessageTrigger, SignalTrigger, TimerTrigger
from service.engine.scopes import identity
from service.engine.state.recorder import Recorder

_ENTERED = frozenset({TaskState.WAITING, TaskState.READY, TaskState.STARTED})


def standing(instance: Instance) -> Standing:
    """What waits in an instance at rest, as its live tokens say."""
    tasks: dict[str, str] = {}
    timers: dict[str, str] = {}
    due_at: dict[str, int] = {}
    subscriptions: dict[str, tuple[str, str, str]] = {}
    external_tasks: dict[str, tuple[str, str, int]] = {}
    for task in instance.tasks.values():
        node = node_of(task)
        if isinstance(node, UserTask) and task.state == TaskState.READY:
            tasks[identity(task)] = node.bpmn_id
        elif isinstance(node, ExternalTask) and task.state == TaskState.STARTED:
            external_tasks[identity(task)] = (node.bpmn_id, task.internal_data[TOPIC], int(task.internal_data[PRIORITY]))
        elif isinstance(node, Catching) and node.waits(task):
            trigger = node.trigger
            if isinstance(trigger, TimerTrigger):
                timers[identity(task)] = node.bpmn_id
                due = trigger.known_due(task)
                if due is not None:
                    due_at[identity(task)] = due
            elif isinstance(trigger, MessageTrigger | SignalTrigger):
                told = trigger.subscription(task, node.bpmn_id)
                subscriptions[identity(task)] = (told.element_id, told.kind, told.name)
    active = {visit.id: visit.element_id for visit in visits(instance)}
    return Standing(tasks, timers, subscriptions, external_tasks, active, due_at, dict(instance.variables), stalled_at(instance))


def stalled_at(instance: Instance) -> str | None:
    """The element a token is stuck at when nothing from outside can move the instance on; None while something can, or at its end."""
    if instance.completed or any(_can_move(task) for task in instance.tasks.values()):
        return None
    stuck = [task for task in instance.tasks.values() if not task.children and SILENT not in task.internal_data]
    return node_of(stuck[0]).bpmn_id if stuck else None


def _can_move(task: Task) -> bool:
    node = task.task_spec
    if isinstance(node, Catching):
        return node.waits(task) and not isinstance(node.trigger, CodeTrigger | SeveralTriggers)
    return isinstance(node, UserTask | ExternalTask) or UNCAUGHT in task.internal_data


def visits(instance: Instance) -> tuple[ActivityChange, ...]:
    """The visits that go on: every element that was entered notes its visit once more, in notes that nobody keeps."""
    kept, instance.recorder = instance.recorder, Recorder()
    try:
        for task in instance.tasks.values():
            if _is_visit(task):
                node_of(task).note_entered(instance, task)
        return tuple(instance.recorder.activities.values())
    finally:
        instance.recorder = kept


def _is_visit(task: Task) -> bool:
    return task.state in _ENTERED and SILENT not in task.internal_data
