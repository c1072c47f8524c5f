"""Whether a person is recused from the case whose task it is: asked wherever a task gets into somebody's hands or is done."""

from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime

from service.actions.deadlines.time_limits import ZONE
from service.actions.ports import Lookups
from service.domain.json_values import Json
from service.domain.recusal import Recusal, Recused, recusal_of
from service.domain.subject import named_in
from service.domain.task import Task


def day_of(now: int) -> str:
    """The date of the moment (epoch milliseconds) in the zone of the service."""
    return datetime.fromtimestamp(now / 1000, UTC).astimezone(ZONE).date().isoformat()


def recusal_from(lookups: Lookups, task: Task, person: str, now: int) -> Recusal | None:
    """The recusal that keeps the person from the task, if there is one."""
    if task.recusal_exempt:
        return None
    return recusal_of(person, lookups.recusals_of_case(task.process_instance_id), day_of(now))


def require_not_recused(lookups: Lookups, task: Task, person: str, now: int) -> None:
    """Raise Recused when the person may not have or do the task."""
    recusal = recusal_from(lookups, task, person, now)
    if recusal is not None:
        raise Recused(recusal)


def held_by_recused(
    lookups: Lookups, process_instance_id: str, opened: Sequence[Task], closed: Container[str], variables: Mapping[str, Json], now: int
) -> list[tuple[Task, Recusal]]:
    """The tasks that somebody would have after the step who is recused from the case, with the recusal.

    They are tasks that the step opens; where it makes the case be about another subject or matter also those that were open before, and
    stay so (not `closed`). `variables` are those of the case after the step: it may not be written yet.
    """
    named = named_in(variables)
    held = list(opened)
    before = lookups.named_in_case(process_instance_id)
    if before is not None and before != named:
        held += [task for task in lookups.held_tasks(process_instance_id) if task.id not in closed]
    held = [task for task in held if task.assignee is not None and not task.recusal_exempt]
    if not held:
        return []
    recusals = lookups.recusals_about(process_instance_id, named.subject_id, named.matter_id)
    found = ((task, recusal_of(task.assignee or "", recusals, day_of(now))) for task in held)
    return [(task, recusal) for task, recusal in found if recusal is not None]


def released_by(recusal: Recusal, task: Task) -> tuple[str, dict[str, Json]]:
    """The audit event of a task that is taken from a person because of a recusal."""
    told: dict[str, Json] = {
        "taskId": task.id,
        "taskDefinitionKey": task.task_definition_key,
        "assignee": None,
        "previousAssignee": recusal.user_id,
    }
    return "task.released", told | recusal.why()
