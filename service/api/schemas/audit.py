"""Shapes of the audit trail."""

from pydantic import Field

from service.api.schemas.model import EXAMPLE_ID, EXAMPLE_TIME, AnswerModel, AnyJson, Timestamp, shown

EVENT = {
    "stream": EXAMPLE_ID,
    "processInstanceId": EXAMPLE_ID,
    "seq": 2,
    "at": EXAMPLE_TIME,
    "actor": "zhang.san",
    "kind": "task.completed",
    "payload": {"taskDefinitionKey": "accept"},
    "previousHash": "0" * 64,
    "hash": "1" * 64,
}


class AuditEvent(AnswerModel):
    """One entry of the hash chain of a stream (a process instance, or “service”)."""

    model_config = shown(EVENT)

    stream: str
    process_instance_id: str | None
    seq: int
    at: Timestamp
    actor: str
    kind: str
    payload: dict[str, AnyJson]
    previous_hash: str = Field(pattern="^[0-9a-f]{64}$")
    hash: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 over the event and the hash before it.")


class AuditPage(AnswerModel):
    """One page of audit events."""

    model_config = shown({"items": [EVENT], "nextCursor": None})

    items: list[AuditEvent]
    next_cursor: str | None


class BrokenEvent(AnswerModel):
    """The first place where a stream does not hold."""

    model_config = shown({"stream": EXAMPLE_ID, "seq": 7, "reason": "altered"})

    stream: str
    seq: int
    reason: str = Field(description="altered, missing, truncated or head-mismatch.")


class Verification(AnswerModel):
    """Result of recomputing the chains."""

    model_config = shown({"ok": True, "events": 1042, "firstBroken": None})

    ok: bool
    events: int = Field(description="How many events were recomputed.")
    first_broken: BrokenEvent | None
