"""A task of a person, and who may do what with it."""

from collections.abc import Collection
from dataclasses import dataclass

from service.domain.errors import Conflict, Forbidden
from service.domain.law import TimeLimit
from service.domain.principal import SCOPE_ADMIN, Principal

CREATED = "created"
COMPLETED = "completed"
CANCELLED = "cancelled"

_PERSON = "@"
"""Before the id of a person among task definition keys; no XML name, and so no key, begins with it."""


@dataclass(slots=True)
class Task:
    """One user task. Times are epoch milliseconds; `due_basis` tells where the due date comes from (law, rule, default, diagram, variable),
    `due_limit` which time limit that is, if it is one.

    `form_key`/`form_version` name the bound form (see form_kind); `not_completed_by` names the task definition keys whose doers are
    barred, and persons who are (person_mark); `suspended`: open, but its instance is suspended; `recusal_exempt`: who is recused from the
    case may do this task all the same; `ballot_box`: the box of the secret ballot in which the task is one person's vote; `signature`:
    who completes the task signs what is submitted.
    """

    id: str
    process_instance_id: str
    definition_key: str
    task_definition_key: str
    name: str
    business_key: str | None
    jurisdiction: str | None
    jurisdiction_path: str | None
    state: str
    created_at: int
    assignee: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    due_at: int | None = None
    due_basis: str | None = None
    due_limit: TimeLimit | None = None
    follow_up_at: int | None = None
    priority: int = 50
    form_key: str | None = None
    form_version: int | None = None
    not_completed_by: tuple[str, ...] = ()
    version: int = 1
    completed_at: int | None = None
    completed_by: str | None = None
    suspended: bool = False
    recusal_exempt: bool = False
    ballot_box: str | None = None
    signature: bool = False


def person_mark(person: str) -> str:
    """A person as an entry of `not_completed_by`."""
    return _PERSON + person


def marked_persons(entries: Collection[str]) -> frozenset[str]:
    """The persons among the entries of `not_completed_by`."""
    return frozenset(entry.removeprefix(_PERSON) for entry in entries if entry.startswith(_PERSON))


def form_kind(form_key: str | None, form_version: int | None) -> str | None:
    """What the key of a task's form names: a deployed form ("form-js"), one of another system ("external"), or nothing (None)."""
    if form_key is None:
        return None
    return "external" if form_version is None else "form-js"


def is_candidate(task: Task, person: str, groups: Collection[str]) -> bool:
    """True when the person may take the task: named, member of a candidate group, or nobody is named at all."""
    if not task.candidate_users and not task.candidate_groups:
        return task.assignee is None or task.assignee == person
    return person in task.candidate_users or any(group in groups for group in task.candidate_groups)


def require_open(task: Task) -> None:
    """Raise Conflict unless the task can still be worked on."""
    if task.state != CREATED:
        raise Conflict(f"the task is {task.state}", "task-not-open")
    if task.suspended:
        raise Conflict("the process instance of the task is suspended", "instance-suspended")


def require_may_work_on(task: Task, principal: Principal, barred: Collection[str]) -> str:
    """The acting person's id, when that person may claim or complete the task.

    Claimed by another → Conflict `task-claimed`; not a candidate → Forbidden `not-a-candidate`; did a task that bars from this one, or
    is named as one who may not do it (`barred` holds those persons) → Forbidden `separation-of-duties`.
    """
    person = principal.require_person()
    require_open(task)
    if task.assignee is not None and task.assignee != person:
        raise Conflict("the task is claimed by another person", "task-claimed")
    if task.assignee is None and not is_candidate(task, person, principal.groups):
        raise Forbidden("the person is no candidate of this task", "not-a-candidate")
    if person in barred:
        did = ", ".join(entry for entry in task.not_completed_by if not entry.startswith(_PERSON))
        why = "may not act here" if person in marked_persons(task.not_completed_by) else f"completed {did} in this case"
        raise Forbidden(f"the person {why}; another person must do this task", "separation-of-duties")
    return person


def require_may_assign(task: Task, principal: Principal) -> None:
    """Assignment by a supervisor: an admin key, or the present assignee handing over."""
    require_open(task)
    if SCOPE_ADMIN in principal.scopes:
        return
    if principal.person is not None and principal.person == task.assignee:
        return
    raise Forbidden("only the assignee or an administrator may assign this task", "may-not-assign")
