"""Where an instance stands after a step, as the answer to the step tells it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from service.actions.ports import FEW_TASKS, FewTasks, InstanceChange, Transaction
from service.actions.presentation import task_json
from service.domain.json_values import Json
from service.domain.task import Task


def left_open(change: InstanceChange, before: Sequence[Task]) -> list[Task]:
    """The tasks that waited `before` the change and still wait, as they are after it."""
    released = {task.id for task in change.released_tasks}
    return [
        replace(task, assignee=None, version=task.version + 1) if task.id in released else task
        for task in before
        if task.id not in change.closed_tasks
    ]


def waiting_after(tx: Transaction, change: InstanceChange, before: FewTasks) -> FewTasks:
    """The tasks that wait after the saved change, those just opened among them. `before` is what waited before the change."""
    opened = change.opened_tasks[:FEW_TASKS]
    if before.number == len(before.tasks):
        left = left_open(change, before.tasks)
        number = len(left) + len(change.opened_tasks)
    else:
        # Not all are known, so those that are left are asked for.
        now = tx.few_open_tasks(change.instance.id)
        new = {task.id for task in opened}
        left, number = [task for task in now.tasks if task.id not in new], now.number
    return FewTasks(left[: FEW_TASKS - len(opened)] + opened, number)


def instance_summary(change: InstanceChange, waiting: FewTasks) -> Json:
    """The instance's id and state with its open tasks; `openTaskCount` tells how many there are when they are too many to be told."""
    instance = change.instance
    summary = {
        "id": instance.id,
        "state": instance.state,
        "openTasks": [task_json(task, change.now) for task in waiting.tasks],
        "openTaskCount": waiting.number,
    }
    return cast(Json, summary)
