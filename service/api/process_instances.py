"""/process-instances: start a process, and see where its cases stand."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from service.actions import views
from service.actions.instances import cancel_instance, start_instance
from service.actions.instances.instance_operation import Operation
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, NEEDS_BODY, STEPS, PathId, noun_router, told
from service.api.paging import ListQuery, Moment, Text, page_json, sort_parameter
from service.api.principal import Caller, GivenServices, Repeated
from service.api.schemas.audit import AuditPage
from service.api.schemas.process_instances import (
    ActivityPage,
    Cancellation,
    ProcessInstance,
    ProcessInstancePage,
    StartRequest,
    State,
    VariablesAnswer,
)
from service.api.variable_filters import VariableConditions

router = noun_router("process-instances")


class InstanceList(ListQuery):
    """Filters of process instances; all that are given must hold."""

    state: State | None = None
    definition_key: Text | None = None
    business_key: Text | None = None
    jurisdiction: Text | None = Field(None, description="This jurisdiction and all below it.")
    started_by: Text | None = None
    started_after: Moment | None = None
    started_before: Moment | None = None
    variables: VariableConditions | None = Field(None, description="Conditions on process variables: `name_operator_value,…`.")
    sort: sort_parameter("startedAt", "endedAt") | None = Field(None, description="`-startedAt` (newest first) when not given.")  # type: ignore[valid-type]


@router.post(
    "",
    operation_id="startProcessInstance",
    summary="Start a process instance",
    status_code=201,
    response_model=ProcessInstance,
    response_description="The new instance with its open tasks.",
    responses=FINDS
    | STEPS
    | NEEDS_BODY
    | {200: {"model": ProcessInstance, "description": "Delivered to the open case with the same correlation keys (`joined`)."}},
)
def start(services: GivenServices, principal: Caller, repeat: Repeated, body: StartRequest) -> Response:
    """Start the latest version of a process (`definitionKey`) or a certain one (`definitionId`).

    A process with several starts needs `startElementId` (422 lists them). Where a plain start has a form, the variables are judged by it
    as those of a task are: its defaults are set, and every fault is listed with its JSON pointer (422). Where a start has correlation
    keys and a case with the same values is open, the start is delivered to that case instead: 200 and `joined`.
    """
    command = start_instance.StartInstance(
        body.definition_key, body.definition_id, body.start_element_id, body.business_key, body.variables, repeat, body.jurisdiction
    )
    return told(start_instance.start_instance(services, principal, command))


@router.get("", operation_id="listProcessInstances", summary="List process instances", response_model=ProcessInstancePage)
def list_instances(services: GivenServices, principal: Caller, query: Annotated[InstanceList, Query()]) -> Response:
    """Process instances that fit all the filters, one page at a time."""
    page = views.page(services, principal, "process-instances", query.filters(), query.sort or [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.get("/{id}", operation_id="getProcessInstance", summary="Get a process instance", response_model=ProcessInstance, responses=FINDS)
def get_instance(services: GivenServices, principal: Caller, instance_id: PathId) -> Response:
    """One instance with its open tasks."""
    return ExactResponse(dict(views.one(services, principal, "process-instances", instance_id)))


@router.get(
    "/{id}/variables",
    operation_id="getProcessInstanceVariables",
    summary="Get the variables",
    response_model=VariablesAnswer,
    responses=FINDS,
)
def get_variables(services: GivenServices, principal: Caller, instance_id: PathId) -> Response:
    """The variables of the instance by name, numbers with all their digits."""
    return ExactResponse(dict(views.variables(services, principal, instance_id)))


@router.get(
    "/{id}/activities", operation_id="listActivities", summary="List the way of an instance", response_model=ActivityPage, responses=FINDS
)
def list_activities(services: GivenServices, principal: Caller, instance_id: PathId, query: Annotated[ListQuery, Query()]) -> Response:
    """Every element entered, in order."""
    views.one(services, principal, "process-instances", instance_id)
    page = views.page(services, principal, "activities", {"processInstanceId": instance_id}, [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.get(
    "/{id}/audit-events", operation_id="listInstanceAuditEvents", summary="List the audit events", response_model=AuditPage, responses=FINDS
)
def list_audit_events(services: GivenServices, principal: Caller, instance_id: PathId, query: Annotated[ListQuery, Query()]) -> Response:
    """The hash chain of the instance, in order."""
    views.one(services, principal, "process-instances", instance_id)
    page = views.page(services, principal, "audit-events", {"processInstanceId": instance_id}, [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


@router.post(
    "/{id}/cancellation",
    operation_id="cancelProcessInstance",
    summary="Cancel an instance",
    response_model=ProcessInstance,
    responses=FINDS | CHANGES | NEEDS_BODY,
)
def cancel(services: GivenServices, principal: Caller, repeat: Repeated, instance_id: PathId, body: Cancellation) -> Response:
    """End the instance early, with a reason; its tasks and timers are withdrawn, its history stays."""
    return told(cancel_instance.cancel_instance(services, Operation(principal, instance_id, body.reason, repeat)))
