"""Suspend an instance: nothing goes on in it until it is resumed; nothing of it is lost."""

from service.actions.answer import Answer, answer
from service.actions.instances.advance import put_events
from service.actions.instances.instance_operation import Operated, Operation, operate
from service.actions.ports import InstanceChange, Services
from service.domain import instance as states
from service.domain.instance import require_running


def suspend_instance(services: Services, operation: Operation) -> Answer:
    """200 with the suspended instance; Conflict when it is suspended already or has ended."""
    return operate(services, "administer", operation, _suspend)


def _suspend(operated: Operated) -> Answer:
    instance = operated.instance
    require_running(instance)
    change = InstanceChange(instance, instance.version, operated.now)
    before, instance.state = instance.state, states.SUSPENDED
    instance.version += 1
    put_events(change, operated.actor, [("instance.suspended", {"reason": operated.operation.reason, "previousState": before})])
    operated.save(change)
    return answer(200, operated.told())
