"""Assign a task to a person (转办 by its assignee, 分配 by an administrator)."""

from service.actions.answer import NO_REPEAT, Answer, Repeat
from service.actions.ports import Services, Transaction
from service.actions.recusals.recusal_checks import require_not_recused
from service.actions.tasks.task_changes import change_assignee
from service.domain.access import require_may
from service.domain.ballot import require_voter
from service.domain.errors import FieldError, Forbidden, Invalid
from service.domain.principal import Principal
from service.domain.task import Task, require_may_assign


def assign_task(services: Services, principal: Principal, task_id: str, assignee: str | None, repeat: Repeat = NO_REPEAT) -> Answer:
    """200 with the task. `assignee` None takes it from its present one. Invalid when the person is not known."""
    require_may(principal, "work")

    def named(tx: Transaction, task: Task) -> str | None:
        require_may_assign(task, principal)
        if assignee is not None:
            require_voter(task, assignee)
            if tx.user(assignee) is None:
                raise Invalid("the assignee is not known", [FieldError("/assignee", "unknown-person", f"no user {assignee!r}")])
            if task.not_completed_by and assignee in tx.completers(task.process_instance_id, task.not_completed_by):
                raise Forbidden("that person did a task that bars from this one", "separation-of-duties")
            require_not_recused(tx, task, assignee, services.clock())
        return assignee

    return change_assignee(services, principal, task_id, "task.assigned", named, repeat)
