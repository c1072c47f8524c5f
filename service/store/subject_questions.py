"""The list of persons and units."""

from collections.abc import Sequence

from sqlalchemy import Connection, or_, select

from service.domain.json_values import Json
from service.store.columns import AnyRow, read_object, rfc3339
from service.store.filters import equals
from service.store.keyset import Asked, Condition, Listing, SortKey
from service.store.tables import subject


def _subjects(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "name": row.name,
            "unitId": row.unit_id,
            **read_object(row.posts),
            "createdAt": rfc3339(row.created_at),
        }
        for row in rows
    ]


def _mentions(value: str, _asked: Asked) -> Condition:
    """The name has the text in it, or the id begins with it."""
    return or_(subject.c.name.contains(value, autoescape=True, escape="/"), subject.c.id.startswith(value, autoescape=True, escape="/"))


SUBJECTS = Listing(
    what="subjects",
    select=select(subject),
    filters={"kind": equals(subject.c.kind), "unitId": equals(subject.c.unit_id), "q": _mentions},
    sorts={},
    default_sort=(),
    identity=(SortKey(subject.c.id),),
    present=_subjects,
    one=subject.c.id,
)
