"""Shapes of signals and messages on their way."""

from typing import Annotated, Literal

from pydantic import Field

from service.api.schemas.model import EXAMPLE_ID, EXAMPLE_TIME, AnswerModel, RequestModel, Timestamp, shown

PENDING_EVENT = {
    "eventId": EXAMPLE_ID,
    "kind": "signal",
    "name": "policy_changed",
    "thrownAt": EXAMPLE_TIME,
    "thrownBy": "key:oa",
    "sourceProcessInstanceId": None,
    "sourceElementId": None,
    "target": EXAMPLE_ID,
    "targetKind": "continue",
    "processInstanceId": EXAMPLE_ID,
    "definitionId": "hubei_review:1",
    "definitionKey": "hubei_review",
    "suspended": False,
    "attempts": 3,
    "nextAttemptAt": EXAMPLE_TIME,
    "problem": "the process instance is suspended",
}

Target = Annotated[str, Field(min_length=1, max_length=600, pattern=r"^[^\x00]*$")]
"""Who is meant, as the list says."""


class PendingEvent(AnswerModel):
    """A signal or message and one of those it is still to be brought to."""

    model_config = shown(PENDING_EVENT)

    event_id: str
    kind: Literal["signal", "message"]
    name: str
    thrown_at: Timestamp
    thrown_by: str = Field(description="Who is named as the doer where it arrives.")
    source_process_instance_id: str | None = Field(description="The instance that threw it; null for one from outside.")
    source_element_id: str | None
    target: str = Field(description="Which of those it is meant for; unique within the event.")
    target_kind: Literal["continue", "start", "correlate"] = Field(
        description="continue: an instance that waits; start: a process; correlate: the one receiver of a message, yet to be found."
    )
    process_instance_id: str | None = Field(description="The instance it is meant for, when that waits already.")
    definition_id: str | None = Field(description="The process that it continues or starts; null before the receiver is found.")
    definition_key: str | None
    suspended: bool = Field(description="The instance it is meant for is suspended, and hears it when it is resumed.")
    attempts: int = Field(description="How often that failed since it was thrown or last retried.")
    next_attempt_at: Timestamp = Field(description="When a worker sees to it.")
    problem: str | None = Field(description="Why the last attempt failed.")


class PendingEventPage(AnswerModel):
    """One page of events on their way."""

    model_config = shown({"items": [PENDING_EVENT], "nextCursor": None})

    items: list[PendingEvent]
    next_cursor: str | None


class EventRetry(RequestModel):
    """Which deliveries of the event to try."""

    model_config = shown({"target": EXAMPLE_ID})

    target: Target | None = Field(None, description="Only this one; all that are left when not given.")


class EventDrop(RequestModel):
    """Who is not told any more, and why."""

    model_config = shown({"target": EXAMPLE_ID, "reason": "收件案件已另案处理"})

    target: Target
    reason: str = Field(min_length=1, max_length=2_000, pattern=r"\S", description="Recorded in the audit trail of the service.")


class EventAnswer(AnswerModel):
    """The event and how many of its deliveries that was."""

    model_config = shown({"eventId": EXAMPLE_ID, "deliveries": 1})

    event_id: str
    deliveries: int
