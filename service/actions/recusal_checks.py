"""Whether a person is recused from the case whose task it is: asked wherever a task gets into somebody's hands or is done."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from service.actions.deadlines import ZONE
from service.actions.ports import Lookups
from service.domain.json_values import Json
from service.domain.recusal import Recusal, Recused, recusal_of
from service.domain.subject import MATTER_ID, SUBJECT_ID
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


def recused_assignees(
    lookups: Lookups, process_instance_id: str, opened: Sequence[Task], variables: Mapping[str, Json], now: int
) -> dict[str, Recusal]:
    """Of the tasks that a step opens, by their ids, those that the diagram gives to somebody who is recused from the case.

    `variables` are those of the case after the step: it may not be written yet.
    """
    assigned = [(task.id, task.assignee) for task in opened if task.assignee is not None and not task.recusal_exempt]
    if not assigned:
        return {}
    recusals = lookups.recusals_about(process_instance_id, _text(variables.get(SUBJECT_ID)), _text(variables.get(MATTER_ID)))
    found = ((task_id, recusal_of(person, recusals, day_of(now))) for task_id, person in assigned)
    return {task_id: recusal for task_id, recusal in found if recusal is not None}


def released_by(recusal: Recusal, task: Task) -> tuple[str, dict[str, Json]]:
    """The audit event of a task that is taken from a person because of a recusal."""
    told: dict[str, Json] = {
        "taskId": task.id,
        "taskDefinitionKey": task.task_definition_key,
        "assignee": None,
        "previousAssignee": recusal.user_id,
    }
    return "task.released", told | recusal.why()


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
