"""The signatures of an instance, read from its audit trail, which is where they are kept."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, bindparam, select

from service.actions.presentation import signature_json
from service.domain.json_values import Json, read_canonical
from service.domain.signature import TASK_SIGNED, Signature, signature_of
from service.store.columns import AnyRow
from service.store.filters import equals, visible_instances
from service.store.keyset import Listing, SortKey
from service.store.tables import audit_event

COLUMNS = audit_event.c
SIGNED = select(COLUMNS.stream, COLUMNS.seq, COLUMNS.payload).where(COLUMNS.kind == TASK_SIGNED)
OF_INSTANCE = SIGNED.where(COLUMNS.stream == bindparam("instance")).order_by(COLUMNS.seq)


def find_signatures(connection: Connection, process_instance_id: str) -> list[Signature]:
    """Those of the instance in the order in which they were given. What nobody can read any more is told by the verification."""
    return list(_signatures(connection.execute(OF_INSTANCE, {"instance": process_instance_id})))


def _signatures(rows: Iterable[AnyRow]) -> Iterator[Signature]:
    for row in rows:
        try:
            payload = read_canonical(row.payload)
            if isinstance(payload, dict):
                yield signature_of(row.stream, payload)
        except ValueError:
            continue


def _shown(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [signature_json(one) for one in _signatures(rows)]


SIGNATURES = Listing(
    what="signatures",
    select=SIGNED,
    filters={"processInstanceId": equals(COLUMNS.stream)},
    sorts={},
    default_sort=(),
    identity=(SortKey(COLUMNS.stream), SortKey(COLUMNS.seq)),
    present=_shown,
    visible=lambda paths: visible_instances(COLUMNS.stream, paths),
)
