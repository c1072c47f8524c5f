"""Release a task: nobody has it any more, its candidates see it again."""

from service.actions.answer import NO_REPEAT, Answer, Repeat
from service.actions.ports import Services, Transaction
from service.actions.tasks.task_changes import change_assignee
from service.domain.access import require_may
from service.domain.errors import Conflict
from service.domain.principal import Principal
from service.domain.task import Task, require_may_assign


def release_task(services: Services, principal: Principal, task_id: str, repeat: Repeat = NO_REPEAT) -> Answer:
    """200 with the task; by its assignee or an administrator. Conflict when nobody has claimed it."""
    require_may(principal, "work")

    def nobody(_tx: Transaction, task: Task) -> None:
        require_may_assign(task, principal)
        if task.assignee is None:
            raise Conflict("nobody has claimed this task", "task-not-claimed")

    return change_assignee(services, principal, task_id, "task.released", nobody, repeat)
