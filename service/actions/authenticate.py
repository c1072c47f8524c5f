"""From an API key and On-Behalf-Of to a principal."""

import hashlib

from service.actions.ports import Services
from service.domain.errors import Forbidden, Unauthenticated
from service.domain.principal import SCOPE_ACT_AS, Principal


def secret_hash(secret: str) -> str:
    """SHA-256 of a key's secret, the only thing stored of it: the secret has 256 random bits, so no salt or stretching is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def authenticate(services: Services, secret: str | None, on_behalf_of: str | None) -> Principal:
    """The caller; Unauthenticated for no, unknown, expired or revoked key, Forbidden for a person it may not speak for."""
    if not secret:
        raise Unauthenticated("an API key is needed: Authorization: Bearer <api key>")
    now = services.clock()
    with services.store.read(snapshot=False) as questions:
        key = questions.key_by_hash(secret_hash(secret))
        if key is None or key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
            raise Unauthenticated("the API key is unknown, revoked or expired")
        caller = Principal(key.id, key.name, frozenset(key.scopes))
        person_id = key.user_id
        if on_behalf_of is not None and on_behalf_of != key.user_id:
            caller.require(SCOPE_ACT_AS)
            person_id = on_behalf_of
        if person_id is None:
            return caller
        person = questions.person(person_id)
    if person is None:
        raise Forbidden(f"no user {person_id!r} is known", "unknown-person")
    return Principal(key.id, key.name, frozenset(key.scopes), person.id, frozenset(person.groups), key.user_id)
