"""All tables, a file for each room. The same Core statements run on SQLite and PostgreSQL."""

from service.store.tables.answers import idempotency_answer
from service.store.tables.audit import audit_event, outbox, service_stream
from service.store.tables.ballots import ballot
from service.store.tables.columns import NEVER, TEXT, TIME, due_or_never, metadata
from service.store.tables.definitions import definition, definition_start, deployment, jurisdiction, resource, start_timer
from service.store.tables.events import event_delivery, event_subscription, thrown_event, timer
from service.store.tables.evidence import attachment, content, content_chunk, document, document_number
from service.store.tables.external_tasks import external_task
from service.store.tables.instances import activity, decision_evaluation, incident, open_case, process_instance, variable
from service.store.tables.people import api_key, group_membership, user_account, user_group
from service.store.tables.precedents import precedent, precedent_rule
from service.store.tables.recusals import recusal
from service.store.tables.subjects import subject
from service.store.tables.tasks import task, task_candidate
from service.store.tables.working_days import published_year, working_year

__all__ = [
    "NEVER",
    "TEXT",
    "TIME",
    "activity",
    "api_key",
    "attachment",
    "audit_event",
    "ballot",
    "content",
    "content_chunk",
    "decision_evaluation",
    "definition",
    "definition_start",
    "deployment",
    "document",
    "document_number",
    "due_or_never",
    "event_delivery",
    "event_subscription",
    "external_task",
    "group_membership",
    "idempotency_answer",
    "incident",
    "jurisdiction",
    "metadata",
    "open_case",
    "outbox",
    "precedent",
    "precedent_rule",
    "process_instance",
    "published_year",
    "recusal",
    "resource",
    "service_stream",
    "start_timer",
    "subject",
    "task",
    "task_candidate",
    "thrown_event",
    "timer",
    "user_account",
    "user_group",
    "variable",
    "working_year",
]
