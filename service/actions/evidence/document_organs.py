"""In whose name a document is made: the organ of the step, and the organ or organs that took the decision."""

import re

from service.actions.instances.case_law import CaseLaw
from service.actions.ports import Questions
from service.domain.definition import Jurisdiction
from service.domain.errors import StepFailed
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.task import CANCELLED, Task

COMMON = "common"
ORGANS_SETTING = "documentOrgans"
"""Groups in whose name the conclusions of a place are given, where the group of the deciding step does not say it (a joint ruling)."""
DECIDING = ("decide_anew", "decide", "determine")
"""Steps at which the outcome of a case is decided, by task definition key."""
EXPLANATION = re.compile(r"（[^（）]*）$")
"""At the end of a group's name it explains the name and is no part of it; in the midst, as in 组织（人事）部门, it is."""


def organ_of(questions: Questions, law: CaseLaw, task: Task) -> str | None:
    """The name of the one group that does the task. None where several may: which of them did it, nobody said."""
    return _name(questions, law, task.candidate_groups[0]) if len(task.candidate_groups) == 1 else None


def deciding_organs(questions: Questions, law: CaseLaw, instance: ProcessInstance) -> str | None:
    """The names of the organs that decide the case: those of the setting, else the group of the deciding step entered last."""
    if instance.definition_key.endswith("_tolerance"):
        try:
            groups = law.setting(law.definition.key, ORGANS_SETTING)
        except StepFailed:
            groups = None  # Nobody configured it.
        if isinstance(groups, list):
            names = [_name(questions, law, str(group)) for group in groups]
            return "、".join(name for name in names if name is not None) or None
    for key in DECIDING:
        for task_id, _ in sorted(questions.tasks_of_step(instance.id, key), key=lambda one: one[1], reverse=True):
            task = questions.task(task_id)
            if task is not None and task.state != CANCELLED:
                return organ_of(questions, law, task)
    return None


def _name(questions: Questions, law: CaseLaw, group: str) -> str | None:
    """As the nearest jurisdiction.yaml that declares the group calls it."""
    place: str | None = law.jurisdiction
    while place is not None:
        found = questions.jurisdiction(place, law.seq)
        name = _declared(found, group)
        if name is not None or found is None:
            return name if name is not None else _declared(questions.jurisdiction(COMMON, law.seq), group)
        place = found.parent
    return _declared(questions.jurisdiction(COMMON, law.seq), group)


def _declared(place: Jurisdiction | None, group: str) -> str | None:
    groups: Json = None if place is None else place.document.get("groups")
    for one in groups if isinstance(groups, list) else []:
        if isinstance(one, dict) and one.get("id") == group:
            name = one.get("name")
            return EXPLANATION.sub("", name) if isinstance(name, str) else None
    return None
