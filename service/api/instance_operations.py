"""/process-instances/{id}/…: operations on a running instance that its diagram does not foresee."""

from fastapi import Response

from service.actions.instances import migrate_instance, modify_instance, move_back, resume_instance, suspend_instance
from service.actions.instances.instance_operation import Operation
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, FINDS, NEEDS_BODY, PathId, noun_router, told
from service.api.principal import Caller, GivenServices, Repeated
from service.api.problems import problem_responses
from service.api.schemas.instance_operations import (
    Migration,
    MigrationAnswer,
    Modification,
    ModificationAnswer,
    MoveBack,
    MoveBackTargets,
    Resumption,
    Suspension,
)
from service.api.schemas.process_instances import ProcessInstance
from service.domain.errors import Conflict, OperationRefused
from service.domain.operations import Instruction

router = noun_router("process-instances")

MOVES = FINDS | NEEDS_BODY | problem_responses(Conflict, OperationRefused)


@router.post(
    "/{id}/suspension",
    operation_id="suspendProcessInstance",
    summary="Suspend an instance",
    response_model=ProcessInstance,
    responses=FINDS | CHANGES | NEEDS_BODY,
)
def suspend(services: GivenServices, principal: Caller, repeat: Repeated, instance_id: PathId, body: Suspension) -> Response:
    """Nothing goes on in the instance until it is resumed: no task, timer, message or external worker moves it; nothing of it is lost."""
    return told(suspend_instance.suspend_instance(services, Operation(principal, instance_id, body.reason, repeat)))


@router.post(
    "/{id}/resumption",
    operation_id="resumeProcessInstance",
    summary="Resume a suspended instance",
    response_model=ProcessInstance,
    responses=FINDS | CHANGES | NEEDS_BODY,
)
def resume(services: GivenServices, principal: Caller, repeat: Repeated, instance_id: PathId, body: Resumption) -> Response:
    """The instance goes on where it was; timers that became due meanwhile fire now, once each."""
    return told(resume_instance.resume_instance(services, Operation(principal, instance_id, body.reason, repeat)))


@router.post(
    "/{id}/modification",
    operation_id="modifyProcessInstance",
    summary="Modify an instance",
    response_model=ModificationAnswer,
    responses=MOVES,
)
def modify(services: GivenServices, principal: Caller, repeat: Repeated, instance_id: PathId, body: Modification) -> Response:
    """Move tokens by hand between the wait states of one scope, all instructions as one step; 409 lists every reason why not."""
    instructions = [Instruction(one.type, one.activity_id, one.activity_instance_id) for one in body.instructions]
    operation = Operation(principal, instance_id, body.reason, repeat, body.dry_run)
    return told(modify_instance.modify_instance(services, operation, instructions, body.variables))


@router.post(
    "/{id}/move-back",
    operation_id="moveBackProcessInstance",
    summary="Go back to an earlier activity",
    response_model=ModificationAnswer,
    responses=MOVES,
)
def move_it_back(services: GivenServices, principal: Caller, repeat: Repeated, instance_id: PathId, body: MoveBack) -> Response:
    """退回、撤回: an activity that was completed before runs anew, and what stands behind it is taken back; 409 tells why not."""
    operation = Operation(principal, instance_id, body.reason, repeat, body.dry_run)
    move = move_back.MoveBack(body.from_task_id, body.from_activity_id, body.to_activity_id)
    return told(move_back.move_back(services, operation, move))


@router.get(
    "/{id}/move-back-targets",
    operation_id="listMoveBackTargets",
    summary="List where one may go back to",
    response_model=MoveBackTargets,
    responses=FINDS | problem_responses(Conflict, OperationRefused),
)
def list_move_back_targets(services: GivenServices, principal: Caller, instance_id: PathId) -> Response:
    """From every element at which the instance stands: the activities it has been through, and why one may not go back to some of them."""
    return ExactResponse(move_back.move_back_targets(services, principal, instance_id))


@router.post(
    "/{id}/migration",
    operation_id="migrateProcessInstance",
    summary="Migrate an instance to a newer version",
    response_model=MigrationAnswer,
    responses=MOVES,
)
def migrate(services: GivenServices, principal: Caller, repeat: Repeated, instance_id: PathId, body: Migration) -> Response:
    """Go over to a newer version of the process by a plan. What is open keeps ids, drafts and timers; 409 lists every objection."""
    mapping = {entry.source: entry.target for entry in body.mapping}
    operation = Operation(principal, instance_id, body.reason, repeat, body.dry_run)
    plan = migrate_instance.Migration(body.target_definition_id, mapping, body.map_equal, body.law == "target")
    return told(migrate_instance.migrate_instance(services, operation, plan))
