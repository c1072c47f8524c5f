"""What all operations on an instance have in common: who may, the lock, the repeated request, and what becomes of a failing step."""

from collections.abc import Callable
from dataclasses import dataclass

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, answered_once, recall, remember
from service.actions.do_anew import until_not_overtaken
from service.actions.incidents.open_incidents import open_incidents_of
from service.actions.instances.advance import Event, change_of, circumstances, law_of
from service.actions.instances.case_law import CaseLaw, resumed
from service.actions.ports import Circumstances, Execution, InstanceChange, Lookups, Services, Transaction
from service.actions.presentation import instance_json, visit_json
from service.domain.access import require_may
from service.domain.errors import Conflict, NotFound, Objection, OperationRefused, StepFailed
from service.domain.instance import ProcessInstance, require_open
from service.domain.json_values import Json
from service.domain.operations import Modified
from service.domain.principal import Principal
from service.domain.step import Step


@dataclass(frozen=True, slots=True)
class Operation:
    """Whose operation it is, on which instance and why. `dry_run`: it is done and told, and nothing of it is kept."""

    principal: Principal
    process_instance_id: str
    reason: str
    repeat: Repeat = NO_REPEAT
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Operated:
    """An instance, open unless its operation takes others too, under its lock, at `now` (epoch milliseconds)."""

    services: Services
    tx: Transaction
    operation: Operation
    instance: ProcessInstance
    now: int

    @property
    def actor(self) -> str:
        """Who does it."""
        return self.operation.principal.actor

    def revived(self) -> tuple[CaseLaw, Execution]:
        """The instance brought to life, with its law."""
        return revived(self.services, self.tx, self.instance)

    def circumstances(self, law: CaseLaw) -> Circumstances:
        """The moment, under that law."""
        return circumstances(law, self.now, self.actor)

    def change(self, step: Step, law: CaseLaw, event: Event) -> InstanceChange:
        """What a step of the operation writes, with its audit event. Incidents of what it takes away are resolved."""
        incidents = open_incidents_of(self.tx, self.instance)
        return change_of(self.instance, step, law, self.now, self.actor, [event], incidents=incidents)

    def save(self, change: InstanceChange) -> None:
        """Write a change of the operation; in a suspended instance what is new is suspended too."""
        self.tx.save_instance(change)
        if self.instance.is_suspended:
            self.tx.suspend_waiting(self.instance.id)

    def told(self) -> dict[str, Json]:
        """The instance as it is now."""
        return instance_json(self.instance, self.tx.open_tasks(self.instance.id), self.now)


Standing = Callable[[ProcessInstance], None]
"""Raises Conflict unless the instance stands so that the operation is possible."""


def operate(
    services: Services, act: str, operation: Operation, perform: Callable[[Operated], Answer], require: Standing = require_open
) -> Answer:
    """Perform an operation on an instance, an open one unless `require` says otherwise, in one transaction.

    Forbidden without the right to `act` (see access), NotFound, Conflict when the instance has ended or a step of the operation fails,
    OperationRefused; none of them changes anything.
    """
    require_may(operation.principal, act)
    return answered_once(
        services,
        operation.principal,
        operation.repeat,
        lambda: until_not_overtaken(lambda: _perform(services, operation, perform, require)),
    )


def _perform(services: Services, operation: Operation, perform: Callable[[Operated], Answer], require: Standing) -> Answer:
    now = services.clock()
    with services.store.begin() as tx:
        earlier = recall(tx, operation.principal, operation.repeat)
        if earlier is not None:
            return earlier
        instance = tx.load_instance(operation.process_instance_id)
        if instance is None:
            raise NotFound("process instance", operation.process_instance_id)
        require(instance)
        try:
            given = perform(Operated(services, tx, operation, instance, now))
        except StepFailed as failure:
            words = f"the step of the operation failed at element {failure.element_id!r}: {failure.message}; nothing was changed"
            raise Conflict(words, "operation-failed") from failure
        if not operation.dry_run:
            remember(tx, operation.principal, operation.repeat, given, now)
            tx.commit()
    return given


def revived(services: Services, lookups: Lookups, instance: ProcessInstance) -> tuple[CaseLaw, Execution]:
    """An instance brought to life to be looked at or operated on, with its law. Raises OperationRefused when its start has failed."""
    if instance.state_data is None:
        words = "the start of the instance failed, so nothing stands in it yet; retry its incident or cancel it"
        raise OperationRefused(words, [Objection(None, "not-begun", words)])
    law = law_of(services, lookups, instance)
    return law, resumed(services, lookups, law, instance.state_data)


def modified_answer(operated: Operated, done: Modified) -> Answer:
    """What moving tokens by hand is answered with: the instance, the visits that were cancelled, those that are open."""
    return answer(
        200,
        {
            "processInstance": operated.told(),
            "cancelled": [visit_json(visit) for visit in done.cancelled],
            "open": [visit_json(visit) for visit in done.open],
            "dryRun": operated.operation.dry_run,
        },
    )
