"""Questions about users, groups and API keys. The hash of a key's secret is never shown."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, select

from service.domain.json_values import Json
from service.store.columns import AnyRow, read_names, rfc3339
from service.store.filters import equals
from service.store.keyset import Asked, Condition, Listing, SortKey
from service.store.tables import api_key, group_membership, user_account, user_group


def _users(connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    groups: dict[str, list[Json]] = defaultdict(list)
    members = select(group_membership).where(group_membership.c.user_id.in_([row.id for row in rows])).order_by(group_membership.c.group_id)
    for membership in connection.execute(members):
        groups[membership.user_id].append(membership.group_id)
    return [
        {"id": row.id, "name": row.name, "email": row.email, "groups": groups[row.id], "createdAt": rfc3339(row.created_at)} for row in rows
    ]


def _in_group(value: str, _asked: Asked) -> Condition:
    return user_account.c.id.in_(select(group_membership.c.user_id).where(group_membership.c.group_id == value))


USERS = Listing(
    what="users",
    select=select(user_account),
    filters={"group": _in_group, "name": equals(user_account.c.name), "email": equals(user_account.c.email)},
    sorts={"name": SortKey(user_account.c.name), "createdAt": SortKey(user_account.c.created_at)},
    default_sort=(),
    identity=(SortKey(user_account.c.id),),
    present=_users,
    one=user_account.c.id,
)


def _groups(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [{"id": row.id, "name": row.name, "source": row.source, "createdAt": rfc3339(row.created_at)} for row in rows]


GROUPS = Listing(
    what="groups",
    select=select(user_group),
    filters={"name": equals(user_group.c.name)},
    sorts={"name": SortKey(user_group.c.name), "createdAt": SortKey(user_group.c.created_at)},
    default_sort=(),
    identity=(SortKey(user_group.c.id),),
    present=_groups,
    one=user_group.c.id,
)


def _keys(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [
        {
            "id": row.id,
            "name": row.name,
            "scopes": list(read_names(row.scopes)),
            "userId": row.user_id,
            "createdAt": rfc3339(row.created_at),
            "expiresAt": rfc3339(row.expires_at),
            "revokedAt": rfc3339(row.revoked_at),
        }
        for row in rows
    ]


API_KEYS = Listing(
    what="api-keys",
    select=select(*(column for column in api_key.c if column.name != "secret_hash")),
    filters={"name": equals(api_key.c.name), "userId": equals(api_key.c.user_id)},
    sorts={"name": SortKey(api_key.c.name), "createdAt": SortKey(api_key.c.created_at)},
    default_sort=(),
    identity=(SortKey(api_key.c.id),),
    present=_keys,
    one=api_key.c.id,
)
