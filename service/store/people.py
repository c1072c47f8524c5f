"""Users, groups, memberships and API keys."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update

from service.actions.ports import ApiKey, Group, User
from service.domain.task import CREATED
from service.store.columns import names_text, read_names
from service.store.tables import api_key, group_membership, task, task_candidate, user_account, user_group
from service.store.writing import TransactionPart

PERSON = (
    select(user_account.c.id, user_account.c.name, user_account.c.email, user_account.c.created_at, group_membership.c.group_id)
    .outerjoin(group_membership, group_membership.c.user_id == user_account.c.id)
    .where(user_account.c.id == bindparam("wanted"))
    .order_by(group_membership.c.group_id)
)
GROUP = select(user_group.c.id, user_group.c.name, user_group.c.source, user_group.c.created_at).where(
    user_group.c.id == bindparam("wanted")
)
KEY = select(
    api_key.c.id,
    api_key.c.name,
    api_key.c.secret_hash,
    api_key.c.scopes,
    api_key.c.user_id,
    api_key.c.created_at,
    api_key.c.expires_at,
    api_key.c.revoked_at,
)
KEY_OF_ID = KEY.where(api_key.c.id == bindparam("wanted"))
KEY_OF_HASH = KEY.where(api_key.c.secret_hash == bindparam("wanted"))


def find_person(connection: Connection, user_id: str) -> User | None:
    """The user with the ids of all groups, in one statement."""
    rows = connection.execute(PERSON, {"wanted": user_id}).all()
    if not rows:
        return None
    groups = tuple(row.group_id for row in rows if row.group_id is not None)
    return User(rows[0].id, rows[0].name, rows[0].email, groups, rows[0].created_at)


def find_key(connection: Connection, statement: Select[*tuple[Any, ...]], wanted: str) -> ApiKey | None:
    """The key that KEY_OF_ID or KEY_OF_HASH finds."""
    row = connection.execute(statement, {"wanted": wanted}).first()
    if row is None:
        return None
    identifier, name, secret_hash, scopes, user_id, created_at, expires_at, revoked_at = row
    return ApiKey(identifier, name, secret_hash, read_names(scopes), user_id, created_at, expires_at, revoked_at)


class People(TransactionPart):
    """Who may call, and who works."""

    def user(self, user_id: str) -> User | None:
        """The user, or None."""
        return find_person(self._connection, user_id)

    def put_user(self, user: User) -> None:
        """Insert or replace; groups not yet known are created with their id as name."""
        values = {"name": user.name, "email": user.email, "created_at": user.created_at}
        if self._connection.execute(update(user_account).where(user_account.c.id == user.id), values).rowcount == 0:
            self._connection.execute(insert(user_account), {"id": user.id, **values})
        self._connection.execute(delete(group_membership).where(group_membership.c.user_id == user.id))
        groups = sorted(set(user.groups))
        if groups:
            self._create_groups(groups, user.created_at)
            self._connection.execute(insert(group_membership), [{"user_id": user.id, "group_id": group} for group in groups])

    def tasks_held_by(self, user_id: str) -> int:
        """How many open tasks the person has claimed or been assigned."""
        held = select(func.count()).select_from(task).where(task.c.assignee == user_id, task.c.state == CREATED)
        return int(self._connection.execute(held).scalar_one())

    def uses_of_group(self, group_id: str) -> int:
        """How many members and open tasks name the group."""
        named = (task_candidate.c.kind == "group", task_candidate.c.name == group_id, task_candidate.c.task_state == CREATED)
        members = select(func.count()).select_from(group_membership).where(group_membership.c.group_id == group_id)
        tasks = select(func.count()).select_from(task_candidate).where(*named)
        return int(self._connection.execute(members).scalar_one()) + int(self._connection.execute(tasks).scalar_one())

    def delete_user(self, user_id: str) -> bool:
        """Delete a user, the memberships, and the API keys that speak for this person; False when there is none."""
        self._connection.execute(delete(api_key).where(api_key.c.user_id == user_id))
        return self._connection.execute(delete(user_account).where(user_account.c.id == user_id)).rowcount == 1

    def group(self, group_id: str) -> Group | None:
        """The group, or None."""
        row = self._connection.execute(GROUP, {"wanted": group_id}).first()
        return None if row is None else Group(*row)

    def put_group(self, group: Group) -> None:
        """Insert or replace."""
        values = {"name": group.name, "source": group.source, "created_at": group.created_at}
        if self._connection.execute(update(user_group).where(user_group.c.id == group.id), values).rowcount == 0:
            self._connection.execute(insert(user_group), {"id": group.id, **values})

    def delete_group(self, group_id: str) -> bool:
        """Delete a group with its memberships; False when there is none."""
        return self._connection.execute(delete(user_group).where(user_group.c.id == group_id)).rowcount == 1

    def api_key(self, key_id: str) -> ApiKey | None:
        """The key with that id, revoked or not."""
        return find_key(self._connection, KEY_OF_ID, key_id)

    def put_api_key(self, key: ApiKey) -> None:
        """Insert or replace; Conflict when another key has the same secret."""
        values = {
            "name": key.name,
            "secret_hash": key.secret_hash,
            "scopes": names_text(key.scopes),
            "user_id": key.user_id,
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "revoked_at": key.revoked_at,
        }
        if self._connection.execute(update(api_key).where(api_key.c.id == key.id), values).rowcount == 0:
            self._connection.execute(insert(api_key), {"id": key.id, **values})

    def delete_api_key(self, key_id: str) -> bool:
        """Delete a key; False when there is none."""
        return self._connection.execute(delete(api_key).where(api_key.c.id == key_id)).rowcount == 1

    def _create_groups(self, groups: Sequence[str], created_at: int) -> None:
        known = set(self._connection.execute(select(user_group.c.id).where(user_group.c.id.in_(groups))).scalars())
        new = [group for group in groups if group not in known]
        if new:
            self._connection.execute(
                insert(user_group), [{"id": group, "name": group, "source": None, "created_at": created_at} for group in new]
            )
