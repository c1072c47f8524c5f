"""Shapes of external tasks. The words are those of Camunda 7's REST API; variables are plain JSON."""

from typing import Annotated, Literal

from pydantic import Field

from service.api.schemas.model import (
    EXAMPLE_ID,
    EXAMPLE_TIME,
    AnswerModel,
    AnyJson,
    Count,
    Name,
    Names,
    RequestModel,
    Timestamp,
    Variables,
    shown,
)
from service.api.schemas.tasks import CompletedInstance

MAX_TASKS = 1_000
MAX_TOPICS = 100
MAX_DURATION = 30 * 24 * 3_600_000
"""Thirty days, in milliseconds."""

State = Literal["waiting", "locked", "incident"]

EXTERNAL_TASK = {
    "id": EXAMPLE_ID,
    "topicName": "notify",
    "elementId": "notify_subject",
    "processInstanceId": EXAMPLE_ID,
    "definitionId": "hubei_tolerance:1",
    "definitionKey": "hubei_tolerance",
    "version": 1,
    "businessKey": "HB-2026-0001",
    "jurisdiction": "hubei",
    "state": "locked",
    "suspended": False,
    "priority": 0,
    "createdAt": EXAMPLE_TIME,
    "availableAt": EXAMPLE_TIME,
    "workerId": "notifier-1",
    "lockExpiresAt": EXAMPLE_TIME,
    "retries": None,
    "errorMessage": None,
    "errorDetails": None,
}
SUMMARY = {"id": EXAMPLE_ID, "state": "active", "openTasks": []}

Milliseconds = Annotated[Count, Field(ge=0, le=MAX_DURATION)]
Duration = Annotated[Count, Field(ge=1, le=MAX_DURATION)]
Message = Annotated[str, Field(max_length=4_000, pattern=r"^[^\x00]*$")]
Details = Annotated[str, Field(max_length=100_000, pattern=r"^[^\x00]*$")]
Retries = Annotated[Count, Field(ge=0, le=1_000_000)]


class ExternalTask(AnswerModel):
    """Work that waits for a worker outside."""

    model_config = shown(EXTERNAL_TASK)

    id: str
    topic_name: str
    element_id: str = Field(description="Id of the task or event in the diagram.")
    process_instance_id: str
    definition_id: str
    definition_key: str
    version: int = Field(description="Version of the process definition.")
    business_key: str | None
    jurisdiction: str | None
    state: State = Field(description="`waiting` for a worker (or for `availableAt`), `locked` by one, or held back by an open `incident`.")
    suspended: bool = Field(description="Its instance is suspended; it is not handed out.")
    priority: int
    created_at: Timestamp
    available_at: Timestamp = Field(description="From when it may be fetched: the end of the lock, or of the wait after a failure.")
    worker_id: str | None = Field(description="Who locked it last.")
    lock_expires_at: Timestamp | None
    retries: int | None = Field(description="How often it may still be tried; null as long as nobody has said so.")
    error_message: str | None
    error_details: str | None


class ExternalTaskPage(AnswerModel):
    """One page of external tasks."""

    model_config = shown({"items": [EXTERNAL_TASK], "nextCursor": None})

    items: list[ExternalTask]
    next_cursor: str | None


class Topic(RequestModel):
    """A topic, and for how long its tasks are locked."""

    model_config = shown({"topicName": "notify", "lockDuration": 60_000, "variables": ["subjectId"]})

    topic_name: Name
    lock_duration: Duration = Field(description="Milliseconds.")
    variables: Names | None = Field(None, description="Names of the variables to give with the task; all in sight when not given.")
    business_key: Name | None = Field(None, description="Only tasks of cases with this business key.")
    definition_key: Name | None = None
    definition_id: Name | None = None
    process_instance_id: Name | None = None


class FetchRequest(RequestModel):
    """Which tasks a worker wants."""

    model_config = shown(
        {"workerId": "notifier-1", "maxTasks": 10, "topics": [{"topicName": "notify", "lockDuration": 60_000}], "usePriority": True}
    )

    worker_id: Name
    max_tasks: Annotated[Count, Field(ge=1, le=MAX_TASKS)]
    topics: Annotated[list[Topic], Field(min_length=1, max_length=MAX_TOPICS)]
    use_priority: bool = Field(False, description="The most urgent first; else those that have been available longest.")


class LockedTask(ExternalTask):
    """A task that is now locked for the worker."""

    model_config = shown({**EXTERNAL_TASK, "variables": {"subjectId": "P-001"}})

    variables: dict[str, AnyJson] = Field(description="The variables seen from the task, numbers with all their digits.")


class LockedTasks(AnswerModel):
    """The tasks fetched; none when nothing is to be done."""

    model_config = shown({"items": [{**EXTERNAL_TASK, "variables": {"subjectId": "P-001"}}]})

    items: list[LockedTask]


class ExternalCompletion(RequestModel):
    """What the worker found out."""

    model_config = shown({"workerId": "notifier-1", "variables": {"notifiedAt": EXAMPLE_TIME}})

    worker_id: Name
    variables: Variables = Field(default_factory=dict, description="Process variables by name; lists and objects are replaced whole.")
    local_variables: Variables = Field(
        default_factory=dict, description="Seen only by what the diagram says about this task: output mapping and error events."
    )


class Failure(RequestModel):
    """Why the worker could not do it."""

    model_config = shown(
        {"workerId": "notifier-1", "errorMessage": "mail server not reachable", "retries": 2, "retryTimeout": 60_000},
    )

    worker_id: Name
    error_message: Message | None = None
    error_details: Details | None = None
    retries: Retries | None = Field(
        None, description="How often it may be tried again; 0 opens an incident. Not given: once less than before (at first the setting)."
    )
    retry_timeout: Milliseconds = Field(0, description="Milliseconds until it may be fetched again.")


class BpmnError(RequestModel):
    """A business error that the diagram knows."""

    model_config = shown({"workerId": "notifier-1", "errorCode": "SUBJECT_UNKNOWN", "errorMessage": "no such person"})

    worker_id: Name
    error_code: Name
    error_message: Message | None = None
    variables: Variables = Field(default_factory=dict, description="Set where the error is caught.")


class LockExtension(RequestModel):
    """How long the worker still needs."""

    model_config = shown({"workerId": "notifier-1", "newDuration": 60_000})

    worker_id: Name
    new_duration: Duration = Field(description="Milliseconds from now.")


class Unlocking(RequestModel):
    """Whose lock is given back."""

    model_config = shown({"workerId": "notifier-1"})

    worker_id: Name | None = Field(None, description="Not given: whoever's lock it is; that takes the scope `work`.")


class RetriesRequest(RequestModel):
    """How often the task may be tried from now on."""

    model_config = shown({"retries": 3})

    retries: Annotated[Count, Field(ge=1, le=1_000_000)]


class WorkAnswer(AnswerModel):
    """Where the instance stands after the step."""

    model_config = shown({"processInstance": SUMMARY})

    process_instance: CompletedInstance
