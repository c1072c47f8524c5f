"""Shapes of users, groups and API keys."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from service.api.paging import epoch_milliseconds
from service.api.schemas.model import (
    EXAMPLE_ID,
    EXAMPLE_TIME,
    AnswerModel,
    Identifier,
    Identifiers,
    Name,
    RequestModel,
    Timestamp,
    shown,
)

USER = {"id": "zhang.san", "name": "张三", "email": "zhang.san@example.cn", "groups": ["acceptance_office"], "createdAt": EXAMPLE_TIME}
GROUP = {"id": "acceptance_office", "name": "受理机关", "source": None, "createdAt": EXAMPLE_TIME}
API_KEY = {
    "id": EXAMPLE_ID,
    "name": "OA",
    "scopes": ["actAs", "read", "work"],
    "userId": None,
    "createdAt": EXAMPLE_TIME,
    "expiresAt": None,
    "revokedAt": None,
}

Scope = Literal["admin", "actAs", "read", "work", "deploy", "external"]


def _distinct_scopes(values: list[Scope]) -> list[Scope]:
    if len(set(values)) != len(values):
        raise PydanticCustomError("unique-items", "every scope may be given once")
    return values


Scopes = Annotated[list[Scope], Field(min_length=1, json_schema_extra={"uniqueItems": True}), AfterValidator(_distinct_scopes)]

Email = Annotated[str, Field(max_length=254, pattern=r"^[^\x00-\x20\x7f@]+@[^\x00-\x20\x7f@]+$")]


def _moment_text(value: str) -> str:
    epoch_milliseconds(value)
    return value


MomentText = Annotated[str, AfterValidator(_moment_text), Field(json_schema_extra={"format": "date-time"})]


class User(AnswerModel):
    """A person who can be named in tasks."""

    model_config = shown(USER)

    id: str
    name: str
    email: str | None
    groups: list[str]
    created_at: Timestamp


class UserPage(AnswerModel):
    """One page of users."""

    model_config = shown({"items": [USER], "nextCursor": None})

    items: list[User]
    next_cursor: str | None


class NewUser(RequestModel):
    """A person to be known."""

    model_config = shown({"id": "zhang.san", "name": "张三", "groups": ["acceptance_office"]})

    id: Identifier
    name: Name
    email: Email | None = None
    groups: Identifiers = Field(default_factory=list, description="Groups not yet known are created.")


class UserChange(RequestModel):
    """What is not given stays."""

    model_config = shown({"groups": ["acceptance_office", "decision_body"]})

    name: Name | None = None
    email: Email | None = None
    groups: Identifiers | None = None


class Group(AnswerModel):
    """A role in the procedures, or a unit."""

    model_config = shown(GROUP)

    id: str
    name: str
    source: str | None = Field(description="Where it is named (the deployed jurisdiction), null when made by hand.")
    created_at: Timestamp


class GroupPage(AnswerModel):
    """One page of groups."""

    model_config = shown({"items": [GROUP], "nextCursor": None})

    items: list[Group]
    next_cursor: str | None


class NewGroup(RequestModel):
    """A group to be known."""

    model_config = shown({"id": "acceptance_office", "name": "受理机关"})

    id: Identifier
    name: Name


class GroupChange(RequestModel):
    """The group's new name."""

    model_config = shown({"name": "容错纠错受理办公室"})

    name: Name


class ApiKey(AnswerModel):
    """A caller's key; its secret is stored only as a hash."""

    model_config = shown(API_KEY)

    id: str
    name: str
    scopes: list[Scope]
    user_id: str | None = Field(description="The key speaks for this person and no other.")
    created_at: Timestamp
    expires_at: Timestamp | None
    revoked_at: Timestamp | None


class ApiKeyPage(AnswerModel):
    """One page of API keys."""

    model_config = shown({"items": [API_KEY], "nextCursor": None})

    items: list[ApiKey]
    next_cursor: str | None


class CreatedApiKey(ApiKey):
    """The new key with its secret, which is shown this once."""

    model_config = shown({**API_KEY, "secret": "rk_…"})

    secret: str


class NewApiKey(RequestModel):
    """A key for a caller."""

    model_config = shown({"name": "OA", "scopes": ["actAs", "read", "work"]})

    name: Name
    scopes: Scopes = Field(
        description="admin = everything; actAs = may name a person; read; work = start, messages, tasks; deploy; external = external tasks."
    )
    user_id: Name | None = None
    expires_at: MomentText | None = None


class ApiKeyChange(RequestModel):
    """What is not given stays."""

    model_config = shown({"revoked": True})

    name: Name | None = None
    scopes: Scopes | None = None
    revoked: bool | None = Field(None, description="true ends the key, false gives it back.")
