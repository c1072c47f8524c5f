"""Lay what the rows of every instance say beside what its state says. Nothing is mended: what differs is told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.actions.instances.advance import law_of
from service.actions.instances.case_law import resumed
from service.actions.ports import Questions, Services, StoredInstance
from service.domain.errors import NotFound, RongjiuError
from service.domain.standing import Standing, differences

BATCH = 100


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Something that does not hold; `process_instance_id` None: a row that belongs to no instance."""

    process_instance_id: str | None
    message: str


@dataclass(frozen=True, slots=True)
class InstancesVerified:
    """How many instances were looked at, and all that was found."""

    instances: int
    discrepancies: Sequence[Discrepancy]


def verify_instances(services: Services, process_instance_id: str | None = None) -> InstancesVerified:
    """Every instance, or one of them (NotFound when there is none). Each is read at one moment, so a running service may go on."""
    looked_at = 0
    found: list[Discrepancy] = []
    for stored, problems in _verified(services, process_instance_id):
        looked_at += 1
        found.extend(Discrepancy(stored.instance.id, problem) for problem in problems)
    if process_instance_id is not None and not looked_at:
        raise NotFound("process instance", process_instance_id)
    if process_instance_id is None:
        with services.store.read() as questions:
            found.extend(Discrepancy(None, words) for words in questions.orphans())
    return InstancesVerified(looked_at, found)


def _verified(services: Services, only: str | None) -> Iterator[tuple[StoredInstance, list[str]]]:
    after = ""
    while True:
        with services.store.read() as questions:
            batch = questions.stored_instances(after, BATCH, only)
            judged = [(stored, [*stored.faults, *_compared(services, questions, stored)]) for stored in batch]
        yield from judged
        if only is not None or len(batch) < BATCH:
            return
        after = batch[-1].instance.id


def _compared(services: Services, questions: Questions, stored: StoredInstance) -> list[str]:
    instance = stored.instance
    if not instance.is_open or instance.state_data is None:
        # It ended, or its start is an incident: nothing may wait. Its variables are those of its last step, or given with the start.
        return differences(Standing(variables=stored.standing.variables), stored.standing)
    try:
        law = law_of(services, questions, instance)
        state = resumed(services, questions, law, instance.state_data).standing()
    except RongjiuError as error:
        return [f"its state cannot be read: {error.message}"]
    return differences(state, stored.standing)
