"""Shapes of process instances, their activities, and of messages."""

from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from service.api.schemas.model import (
    EXAMPLE_ID,
    EXAMPLE_TIME,
    AnswerModel,
    AnyJson,
    Name,
    RequestModel,
    Timestamp,
    Variables,
    shown,
)
from service.api.schemas.tasks import TASK, Task

State = Literal["active", "suspended", "incident", "completed", "cancelled"]

INSTANCE = {
    "id": EXAMPLE_ID,
    "definitionId": "hubei_tolerance:1",
    "definitionKey": "hubei_tolerance",
    "version": 1,
    "businessKey": "HB-2026-0001",
    "jurisdiction": "hubei",
    "state": "active",
    "startedAt": EXAMPLE_TIME,
    "startedBy": "zhang.san",
    "endedAt": None,
    "endReason": None,
    "openTasks": [TASK],
}
VARIABLES = {"subjectId": "P-001", "matterId": "M-2026-01", "facts": {"nature": "EXPLORATORY_ERROR"}}

OF_PLACE = "The place of the new case, for a procedure that places share (of the folder `common`); otherwise the procedure's own."


class StartRequest(RequestModel):
    """Start a process; exactly one of `definitionKey` (its latest version) and `definitionId`."""

    model_config = shown({"definitionKey": "hubei_tolerance", "businessKey": "HB-2026-0001", "variables": VARIABLES})

    definition_key: Name | None = None
    definition_id: Name | None = None
    start_element_id: Name | None = Field(None, description="Needed where the process has several starts.")
    business_key: Name | None = None
    variables: Variables = Field(default_factory=dict)
    jurisdiction: Name | None = Field(None, description=OF_PLACE)

    @model_validator(mode="after")
    def _one_definition(self) -> "StartRequest":
        if (self.definition_key is None) == (self.definition_id is None):
            raise PydanticCustomError("definition", "exactly one of definitionKey and definitionId is required")
        return self


class MessageRequest(RequestModel):
    """A message: to an instance that waits for it (named by id, business key or correlation keys), or to the process it starts."""

    model_config = shown({"name": "hubei_application", "businessKey": "HB-2026-0001", "variables": VARIABLES})

    name: Name = Field(description="Name of the message in the diagram.")
    business_key: Name | None = None
    process_instance_id: Name | None = None
    correlation_keys: Variables | None = Field(None, description="Process variables which the waiting instance has with these values.")
    variables: Variables = Field(default_factory=dict)
    jurisdiction: Name | None = Field(
        None, description=OF_PLACE + " Where processes of several places start with the message, that of this place."
    )


class Cancellation(RequestModel):
    """Why the instance is ended early."""

    model_config = shown({"reason": "重复申请，并入 HB-2026-0001"})

    reason: str = Field(min_length=1, max_length=2_000, pattern=r"\S", description="Recorded in the history.")


class ProcessInstanceRow(AnswerModel):
    """A case that runs or has ended, as lists show it (its open tasks: `GET /tasks?processInstanceId=`)."""

    model_config = shown({name: value for name, value in INSTANCE.items() if name != "openTasks"})

    id: str
    definition_id: str
    definition_key: str
    version: int = Field(description="Version of the process definition.")
    business_key: str | None
    jurisdiction: str | None
    state: State
    started_at: Timestamp
    started_by: str
    ended_at: Timestamp | None
    end_reason: str | None


class ProcessInstance(ProcessInstanceRow):
    """A case that runs or has ended, with the tasks that wait in it."""

    model_config = shown(INSTANCE)

    open_tasks: list[Task]
    joined: bool | None = Field(
        None, description="On a start or message: true when it was delivered to the open case with the same correlation keys."
    )


class ProcessInstancePage(AnswerModel):
    """One page of process instances."""

    model_config = shown({"items": [], "nextCursor": None})

    items: list[ProcessInstanceRow]
    next_cursor: str | None


class Activity(AnswerModel):
    """One element of the diagram that was entered."""

    model_config = shown(
        {
            "id": EXAMPLE_ID,
            "elementId": "accept",
            "name": "受理审核",
            "type": "userTask",
            "state": "completed",
            "startedAt": EXAMPLE_TIME,
            "endedAt": EXAMPLE_TIME,
            "actor": "zhang.san",
        }
    )

    id: str = Field(description="Id of the visit; of a user task that of the task, of a called process's element too.")
    element_id: str
    name: str | None
    type: str
    state: Literal["active", "completed", "cancelled"]
    started_at: Timestamp
    ended_at: Timestamp | None
    actor: str | None


class ActivityPage(AnswerModel):
    """The way of the case so far, in order."""

    model_config = shown({"items": [], "nextCursor": None})

    items: list[Activity]
    next_cursor: str | None


VariablesAnswer = dict[str, AnyJson]
"""The variables of an instance by name."""
