"""Timers and message subscriptions: what waits without a person."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, exists, false, insert, select, update

from service.actions.ports import DueTimer, WaitingMessage
from service.domain.errors import Malformed
from service.domain.json_values import Json
from service.domain.step import ArmedTimer, Subscription
from service.store.tables import message_subscription, process_instance, timer, variable
from service.store.variables import scalar_columns
from service.store.writing import TransactionPart

ARM = insert(timer)
DISARM = delete(timer).where(timer.c.id.in_(bindparam("ids", expanding=True)))
DISARM_ALL = delete(timer).where(timer.c.process_instance_id == bindparam("instance"))
PARK = update(timer).where(timer.c.id == bindparam("wanted")).values(parked=True, attempts=timer.c.attempts + 1)
WAITING_TIMERS = select(timer.c.id, timer.c.process_instance_id, timer.c.element_id, timer.c.due_at, timer.c.attempts).where(
    timer.c.parked == false()
)
WAITING_TIMER = WAITING_TIMERS.where(timer.c.id == bindparam("wanted"))
DUE = WAITING_TIMERS.where(timer.c.due_at <= bindparam("now")).order_by(timer.c.due_at, timer.c.id).limit(bindparam("most"))
SUBSCRIBE = insert(message_subscription)
UNSUBSCRIBE = delete(message_subscription).where(message_subscription.c.id.in_(bindparam("ids", expanding=True)))
UNSUBSCRIBE_ALL = delete(message_subscription).where(message_subscription.c.process_instance_id == bindparam("instance"))
WAITING = (
    select(
        message_subscription.c.id,
        message_subscription.c.process_instance_id,
        message_subscription.c.element_id,
        message_subscription.c.message_name,
    )
    .join(process_instance, process_instance.c.id == message_subscription.c.process_instance_id)
    .where(message_subscription.c.message_name == bindparam("name"))
    .order_by(message_subscription.c.process_instance_id, message_subscription.c.id)
)


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
                }
                for one in armed
            ],
        )


def resubscribe(connection: Connection, process_instance_id: str, gone: Sequence[str], new: Sequence[Subscription]) -> None:
    """Remove subscriptions that ended and add the new ones; adding one that exists replaces it."""
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
                    "message_name": one.message_name,
                }
                for one in new
            ],
        )


def drop_all_waiting(connection: Connection, process_instance_id: str) -> None:
    """An ended instance waits for nothing."""
    connection.execute(DISARM_ALL, {"instance": process_instance_id})
    connection.execute(UNSUBSCRIBE_ALL, {"instance": process_instance_id})


class Jobs(TransactionPart):
    """Timers that are due, and places that wait for a message."""

    def due_timers(self, now: int, limit: int) -> Sequence[DueTimer]:
        """Timers due, oldest first; parked ones are left out. Nothing is locked: the instance's lock decides who fires."""
        rows = self._connection.execute(DUE, {"now": now, "most": limit})
        return [DueTimer(*row) for row in rows]

    def waiting_timer(self, timer_id: str) -> DueTimer | None:
        """The timer, if it still waits and is not parked."""
        row = self._connection.execute(WAITING_TIMER, {"wanted": timer_id}).first()
        return None if row is None else DueTimer(*row)

    def park_timer(self, timer_id: str) -> None:
        """Take a timer whose step failed out of the queue. Nothing puts it back: retrying its incident fires it all the same."""
        self._connection.execute(PARK, {"wanted": timer_id})

    def waiting_messages(
        self,
        name: str,
        process_instance_id: str | None,
        business_key: str | None,
        correlation_keys: Mapping[str, Json],
    ) -> Sequence[WaitingMessage]:
        """Subscriptions to the message in open instances that fit everything given.

        A correlation key fits when the instance's variable at that path (`subjectId`, `facts.nature`) has the same type and value;
        a list or object as a key is Malformed.
        """
        statement = WAITING
        if process_instance_id is not None:
            statement = statement.where(message_subscription.c.process_instance_id == process_instance_id)
        if business_key is not None:
            statement = statement.where(process_instance.c.business_key == business_key)
        for path, value in correlation_keys.items():
            columns = scalar_columns(value)
            if columns is None:
                raise Malformed(f"the correlation key {path!r} must be a string, number, boolean or null", "correlation-key")
            same = [variable.c[column] == wanted for column, wanted in columns.items() if wanted is not None]
            statement = statement.where(
                exists().where(variable.c.process_instance_id == message_subscription.c.process_instance_id, variable.c.path == path, *same)
            )
        return [WaitingMessage(*row) for row in self._connection.execute(statement, {"name": name})]
