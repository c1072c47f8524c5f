"""What the actions need from the store for lists, counts and figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from service.domain.json_values import Json


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows (JSON objects as the API shows them) and the cursor of the next, None at the end."""

    items: Sequence[Mapping[str, Json]]
    next_cursor: str | None


class ListQuestions(Protocol):
    """Part of a read. Rows come as the API's JSON objects (camelCase).

    Lists are keyset-paged: `cursor` is opaque; a wrong one raises Malformed.
    `filters` hold only the names listed in service/store/questions.py for that list; times are epoch milliseconds inside, RFC 3339 in rows.
    """

    def page(
        self,
        what: str,
        filters: Mapping[str, object],
        sort: Sequence[tuple[str, bool]],
        limit: int,
        cursor: str | None,
        now: int,
        jurisdictions: Sequence[str] | None,
    ) -> Page:
        """One page of the list `what`.

        `what`: process-definitions, process-instances, tasks, external-tasks, decision-definitions, decision-evaluations, incidents,
        audit-events, activities, jurisdictions, users, groups, api-keys, deployments, pending-events, start-timers, timers, attachments,
        documents, document-templates, precedents, recusals, signatures.
        """
        ...

    def one(self, what: str, identifier: str, now: int) -> Mapping[str, Json] | None: ...
    def count_tasks(self, filters: Mapping[str, object], now: int, jurisdictions: Sequence[str] | None) -> int: ...
    def task_statistics(
        self, group_by: str, filters: Mapping[str, object], now: int, jurisdictions: Sequence[str] | None
    ) -> Sequence[Mapping[str, Json]]: ...

    def ready(self) -> str | None:
        """None when the database answers and has this version's schema, else what is wrong and which command mends it."""
        ...

    def anything_due(self, now: int) -> bool:
        """Whether a timer, a start or a delivery waits for a worker."""
        ...

    def gauges(self, now: int) -> Mapping[str, int]:
        """openTasks, overdueTasks, waitingTimers, dueTimers, postponedTimers, externalTasks, openIncidents, outbox, pendingEvents,
        failingEvents, failingStarts.
        """
        ...
