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
CLAIM = READ.where(COLUMNS.due_at <= bindparam("now")).order_by(COLUMNS.due_at, COLUMNS.id).limit(1).with_for_update(skip_locked=True)


def _text(timer: StartTimer) -> str:
    return object_text({"dueAt": timer.due_at, "left": timer.left, "months": timer.months, "microseconds": timer.microseconds})


def read_start(row: AnyRow) -> DueStart:
    """The start in a row."""
    kept = {name: int(str(value)) for name, value in read_object(row.schedule).items()}
    timer = StartTimer(row.element_id, kept["dueAt"], kept["left"], kept["months"], kept["microseconds"])
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

    def claim_due_start(self, now: int) -> DueStart | None:
        """The start that is due longest, locked until the end; one that another transaction has locked is passed over."""
        row = self._connection.execute(CLAIM, {"now": now}).first()
        return None if row is None else read_start(row)

    def move_start(self, start_id: str, following: StartTimer | None) -> None:
        """A start was made: wait for the following one, if there is any."""
        if following is None:
            self._connection.execute(DISARM, {"wanted": start_id})
        else:
            self._connection.execute(
                MOVE.values(due_at=following.due_at, attempts=0, problem=None, schedule=_text(following)), {"wanted": start_id}
            )

    def postpone_start(self, start_id: str, due_at: int, problem: str) -> None:
        """Try again at that time, for the reason given; what follows is still counted from when the start was due."""
        self._connection.execute(MOVE.values(due_at=due_at, attempts=COLUMNS.attempts + 1, problem=problem), {"wanted": start_id})

    def try_start_again(self, start_id: str, due_at: int) -> DueStart | None:
        """Try a start that went wrong again at that time, as if it never had; None when there is none of that id that went wrong."""
        row = self._connection.execute(FAILED, {"wanted": start_id}).first()
        if row is None:
            return None
        self._connection.execute(MOVE.values(due_at=due_at, attempts=0, problem=None), {"wanted": start_id})
        return read_start(row)
