"""/external-tasks: work that waits for workers outside. Words and meaning follow the external tasks of Camunda 7."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from service.actions import views
from service.actions.external_tasks import (
    complete_external_task,
    extend_lock,
    fail_external_task,
    fetch_external_tasks,
    set_retries,
    throw_bpmn_error,
)
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, NEEDS_BODY, READS_BODY, STEPS, PathId, noun_router, told
from service.api.paging import ListQuery, Text, page_json, sort_parameter
from service.api.principal import Caller, GivenServices, Repeated
from service.api.schemas.external_tasks import (
    BpmnError,
    ExternalCompletion,
    ExternalTask,
    ExternalTaskPage,
    Failure,
    FetchRequest,
    LockedTasks,
    LockExtension,
    RetriesRequest,
    State,
    Unlocking,
    WorkAnswer,
)
from service.api.variable_filters import VariableConditions
from service.domain.external_task import TopicRequest

router = noun_router("external-tasks")


class ExternalTaskList(ListQuery):
    """Filters of external tasks; all that are given must hold."""

    topic_name: Text | None = None
    worker_id: Text | None = Field(None, description="Locked last by this worker.")
    state: State | None = None
    element_id: Text | None = None
    process_instance_id: Text | None = None
    definition_key: Text | None = None
    business_key: Text | None = None
    jurisdiction: Text | None = Field(None, description="This jurisdiction and all below it.")
    variables: VariableConditions | None = Field(None, description="Conditions on process variables: `name_operator_value,…`.")
    sort: sort_parameter("createdAt", "priority", "availableAt") | None = Field(None, description="`createdAt` when not given.")  # type: ignore[valid-type]


@router.get("", operation_id="listExternalTasks", summary="List external tasks", response_model=ExternalTaskPage)
def list_external_tasks(services: GivenServices, principal: Caller, query: Annotated[ExternalTaskList, Query()]) -> Response:
    """The work that waits, one page at a time. What is done is in the history of its instance."""
    page = views.page(services, principal, "external-tasks", query.filters(), query.sort or [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.post(
    "/fetch-and-lock",
    operation_id="fetchAndLock",
    summary="Fetch and lock external tasks",
    response_model=LockedTasks,
    responses=CHANGES | NEEDS_BODY,
)
def fetch_and_lock(services: GivenServices, principal: Caller, repeat: Repeated, body: FetchRequest) -> Response:
    """Up to `maxTasks` tasks, which no other worker gets before the lock ends. Needs the scope `external`."""
    topics = [
        TopicRequest(
            topic.topic_name,
            topic.lock_duration,
            None if topic.variables is None else tuple(topic.variables),
            topic.business_key,
            topic.definition_key,
            topic.definition_id,
            topic.process_instance_id,
        )
        for topic in body.topics
    ]
    command = fetch_external_tasks.FetchExternalTasks(body.worker_id, body.max_tasks, topics, body.use_priority, repeat)
    return told(fetch_external_tasks.fetch_external_tasks(services, principal, command))


@router.get("/{id}", operation_id="getExternalTask", summary="Get an external task", response_model=ExternalTask, responses=FINDS)
def get_external_task(services: GivenServices, principal: Caller, task_id: PathId) -> Response:
    """One external task that still waits."""
    return ExactResponse(dict(views.one(services, principal, "external-tasks", task_id)))


@router.post(
    "/{id}/complete",
    operation_id="completeExternalTask",
    summary="Complete an external task",
    response_model=WorkAnswer,
    responses=FINDS | STEPS | NEEDS_BODY,
)
def complete(services: GivenServices, principal: Caller, repeat: Repeated, task_id: PathId, body: ExternalCompletion) -> Response:
    """The worker is done and the process goes on; 409 `lock-lost` when another worker has the task meanwhile.

    When the process cannot go on (409 `step-incident`), what was reported is kept with the incident; no worker gets the task again before.
    """
    command = complete_external_task.CompleteExternalTask(task_id, body.worker_id, body.variables, body.local_variables, repeat)
    return told(complete_external_task.complete_external_task(services, principal, command))


@router.post(
    "/{id}/failure",
    operation_id="failExternalTask",
    summary="Report a failure",
    response_model=ExternalTask | WorkAnswer,
    responses=FINDS | STEPS | NEEDS_BODY,
)
def fail(services: GivenServices, principal: Caller, repeat: Repeated, task_id: PathId, body: Failure) -> Response:
    """The worker could not do it: another try after `retryTimeout`, or an incident when no retry is left.

    Where the diagram makes this failure a business error (`camunda:errorEventDefinition`), that is thrown instead and the answer is the
    instance's.
    """
    command = fail_external_task.FailExternalTask(
        task_id, body.worker_id, body.error_message, body.error_details, body.retries, body.retry_timeout, repeat
    )
    return told(fail_external_task.fail_external_task(services, principal, command))


@router.post(
    "/{id}/bpmn-error",
    operation_id="throwBpmnError",
    summary="Report a business error",
    response_model=WorkAnswer,
    responses=FINDS | STEPS | NEEDS_BODY,
)
def bpmn_error(services: GivenServices, principal: Caller, repeat: Repeated, task_id: PathId, body: BpmnError) -> Response:
    """The error is thrown at the task and caught where the diagram says; one that nothing catches is an incident (`error-event`)."""
    command = throw_bpmn_error.ThrowBpmnError(task_id, body.worker_id, body.error_code, body.error_message, body.variables, repeat)
    return told(throw_bpmn_error.throw_bpmn_error(services, principal, command))


@router.post(
    "/{id}/extend-lock",
    operation_id="extendLock",
    summary="Extend a lock",
    response_model=ExternalTask,
    responses=FINDS | CHANGES | NEEDS_BODY,
)
def extend(services: GivenServices, principal: Caller, repeat: Repeated, task_id: PathId, body: LockExtension) -> Response:
    """The lock ends `newDuration` milliseconds from now; 409 when it has run out."""
    return told(extend_lock.extend_lock(services, principal, task_id, body.worker_id, body.new_duration, repeat))


@router.post(
    "/{id}/unlock",
    operation_id="unlockExternalTask",
    summary="Give a lock back",
    response_model=ExternalTask,
    responses=FINDS | CHANGES | READS_BODY,
)
def unlock(services: GivenServices, principal: Caller, repeat: Repeated, task_id: PathId, body: Unlocking | None = None) -> Response:
    """Any worker may fetch the task again at once."""
    return told(extend_lock.unlock(services, principal, task_id, None if body is None else body.worker_id, repeat))


@router.post(
    "/{id}/retries",
    operation_id="setExternalTaskRetries",
    summary="Set the retries",
    response_model=ExternalTask,
    responses=FINDS | CHANGES | NEEDS_BODY,
)
def retries(services: GivenServices, principal: Caller, repeat: Repeated, task_id: PathId, body: RetriesRequest) -> Response:
    """How often the task may be tried from now on. An incident that stands for it is resolved and the task handed out anew.

    Where the incident keeps what a worker has reported, that is dropped: administrators only, others retry the incident.
    """
    return told(set_retries.set_retries(services, principal, task_id, body.retries, repeat))
