"""Move back (退回、撤回): from an open task to an activity that the instance has been through; and the question where that may be."""

from dataclasses import dataclass

from service.actions.answer import Answer
from service.actions.instances.instance_operation import Operated, Operation, modified_answer, operate, revived
from service.actions.ports import Services
from service.actions.presentation import visit_json
from service.domain.access import require_may
from service.domain.errors import NotFound
from service.domain.instance import require_open
from service.domain.json_values import Json
from service.domain.operations import MoveBackPlace, MoveBackTarget
from service.domain.principal import Principal


@dataclass(frozen=True, slots=True)
class MoveBack:
    """From an open task (`task_id`) or from where the one token at `activity_id` stands; exactly one of both is given."""

    task_id: str | None
    activity_id: str | None
    target: str


def move_back(services: Services, operation: Operation, move: MoveBack) -> Answer:
    """200 with the instance, what was taken back and what is open; OperationRefused with the reason."""

    def move_it(operated: Operated) -> Answer:
        law, execution = operated.revived()
        been_through = operated.tx.been_through(operated.instance.id)
        done = execution.move_back(move.task_id, move.activity_id, move.target, been_through, operated.circumstances(law))
        event: dict[str, Json] = {
            "reason": operation.reason,
            "fromTaskId": move.task_id,
            "fromActivityId": move.activity_id,
            "toActivityId": move.target,
            "cancelled": [visit_json(visit) for visit in done.cancelled],
        }
        operated.save(operated.change(done.step, law, ("instance.moved-back", event)))
        return modified_answer(operated, done)

    return operate(services, "administer", operation, move_it)


def move_back_targets(services: Services, principal: Principal, process_instance_id: str) -> dict[str, Json]:
    """Of every place where the instance stands: which activities it has been through one may go back to, and why not to the others."""
    require_may(principal, "read")
    with services.store.read() as questions:
        instance = questions.instance(process_instance_id)
        if instance is None:
            raise NotFound("process instance", process_instance_id)
        require_open(instance)
        _, execution = revived(services, questions, instance)
        places = execution.move_back_places(questions.been_through(instance.id))
    return {"items": [_place(place) for place in places]}


def _place(place: MoveBackPlace) -> dict[str, Json]:
    return {
        "activityId": place.element_id,
        "name": place.name,
        "open": [visit_json(visit) for visit in place.visits],
        "targets": [_target(target) for target in place.targets],
    }


def _target(target: MoveBackTarget) -> dict[str, Json]:
    return {
        "activityId": target.element_id,
        "name": target.name,
        "allowed": target.objection is None,
        "code": None if target.objection is None else target.objection.code,
        "reason": None if target.objection is None else target.objection.message,
        "cancels": [visit_json(visit) for visit in target.taken],
    }
