"""Shapes of timers of cases."""

from typing import Any, Literal

from pydantic import Field

from service.api.schemas.model import EXAMPLE_ID, EXAMPLE_TIME, AnswerModel, Timestamp, shown
from service.api.schemas.tasks import LIMIT, DueLimit

TIMER: dict[str, Any] = {
    "id": EXAMPLE_ID,
    "processInstanceId": EXAMPLE_ID,
    "definitionId": "hubei_tolerance:1",
    "definitionKey": "hubei_tolerance",
    "businessKey": "HB-2026-0001",
    "elementId": "Timer_accept_due",
    "state": "postponed",
    "dueAt": EXAMPLE_TIME,
    "dueLimit": LIMIT,
    "attempts": 2,
    "nextAttemptAt": EXAMPLE_TIME,
    "problem": "the state of the instance cannot be written",
}


class Timer(AnswerModel):
    """What a case waits for by the clock."""

    model_config = shown(TIMER)

    id: str
    process_instance_id: str
    definition_id: str
    definition_key: str
    business_key: str | None
    element_id: str = Field(description="The timer event; in a called process an element of that.")
    state: Literal["waiting", "postponed", "incident", "suspended"] = Field(
        description="incident: its step failed, and fires when the incident is retried; suspended: its case is; postponed: tried again."
    )
    due_at: Timestamp
    due_limit: DueLimit | None = Field(description="The time limit it comes from; null when it comes from none.")
    attempts: int = Field(description="How often it could not be fired.")
    next_attempt_at: Timestamp = Field(description="When a worker fires it: `dueAt`, or later when it is postponed.")
    problem: str | None = Field(description="Why it is postponed: what the last attempt met.")


class TimerPage(AnswerModel):
    """One page of timers."""

    model_config = shown({"items": [TIMER], "nextCursor": None})

    items: list[Timer]
    next_cursor: str | None


class TimerRetry(AnswerModel):
    """The timer and the moment of its next attempt."""

    model_config = shown({"id": EXAMPLE_ID, "nextAttemptAt": EXAMPLE_TIME})

    id: str
    next_attempt_at: Timestamp
