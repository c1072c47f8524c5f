"""What the actions need from the store for accounts, groups and keys."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(slots=True)
class User:
    """A person known to the service."""

    id: str
    name: str
    email: str | None
    groups: tuple[str, ...]
    created_at: int


@dataclass(slots=True)
class Group:
    """A candidate group: a role in the procedures, or a unit."""

    id: str
    name: str
    source: str | None
    created_at: int


@dataclass(slots=True)
class ApiKey:
    """A caller's key: only the SHA-256 of its secret is stored. `user_id`: the key speaks for that person and no other."""

    id: str
    name: str
    secret_hash: str
    scopes: tuple[str, ...]
    user_id: str | None
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None


class PeopleWriting(Protocol):
    """Part of a write transaction."""

    def user(self, user_id: str) -> User | None: ...

    def put_user(self, user: User) -> None:
        """Insert or replace; groups not yet known are created with their id as name."""
        ...

    def tasks_held_by(self, user_id: str) -> int:
        """How many open tasks the person has claimed or been assigned."""
        ...

    def uses_of_group(self, group_id: str) -> int:
        """How many members and open tasks name the group."""
        ...

    def delete_user(self, user_id: str) -> bool: ...
    def group(self, group_id: str) -> Group | None: ...
    def put_group(self, group: Group) -> None: ...
    def delete_group(self, group_id: str) -> bool: ...
    def api_key(self, key_id: str) -> ApiKey | None: ...
    def put_api_key(self, key: ApiKey) -> None: ...
    def delete_api_key(self, key_id: str) -> bool: ...


class PeopleQuestions(Protocol):
    """Part of a read."""

    def key_by_hash(self, secret_hash: str) -> ApiKey | None: ...
    def person(self, user_id: str) -> User | None: ...
