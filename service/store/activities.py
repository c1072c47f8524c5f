"""The history of elements entered and left, in order."""

from collections.abc import Sequence

from sqlalchemy import Connection, Text, bindparam, case, func, insert, update

from service.domain.step import ActivityChange
from service.store.tables import activity

ACTIVE = "active"
CANCELLED = "cancelled"
COMPLETED = "completed"

ENTER = insert(activity)
LEAVE = (
    update(activity)
    .where(
        activity.c.process_instance_id == bindparam("instance"),
        activity.c.id.in_(bindparam("ids", expanding=True)),
        activity.c.state == ACTIVE,
    )
    .values(
        ended_at=bindparam("now"),
        state=case((activity.c.id.in_(bindparam("cancelled", expanding=True)), CANCELLED), else_=COMPLETED),
        actor=case((activity.c.id.in_(bindparam("acted", expanding=True)), bindparam("doer")), else_=activity.c.actor),
    )
    .returning(activity.c.id)
)
# The usual case: SQLAlchemy need not unfold lists of ids at every call.
LEAVE_ONE = (
    update(activity)
    .where(activity.c.process_instance_id == bindparam("instance"), activity.c.id == bindparam("one"), activity.c.state == ACTIVE)
    .values(ended_at=bindparam("now"), state=bindparam("end_state"), actor=func.coalesce(bindparam("doer", type_=Text), activity.c.actor))
    .returning(activity.c.id)
)
LEAVE_ALL = (
    update(activity)
    .where(activity.c.process_instance_id == bindparam("instance"), activity.c.state == ACTIVE)
    .values(state=CANCELLED, ended_at=bindparam("now"))
)


def _leave(connection: Connection, process_instance_id: str, ended: Sequence[ActivityChange], now: int) -> set[str]:
    """End the visits among `ended` that were entered in earlier steps; returns their ids. One statement per actor, so nearly always one."""
    known: set[str] = set()
    if len(ended) == 1:
        change = ended[0]
        values = {"instance": process_instance_id, "one": change.id, "now": now, "end_state": change.state, "doer": change.actor}
        return {row.id for row in connection.execute(LEAVE_ONE, values)}
    actors: list[str | None] = [*sorted({change.actor for change in ended if change.actor is not None})] or [None]
    for index, actor in enumerate(actors):
        share = [change for change in ended if change.actor == actor or (index == 0 and change.actor is None)]
        rows = connection.execute(
            LEAVE,
            {
                "instance": process_instance_id,
                "ids": [change.id for change in share],
                "cancelled": [change.id for change in share if change.state == CANCELLED],
                "acted": [change.id for change in share if change.actor is not None],
                "doer": actor,
                "now": now,
            },
        )
        known.update(row.id for row in rows)
    return known


def write_activities(
    connection: Connection, process_instance_id: str, changes: Sequence[ActivityChange], now: int, seq: int, *, new: bool = False
) -> int:
    """Write the changes of one step; returns the number of the last visit. `seq` is the last number so far; `new`: nothing to end yet."""
    ended = [] if new else [change for change in changes if change.state != ACTIVE]
    left = _leave(connection, process_instance_id, ended, now) if ended else set()
    entered = []
    for change in changes:
        if change.id in left:
            continue
        seq += 1
        entered.append(
            {
                "process_instance_id": process_instance_id,
                "seq": seq,
                "id": change.id,
                "element_id": change.element_id,
                "name": change.name,
                "type": change.type,
                "state": change.state,
                "started_at": now,
                "ended_at": None if change.state == ACTIVE else now,
                "actor": change.actor,
            }
        )
    if entered:
        connection.execute(ENTER, entered)
    return seq


def cancel_activities(connection: Connection, process_instance_id: str, now: int) -> None:
    """An ended instance has no active element."""
    connection.execute(LEAVE_ALL, {"instance": process_instance_id, "now": now})
