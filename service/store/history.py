"""What an instance has been through."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, select

from service.store.activities import COMPLETED
from service.store.tables import activity
from service.store.writing import TransactionPart

BEEN_THROUGH = (
    select(activity.c.element_id)
    .where(activity.c.process_instance_id == bindparam("instance"), activity.c.state == COMPLETED)
    .group_by(activity.c.element_id)
    .order_by(func.max(activity.c.seq).desc())
)


def been_through(connection: Connection, process_instance_id: str) -> Sequence[str]:
    """Ids of the elements that were completed in the instance, the latest first, each once."""
    return list(connection.execute(BEEN_THROUGH, {"instance": process_instance_id}).scalars())


class History(TransactionPart):
    """Questions about the way of one instance."""

    def been_through(self, process_instance_id: str) -> Sequence[str]:
        """Ids of the elements that were completed in the instance, the latest first, each once."""
        return been_through(self._connection, process_instance_id)
