"""The variables of which a document of a step speaks: what its form sees, or, once the step is done, what was recorded there."""

from collections.abc import Mapping

from service.actions.instances.case_law import CaseLaw, resumed
from service.actions.ports import Questions, Services
from service.actions.tasks.completion_events import INNER_VARIABLES
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json, with_value
from service.domain.task import COMPLETED, CREATED, Task


def variables_at(services: Services, questions: Questions, law: CaseLaw, instance: ProcessInstance, task: Task | None) -> dict[str, Json]:
    """The variables of the case, as they are now or were at its end, and over them those of the task.

    Of a task that waits: what its form sees. Of one that a person completed: what the audit trail keeps of that, namely the variables
    of the called process and the iterations in which it stood, as they were, and what was submitted; of a vote, nothing.
    """
    variables = dict(questions.variables(instance.id) or {})
    if task is None:
        return variables
    if task.state == CREATED and instance.state_data is not None:
        return variables | dict(resumed(services, questions, law, instance.state_data).task_variables(task.id))
    told = questions.completion_of(instance.id, task.id) if task.state == COMPLETED else None
    return variables if told is None else _as_completed(variables, told)


def _as_completed(variables: dict[str, Json], told: Mapping[str, Json]) -> dict[str, Json]:
    inner = told.get(INNER_VARIABLES)
    if isinstance(inner, dict):
        variables |= inner
    values = told.get("values")
    for name, value in values.items() if isinstance(values, dict) else ():
        # The event joins a path with slashes; the name of a variable may have one too.
        first, *keys = [name] if name in variables else name.split("/")
        variables[first] = with_value(variables.get(first), keys, value)
    return variables
