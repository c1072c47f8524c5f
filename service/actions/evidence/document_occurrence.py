"""Which document of a template is made: a new version of one, or, for a step that is done again, a document of its own."""

from dataclasses import dataclass

from service.actions.ports import Lookups
from service.domain.errors import Conflict
from service.domain.evidence import Document
from service.domain.task import CREATED, Task


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`number` counts the documents of the template in the instance, from 1; `before` is the latest version of this one, if it has any."""

    number: int
    before: Document | None


def occurrence_of(lookups: Lookups, process_instance_id: str, template: str, task: Task | None) -> Occurrence:
    """Where a document that is made now belongs.

    For a task: to the document that was made for it; to a new one where the latest was made for another task of the same step; else to
    the latest. Without a task: to the latest. Conflict("step-repeated") for a task that is over and whose step was entered again since:
    beside what was submitted then, the case does not say any more what it said then.
    """
    made = lookups.documents_of(process_instance_id, template)
    latest = max((one.occurrence for one in made), default=0)
    if task is None:
        return _at(made, max(latest, 1))
    step = {one: created_at for one, created_at in lookups.tasks_of_step(process_instance_id, task.task_definition_key) if one != task.id}
    if task.state != CREATED and any(created_at > task.created_at for created_at in step.values()):
        raise Conflict(
            f"the step {task.name!r} ({task.task_definition_key}) was entered again since: what was submitted then is kept, but what the "
            "rest of the case said beside it is no longer. Earlier versions of its document stay as they are; name the latest task of the "
            "step for a new one",
            "step-repeated",
        )
    own = [one.occurrence for one in made if one.task_id == task.id]
    if own:
        return _at(made, max(own))
    of_another = any(one.occurrence == latest and one.task_id in step for one in made)
    return _at(made, latest + 1 if of_another else max(latest, 1))


def _at(made: tuple[Document, ...], number: int) -> Occurrence:
    versions = [one for one in made if one.occurrence == number]
    return Occurrence(number, max(versions, key=lambda one: one.version, default=None))
