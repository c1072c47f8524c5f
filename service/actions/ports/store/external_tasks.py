"""What the actions need from the store for tasks of systems outside."""

from collections.abc import Sequence
from typing import Protocol

from service.domain.external_task import ExternalTask, TopicRequest


class ExternalTaskWriting(Protocol):
    """Part of a write transaction."""

    def load_external_task(self, task_id: str) -> ExternalTask | None:
        """The task as it is now, locked, and its instance before it."""
        ...

    def save_external_task(self, task: ExternalTask) -> None:
        """Write lock, retries and error of a loaded task; Conflict("stale") when it is gone."""
        ...

    def park_external_task(self, task_id: str) -> None:
        """Take a task out of the queue, because an incident stands for it."""
        ...

    def take_external_tasks(
        self, worker_id: str, topics: Sequence[TopicRequest], limit: int, by_priority: bool, now: int
    ) -> Sequence[ExternalTask]:
        """Lock up to `limit` tasks for the worker, and no other's; those of suspended instances and parked ones are left out."""
        ...
