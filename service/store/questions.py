"""The read door: every list, single objects, counts, and the state of the database itself.

Which filters and sort names a list has stands in its Listing (task_questions.py, instance_questions.py, …) and nowhere else; FILTERS and
SORTS below collect them. Values are typed by the door: texts, booleans, epoch milliseconds for times, lists of texts for `state` and
`candidateGroups`, lists of (path, operator, value) for `variables`. A filter that is None counts as not given.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import and_, bindparam, exists, false, func, or_, select

from service.actions.ports import ApiKey, Page, StoredInstance, TakenDecision, User
from service.domain.audit import BrokenEvent
from service.domain.definition import Resource
from service.domain.errors import Malformed, RongjiuError
from service.domain.evidence import Attachment, Document, StoredContent
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.task import CREATED, Task
from service.domain.working_days import Recount
from service.store import task_questions
from service.store.attempt_questions import PENDING_EVENTS, START_TIMERS, TIMERS
from service.store.audit_questions import AUDIT_EVENTS, verify_trail
from service.store.columns import read_object
from service.store.contents import find_chunk, find_content, find_contents
from service.store.definition_questions import DECISION_DEFINITIONS, DEPLOYMENTS, DOCUMENT_TEMPLATES, JURISDICTIONS, PROCESS_DEFINITIONS
from service.store.events import IS_DUE
from service.store.evidence_questions import ATTACHMENTS, DOCUMENTS, find_attachment, find_document, find_unlike_records
from service.store.external_task_questions import EXTERNAL_TASKS
from service.store.history import been_through
from service.store.instance_questions import ACTIVITIES, DECISION_EVALUATIONS, INCIDENTS, INSTANCES
from service.store.jobs import IS_DUE as TIMER_IS_DUE
from service.store.keyset import Listing, find_one, find_page
from service.store.locking import find_instance
from service.store.lookups import DefinitionLookups
from service.store.people import KEY_OF_HASH, find_key, find_person
from service.store.people_questions import API_KEYS, GROUPS, USERS
from service.store.precedents import PRECEDENTS
from service.store.recusal_faults import RECUSALS as RECUSALS_TOLD
from service.store.recusals import RECUSALS
from service.store.register_faults import find_unlike_registers
from service.store.replay_questions import find_case_files, find_taken
from service.store.schema import state_of
from service.store.signature_questions import SIGNATURES
from service.store.standing_questions import find_orphans, find_stored_instances
from service.store.stream_faults import find_unlike
from service.store.subject_questions import SUBJECTS
from service.store.tables import event_delivery, external_task, incident, outbox, process_instance, start_timer, task, timer
from service.store.tasks import find_held_by_recused, find_task
from service.store.vote_faults import find_unlike_votes
from service.store.working_days import IS_DUE as RECOUNT_IS_DUE
from service.store.working_days import find_cases, find_first_counted_year, find_published_digests, find_recount

LISTINGS: Mapping[str, Listing] = {
    listing.what: listing
    for listing in (
        PROCESS_DEFINITIONS,
        DECISION_DEFINITIONS,
        DEPLOYMENTS,
        JURISDICTIONS,
        INSTANCES,
        ACTIVITIES,
        DECISION_EVALUATIONS,
        INCIDENTS,
        task_questions.TASKS,
        EXTERNAL_TASKS,
        AUDIT_EVENTS,
        USERS,
        GROUPS,
        API_KEYS,
        PENDING_EVENTS,
        START_TIMERS,
        TIMERS,
        SUBJECTS,
        PRECEDENTS,
        RECUSALS,
        ATTACHMENTS,
        DOCUMENTS,
        SIGNATURES,
        DOCUMENT_TEMPLATES,
    )
}
ANYTHING_DUE = select(
    or_(
        exists().where(timer.c.parked == false(), TIMER_IS_DUE),
        exists().where(start_timer.c.due_at <= bindparam("now")),
        IS_DUE,
        exists().where(RECOUNT_IS_DUE),
    )
)
FILTERS: Mapping[str, tuple[str, ...]] = {what: tuple(listing.filters) for what, listing in LISTINGS.items()}
"""List → names of its filters."""
SORTS: Mapping[str, tuple[str, ...]] = {what: tuple(listing.sorts) for what, listing in LISTINGS.items()}
"""List → names it can be sorted by."""


def _listing(what: str) -> Listing:
    if what not in LISTINGS:
        raise Malformed(f"there is no list {what!r}", "unknown-list")
    return LISTINGS[what]


class StoreQuestions(DefinitionLookups):
    """Implements the port Questions on one snapshot."""

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
        """One page of a list; `sort` is (name, descending), empty = the list's own order; nulls last, identity as tie-breaker."""
        return find_page(_listing(what), self._connection, filters, sort, limit, cursor, now, jurisdictions)

    def one(self, what: str, identifier: str, now: int) -> Mapping[str, Json] | None:
        """One object by id (a decision definition: the latest of the key); a process instance comes with its openTasks."""
        found = find_one(_listing(what), self._connection, identifier, now)
        if found is not None and what == INSTANCES.what:
            found["openTasks"] = list(self.open_tasks(identifier, now))
        return found

    def count_tasks(self, filters: Mapping[str, object], now: int, jurisdictions: Sequence[str] | None) -> int:
        """How many tasks fit the filters of the list `tasks`."""
        return task_questions.count_tasks(self._connection, filters, now, jurisdictions)

    def task_statistics(
        self, group_by: str, filters: Mapping[str, object], now: int, jurisdictions: Sequence[str] | None
    ) -> Sequence[Mapping[str, Json]]:
        """Open tasks that fit the filters, by jurisdiction, definitionKey, taskDefinitionKey, candidateGroup or assignee."""
        return task_questions.task_statistics(self._connection, group_by, filters, now, jurisdictions)

    def variables(self, process_instance_id: str) -> Mapping[str, Json] | None:
        """All variables of the instance as last written; None when there is no such instance."""
        statement = select(process_instance.c.variables).where(process_instance.c.id == process_instance_id)
        text = self._connection.execute(statement).scalar()
        return None if text is None else read_object(text)

    def open_tasks(self, process_instance_id: str, now: int) -> list[dict[str, Json]]:
        """The open tasks of an instance, oldest first."""
        return task_questions.find_open_tasks(self._connection, process_instance_id, now)

    def task(self, task_id: str) -> Task | None:
        """The task as it is now, without any lock."""
        return find_task(self._connection, task_id)

    def instance(self, process_instance_id: str) -> ProcessInstance | None:
        """The instance with its state, without any lock."""
        return find_instance(self._connection, process_instance_id)

    def been_through(self, process_instance_id: str) -> Sequence[str]:
        """Ids of the elements that were completed in the instance, the latest first, each once."""
        return been_through(self._connection, process_instance_id)

    def taken_decisions(
        self, decision_key: str, since: int | None, before: int | None, limit: int, jurisdictions: Sequence[str] | None
    ) -> Sequence[TakenDecision]:
        """The evaluations of the decision with `since` ≤ moment < `before` (epoch milliseconds, None = open), newest first."""
        return find_taken(self._connection, decision_key, since, before, limit, jurisdictions)

    def case_files(self, jurisdiction: str | None, since_seq: int) -> Sequence[Resource]:
        """The cases files of the jurisdiction's deployments from that number on, of each file name the newest."""
        return find_case_files(self._connection, jurisdiction, since_seq)

    def verify_audit(self, stream: str | None) -> tuple[int, BrokenEvent | None]:
        """Recompute the audit trail, or one stream of it."""
        return verify_trail(self._connection, stream)

    def stored_instances(self, after: str, limit: int, only: str | None) -> Sequence[StoredInstance]:
        """Instances by id with what their rows say, for comparing it with their states."""
        return find_stored_instances(self._connection, after, limit, only)

    def attachment(self, attachment_id: str) -> Attachment | None:
        """The attachment, removed or not."""
        return find_attachment(self._connection, attachment_id)

    def document(self, document_id: str) -> Document | None:
        """One version of a document."""
        return find_document(self._connection, document_id)

    def content(self, digest: str) -> StoredContent | None:
        """What is kept under that digest, without its bytes."""
        return find_content(self._connection, digest)

    def contents(self, after: str, limit: int) -> Sequence[StoredContent]:
        """What is kept with a digest greater than `after`, by digest."""
        return find_contents(self._connection, after, limit)

    def content_chunk(self, digest: str, seq: int) -> bytes | None:
        """One piece of the bytes, counted from 0."""
        return find_chunk(self._connection, digest, seq)

    def unlike_records(self, only: str | None) -> Sequence[tuple[str, str]]:
        """(process instance id, in words) where rows of attachments and documents do not say what the audit trail says."""
        return find_unlike_records(self._connection, only)

    def orphans(self) -> Sequence[str]:
        """Rows that belong to no instance."""
        return find_orphans(self._connection)

    def held_by_recused(self, day: str) -> Sequence[str]:
        """The open tasks that a person has who is recused from their case on that day."""
        return find_held_by_recused(self._connection, day)

    def unlike_recusals(self) -> tuple[int, Sequence[str]]:
        """How many recusals there are, and which are not what the service's stream says."""
        return find_unlike(self._connection, RECUSALS_TOLD)

    def unlike_registers(self) -> Sequence[tuple[str, int, Sequence[str]]]:
        """Of each register its name, how many rows it has, and which are not what the audit trail says."""
        return find_unlike_registers(self._connection)

    def unlike_votes(self, only: str | None) -> Sequence[tuple[str | None, str]]:
        """(process instance id, in words) where ballots or signatures are not what the audit trail tells."""
        return find_unlike_votes(self._connection, only)

    def key_by_hash(self, secret_hash: str) -> ApiKey | None:
        """The API key whose secret has this SHA-256."""
        return find_key(self._connection, KEY_OF_HASH, secret_hash)

    def person(self, user_id: str) -> User | None:
        """The user with the ids of all groups."""
        return find_person(self._connection, user_id)

    def ready(self) -> str | None:
        """None when the database answers and has this version's schema, else what is wrong and which command mends it."""
        try:
            return state_of(self._connection).problem
        except RongjiuError as error:
            return error.message

    def anything_due(self, now: int) -> bool:
        """Whether a timer, a start, a delivery or a counting again waits for a worker."""
        found = self._connection.execute(ANYTHING_DUE, {"now": now}).scalar_one()
        return bool(found)

    def published_digests(self) -> Mapping[int, str]:
        """By year the digest of the published days that were adopted last."""
        return find_published_digests(self._connection)

    def first_counted_year(self) -> int | None:
        """The earliest of the last years that due dates of open tasks, or timers, count without the published calendar."""
        return find_first_counted_year(self._connection)

    def recount_due(self, now: int) -> Recount | None:
        """The counting again that is to go on now, the one of the oldest table first."""
        return find_recount(self._connection, now)

    def cases_to_recount(self, recount: Recount, limit: int) -> Sequence[str]:
        """Ids of the next cases in which due dates or timers count days of the year (or later ones) and do not know its table."""
        return find_cases(self._connection, recount, limit)

    def gauges(self, now: int) -> Mapping[str, int]:
        """Counts for monitoring, in one statement."""
        open_task = select(func.count()).select_from(task).where(task.c.state == CREATED)
        waiting = select(func.count()).select_from(timer).where(timer.c.parked == false())
        counts = {
            "openTasks": open_task,
            "overdueTasks": open_task.where(and_(task.c.due_at.is_not(None), task.c.due_at < now)),
            "waitingTimers": waiting,
            "dueTimers": waiting.where(timer.c.due_at <= now),
            "postponedTimers": waiting.where(timer.c.try_at.is_not(None)),
            "externalTasks": select(func.count()).select_from(external_task),
            "openIncidents": select(func.count()).select_from(incident).where(incident.c.resolved_at.is_(None)),
            "outbox": select(func.count()).select_from(outbox),
            "pendingEvents": select(func.count()).select_from(event_delivery),
            "failingEvents": select(func.count()).select_from(event_delivery).where(event_delivery.c.problem.is_not(None)),
            "failingStarts": select(func.count()).select_from(start_timer).where(start_timer.c.problem.is_not(None)),
        }
        row = self._connection.execute(select(*(statement.scalar_subquery().label(name) for name, statement in counts.items()))).one()
        return {name: int(value) for name, value in row._mapping.items()}
