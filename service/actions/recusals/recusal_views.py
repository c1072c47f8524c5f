"""A task as the person sees it who asks: with the recusal that keeps that person from it."""

from collections.abc import Mapping

from service.actions.ports import Services
from service.actions.recusals.recusal_checks import recusal_from
from service.domain.access import require_may
from service.domain.errors import NotFound
from service.domain.json_values import Json
from service.domain.principal import Principal


def task_for(services: Services, principal: Principal, task_id: str) -> Mapping[str, Json]:
    """The task, whatever its state; `recusal` is None when the caller is no person or not recused from it."""
    require_may(principal, "read")
    now = services.clock()
    with services.store.read() as questions:
        shown = questions.one("tasks", task_id, now)
        task = questions.task(task_id)
        if shown is None or task is None:
            raise NotFound("task", task_id)
        recusal = None if principal.person is None else recusal_from(questions, task, principal.person, now)
    return {**shown, "recusalExempt": task.recusal_exempt, "recusal": None if recusal is None else recusal.why()}
