"""Claim a task: it becomes this person's, if the person is a candidate."""

from service.actions.answer import NO_REPEAT, Answer, Repeat
from service.actions.ports import Services, Transaction
from service.actions.recusals.recusal_checks import require_not_recused
from service.actions.tasks.task_changes import change_assignee
from service.domain.access import require_may
from service.domain.principal import Principal
from service.domain.task import Task, require_may_work_on


def claim_task(services: Services, principal: Principal, task_id: str, repeat: Repeat = NO_REPEAT) -> Answer:
    """200 with the task; claiming one's own task again changes nothing."""
    require_may(principal, "work")

    def claimant(tx: Transaction, task: Task) -> str:
        barred = tx.completers(task.process_instance_id, task.not_completed_by) if task.not_completed_by else frozenset()
        person = require_may_work_on(task, principal, barred)
        require_not_recused(tx, task, person, services.clock())
        return person

    return change_assignee(services, principal, task_id, "task.claimed", claimant, repeat)
