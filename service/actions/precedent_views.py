"""A precedent as the API shows it."""

from service.actions.presentation import timestamp
from service.domain.json_values import Json
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
        "origin": one.origin,
        "processInstanceId": one.process_instance_id,
        "originInstanceId": one.origin_instance_id,
        "recordedAt": timestamp(one.recorded_at),
        "recordedBy": one.recorded_by,
    }
