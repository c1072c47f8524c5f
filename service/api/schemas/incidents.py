"""Shapes of incidents."""

from typing import Annotated

from pydantic import Field

from service.api.schemas.model import EXAMPLE_ID, EXAMPLE_TIME, AnswerModel, Count, RequestModel, Timestamp, Variables, shown
from service.api.schemas.process_instances import INSTANCE, ProcessInstance

INCIDENT = {
    "id": EXAMPLE_ID,
    "processInstanceId": EXAMPLE_ID,
    "elementId": "Gateway_1",
    "kind": "expression",
    "message": "the condition is neither true nor false",
    "createdAt": EXAMPLE_TIME,
    "resolvedAt": None,
}


class Incident(AnswerModel):
    """A step that failed; the state before it is kept."""

    model_config = shown(INCIDENT)

    id: str
    process_instance_id: str
    element_id: str | None
    kind: str = Field(description="expression, decision, mapping, external-task, error-event, budget, data, definition or internal.")
    message: str
    created_at: Timestamp
    resolved_at: Timestamp | None


class IncidentPage(AnswerModel):
    """One page of incidents."""

    model_config = shown({"items": [INCIDENT], "nextCursor": None})

    items: list[Incident]
    next_cursor: str | None


class Retry(RequestModel):
    """Variables to set before the step is done again."""

    model_config = shown({"variables": {"facts": {"motive": "PUBLIC_INTEREST"}}})

    variables: Variables = Field(default_factory=dict)
    retries: Annotated[Count, Field(ge=1, le=1_000_000)] | None = Field(
        None,
        description="How often an external task may be tried again; only for its incident. Not given: as often as the service's setting.",
    )


class Resolution(RequestModel):
    """Variables to set, and why what failed is not done again."""

    model_config = shown({"variables": {"facts": {"motive": "PUBLIC_INTEREST"}}, "reason": "事实有误，由承办人重新办理"})

    variables: Variables = Field(default_factory=dict)
    reason: str = Field(min_length=1, max_length=2_000, pattern=r"\S", description="Recorded in the history.")


class RetryAnswer(AnswerModel):
    """The resolved incident and its instance."""

    model_config = shown({"incident": {**INCIDENT, "resolvedAt": EXAMPLE_TIME}, "processInstance": INSTANCE})

    incident: Incident
    process_instance: ProcessInstance
