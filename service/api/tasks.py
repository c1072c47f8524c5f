"""/tasks: what waits for a person, and working on it."""

from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import Field

from service.actions import views
from service.actions.recusals import recusal_views
from service.actions.tasks import assign_task, claim_task, complete_task, release_task
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, NEEDS_BODY, STEPS, PathId, noun_router, told
from service.api.paging import Filters, Flag, ListQuery, Moment, Text, page_json, sort_parameter
from service.api.principal import Caller, GivenServices, Repeated
from service.api.schemas.tasks import (
    Assignment,
    Completion,
    CompletionAnswer,
    SingleTask,
    Task,
    TaskCount,
    TaskForm,
    TaskPage,
    TaskStatistics,
)
from service.api.variable_filters import VariableConditions

router = noun_router("tasks")

GroupBy = Literal["jurisdiction", "definitionKey", "taskDefinitionKey", "candidateGroup", "assignee"]


class TaskFilters(Filters):
    """Filters of tasks; all that are given must hold."""

    assignee: Text | None = Field(None, description="Claimed by or assigned to this person.")
    candidate_user: Text | None = Field(None, description="Offered to this person, by name or through one of the person's groups.")
    candidate_group: Text | None = Field(None, description="Offered to this group.")
    unassigned: Flag | None = Field(None, description="true: nobody has claimed it; false: somebody has.")
    completed_by: Text | None = Field(None, description="Completed by this person.")
    definition_key: Text | None = None
    task_definition_key: Text | None = None
    jurisdiction: Text | None = Field(None, description="This jurisdiction and all below it.")
    business_key: Text | None = None
    process_instance_id: Text | None = None
    variables: VariableConditions | None = Field(None, description="Conditions on process variables: `name_operator_value,…`.")
    due_before: Moment | None = None
    due_after: Moment | None = None
    overdue: Flag | None = Field(None, description="true: open and past its due date.")
    suspended: Flag | None = Field(None, description="true: of a suspended instance; false: of any other.")
    created_before: Moment | None = None
    created_after: Moment | None = None
    state: Literal["created", "completed", "cancelled"] | None = Field(
        None, description="`created` (open) when neither this nor `completedBy` is given."
    )

    def filters(self) -> dict[str, object]:
        """The filters given; open tasks are meant unless the question is about others."""
        given = super().filters()
        if "state" not in given and "completedBy" not in given:
            given["state"] = "created"
        return given


class TaskList(ListQuery, TaskFilters):
    """A page of tasks in the order wished for."""

    sort: sort_parameter("dueDate", "createdAt", "priority", "name") | None = Field(  # type: ignore[valid-type]
        None, description="`dueDate,-createdAt`: “-” = descending; oldest first when not given; tasks without a due date come last."
    )


class StatisticsQuery(TaskFilters):
    """What to group by."""

    group_by: GroupBy = Field(description="One row per value of this.")


@router.get("", operation_id="listTasks", summary="List tasks", response_model=TaskPage)
def list_tasks(services: GivenServices, principal: Caller, query: Annotated[TaskList, Query()]) -> Response:
    """Tasks that fit all the filters, one page at a time."""
    page = views.page(services, principal, "tasks", query.filters(), query.sort or [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.get("/count", operation_id="countTasks", summary="Count tasks", response_model=TaskCount)
def count_tasks(services: GivenServices, principal: Caller, query: Annotated[TaskFilters, Query()]) -> Response:
    """How many tasks fit all the filters."""
    return ExactResponse({"count": views.count_tasks(services, principal, query.filters())})


@router.get("/statistics", operation_id="taskStatistics", summary="Count open and overdue tasks by group", response_model=TaskStatistics)
def task_statistics(services: GivenServices, principal: Caller, query: Annotated[StatisticsQuery, Query()]) -> Response:
    """What is pending: per jurisdiction, process, step, candidate group or assignee the open and overdue tasks and the oldest one."""
    rows = views.task_statistics(services, principal, query.group_by, query.filters())
    return ExactResponse({"groupBy": query.group_by, "items": [dict(row) for row in rows]})


@router.get("/{id}", operation_id="getTask", summary="Get a task", response_model=SingleTask, responses=FINDS)
def get_task(services: GivenServices, principal: Caller, task_id: PathId) -> Response:
    """One task, whatever its state, and whether the person asking is recused from it."""
    return ExactResponse(dict(recusal_views.task_for(services, principal, task_id)))


@router.get("/{id}/form", operation_id="getTaskForm", summary="Get the form of a task", response_model=TaskForm, responses=FINDS)
def get_task_form(services: GivenServices, principal: Caller, task_id: PathId) -> Response:
    """The form-js schema bound to the task and the values its fields start with; 404 when no form is bound."""
    return ExactResponse(views.task_form(services, principal, task_id))


@router.post("/{id}/claim", operation_id="claimTask", summary="Claim a task", response_model=Task, responses=FINDS | CHANGES)
def claim(services: GivenServices, principal: Caller, repeat: Repeated, task_id: PathId) -> Response:
    """The person takes the task; 409 when somebody else has it, 403 for no candidate."""
    return told(claim_task.claim_task(services, principal, task_id, repeat))


@router.post("/{id}/release", operation_id="releaseTask", summary="Release a task", response_model=Task, responses=FINDS | CHANGES)
def release(services: GivenServices, principal: Caller, repeat: Repeated, task_id: PathId) -> Response:
    """The assignee gives the task back to its candidates."""
    return told(release_task.release_task(services, principal, task_id, repeat))


@router.post(
    "/{id}/assignment",
    operation_id="assignTask",
    summary="Assign a task",
    response_model=Task,
    responses=FINDS | CHANGES | NEEDS_BODY,
)
def assign(services: GivenServices, principal: Caller, repeat: Repeated, task_id: PathId, body: Assignment) -> Response:
    """An administrator or the present assignee hands the task to a person."""
    return told(assign_task.assign_task(services, principal, task_id, body.assignee, repeat))


@router.post(
    "/{id}/completion",
    operation_id="completeTask",
    summary="Complete a task",
    response_model=CompletionAnswer,
    responses=FINDS | STEPS | NEEDS_BODY,
)
def complete(services: GivenServices, principal: Caller, repeat: Repeated, task_id: PathId, body: Completion) -> Response:
    """The person named completes the task and the process goes on; every fault of the data is listed with its JSON pointer (422).

    A task with `signature` true is signed by the person named, in his own name (403 `cannot-sign`). One with `secretBallot` true is a vote:
    it cannot be changed or repeated (409 `ballot-cast`), nor cast with another person's key (403 `cannot-vote`).
    """
    command = complete_task.CompleteTask(task_id, body.variables, repeat, None if body.signature is None else body.signature.post)
    return told(complete_task.complete_task(services, principal, command))
