"""Answers that can be given again, byte for byte, when a request is repeated."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from service.actions.ports import Services, StoredAnswer, Transaction
from service.domain.errors import Conflict
from service.domain.json_values import Json, canonical_json
from service.domain.principal import Principal

KEEP_ANSWERS_MS = 30 * 24 * 3_600_000
"""How long a stored answer is kept: 30 days."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the door sends: an HTTP status and the JSON text of the body."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """How a repeated request is known: the caller's Idempotency-Key (None: none given) and the fingerprint of the whole request."""

    key: str | None
    fingerprint: str


NO_REPEAT = Repeat(None, "")


def answer(status: int, body: Mapping[str, Json]) -> Answer:
    """An answer with this JSON object as its body."""
    return Answer(status, canonical_json(body))


def fingerprint(*parts: Json) -> str:
    """SHA-256 (hex) over the canonical JSON of the parts."""
    return hashlib.sha256(canonical_json(list(parts)).encode()).hexdigest()


def recall(tx: Transaction, principal: Principal, repeat: Repeat) -> Answer | None:
    """The answer this caller got before under this key; Conflict("idempotency-key-reused") when that request was another one."""
    if repeat.key is None:
        return None
    stored = tx.recall_answer(f"{principal.key_id}:{repeat.key}")
    if stored is None:
        return None
    if stored.fingerprint != repeat.fingerprint:
        raise Conflict("this Idempotency-Key was used before for another request", "idempotency-key-reused")
    return Answer(stored.status, stored.body)


def remember(tx: Transaction, principal: Principal, repeat: Repeat, given: Answer, now: int) -> None:
    """Keep the answer in the same transaction as what it tells of."""
    if repeat.key is not None:
        tx.remember_answer(StoredAnswer(f"{principal.key_id}:{repeat.key}", repeat.fingerprint, given.status, given.body, now))


def answered_once(services: Services, principal: Principal, repeat: Repeat, attempt: Callable[[], Answer]) -> Answer:
    """Run `attempt`; when it meets a conflict because the same request was faster, give that one's answer."""
    try:
        return attempt()
    except Conflict:
        given = given_before(services, principal, repeat)
        if given is None:
            raise
        return given


def given_before(services: Services, principal: Principal, repeat: Repeat) -> Answer | None:
    """As recall, in a transaction of its own."""
    if repeat.key is None:
        return None
    with services.store.begin() as tx:
        return recall(tx, principal, repeat)
