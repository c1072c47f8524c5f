"""The audit chain: every event carries the hash of the one before it, so that a change or a gap shows.

hash = SHA-256 over the canonical JSON of [1, stream, seq, at, actor, kind, payload, previous hash]. A stream is one process
instance, or "service" for what belongs to none (deployments, users, keys). The stream's head is kept beside the instance, so
that cutting off the last events shows as well.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.domain.json_values import Json, canonical_json

SERVICE_STREAM = "service"
GENESIS = "0" * 64
FORMAT = 1


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One entry. `at` is epoch milliseconds; `payload` a JSON object; `hash` and `previous` 64 hex digits."""

    stream: str
    seq: int
    at: int
    actor: str
    kind: str
    payload: Mapping[str, Json]
    previous: str
    hash: str


def event_hash(stream: str, seq: int, at: int, actor: str, kind: str, payload: Mapping[str, Json], previous: str) -> str:
    """The hash an event with these contents must have."""
    text = canonical_json([FORMAT, stream, seq, at, actor, kind, dict(payload), previous])
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(slots=True)
class AuditChain:
    """The end of one stream, on which new events are put. `seq` is the number of events so far."""

    stream: str
    seq: int = 0
    head: str = GENESIS

    def append(self, at: int, actor: str, kind: str, payload: Mapping[str, Json]) -> AuditEvent:
        """Make the next event and move the end of the chain to it."""
        seq = self.seq + 1
        digest = event_hash(self.stream, seq, at, actor, kind, payload, self.head)
        event = AuditEvent(self.stream, seq, at, actor, kind, payload, self.head, digest)
        self.seq, self.head = seq, digest
        return event


@dataclass(frozen=True, slots=True)
class BrokenEvent:
    """The first place where a stream does not hold. `reason`: altered, missing, truncated or head-mismatch."""

    stream: str
    seq: int
    reason: str


def verify_stream(stream: str, events: Iterable[AuditEvent], seq: int, head: str) -> BrokenEvent | None:
    """Recompute one stream, given in order, against its recorded length `seq` and `head`; None when it holds."""
    expected, previous = 1, GENESIS
    for event in events:
        if event.seq != expected:
            return BrokenEvent(stream, expected, "missing")
        recomputed = event_hash(stream, event.seq, event.at, event.actor, event.kind, event.payload, previous)
        if event.previous != previous or event.hash != recomputed:
            return BrokenEvent(stream, event.seq, "altered")
        previous, expected = event.hash, expected + 1
    if expected - 1 < seq:
        return BrokenEvent(stream, expected, "truncated")
    if expected - 1 != seq or previous != head:
        return BrokenEvent(stream, expected - 1, "head-mismatch")
    return None
