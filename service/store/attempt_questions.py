"""Questions about what is tried until it succeeds: signals and messages on their way, starts by the clock, and timers of cases.

Filters stand in PENDING_EVENTS, START_TIMERS and TIMERS.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, false, not_, or_, select

from service.domain.definition import KIND_PROCESS
from service.domain.instance import SUSPENDED
from service.domain.json_values import Json
from service.store.columns import AnyRow, limit_in, read_object, rfc3339
from service.store.filters import equals, visible_instances, within_any
from service.store.keyset import Asked, Condition, Listing, SortKey
from service.store.start_timers import read_start
from service.store.tables import definition, event_delivery, jurisdiction, process_instance, start_timer, thrown_event, timer

DELIVERY, EVENT, START, TIMER, CASE = event_delivery.c, thrown_event.c, start_timer.c, timer.c, process_instance.c


def _events(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    shown: list[dict[str, Json]] = []
    for row in rows:
        detail = {} if row.detail is None else read_object(row.detail)
        definition_id = str(detail.get("definitionId") or "") or row.definition_id
        shown.append(
            {
                "eventId": row.event_id,
                "kind": row.kind,
                "name": row.name,
                "thrownAt": rfc3339(row.thrown_at),
                "thrownBy": row.actor,
                "sourceProcessInstanceId": row.source,
                "sourceElementId": row.element_id,
                "target": row.target,
                "targetKind": row.target_kind,
                "processInstanceId": row.process_instance_id,
                "definitionId": definition_id,
                "definitionKey": detail.get("definitionKey") or (None if definition_id is None else definition_id.rpartition(":")[0]),
                "suspended": row.state == SUSPENDED,
                "attempts": row.attempts,
                "nextAttemptAt": rfc3339(row.due_at),
                "problem": row.problem,
            }
        )
    return shown


def _starts(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [
        {
            "id": row.id,
            "definitionId": row.definition_id,
            "definitionKey": row.definition_key,
            "elementId": row.element_id,
            "dueAt": rfc3339(read_start(row).timer.due_at),
            "attempts": row.attempts,
            "nextAttemptAt": rfc3339(row.due_at),
            "problem": row.problem,
        }
        for row in rows
    ]


def _timers(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    shown: list[dict[str, Json]] = []
    for row in rows:
        limit = limit_in(row.due_limit, row.counted_year, row.counted_version)
        waiting = "postponed" if row.try_at is not None else "waiting"
        shown.append(
            {
                "id": row.id,
                "processInstanceId": row.process_instance_id,
                "definitionId": row.definition_id,
                "definitionKey": row.definition_key,
                "businessKey": row.business_key,
                "elementId": row.element_id,
                "state": "suspended" if row.state == SUSPENDED else "incident" if row.parked else waiting,
                "dueAt": rfc3339(row.due_at),
                "dueLimit": None if limit is None else limit.as_json(),
                "attempts": row.attempts,
                "nextAttemptAt": rfc3339(max(row.due_at, row.try_at or 0)),
                "problem": row.problem,
            }
        )
    return shown


def _postponed(value: bool, _asked: Asked) -> Condition:
    postponed = and_(TIMER.try_at.is_not(None), TIMER.parked == false())
    return postponed if value else not_(postponed)


def _failing(value: bool, _asked: Asked) -> Condition:
    return DELIVERY.problem.is_not(None) if value else DELIVERY.problem.is_(None)


def _failing_start(value: bool, _asked: Asked) -> Condition:
    return START.problem.is_not(None) if value else START.problem.is_(None)


def _to_or_from(value: str, _asked: Asked) -> Condition:
    return or_(DELIVERY.process_instance_id == value, EVENT.process_instance_id == value)


def _start_visible(paths: Sequence[str]) -> Condition:
    places = select(jurisdiction.c.id).where(within_any(jurisdiction.c.path, paths))
    seen = select(definition.c.id).where(definition.c.kind == KIND_PROCESS, definition.c.jurisdiction.in_(places))
    return START.definition_id.in_(seen)


PENDING_EVENTS = Listing(
    what="pending-events",
    select=select(
        DELIVERY.event_id,
        EVENT.kind,
        EVENT.name,
        EVENT.thrown_at,
        EVENT.actor,
        EVENT.process_instance_id.label("source"),
        EVENT.element_id,
        DELIVERY.target,
        DELIVERY.kind.label("target_kind"),
        DELIVERY.process_instance_id,
        DELIVERY.detail,
        process_instance.c.definition_id,
        process_instance.c.state,
        DELIVERY.attempts,
        DELIVERY.due_at,
        DELIVERY.problem,
    )
    .join(thrown_event, EVENT.id == DELIVERY.event_id)
    .outerjoin(process_instance, process_instance.c.id == DELIVERY.process_instance_id),
    filters={
        "eventId": equals(DELIVERY.event_id),
        "kind": equals(EVENT.kind),
        "name": equals(EVENT.name),
        "processInstanceId": _to_or_from,
        "failing": _failing,
    },
    sorts={},
    default_sort=(),
    identity=(SortKey(DELIVERY.event_id), SortKey(DELIVERY.target)),
    present=_events,
    visible=lambda paths: or_(visible_instances(DELIVERY.process_instance_id, paths), visible_instances(EVENT.process_instance_id, paths)),
)
START_TIMERS = Listing(
    what="start-timers",
    select=select(start_timer),
    filters={"definitionKey": equals(START.definition_key), "failing": _failing_start},
    sorts={"nextAttemptAt": SortKey(START.due_at)},
    default_sort=(("nextAttemptAt", False),),
    identity=(SortKey(START.id),),
    present=_starts,
    visible=_start_visible,
)
TIMERS = Listing(
    what="timers",
    select=select(
        TIMER.id,
        TIMER.process_instance_id,
        CASE.definition_id,
        CASE.definition_key,
        CASE.business_key,
        CASE.state,
        TIMER.element_id,
        TIMER.due_at,
        TIMER.due_limit,
        TIMER.counted_year,
        TIMER.counted_version,
        TIMER.attempts,
        TIMER.parked,
        TIMER.try_at,
        TIMER.problem,
    ).join(process_instance, CASE.id == TIMER.process_instance_id),
    filters={
        "processInstanceId": equals(TIMER.process_instance_id),
        "definitionKey": equals(CASE.definition_key),
        "postponed": _postponed,
    },
    sorts={"dueAt": SortKey(TIMER.due_at)},
    default_sort=(("dueAt", False),),
    identity=(SortKey(TIMER.id),),
    present=_timers,
    visible=lambda paths: visible_instances(TIMER.process_instance_id, paths),
)
