"""Modify an instance: tokens are moved by hand, all instructions as one step."""

from collections.abc import Mapping, Sequence

from service.actions.answer import Answer
from service.actions.instances.door_checks import require_acceptable
from service.actions.instances.instance_operation import Operated, Operation, modified_answer, operate
from service.actions.ports import Services
from service.actions.presentation import visit_json
from service.domain.json_values import Json
from service.domain.operations import Instruction


def modify_instance(services: Services, operation: Operation, instructions: Sequence[Instruction], variables: Mapping[str, Json]) -> Answer:
    """200 with the instance and what was cancelled and is open; OperationRefused with every objection."""

    def modify(operated: Operated) -> Answer:
        law, execution = operated.revived()
        require_acceptable(law, variables)
        done = execution.modify(instructions, variables, operated.circumstances(law))
        event: dict[str, Json] = {
            "reason": operation.reason,
            "instructions": [_told(one) for one in instructions],
            "variables": dict(variables),
            "cancelled": [visit_json(visit) for visit in done.cancelled],
        }
        operated.save(operated.change(done.step, law, ("instance.modified", event)))
        return modified_answer(operated, done)

    return operate(services, "administer", operation, modify)


def _told(instruction: Instruction) -> dict[str, Json]:
    if instruction.activity_id is None:
        return {"type": instruction.kind, "activityInstanceId": instruction.activity_instance_id}
    return {"type": instruction.kind, "activityId": instruction.activity_id}
