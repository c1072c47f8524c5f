"""What waits in a suspended instance: its tasks say so, its timers leave the queue."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select, true, update

from service.domain.task import CREATED
from service.store.tables import audit_event, task, timer
from service.store.writing import TransactionPart

MARK = update(task).where(task.c.process_instance_id == bindparam("instance"), task.c.state == CREATED)
PARK = update(timer).where(timer.c.process_instance_id == bindparam("instance")).values(parked=True)
UNPARK = (
    update(timer)
    .where(
        timer.c.process_instance_id == bindparam("instance"),
        timer.c.parked == true(),
        timer.c.id.not_in(bindparam("kept", expanding=True)),
    )
    .values(parked=False)
)


SINCE = (
    select(audit_event.c.occurred_at)
    .where(audit_event.c.stream == bindparam("instance"), audit_event.c.kind == "instance.suspended")
    .order_by(audit_event.c.seq.desc())
    .limit(1)
)


class Suspension(TransactionPart):
    """Holding back what waits, and letting it go again. What has a place of its own in another table follows the instance's state."""

    def suspended_since(self, process_instance_id: str) -> int | None:
        """When the instance was suspended the last time, as its trail says; None: never."""
        since: int | None = self._connection.execute(SINCE, {"instance": process_instance_id}).scalar()
        return since

    def suspend_waiting(self, process_instance_id: str) -> None:
        """Mark every open task as suspended and park every timer. Doing it again, for what was opened meanwhile, is no harm."""
        self._writing.tasks.pop(process_instance_id, None)
        self._connection.execute(MARK.values(suspended=True), {"instance": process_instance_id})
        self._connection.execute(PARK, {"instance": process_instance_id})

    def resume_waiting(self, process_instance_id: str, still_parked: Sequence[str]) -> None:
        """Take both back; the timers `still_parked` are those whose firing is an open incident."""
        self._writing.tasks.pop(process_instance_id, None)
        self._connection.execute(MARK.values(suspended=False), {"instance": process_instance_id})
        self._connection.execute(UNPARK, {"instance": process_instance_id, "kept": list(still_parked)})
