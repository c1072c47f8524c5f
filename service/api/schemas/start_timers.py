"""Shapes of starts by the clock."""

from pydantic import Field

from service.api.schemas.model import EXAMPLE_ID, EXAMPLE_TIME, AnswerModel, Timestamp, shown

START_TIMER = {
    "id": EXAMPLE_ID,
    "definitionId": "hubei_review:1",
    "definitionKey": "hubei_review",
    "elementId": "every_month",
    "dueAt": EXAMPLE_TIME,
    "attempts": 0,
    "nextAttemptAt": EXAMPLE_TIME,
    "problem": None,
}


class StartTimer(AnswerModel):
    """When the clock next starts a process."""

    model_config = shown(START_TIMER)

    id: str
    definition_id: str
    definition_key: str
    element_id: str
    due_at: Timestamp = Field(description="The moment of the start by the diagram.")
    attempts: int = Field(description="How often that start failed.")
    next_attempt_at: Timestamp = Field(description="When a worker makes the start: `dueAt`, or later when it failed.")
    problem: str | None = Field(description="Why the last attempt failed.")


class StartTimerPage(AnswerModel):
    """One page of starts by the clock."""

    model_config = shown({"items": [START_TIMER], "nextCursor": None})

    items: list[StartTimer]
    next_cursor: str | None


class StartTimerRetry(AnswerModel):
    """The start timer and the moment of its next attempt."""

    model_config = shown({"id": EXAMPLE_ID, "nextAttemptAt": EXAMPLE_TIME})

    id: str
    next_attempt_at: Timestamp
