"""Timers and subscriptions of instances: what waits without a person."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, delete, exists, false, insert, or_, select, update

from service.actions.ports import DueTimer, LimitedTimer, PostponedTimer, WaitingEvent
from service.domain.errors import Malformed
from service.domain.instance import SUSPENDED
from service.domain.json_values import Json
from service.domain.law import TimeLimit
from service.domain.step import SIGNAL, ArmedTimer, Subscription
from service.store.columns import limit_columns, limit_in
from service.store.tables import event_subscription, process_instance, timer, variable
from service.store.variables import scalar_columns
from service.store.writing import TransactionPart

ARM = insert(timer)
DISARM = delete(timer).where(timer.c.id.in_(bindparam("ids", expanding=True)))
DISARM_ALL = delete(timer).where(timer.c.process_instance_id == bindparam("instance"))
PARK = update(timer).where(timer.c.id == bindparam("wanted")).values(parked=True, attempts=timer.c.attempts + 1)
POSTPONE = (
    update(timer)
    .where(timer.c.id == bindparam("wanted"))
    .values(try_at=bindparam("moment"), attempts=timer.c.attempts + 1, problem=bindparam("reason"))
)
POSTPONED = (
    select(timer.c.id, timer.c.process_instance_id, timer.c.element_id, timer.c.attempts, timer.c.problem)
    .where(timer.c.id == bindparam("wanted"), timer.c.try_at.is_not(None), timer.c.parked == false())
    .with_for_update()
)
IS_DUE = and_(timer.c.due_at <= bindparam("now"), or_(timer.c.try_at.is_(None), timer.c.try_at <= bindparam("now")))
WAITING_TIMERS = select(timer.c.id, timer.c.process_instance_id, timer.c.element_id, timer.c.due_at, timer.c.attempts).where(
    timer.c.parked == false()
)
LIMITED = (
    select(timer.c.id, timer.c.element_id, timer.c.due_at, timer.c.due_limit, timer.c.counted_year, timer.c.counted_version)
    .where(timer.c.process_instance_id == bindparam("instance"), timer.c.due_limit.is_not(None))
    .order_by(timer.c.id)
)
MOVE = update(timer).where(timer.c.id == bindparam("wanted"))
WAITING_TIMER = WAITING_TIMERS.where(timer.c.id == bindparam("wanted"))
DUE = (
    WAITING_TIMERS.join(process_instance, process_instance.c.id == timer.c.process_instance_id)
    .where(IS_DUE, process_instance.c.state != SUSPENDED)
    .order_by(timer.c.due_at, timer.c.id)
    .limit(bindparam("most"))
)
CLAIM = DUE.with_for_update(of=process_instance, skip_locked=True)
SUBSCRIBE = insert(event_subscription)
UNSUBSCRIBE = delete(event_subscription).where(event_subscription.c.id.in_(bindparam("ids", expanding=True)))
UNSUBSCRIBE_ALL = delete(event_subscription).where(event_subscription.c.process_instance_id == bindparam("instance"))
SUBSCRIPTIONS = select(
    event_subscription.c.id,
    event_subscription.c.process_instance_id,
    event_subscription.c.element_id,
    event_subscription.c.kind,
    event_subscription.c.name,
)
SUBSCRIPTION = SUBSCRIPTIONS.where(event_subscription.c.id == bindparam("wanted"))
SUCCESSOR = SUBSCRIPTIONS.where(
    event_subscription.c.process_instance_id == bindparam("instance"),
    or_(event_subscription.c.id == bindparam("wanted"), event_subscription.c.follows == bindparam("wanted")),
)
ENDING = select(event_subscription.c.id, event_subscription.c.element_id, event_subscription.c.name, event_subscription.c.follows).where(
    event_subscription.c.id.in_(bindparam("ids", expanding=True)), event_subscription.c.kind == SIGNAL
)
WAITING = (
    SUBSCRIPTIONS.join(process_instance, process_instance.c.id == event_subscription.c.process_instance_id)
    .where(event_subscription.c.kind == "message", event_subscription.c.name == bindparam("name"))
    .order_by(event_subscription.c.process_instance_id, event_subscription.c.id)
)
MANY = 50
"""More places that wait for the same message are not told apart: the message is ambiguous anyway."""


def rearm_timers(connection: Connection, process_instance_id: str, cancelled: Sequence[str], armed: Sequence[ArmedTimer]) -> None:
    """Remove the cancelled timers and arm the new ones; arming one that exists replaces it (and takes it out of the park)."""
    gone = [*cancelled, *(one.id for one in armed)]
    if gone:
        connection.execute(DISARM, {"ids": gone})
    if armed:
        connection.execute(
            ARM,
            [
                {
                    "id": one.id,
                    "process_instance_id": process_instance_id,
                    "element_id": one.element_id,
                    "due_at": one.due_at,
                    "attempts": 0,
                    "parked": False,
                    **limit_columns(one.limit),
                }
                for one in armed
            ],
        )


def resubscribe(connection: Connection, process_instance_id: str, gone: Sequence[str], new: Sequence[Subscription]) -> None:
    """Remove subscriptions that ended and add the new ones; adding one that exists replaces it."""
    follows = _followed(connection, gone, new)
    ids = [*gone, *(one.id for one in new)]
    if ids:
        connection.execute(UNSUBSCRIBE, {"ids": ids})
    if new:
        connection.execute(
            SUBSCRIBE,
            [
                {
                    "id": one.id,
                    "process_instance_id": process_instance_id,
                    "element_id": one.element_id,
                    "kind": one.kind,
                    "name": one.name,
                    "follows": follows.get(one.id),
                }
                for one in new
            ],
        )


def _followed(connection: Connection, gone: Sequence[str], new: Sequence[Subscription]) -> dict[str, str]:
    """Which new subscription to a signal takes the place of an old one of the same element: what was thrown meanwhile is for it."""
    if not gone or all(one.kind != SIGNAL for one in new):
        return {}
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in connection.execute(ENDING.order_by(event_subscription.c.id), {"ids": list(gone)}):
        places[row.element_id, row.name].append(row.follows or row.id)
    return {one.id: waited.pop(0) for one in new if one.kind == SIGNAL and (waited := places[one.element_id, one.name])}


def drop_all_waiting(connection: Connection, process_instance_id: str) -> None:
    """An ended instance waits for nothing."""
    connection.execute(DISARM_ALL, {"instance": process_instance_id})
    connection.execute(UNSUBSCRIBE_ALL, {"instance": process_instance_id})


class Jobs(TransactionPart):
    """Timers that are due, and places that wait for a message or a signal."""

    def claim_due_timers(self, now: int, limit: int) -> Sequence[DueTimer]:
        """Timers due, oldest first, without parked ones and those of suspended instances; their instances are locked until the end.

        Instances that another transaction has locked are passed over where the database can do that, so that workers share the work.
        """
        return [DueTimer(*row) for row in self._connection.execute(CLAIM, {"now": now, "most": limit})]

    def waiting_timer(self, timer_id: str) -> DueTimer | None:
        """The timer, if it still waits and is not parked."""
        row = self._connection.execute(WAITING_TIMER, {"wanted": timer_id}).first()
        return None if row is None else DueTimer(*row)

    def limited_timers(self, process_instance_id: str) -> Sequence[LimitedTimer]:
        """The timers of the instance that come from a time limit, parked or not."""
        found = []
        for row in self._connection.execute(LIMITED, {"instance": process_instance_id}):
            limit = limit_in(row.due_limit, row.counted_year, row.counted_version)
            assert limit is not None, "the statement asks for those that have one"
            found.append(LimitedTimer(row.id, row.element_id, row.due_at, limit))
        return found

    def move_timer(self, timer_id: str, due_at: int, limit: TimeLimit) -> None:
        """Make a timer due at another moment."""
        self._connection.execute(MOVE, {"wanted": timer_id, "due_at": due_at, **limit_columns(limit)})

    def park_timer(self, timer_id: str) -> None:
        """Take a timer whose step failed out of the queue. Nothing puts it back: retrying its incident fires it all the same."""
        self._connection.execute(PARK, {"wanted": timer_id})

    def postpone_timer(self, timer_id: str, try_at: int, problem: str) -> None:
        """Try a timer again at that time which can neither fire nor be parked, for the reason given; when it was due stays as it is."""
        self._connection.execute(POSTPONE, {"wanted": timer_id, "moment": try_at, "reason": problem})

    def try_timer_again(self, timer_id: str) -> PostponedTimer | None:
        """Try a postponed timer again at once, as if it had never failed; None when none of that id is postponed."""
        row = self._connection.execute(POSTPONED, {"wanted": timer_id}).first()
        if row is None:
            return None
        self._connection.execute(MOVE.values(try_at=None, attempts=0, problem=None), {"wanted": timer_id})
        return PostponedTimer(*row)

    def waiting_event(self, subscription_id: str) -> WaitingEvent | None:
        """The place that waits under this subscription, if it still does."""
        row = self._connection.execute(SUBSCRIPTION, {"wanted": subscription_id}).first()
        return None if row is None else WaitingEvent(*row)

    def waiting_signal(self, process_instance_id: str, subscription_id: str) -> WaitingEvent | None:
        """The place of the instance that waits under this subscription to a signal, or under the one that took its place."""
        row = self._connection.execute(SUCCESSOR, {"instance": process_instance_id, "wanted": subscription_id}).first()
        return None if row is None else WaitingEvent(*row)

    def waiting_messages(
        self,
        name: str,
        process_instance_id: str | None,
        business_key: str | None,
        correlation_keys: Mapping[str, Json],
    ) -> Sequence[WaitingEvent]:
        """Places that wait for the message in open instances and fit everything given; at most 50.

        A correlation key fits when the instance's variable at that path (`subjectId`, `facts.nature`) has the same type and value;
        a list or object as a key is Malformed.
        """
        statement = WAITING
        if process_instance_id is not None:
            statement = statement.where(event_subscription.c.process_instance_id == process_instance_id)
        if business_key is not None:
            statement = statement.where(process_instance.c.business_key == business_key)
        return self._waiting(statement, name, correlation_keys)

    def waiting_receivers(
        self, name: str, definition_key: str, element_ids: Sequence[str], business_key: str | None, correlation_keys: Mapping[str, Json]
    ) -> Sequence[WaitingEvent]:
        """Places at these elements of instances of the process that wait for the message; at most 50.

        With correlation keys those whose instance has these values, else those whose instance has exactly that business key (None: none).
        """
        statement = WAITING.where(
            process_instance.c.definition_key == definition_key, event_subscription.c.element_id.in_(list(element_ids))
        )
        if not correlation_keys:
            statement = statement.where(process_instance.c.business_key.is_not_distinct_from(business_key))
        return self._waiting(statement, name, correlation_keys)

    def _waiting(self, statement: Select[Any], name: str, correlation_keys: Mapping[str, Json]) -> Sequence[WaitingEvent]:
        for path, value in correlation_keys.items():
            columns = scalar_columns(value)
            if columns is None:
                raise Malformed(f"the correlation key {path!r} must be a string, number, boolean or null", "correlation-key")
            same = [variable.c[column] == wanted for column, wanted in columns.items() if wanted is not None]
            statement = statement.where(
                exists().where(variable.c.process_instance_id == event_subscription.c.process_instance_id, variable.c.path == path, *same)
            )
        return [WaitingEvent(*row) for row in self._connection.execute(statement.limit(MANY), {"name": name})]
