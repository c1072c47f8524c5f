"""The task lists that are measured: as a URL, and as the SQL a person would write for it by hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

LIMIT = 50
COLUMNS = (
    "id, process_instance_id, definition_key, task_definition_key, name, business_key, jurisdiction, state, created_at, assignee, "
    "candidate_users, candidate_groups, due_at, due_basis, follow_up_at, priority, form_key, version, completed_at, completed_by"
)
NEVER = 9_000_000_000_000_000
"""As in the index ix_task_due: rows without a due date come last."""
OFFICERS, GROUPS = 500, 20


@dataclass(frozen=True, slots=True)
class Question:
    """`parameters` gives the parameters of the n-th asking: {URL name: value}; their values are the SQL's, in order (marked `?`)."""

    sql: str
    sort: str
    parameters: Callable[[int], Mapping[str, str]]


def _question(condition: str, order: str, sort: str, parameters: Callable[[int], Mapping[str, str]]) -> Question:
    return Question(f"SELECT {COLUMNS} FROM task WHERE state = 'created'{condition} ORDER BY {order} LIMIT {LIMIT + 1}", sort, parameters)


def _nothing(_n: int) -> Mapping[str, str]:
    return {}


QUESTIONS = {
    "oldest": _question("", "created_at, id", "createdAt", _nothing),
    "due": _question("", f"coalesce(due_at, {NEVER}), id", "dueDate", _nothing),
    "mine": _question(
        " AND assignee = ?",
        f"coalesce(due_at, {NEVER}), id",
        "dueDate",
        lambda n: {"assignee": f"officer-{n * 4 % OFFICERS}"},
    ),
    "group": _question(
        " AND id IN (SELECT task_id FROM task_candidate WHERE kind = 'group' AND name = ? AND task_state = 'created')",
        "created_at, id",
        "createdAt",
        lambda n: {"candidateGroup": f"group-{n % GROUPS}"},
    ),
}
