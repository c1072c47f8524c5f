"""Shapes of tasks."""

from typing import Any, Literal

from pydantic import Field

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
from service.api.schemas.recusals import RecusalFromTask

PAUSE: dict[str, Any] = {"from": EXAMPLE_TIME, "to": "2026-03-02T01:00:00.000Z", "by": "supplement"}

LIMIT: dict[str, Any] = {
    "key": "T_ACCEPT",
    "name": "受理",
    "status": "default",
    "unit": "workingDays",
    "amount": 5,
    "beganAt": EXAMPLE_TIME,
    "paused": [PAUSE],
    "stoppedMs": 86_400_000,
    "offsetMs": 0,
    "derived": False,
    "derivation": None,
    "repeating": False,
    "provisional": False,
}

TASK: dict[str, Any] = {
    "id": EXAMPLE_ID,
    "name": "受理审核",
    "taskDefinitionKey": "accept",
    "processInstanceId": EXAMPLE_ID,
    "definitionKey": "hubei_tolerance",
    "businessKey": "HB-2026-0001",
    "jurisdiction": "hubei",
    "state": "created",
    "suspended": False,
    "assignee": None,
    "candidateUsers": [],
    "candidateGroups": ["acceptance_office"],
    "createdAt": EXAMPLE_TIME,
    "dueDate": "2026-03-08T01:00:00.000Z",
    "dueBasis": "default",
    "dueLimit": LIMIT,
    "overdue": False,
    "followUpDate": None,
    "priority": 50,
    "formKey": "accept",
    "formKind": "form-js",
    "version": 1,
    "completedAt": None,
    "completedBy": None,
    "secretBallot": False,
    "signature": False,
}


class Pause(AnswerModel):
    """A time in which the limit stood still."""

    model_config = shown(PAUSE)

    from_: Timestamp = Field(alias="from")
    to: Timestamp
    by: str = Field(description="`suspension` of the instance, or the element whose step stopped the clock (stopsClockOf).")


class DueLimit(AnswerModel):
    """The time limit from which a due date comes, with all that it was counted by."""

    model_config = shown(LIMIT)

    key: str = Field(description="Its name in `deadlines` of jurisdiction.yaml (T_ACCEPT); `workingDays` for days that the diagram counts.")
    name: str | None
    status: Literal["law", "rule", "recommendation", "default", "diagram"] = Field(
        description="Where it comes from. law: fixed; default: no source gives it, it is this service's own and configurable [D]."
    )
    unit: Literal["workingDays", "days", "months", "duration"]
    amount: int | str = Field(description="How many; of a duration an ISO 8601 text.")
    began_at: Timestamp
    paused: list[Pause] = Field(description="When it stood still; the days in between do not count.")
    stopped_ms: int = Field(description="How long it stood still altogether, milliseconds.")
    offset_ms: int = Field(description="How much later than the end of the limit the due date is; negative: earlier.")
    derived: bool = Field(description="Worked out from this limit and others, or other data of the case; see `derivation`.")
    derivation: dict[str, AnyJson] | None = Field(
        description="How it was worked out, and is worked out again: expression, kind, evaluatedAt, the values and the limits that it saw."
    )
    repeating: bool = Field(description="Of a timer that repeats: it keeps its distance to the limit.")
    provisional: bool = Field(
        description="Working days of a year were counted without its holiday notice; it is counted again once the year is known."
    )


class Task(AnswerModel):
    """A task of a person."""

    model_config = shown(TASK)

    id: str
    name: str
    task_definition_key: str = Field(description="Id of the user task in the diagram.")
    process_instance_id: str
    definition_key: str
    business_key: str | None
    jurisdiction: str | None
    state: Literal["created", "completed", "cancelled"]
    suspended: bool = Field(description="Open, but its instance is suspended: it can be looked at, not worked on.")
    assignee: str | None = Field(description="The person who claimed it or to whom it was assigned.")
    candidate_users: list[str]
    candidate_groups: list[str]
    created_at: Timestamp
    due_date: Timestamp | None
    due_basis: str | None = Field(description="Where the due date comes from: law, rule, recommendation, default, diagram, variable.")
    due_limit: DueLimit | None = Field(description="The time limit it comes from; null when it comes from none.")
    overdue: bool
    follow_up_date: Timestamp | None
    priority: int
    form_key: str | None
    form_kind: Literal["form-js", "external"] | None = Field(
        description="form-js: a deployed form, which the server enforces. external: a key of another system (camunda:formKey)."
    )
    version: int = Field(description="Changes with every change of the task.")
    completed_at: Timestamp | None
    completed_by: str | None
    secret_ballot: bool = Field(
        description="One person's vote: that the person voted is recorded, what was chosen is kept apart. Nobody else can do it."
    )
    signature: bool = Field(description="Who completes it signs what is submitted, in his own name.")


class SingleTask(Task):
    """A task by itself, with what it is to the person who asks."""

    model_config = shown(TASK | {"recusalExempt": False, "recusal": None})

    recusal_exempt: bool = Field(description="Who is recused from the case may do this task all the same.")
    recusal: RecusalFromTask | None = Field(description="Why the caller's person may not have it; null = not recused, or no person.")


class TaskPage(AnswerModel):
    """One page of tasks."""

    model_config = shown({"items": [TASK], "nextCursor": None})

    items: list[Task]
    next_cursor: str | None


class TaskCount(AnswerModel):
    """How many tasks fit."""

    model_config = shown({"count": 17})

    count: int


class TaskStatistic(AnswerModel):
    """What waits under one value of the grouping."""

    model_config = shown({"jurisdiction": "hubei", "open": 12, "overdue": 3, "oldest": EXAMPLE_TIME})

    jurisdiction: str | None = Field(None, description="The value of the grouping stands under its name; null for tasks without one.")
    definition_key: str | None = None
    task_definition_key: str | None = None
    candidate_group: str | None = None
    assignee: str | None = None
    open: int
    overdue: int
    oldest: Timestamp | None = Field(description="When the oldest open task of the group was created.")


class TaskStatistics(AnswerModel):
    """Open and overdue tasks by group: what a supervisor asks."""

    model_config = shown(
        {"groupBy": "jurisdiction", "items": [{"jurisdiction": "hubei", "open": 12, "overdue": 3, "oldest": EXAMPLE_TIME}]}
    )

    group_by: str
    items: list[TaskStatistic]


class TaskForm(AnswerModel):
    """The form of a task and the values its fields start with."""

    model_config = shown(
        {
            "formKey": "accept",
            "version": 1,
            "schema": {"type": "default", "id": "accept", "components": [{"type": "textfield", "key": "acceptance.reason"}]},
            "data": {"subjectId": "P-001"},
        }
    )

    form_key: str
    version: int
    form_schema: dict[str, AnyJson] = Field(alias="schema", description="form-js JSON schema.")
    data: dict[str, AnyJson]


class Assignment(RequestModel):
    """Who shall do the task."""

    model_config = shown({"assignee": "li.si"})

    assignee: Name | None = Field(description="User id; null takes the task from its present assignee.")


class SigningPost(RequestModel):
    """As what the person signs."""

    model_config = shown({"post": "案件审理室主任"})

    post: Name | None = Field(None, description="The person's post (职务); one of the registered ones where the person is a subject.")


class Completion(RequestModel):
    """The data with which a task is completed."""

    model_config = shown({"variables": {"acceptance.decision": "ACCEPT"}})

    variables: Variables = Field(
        default_factory=dict,
        description="By form key (`acceptance.decision`) where a form is bound, else process variables by name. Lists are replaced whole.",
    )
    signature: SigningPost | None = Field(None, description="Only for a task with `signature` true, and only to give a post.")


class CompletedInstance(AnswerModel):
    """The instance after the step."""

    model_config = shown({"id": EXAMPLE_ID, "state": "active", "openTasks": [TASK], "openTaskCount": 1})

    id: str
    state: Literal["active", "suspended", "incident", "completed", "cancelled"]
    open_tasks: list[Task] = Field(description="Those opened by the step and the oldest others, at most 20; `GET /tasks` lists all.")
    open_task_count: int = Field(description="How many tasks wait in the instance.")


class CompletionAnswer(AnswerModel):
    """The completed task, and where its instance stands now."""

    model_config = shown(
        {
            "task": {**TASK, "state": "completed", "completedAt": EXAMPLE_TIME, "completedBy": "zhang.san"},
            "processInstance": {"id": EXAMPLE_ID, "state": "active", "openTasks": [TASK], "openTaskCount": 1},
        }
    )

    task: Task
    process_instance: CompletedInstance
