"""Due dates and timers of one case that are counted again from their time limits: what becomes of them, and writing it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from service.actions.deadlines.time_limits import counted
from service.actions.instances.advance import law_of
from service.actions.instances.case_law import CaseLaw, resumed
from service.actions.ports import Engine, LimitedTimer, Services, Transaction
from service.actions.presentation import timestamp
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.law import TimeLimit
from service.domain.task import Task

Adjustment = Callable[[TimeLimit], TimeLimit]
"""What changes about a limit before it is counted again."""


@dataclass(frozen=True, slots=True)
class Recounted:
    """The due date of a task, or a timer, counted again: due at `due_at` (epoch milliseconds) by `limit`; `of` has what was before."""

    of: Task | LimitedTimer
    due_at: int
    limit: TimeLimit

    @property
    def kind(self) -> str:
        """What has the due date: task or timer."""
        return "task" if isinstance(self.of, Task) else "timer"

    @property
    def is_news(self) -> bool:
        """Whether people have to be told: the moment is another one, or no longer provisional, or is so now."""
        before = self.of.due_limit if isinstance(self.of, Task) else self.of.limit
        return self.due_at != self.of.due_at or before is None or self.limit.provisional != before.provisional

    def as_json(self) -> dict[str, Json]:
        """What the audit trail says of it."""
        one = self.of
        if isinstance(one, Task):
            named: dict[str, Json] = {"taskId": one.id, "elementId": one.task_definition_key}
        else:
            named = {"timerId": one.id, "elementId": one.element_id}
        before = None if one.due_at is None else timestamp(one.due_at)
        return {**named, "from": before, "to": timestamp(self.due_at), "limit": self.limit.as_json()}


def count_again(
    services: Services, tx: Transaction, instance: ProcessInstance, adjust: Adjustment, without: Collection[str] = ()
) -> list[Recounted]:
    """What the open tasks and timers of the instance come to whose limit can be counted again, those `without` left out.

    Only what is no longer as it was; nothing is written. The instance is locked. What is derived is worked out again from its limits, each
    adjusted by its own status; where that cannot be done it stays. Raises StepFailed for what can no longer be worked out.
    """
    law = law_of(services, tx, instance)
    found = []
    for task in tx.open_tasks(instance.id):
        if task.due_limit is not None:
            found.append(_counted(services.engine, law, task, task.due_limit, task.task_definition_key, adjust))
    for timer in tx.limited_timers(instance.id):
        if timer.id not in without:
            found.append(_counted(services.engine, law, timer, timer.limit, timer.element_id, adjust))
    return [one for one in found if one is not None]


def _counted(
    engine: Engine, law: CaseLaw, of: Task | LimitedTimer, limit: TimeLimit, element_id: str, adjust: Adjustment
) -> Recounted | None:
    if not limit.derived:
        due = counted(adjust(limit), law.lookups.working_years)
    elif limit.derivation is not None:
        parts = tuple(adjust(part) for part in limit.derivation.limits)
        again = replace(limit, derivation=replace(limit.derivation, limits=parts))
        due = engine.worked_out_again(element_id, again, law)
    else:
        return None
    recounted = Recounted(of, due.milliseconds, due.limit)
    return None if (recounted.due_at, recounted.limit) == (of.due_at, limit) else recounted


def moves_state(recounted: Sequence[Recounted]) -> bool:
    """Whether the state of the instance is to be moved too: it says itself when timers that repeat are due."""
    return any(one.limit.repeating for one in recounted)


def move_state(services: Services, tx: Transaction, instance: ProcessInstance, recounted: Sequence[Recounted]) -> None:
    """Put into the state of the instance when its repeating timers are due; it is still to be saved."""
    moved = {one.of.id: (one.due_at, one.limit) for one in recounted if one.limit.repeating}
    if moved:
        law = law_of(services, tx, instance)
        instance.state_data = resumed(services, tx, law, instance.state_data).move_timers(moved)


def write_recounted(tx: Transaction, recounted: Sequence[Recounted]) -> None:
    """Write them. A task has a new version when its due date is news."""
    for one in recounted:
        if isinstance(one.of, Task):
            version = one.of.version + one.is_news
            tx.save_task(replace(one.of, due_at=one.due_at, due_limit=one.limit, version=version), one.of.version)
        else:
            tx.move_timer(one.of.id, one.due_at, one.limit)
