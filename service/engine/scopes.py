"""Variables live in scopes, as in Camunda 7: one per process instance, one per called process, one per multi-instance body and iteration.

A scope is the `data` of a Spiff task; a token carries none. Reading looks outwards from the token, as far as the process it stands in;
writing changes the variable where it stands, and a new one is put into the nearest iteration, else into the process. Values are never
changed in place, so a value may be shared freely.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from SpiffWorkflow.task import Task

from service.domain.json_values import Json, with_value

if TYPE_CHECKING:
    from service.engine.instance import Instance

LOCAL = "local"
"""Key in a task's internal data: variables first written inside stay here."""

CALLED = "called"
"""Key in a task's internal data: it is the root of a called process, and this says which."""


def identity(task: Task) -> str:
    """The id of a task, which is also the id of the user task, timer, subscription or visit it stands for."""
    return str(task.id)


def around(task: Task) -> Task:
    """The task in which `task` stands; the process itself stands in none."""
    parent: Task | None = task.parent
    if parent is None:
        raise LookupError("the process stands in no scope")
    return parent


def outwards(task: Task) -> Iterator[Task]:
    """The task and everything around it up to its process, innermost first."""
    current: Task | None = task
    while current is not None:
        yield current
        current = None if CALLED in current.internal_data else current.parent


def process_scope(task: Task) -> Task:
    """The root of the process, called or not, in which `task` stands."""
    *_, root = outwards(task)
    return root


def visible(task: Task) -> Mapping[str, Json]:
    """All variables a token at `task` sees; an inner one hides an outer one of the same name. Not to be changed."""
    holders = [scope.data for scope in outwards(task) if scope.data]
    if len(holders) <= 1:
        return holders[0] if holders else {}
    merged: dict[str, Json] = {}
    for holder in reversed(holders):
        merged.update(holder)
    return merged


def inner_variables(task: Task) -> dict[str, Json] | None:
    """What a token at `task` sees beside the variables of the instance, and hides of them; None when that is nothing."""
    merged: dict[str, Json] = {}
    for scope in reversed(list(outwards(task))):
        if scope.parent is not None:
            merged.update(scope.data)
    return merged or None


def assign(task: Task, name: str, value: Json) -> None:
    """Set a variable as seen from `task`. The counters of a multi-instance or loop are the engine's: nobody else sets them."""
    target = task
    for scope in outwards(task):
        if getattr(scope.task_spec, "keeps_counters", False):
            continue
        target = scope
        if name in scope.data:
            break
    else:
        target = next((scope for scope in outwards(task) if LOCAL in scope.internal_data), target)
    put(target, name, value)


def put(scope: Task, name: str, value: Json) -> None:
    """Set a variable in exactly this scope, and tell the conditional events that wait for its change."""
    created = name not in scope.data
    scope.data[name] = value
    cast("Instance", scope.workflow).variable_changed(scope, name, created)


def sees(task: Task, scope: Task, name: str) -> bool:
    """Whether `task` sees the variable of that name in `scope`: it stands inside, and no scope between has one of the same name."""
    for around_it in outwards(task):
        if around_it is scope:
            return True
        if name in around_it.data:
            return False
    return False


def assign_path(task: Task, path: Sequence[str], value: Json) -> None:
    """Set the value at `path`: the first name is the variable, each further one a key; what is no context on the way is replaced by one."""
    name, *keys = path
    assign(task, name, with_value(visible(task).get(name), keys, value) if keys else value)
