"""Timers that start processes: those of the latest version of each."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select, update

from service.actions.ports import DueStart
from service.domain.event import StartTimer
from service.domain.identifiers import new_id
from service.store.columns import AnyRow, object_text, read_object
from service.store.tables import start_timer
from service.store.writing import TransactionPart

COLUMNS = start_timer.c
ARM = insert(start_timer)
DISARM_PROCESS = delete(start_timer).where(COLUMNS.definition_key == bindparam("key"))
DISARM = delete(start_timer).where(COLUMNS.id == bindparam("wanted"))
MOVE = update(start_timer).where(COLUMNS.id == bindparam("wanted"))
READ = select(COLUMNS.id, COLUMNS.definition_id, COLUMNS.attempts, COLUMNS.element_id, COLUMNS.schedule)
FAILED = READ.where(COLUMNS.id == bindparam("wanted"), COLUMNS.problem.is_not(None)).with_for_update()
ALL = READ.order_by(COLUMNS.id).with_for_update()
CLAIM = READ.where(COLUMNS.due_at <= bindparam("now")).order_by(COLUMNS.due_at, COLUMNS.id).limit(1).with_for_update(skip_locked=True)


def _text(timer: StartTimer) -> str:
    return object_text(
        {
            "dueAt": timer.due_at,
            "left": timer.left,
            "months": timer.months,
            "microseconds": timer.microseconds,
            "since": timer.since,
            "planned": timer.planned,
            "number": timer.number,
        }
    )


def read_start(row: AnyRow) -> DueStart:
    """The start in a row."""
    kept = {name: int(str(value)) for name, value in read_object(row.schedule).items() if value is not None}
    timer = StartTimer(
        row.element_id,
        kept["dueAt"],
        kept["left"],
        kept["months"],
        kept["microseconds"],
        kept.get("since"),
        kept.get("planned"),
        kept.get("number", 0),
    )
    return DueStart(row.id, row.definition_id, row.attempts, timer)


class StartTimers(TransactionPart):
    """Processes that start by the clock."""

    def arm_starts(self, definition_key: str, definition_id: str, timers: Sequence[StartTimer]) -> None:
        """From now on these timers start the process, and none of its earlier versions."""
        self._connection.execute(DISARM_PROCESS, {"key": definition_key})
        if timers:
            rows = [
                {
                    "id": new_id(),
                    "definition_key": definition_key,
                    "definition_id": definition_id,
                    "element_id": timer.element_id,
                    "due_at": timer.due_at,
                    "attempts": 0,
                    "schedule": _text(timer),
                }
                for timer in timers
            ]
            self._connection.execute(ARM, rows)

    def armed_starts(self) -> Sequence[DueStart]:
        """All starts by the clock that are to come, locked until the end."""
        return [read_start(row) for row in self._connection.execute(ALL)]

    def rearm_start(self, start_id: str, timer: StartTimer) -> None:
        """A start that is to come is due by this timer instead, without the attempts that failed."""
        self._connection.execute(MOVE.values(due_at=timer.due_at, attempts=0, problem=None, schedule=_text(timer)), {"wanted": start_id})

    def claim_due_start(self, now: int) -> DueStart | None:
        """The start that is due longest, locked until the end; one that another transaction has locked is passed over."""
        row = self._connection.execute(CLAIM, {"now": now}).first()
        return None if row is None else read_start(row)

    def move_start(self, start_id: str, following: StartTimer | None) -> None:
        """A start was made: wait for the following one, if there is any."""
        if following is None:
            self._connection.execute(DISARM, {"wanted": start_id})
        else:
            self.rearm_start(start_id, following)

    def postpone_start(self, start_id: str, now: int, due_at: int, problem: str) -> None:
        """Try again at that time what was due at `now`, for the reason given; what follows is still counted from when the start was due.

        What was armed again since it was claimed, and is due later, stays as it is.
        """
        failed = MOVE.where(COLUMNS.due_at <= bindparam("now"))
        values = {"due_at": due_at, "attempts": COLUMNS.attempts + 1, "problem": problem}
        self._connection.execute(failed.values(**values), {"wanted": start_id, "now": now})

    def try_start_again(self, start_id: str, due_at: int) -> DueStart | None:
        """Try a start that went wrong again at that time, as if it never had; None when there is none of that id that went wrong."""
        row = self._connection.execute(FAILED, {"wanted": start_id}).first()
        if row is None:
            return None
        self._connection.execute(MOVE.values(due_at=due_at, attempts=0, problem=None), {"wanted": start_id})
        return read_start(row)
