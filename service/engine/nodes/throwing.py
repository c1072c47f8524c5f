"""Throwing errors, escalations and signals to those that wait for them inside the instance.

Errors and escalations go outwards, through calls too, to the nearest event sub-process or boundary event that takes their code, one that
names the code before one that takes any (BPMN 2.0.2 §10.5.1, §10.5.7). Signals go to all.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task

from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.step import SignalSent
from service.engine.nodes.boundary import BoundaryEvent
from service.engine.nodes.catching import Catching, SeveralTriggers
from service.engine.nodes.node import node_of
from service.engine.nodes.triggers import CodeTrigger, SignalTrigger
from service.engine.scopes import assign

if TYPE_CHECKING:
    from service.engine.instance import Instance

ERROR, ESCALATION = "error", "escalation"


def throw_error(instance: "Instance", task: Task, code: str, message: str = "", variables: Mapping[str, Json] | None = None) -> None:
    """Throw a BPMN error at `task`. Where it is caught `task` ends; raises StepFailed(kind="error-event") when nothing catches it."""
    if not is_caught(instance, task, code, message, variables or {}):
        raise StepFailed(node_of(task).bpmn_id, "error-event", uncaught_words(code, message))


def is_caught(instance: "Instance", task: Task, code: str, message: str, variables: Mapping[str, Json]) -> bool:
    """Throw a BPMN error at `task`; False when nothing catches it, and then nothing has changed."""
    catcher = _catcher(task, ERROR, code)
    if catcher is not None:
        _catch(instance, catcher, code, message, variables)
    return catcher is not None


def uncaught_words(code: str, message: str) -> str:
    """What is said of an error that nothing catches."""
    return f"the error {code!r} is thrown and nothing catches it" + (f": {message}" if message else "")


def throw_escalation(instance: "Instance", task: Task, code: str, variables: Mapping[str, Json] | None = None) -> bool:
    """Throw an escalation at `task`. False when nothing catches it, which is allowed."""
    catcher = _catcher(task, ESCALATION, code)
    if catcher is None:
        return False
    _catch(instance, catcher, code, "", variables or {})
    return True


def throw_signal(instance: "Instance", task: Task, name: str, payload: Mapping[str, Json], but_not_at: Task | None = None) -> None:
    """Broadcast a signal: all that wait for it in the instance go on now, the step tells it to the rest of the service.

    The boundary events of the activity `but_not_at` have had it already.
    """
    instance.recorder.signalled(SignalSent(node_of(task).bpmn_id, name, payload))
    waiting_tasks: list[Task] = [other for other in instance.tasks.values() if _waits_for_signal(other, name)]
    for waiting in waiting_tasks:
        node = waiting.task_spec
        if instance.tasks.get(waiting.id) is waiting and isinstance(node, Catching) and waiting.parent is not but_not_at:
            for variable, value in payload.items():
                assign(node.receiver(waiting), variable, value)
            node.fire(instance, waiting)


def _waits_for_signal(task: Task, name: str) -> bool:
    node = task.task_spec
    if not (isinstance(node, Catching) and isinstance(node.trigger, SignalTrigger) and node.trigger.name_at(task) == name):
        return False
    # A catching event that is on its way, or has had its event, does not wait.
    return node.waits(task)


def _catcher(task: Task, kind: str, code: str) -> Task | None:
    level: Task | None = task
    while level is not None:
        # The event sub-processes stand inside the scope, the boundary events on it: whatever catches inside comes first.
        for on_boundary in (False, True):
            listening = list(_listeners(level, on_boundary, kind))
            for wanted in (code, None):
                for one, trigger in listening:
                    if trigger.code == wanted:
                        return one
        level = level.parent
    return None


def _listeners(level: Task, on_boundary: bool, kind: str) -> Iterator[tuple[Task, CodeTrigger]]:
    """What waits inside or on the task `level` for errors or escalations, whatever their code."""
    for waiting in _waiting_at(level, on_boundary):
        node = waiting.task_spec
        if isinstance(node, Catching) and isinstance(node.trigger, CodeTrigger) and node.trigger.kind == kind:
            yield waiting, node.trigger


def _waiting_at(level: Task, on_boundary: bool) -> Iterator[Task]:
    """What waits at the task `level`: the boundary events on it, or the event sub-processes inside it."""
    for child in level.children:
        if not isinstance(child.task_spec, Catching) or isinstance(child.task_spec, BoundaryEvent) != on_boundary:
            continue
        if not child.task_spec.waits(child):
            continue
        if isinstance(child.task_spec.trigger, SeveralTriggers):
            yield from child.children
        else:
            yield child


def _catch(instance: "Instance", catcher: Task, code: str, message: str, variables: Mapping[str, Json]) -> None:
    node = catcher.task_spec
    assert isinstance(node, Catching), "only catching events listen"
    trigger = node.trigger
    assert isinstance(trigger, CodeTrigger), "found by its code"
    receiver = node.receiver(catcher)
    for name, value in variables.items():
        assign(receiver, name, value)
    if trigger.code_variable:
        assign(receiver, trigger.code_variable, code)
    if trigger.text_variable:
        assign(receiver, trigger.text_variable, message or None)
    node.fire(instance, catcher)
