"""Keeping the lock of an external task longer, and giving it back."""

from collections.abc import Callable
from dataclasses import replace

from service.actions.answer import NO_REPEAT, Answer, Repeat, answered_once, recall, remember
from service.actions.external_tasks.external_work import loaded, told
from service.actions.ports import Services
from service.domain.access import require_may
from service.domain.external_task import ExternalTask, require_held, require_running_lock, require_unparked
from service.domain.instance import require_running
from service.domain.principal import Principal


def extend_lock(
    services: Services, principal: Principal, task_id: str, worker_id: str, new_duration: int, repeat: Repeat = NO_REPEAT
) -> Answer:
    """200 with the task, locked for `new_duration` milliseconds from now; Conflict when the lock has run out or is another's."""

    def extend(task: ExternalTask, now: int) -> ExternalTask:
        require_running_lock(task, worker_id, now)
        return replace(task, available_at=now + new_duration)

    return _relock(services, principal, task_id, repeat, extend)


def unlock(services: Services, principal: Principal, task_id: str, worker_id: str | None, repeat: Repeat = NO_REPEAT) -> Answer:
    """200 with the task, which any worker may fetch again at once. Without `worker_id` whoever's lock it is: that takes the scope work."""
    if worker_id is None:
        require_may(principal, "work")

    def give_back(task: ExternalTask, now: int) -> ExternalTask:
        if worker_id is not None:
            require_held(task, worker_id)
        return replace(task, worker_id=None, available_at=now) if task.worker_id is not None else task

    return _relock(services, principal, task_id, repeat, give_back)


def _relock(
    services: Services, principal: Principal, task_id: str, repeat: Repeat, change: Callable[[ExternalTask, int], ExternalTask]
) -> Answer:
    # A lock is no part of the case: it is neither a change of the instance nor an event of its history.
    def attempt() -> Answer:
        now = services.clock()
        with services.store.begin() as tx:
            earlier = recall(tx, principal, repeat)
            if earlier is not None:
                return earlier
            task, instance = loaded(tx, task_id)
            require_running(instance)
            require_unparked(task)
            changed = change(task, now)
            tx.save_external_task(changed)
            given = told(changed, now)
            remember(tx, principal, repeat, given, now)
            tx.commit()
        return given

    require_may(principal, "execute")
    return answered_once(services, principal, repeat, attempt)
