"""Signals and messages on their way: who is still to be told is written down with what threw them, and crossed out with what they cause."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, literal, or_, select, update

from service.domain.event import CONTINUE, EventDelivery, ThrownEvent
from service.domain.instance import SUSPENDED
from service.domain.json_values import Json
from service.domain.step import SIGNAL
from service.store.columns import AnyRow, object_text, read_object
from service.store.tables import event_delivery, event_subscription, process_instance, thrown_event
from service.store.writing import TransactionPart

DELIVERY = event_delivery.c
THROW = insert(thrown_event)
ADDRESS = insert(event_delivery)
ADDRESS_WAITING = insert(event_delivery).from_select(
    ["event_id", "target", "kind", "process_instance_id", "due_at", "attempts"],
    select(
        bindparam("event", type_=thrown_event.c.id.type),
        func.coalesce(event_subscription.c.follows, event_subscription.c.id),
        literal(CONTINUE, thrown_event.c.kind.type),
        event_subscription.c.process_instance_id,
        bindparam("due", type_=DELIVERY.due_at.type),
        literal(0, DELIVERY.attempts.type),
    )
    .join(process_instance, process_instance.c.id == event_subscription.c.process_instance_id)
    .where(
        event_subscription.c.kind == SIGNAL,
        event_subscription.c.name == bindparam("name"),
        process_instance.c.id != func.coalesce(bindparam("thrower", type_=thrown_event.c.id.type), ""),
        or_(
            bindparam("only", type_=thrown_event.c.id.type).is_(None),
            process_instance.c.id == bindparam("only", type_=thrown_event.c.id.type),
        ),
    ),
)
NOT_SUSPENDED = or_(process_instance.c.state.is_(None), process_instance.c.state != SUSPENDED)
UNMADE = (
    select(thrown_event, DELIVERY.target, DELIVERY.kind, DELIVERY.process_instance_id, DELIVERY.detail, DELIVERY.attempts)
    .join(thrown_event, thrown_event.c.id == DELIVERY.event_id)
    .outerjoin(process_instance, process_instance.c.id == DELIVERY.process_instance_id)
    .limit(1)
)
PENDING = UNMADE.where(NOT_SUSPENDED).with_for_update(of=event_delivery, skip_locked=True)
CLAIM_DUE = PENDING.where(DELIVERY.due_at <= bindparam("now")).order_by(DELIVERY.due_at, DELIVERY.event_id, DELIVERY.target)
# In the order of the primary key: each claim of an event for thousands would otherwise sort all that are left.
CLAIM_OF_EVENT = PENDING.where(DELIVERY.event_id == bindparam("event"), DELIVERY.attempts == 0).order_by(DELIVERY.target)
IS_DUE = exists(
    select(DELIVERY.event_id)
    .outerjoin(process_instance, process_instance.c.id == DELIVERY.process_instance_id)
    .where(DELIVERY.due_at <= bindparam("now"), NOT_SUSPENDED)
)
THIS = (DELIVERY.event_id == bindparam("event"), DELIVERY.target == bindparam("wanted"))
CROSS_OUT = delete(event_delivery).where(*THIS)
POSTPONE = update(event_delivery).where(*THIS).values(due_at=bindparam("due"), attempts=DELIVERY.attempts + 1, problem=bindparam("cause"))
TRY_AGAIN = update(event_delivery).where(DELIVERY.event_id == bindparam("event")).values(due_at=bindparam("due"), attempts=0, problem=None)
TRY_ONE_AGAIN = TRY_AGAIN.where(DELIVERY.target == bindparam("wanted"))
LOAD = UNMADE.where(*THIS).with_for_update(of=event_delivery)
REACHED = (
    select(DELIVERY.process_instance_id)
    .where(DELIVERY.event_id == bindparam("event"), DELIVERY.kind == CONTINUE)
    .distinct()
    .order_by(DELIVERY.process_instance_id)
    .limit(bindparam("most"))
)
FORGET = delete(thrown_event).where(~exists().where(DELIVERY.event_id == thrown_event.c.id))
FORGET_ONE = FORGET.where(thrown_event.c.id == bindparam("event"))


def throw_events(connection: Connection, events: Sequence[ThrownEvent], due_at: int, only: str | None = None) -> int:
    """Write down whom each event is meant for; returns how many deliveries that makes. `only`: no other instance is told.

    A signal is meant for all places that wait for it now, outside the instance that threw it, besides its targets.
    """
    made = 0
    for event in events:
        connection.execute(
            THROW,
            {
                "id": event.id,
                "kind": event.kind,
                "name": event.name,
                "variables": object_text(event.variables),
                "actor": event.actor,
                "thrown_at": event.thrown_at,
                "process_instance_id": event.process_instance_id,
                "element_id": event.element_id,
                "business_key": event.business_key,
                "hops": event.hops,
            },
        )
        reached = len(event.targets)
        if event.kind == SIGNAL:
            given = {"event": event.id, "name": event.name, "due": due_at, "thrower": event.process_instance_id, "only": only}
            reached += connection.execute(ADDRESS_WAITING, given, execution_options={"preserve_rowcount": True}).rowcount
        if event.targets:
            connection.execute(ADDRESS, [_row(event, target.id, target.kind, target.detail, due_at) for target in event.targets])
        if reached == 0:
            connection.execute(FORGET_ONE, {"event": event.id})
        made += reached
    return made


def _row(event: ThrownEvent, target: str, kind: str, detail: Mapping[str, Json], due_at: int) -> dict[str, object]:
    return {"event_id": event.id, "target": target, "kind": kind, "detail": object_text(detail), "due_at": due_at, "attempts": 0}


def _read(row: AnyRow) -> EventDelivery:
    identifier, kind, name, variables, actor, thrown_at, thrower, element, business_key, hops, target, what, instance, detail, attempts = (
        row
    )
    event = ThrownEvent(identifier, kind, name, read_object(variables), actor, thrown_at, thrower, element, business_key, hops)
    return EventDelivery(event, target, what, instance, read_object(detail) if detail else {}, attempts)


class Events(TransactionPart):
    """Events on their way."""

    def throw_event(self, event: ThrownEvent, due_at: int, only: str | None = None) -> int:
        """Write down whom the event is meant for; workers see to it from `due_at` on. Returns how many deliveries that makes."""
        made = throw_events(self._connection, [event], due_at, only)
        if made:
            self._writing.thrown.append(event.id)
        return made

    def reached_instances(self, event_id: str, limit: int) -> Sequence[str]:
        """Ids of instances that wait for the event and are still to be told."""
        return list(self._connection.execute(REACHED, {"event": event_id, "most": limit}).scalars())

    def claim_delivery(self, now: int, event_id: str | None = None) -> EventDelivery | None:
        """The oldest delivery that is due, or one of the event that nobody has tried yet; it is locked until the end.

        Those to suspended instances wait, and those that another transaction has locked are passed over.
        """
        if event_id is not None:
            row = self._connection.execute(CLAIM_OF_EVENT, {"event": event_id}).first()
        else:
            row = self._connection.execute(CLAIM_DUE, {"now": now}).first()
        return None if row is None else _read(row)

    def settle_delivery(self, event_id: str, target: str) -> bool:
        """Cross out a delivery, as part of what it causes; False when it was crossed out before."""
        settled = self._connection.execute(CROSS_OUT, {"event": event_id, "wanted": target}).rowcount == 1
        self._connection.execute(FORGET_ONE, {"event": event_id})
        return settled

    def postpone_delivery(self, event_id: str, target: str, due_at: int, problem: str) -> None:
        """Try again at that time; `problem` is why it went wrong, in words for people."""
        self._connection.execute(POSTPONE, {"event": event_id, "wanted": target, "due": due_at, "cause": problem})

    def try_deliveries_again(self, event_id: str, target: str | None, due_at: int) -> int:
        """Deliver what is left of an event (or to one target) as if it was just thrown; workers see to it from `due_at` on."""
        statement, given = (TRY_AGAIN, {}) if target is None else (TRY_ONE_AGAIN, {"wanted": target})
        made = self._connection.execute(statement, {"event": event_id, "due": due_at, **given}).rowcount
        if made:
            self._writing.thrown.append(event_id)
        return made

    def load_delivery(self, event_id: str, target: str) -> EventDelivery | None:
        """A delivery that is still to be made, due or not, locked until the end."""
        row = self._connection.execute(LOAD, {"event": event_id, "wanted": target}).first()
        return None if row is None else _read(row)

    def forget_events(self) -> int:
        """Delete the events that have reached all; returns how many."""
        return self._connection.execute(FORGET).rowcount
