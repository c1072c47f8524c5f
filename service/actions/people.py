"""People, groups and API keys: who may call, and whom tasks are offered to."""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, answered_once, recall, remember
from service.actions.authenticate import secret_hash
from service.actions.ports import ApiKey, Group, Services, User
from service.actions.presentation import optional_timestamp, timestamp
from service.domain.access import require_may
from service.domain.errors import Conflict, FieldError, Invalid, NotFound
from service.domain.identifiers import new_id
from service.domain.json_values import Json
from service.domain.principal import SCOPES, Principal

ADMIN_KEY_ID = "admin"


def user_json(user: User) -> dict[str, Json]:
    """The API's user."""
    return {"id": user.id, "name": user.name, "email": user.email, "groups": list(user.groups), "createdAt": timestamp(user.created_at)}


def group_json(group: Group) -> dict[str, Json]:
    """The API's group."""
    return {"id": group.id, "name": group.name, "source": group.source, "createdAt": timestamp(group.created_at)}


def api_key_json(key: ApiKey) -> dict[str, Json]:
    """The API's key, without its secret."""
    return {
        "id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "userId": key.user_id,
        "createdAt": timestamp(key.created_at),
        "expiresAt": optional_timestamp(key.expires_at),
        "revokedAt": optional_timestamp(key.revoked_at),
    }


def create_user(
    services: Services,
    principal: Principal,
    user_id: str,
    name: str,
    email: str | None,
    groups: Sequence[str],
    repeat: Repeat = NO_REPEAT,
) -> Answer:
    """201 with the user; groups not yet known are created with their id as name. Conflict when the id is taken."""
    require_may(principal, "administer")
    user = User(user_id, name, email, tuple(dict.fromkeys(groups)), services.clock())
    return answered_once(services, principal, repeat, lambda: _create_user(services, principal, user, repeat))


def _create_user(services: Services, principal: Principal, user: User, repeat: Repeat) -> Answer:
    now = user.created_at
    with services.store.begin() as tx:
        earlier = recall(tx, principal, repeat)
        if earlier is not None:
            return earlier
        if tx.user(user.id) is not None:
            raise Conflict(f"a user {user.id!r} exists already", "exists")
        tx.put_user(user)
        tx.append_service_event(now, principal.actor, "user.created", user_json(user))
        given = answer(201, user_json(user))
        remember(tx, principal, repeat, given, now)
        tx.commit()
    return given


def change_user(
    services: Services, principal: Principal, user_id: str, name: str | None, email: str | None, groups: Sequence[str] | None
) -> Answer:
    """200 with the user; what is None stays."""
    require_may(principal, "administer")
    with services.store.begin() as tx:
        user = tx.user(user_id)
        if user is None:
            raise NotFound("user", user_id)
        user = replace(
            user,
            name=user.name if name is None else name,
            email=user.email if email is None else email,
            groups=user.groups if groups is None else tuple(dict.fromkeys(groups)),
        )
        tx.put_user(user)
        tx.append_service_event(services.clock(), principal.actor, "user.changed", user_json(user))
        tx.commit()
    return answer(200, user_json(user))


def delete_user(services: Services, principal: Principal, user_id: str) -> None:
    """The person can no longer act; what they did stays in the history under their id. Conflict while they hold open tasks."""
    require_may(principal, "administer")
    with services.store.begin() as tx:
        held = tx.tasks_held_by(user_id)
        if held:
            raise Conflict(f"the person has {held} open task(s); assign or release them first", "user-in-use")
        if not tx.delete_user(user_id):
            raise NotFound("user", user_id)
        tx.append_service_event(services.clock(), principal.actor, "user.deleted", {"id": user_id})
        tx.commit()


def create_group(services: Services, principal: Principal, group_id: str, name: str, repeat: Repeat = NO_REPEAT) -> Answer:
    """201 with the group. Conflict when the id is taken."""
    require_may(principal, "administer")
    group = Group(group_id, name, None, services.clock())
    return answered_once(services, principal, repeat, lambda: _create_group(services, principal, group, repeat))


def _create_group(services: Services, principal: Principal, group: Group, repeat: Repeat) -> Answer:
    now = group.created_at
    with services.store.begin() as tx:
        earlier = recall(tx, principal, repeat)
        if earlier is not None:
            return earlier
        if tx.group(group.id) is not None:
            raise Conflict(f"a group {group.id!r} exists already", "exists")
        tx.put_group(group)
        tx.append_service_event(now, principal.actor, "group.created", group_json(group))
        given = answer(201, group_json(group))
        remember(tx, principal, repeat, given, now)
        tx.commit()
    return given


def change_group(services: Services, principal: Principal, group_id: str, name: str) -> Answer:
    """200 with the group under its new name."""
    require_may(principal, "administer")
    with services.store.begin() as tx:
        group = tx.group(group_id)
        if group is None:
            raise NotFound("group", group_id)
        group = replace(group, name=name)
        tx.put_group(group)
        tx.append_service_event(services.clock(), principal.actor, "group.changed", group_json(group))
        tx.commit()
    return answer(200, group_json(group))


def delete_group(services: Services, principal: Principal, group_id: str) -> None:
    """The group is gone; Conflict while members or open tasks name it."""
    require_may(principal, "administer")
    with services.store.begin() as tx:
        uses = tx.uses_of_group(group_id)
        if uses:
            raise Conflict(f"{uses} member(s) and open task(s) name this group; change them first", "group-in-use")
        if not tx.delete_group(group_id):
            raise NotFound("group", group_id)
        tx.append_service_event(services.clock(), principal.actor, "group.deleted", {"id": group_id})
        tx.commit()


def create_api_key(
    services: Services, principal: Principal, name: str, scopes: Sequence[str], user_id: str | None, expires_at: int | None
) -> Answer:
    """201 with the key and, this once, its secret."""
    require_may(principal, "administer")
    _require_scopes(scopes)
    now = services.clock()
    secret = f"rk_{secrets.token_urlsafe(32)}"
    key = ApiKey(new_id(), name, secret_hash(secret), tuple(dict.fromkeys(scopes)), user_id, now, expires_at)
    with services.store.begin() as tx:
        if user_id is not None and tx.user(user_id) is None:
            raise Invalid("the key's user is not known", [FieldError("/userId", "unknown-person", f"no user {user_id!r}")])
        tx.put_api_key(key)
        tx.append_service_event(now, principal.actor, "api-key.created", api_key_json(key))
        tx.commit()
    return answer(201, api_key_json(key) | {"secret": secret})


def change_api_key(
    services: Services, principal: Principal, key_id: str, name: str | None, scopes: Sequence[str] | None, revoked: bool | None
) -> Answer:
    """200 with the key; what is None stays. `revoked` True ends it, False gives it back."""
    require_may(principal, "administer")
    if scopes is not None:
        _require_scopes(scopes)
    now = services.clock()
    with services.store.begin() as tx:
        key = _changeable(key_id, tx.api_key(key_id))
        key = replace(
            key,
            name=key.name if name is None else name,
            scopes=key.scopes if scopes is None else tuple(dict.fromkeys(scopes)),
            revoked_at=key.revoked_at if revoked is None else (now if revoked else None),
        )
        tx.put_api_key(key)
        tx.append_service_event(now, principal.actor, "api-key.changed", api_key_json(key))
        tx.commit()
    return answer(200, api_key_json(key))


def delete_api_key(services: Services, principal: Principal, key_id: str) -> None:
    """The key no longer opens anything."""
    require_may(principal, "administer")
    with services.store.begin() as tx:
        _changeable(key_id, tx.api_key(key_id))
        tx.delete_api_key(key_id)
        tx.append_service_event(services.clock(), principal.actor, "api-key.deleted", {"id": key_id})
        tx.commit()


def ensure_admin_key(services: Services, secret: str) -> None:
    """Make `secret` the administrator's key; an earlier one stops working. Nothing is written when it is the same."""
    try:
        _put_admin_key(services, secret)
    except Conflict:
        # Another process starting at this moment was first.
        _put_admin_key(services, secret)


def _put_admin_key(services: Services, secret: str) -> None:
    now = services.clock()
    with services.store.begin() as tx:
        key = tx.api_key(ADMIN_KEY_ID)
        if key is not None and key.secret_hash == secret_hash(secret):
            return
        made = ApiKey(ADMIN_KEY_ID, "admin", secret_hash(secret), SCOPES, None, now if key is None else key.created_at)
        tx.put_api_key(made)
        tx.append_service_event(now, "service", "api-key.created" if key is None else "api-key.changed", api_key_json(made))
        tx.commit()


def _changeable(key_id: str, key: ApiKey | None) -> ApiKey:
    if key is None:
        raise NotFound("API key", key_id)
    if key.id == ADMIN_KEY_ID:
        raise Conflict("the administrator's key is set by RONGJIU_ADMIN_KEY or the file admin-key, not here", "admin-key")
    return key


def _require_scopes(scopes: Sequence[str]) -> None:
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown:
        raise Invalid(
            "unknown scopes",
            [FieldError("/scopes", "unknown-scope", f"{scope!r} is none of {', '.join(SCOPES)}") for scope in unknown],
        )
