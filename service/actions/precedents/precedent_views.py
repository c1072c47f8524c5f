"""A precedent as the API shows it."""

import hashlib
from collections.abc import Mapping

from service.actions.presentation import optional_timestamp, timestamp
from service.domain.json_values import Json, canonical_json
from service.domain.precedent import FORCE, Precedent


def precedent_json(one: Precedent) -> dict[str, Json]:
    """The API's precedent; the list shows the same."""
    return {
        "id": one.id,
        "version": one.version,
        "title": one.title,
        "force": FORCE,
        "jurisdiction": one.jurisdiction,
        "place": one.place,
        "published": one.published,
        "sources": [source.as_json() for source in one.sources],
        "situation": one.situation,
        "rules": list(one.rules),
        "facts": dict(one.facts),
        "assumedFacts": dict(one.assumed_facts),
        "outcome": one.outcome,
        "outcomeText": one.outcome_text,
        "exemptKind": one.exempt_kind,
        "scope": one.scope,
        "anonymised": one.anonymised,
        "text": one.text,
        "note": one.note,
        "withdrawn": one.withdrawn,
        "withdrawnAt": optional_timestamp(one.withdrawn_at),
        "withdrawnBy": one.withdrawn_by,
        "origin": one.origin,
        "processInstanceId": one.process_instance_id,
        "originInstanceId": one.origin_instance_id,
        "recordedAt": timestamp(one.recorded_at),
        "recordedBy": one.recorded_by,
    }


FIRST = 1
DIGESTED: Mapping[int, tuple[str, ...]] = {
    FIRST: (
        "id",
        "version",
        "title",
        "force",
        "jurisdiction",
        "place",
        "published",
        "sources",
        "situation",
        "rules",
        "facts",
        "assumedFacts",
        "outcome",
        "outcomeText",
        "exemptKind",
        "scope",
        "anonymised",
        "text",
        "note",
        "withdrawn",
        "withdrawnAt",
        "withdrawnBy",
        "origin",
        "processInstanceId",
        "originInstanceId",
        "recordedAt",
        "recordedBy",
    ),
}
"""What a digest is made of, by its number, which the event tells as `of` (none: the first). A list is never changed once events have it:
what comes to be told of precedents later begins a new one.
"""
DIGEST_OF = max(DIGESTED)
"""The number of the list by which digests are made now."""


def precedent_digest(one: Precedent, of: int = DIGEST_OF) -> str:
    """SHA-256 (hex) of the canonical JSON of those members of the API's precedent, as audit events keep it."""
    told = precedent_json(one)
    return hashlib.sha256(canonical_json({member: told[member] for member in DIGESTED[of]}).encode()).hexdigest()


def told_digest(one: Precedent) -> dict[str, Json]:
    """The digest with what it is of, as an audit event about the precedent tells it."""
    return {"digest": precedent_digest(one), "of": DIGEST_OF}


def told_precedent(one: Precedent) -> dict[str, Json]:
    """What an audit event says of a precedent that was recorded."""
    return {"id": one.id, "title": one.title, "outcome": one.outcome, "scope": one.scope, **told_digest(one)}
